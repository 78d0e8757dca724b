/**
 * What the main thread of a page does, in Chromium's own trace. Counted is the thread's processor time, which
 * a loaded computer does not lengthen as it does the "long tasks" that a page can observe.
 */
import type { Browser, Page } from "playwright";

/** Traces a page from before it loads; what it gives back ends the trace and says which tasks there were. */
export async function traceTasks(
  browser: Browser,
  page: Page,
  origin: string,
): Promise<() => Promise<Task[]>> {
  await browser.startTracing(page, { categories: ["toplevel", "devtools.timeline"] });
  return async () => {
    const text = String(await browser.stopTracing());
    return tasksOf((JSON.parse(text) as { traceEvents: TraceEvent[] }).traceEvents, origin);
  };
}

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  /** Processor time of the thread, in microseconds. */
  readonly tdur?: number;
  readonly args?: { readonly data?: { readonly url?: string }; readonly name?: string };
}

export interface Task {
  readonly milliseconds: number;
  readonly parts: string;
}

/** Says what took the most in tasks of at least so many milliseconds. */
const REMARKABLE = 50;

/** The tasks of the page's main thread, and what Chromium says of the greatest parts of the long ones. */
function tasksOf(events: readonly TraceEvent[], origin: string): Task[] {
  const inPage = (event: TraceEvent) => event.args?.data?.url?.startsWith(origin) === true;
  const { pid } = events.find((event) => event.name === "CommitLoad" && inPage(event))!;
  const isMain = (event: TraceEvent) => event.args?.name === "CrRendererMain";
  const { tid } = events.find((event) => event.pid === pid && event.name === "thread_name" && isMain(event))!; // prettier-ignore
  const own = events.filter((event) => event.pid === pid && event.tid === tid && event.ph === "X");
  return own
    .filter(({ name }) => name === "ThreadControllerImpl::RunTask")
    .map((task) => {
      const milliseconds = (task.tdur ?? 0) / 1000;
      if (milliseconds < REMARKABLE) return { milliseconds, parts: "" };
      const inside = own.filter(
        ({ name, ts, dur = 0 }) =>
          ts >= task.ts &&
          ts + dur <= task.ts + task.dur! &&
          dur > 5000 &&
          !name.includes("RunTask"),
      );
      const longest = inside.toSorted((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0)).slice(0, 6);
      const parts = longest.map(({ name, tdur = 0, args }) => `${name} ${tdur / 1000} ${JSON.stringify(args).slice(0, 160)}`); // prettier-ignore
      return { milliseconds, parts: parts.join("\n") };
    });
}
