/**
 * Nothing blocks a page: no task of its main thread takes 50 ms, while the page loads, measures, and answers to every
 * control, to its tables, its files and its texts. Counted is the thread's processor time in Chromium's own
 * trace, which a loaded computer does not lengthen as it does the "long tasks" that a page can observe.
 */
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveChromium } from "../../host/build/chromium.ts";
import { presentNotebooks } from "../../host/build/notebooks.ts";
import { openSite, settled, type Site } from "./support/site.ts";

let site: Site;
const runnable = haveChromium();
beforeAll(async () => {
  if (runnable) site = await openSite();
});
afterAll(() => site?.close());

const LONGEST = 50;

describe.runIf(runnable).each(presentNotebooks())("$name", ({ name }) => {
  test("answers all the time", async () => {
    const { page, trouble } = await site.visit(`${name}.html`, { acceptDownloads: true }, (each) =>
      site.browser.startTracing(each, { categories: ["toplevel", "devtools.timeline"] }),
    );
    let trace = "";
    let controls = 0;
    try {
      await settled(page);
      controls = await turnEverything(page);
    } finally {
      trace = String(await site.browser.stopTracing());
    }
    const { traceEvents } = JSON.parse(trace) as Trace;
    expect(controls).toBeGreaterThan(0);
    const tasks = tasksOf(traceEvents, site.origin);
    expect(tasks.length).toBeGreaterThan(100);
    expect(tasks.filter(({ milliseconds }) => milliseconds >= LONGEST)).toEqual([]);
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});

/** Turns each control once, opens each table, takes each file, edits each text; how many that were. */
async function turnEverything(page: Page): Promise<number> {
  let turned = 0;
  const act = async (action: Promise<unknown>): Promise<void> => {
    await action;
    turned++;
    await settled(page);
  };
  for (const menu of await page.locator("figure.live select").all())
    await act(menu.evaluate(pickLast));
  for (const slider of await page.locator("figure.live input[type=range]").all())
    await act(slider.evaluate(moveToEnd));
  for (const box of await page.locator("figure.live input[type=checkbox]").all())
    await act(box.click());
  for (const row of await page.locator("figure.live fieldset.choice").all())
    await act(row.locator("input").last().check());
  for (const table of await page.locator("figure.live details > summary").all())
    await act(table.click());
  for (const text of await page.locator("textarea").all())
    await act(text.press("End").then(() => text.press("Enter")).then(() => page.waitForTimeout(500))); // prettier-ignore
  // Not all of them: of one page Chromium takes ten files.
  for (const button of await page.locator(".files button", { hasText: /^(JSON|PNG)$/ }).all())
    await act(Promise.all([page.waitForEvent("download"), button.click()]));
  return turned;
}

function pickLast(menu: SVGElement | HTMLElement): void {
  const select = menu as HTMLSelectElement;
  select.selectedIndex = select.options.length - 1;
  select.dispatchEvent(new Event("input", { bubbles: true }));
}

function moveToEnd(input: SVGElement | HTMLElement): void {
  const slider = input as HTMLInputElement;
  slider.value = slider.min;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
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
interface Trace {
  readonly traceEvents: readonly TraceEvent[];
}

/** The tasks of the page's main thread, and what Chromium says of the greatest part of each. */
function tasksOf(events: readonly TraceEvent[], origin: string) {
  const inPage = (event: TraceEvent) => event.args?.data?.url?.startsWith(origin) === true;
  const { pid } = events.find((event) => event.name === "CommitLoad" && inPage(event))!;
  const isMain = (event: TraceEvent) => event.args?.name === "CrRendererMain";
  const { tid } = events.find((event) => event.pid === pid && event.name === "thread_name" && isMain(event))!; // prettier-ignore
  const own = events.filter((event) => event.pid === pid && event.tid === tid && event.ph === "X");
  return own
    .filter(({ name }) => name === "ThreadControllerImpl::RunTask")
    .map((task) => {
      const milliseconds = (task.tdur ?? 0) / 1000;
      if (milliseconds < LONGEST) return { milliseconds, parts: "" };
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
