/**
 * Profiles and traces as others read them: text, speedscope's file format (version 0.0.1), and the trace
 * event format of Chrome, which Perfetto opens. Cycles stay cycles where the format allows.
 */
import type { EventTrace, TraceEvent } from "./event-trace.ts";
import type { Profile, ProfileNode } from "./profile.ts";

const SPEEDSCOPE = "https://www.speedscope.app/file-format-schema.json";

/** Frames of a speedscope file, numbered as they come. */
class Frames {
  readonly list: { name: string; file: string }[] = [];
  readonly #numbers = new Map<string, number>();

  number(title: string, symbol: string): number {
    const key = `${title}\0${symbol}`;
    let number = this.#numbers.get(key);
    if (number === undefined) {
      this.#numbers.set(key, (number = this.list.length));
      this.list.push({ name: symbol, file: title });
    }
    return number;
  }
}

function speedscope(name: string, exporter: string, frames: Frames, profile: object): object {
  return {
    $schema: SPEEDSCOPE,
    exporter,
    name,
    activeProfileIndex: 0,
    shared: { frames: frames.list },
    profiles: [{ name, unit: "none", ...profile }],
  };
}

/** Each chain of calls is one sample, weighed with its own cycles. */
export function speedscopeProfile(profile: Profile, name: string, exporter: string): object {
  const frames = new Frames();
  const samples: number[][] = [];
  const weights: number[] = [];
  const visit = (node: ProfileNode, callers: readonly number[]): void => {
    const stack = [...callers, frames.number(node.title, node.symbol)];
    if (node.cycles > 0) {
      samples.push(stack);
      weights.push(node.cycles);
    }
    for (const child of node.children) visit(child, stack);
  };
  for (const root of profile.roots) visit(root, []);
  const endValue = weights.reduce((sum, weight) => sum + weight, 0);
  return speedscope(name, exporter, frames, {
    type: "sampled",
    startValue: 0,
    endValue,
    samples,
    weights,
  });
}

/** A stay in a routine: entered when, left at which cycle; outermost first. */
export interface Slice {
  readonly title: string;
  readonly symbol: string;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

export function slices(events: readonly TraceEvent[]): Slice[] {
  const result: Slice[] = [];
  const open: number[] = [];
  for (const event of events) {
    if (event.kind === "enter") {
      const { title, symbol, cycle } = event;
      open.push(result.length);
      result.push({ title, symbol, depth: open.length - 1, start: cycle, end: cycle });
    } else {
      const index = open.pop()!;
      result[index] = { ...result[index]!, end: event.cycle };
    }
  }
  return result;
}

/** Enter and leave in their order, at their cycles. */
export function speedscopeTrace({ events }: EventTrace, name: string, exporter: string): object {
  const frames = new Frames();
  const open: number[] = [];
  const list = events.map((event) => {
    if (event.kind === "leave") return { type: "C", frame: open.pop()!, at: event.cycle };
    open.push(frames.number(event.title, event.symbol));
    return { type: "O", frame: open.at(-1)!, at: event.cycle };
  });
  return speedscope(name, exporter, frames, {
    type: "evented",
    startValue: events[0]?.cycle ?? 0,
    endValue: events.at(-1)?.cycle ?? 0,
    events: list,
  });
}

/** A slice for each stay in a routine, a track for each program; times in µs, cycles beside them. */
export function chromeTrace(
  { events, dropped }: EventTrace,
  { clockMHz, ...about }: { readonly clockMHz: number } & Readonly<Record<string, unknown>>,
): object {
  const titles: string[] = [];
  const thread = (title: string): number => {
    if (!titles.includes(title)) titles.push(title);
    return titles.indexOf(title) + 1;
  };
  const traceEvents = slices(events).map(({ title, symbol, start, end }) => ({
    ph: "X",
    name: symbol,
    cat: title,
    pid: 1,
    tid: thread(title),
    ts: start / clockMHz,
    dur: (end - start) / clockMHz,
    args: { cycle: start, cycles: end - start },
  }));
  const names = titles.map((name, index) => ({
    ph: "M",
    name: "thread_name",
    pid: 1,
    tid: index + 1,
    args: { name },
  }));
  return {
    traceEvents: [...names, ...traceEvents],
    displayTimeUnit: "ns",
    otherData: { ...about, clockMHz, dropped },
  };
}

/** A line for each stay in a routine: when it began, how long it took, its name under its caller's. */
export function traceText({ events, dropped }: EventTrace): string {
  const lines = slices(events).map(
    ({ title, symbol, depth, start, end }) =>
    [String(start).padStart(10), String(end - start).padStart(9), `${"  ".repeat(depth)}${symbol} (${title})`].join("  "), // prettier-ignore
  );
  const rest = dropped > 0 ? [`… and ${dropped} more`] : [];
  return [`${"cycle".padStart(10)}  ${"cycles".padStart(9)}  routine`, ...lines, ...rest].join(
    "\n",
  );
}

/** A line for each routine, the most expensive first; shares are of all cycles. */
export function profileText(profile: Profile, top: number): string {
  const rows = profile.rows();
  const total = rows.reduce((sum, { cycles }) => sum + cycles, 0);
  const line = (columns: readonly string[], name: string): string =>
    `${columns.map((text, i) => text.padStart([11, 9, 14, 7, 10][i]!)).join("")}  ${name}`;
  const lines = rows.slice(0, top).map(({ title, symbol, cycles, instructions, calls }) => {
    const share = total === 0 ? 0 : (100 * cycles) / total;
    const cpi = instructions === 0 ? "" : (cycles / instructions).toFixed(2);
    return line([String(cycles), `${share.toFixed(1)} %`, String(instructions), cpi, String(calls)], `${symbol} (${title})`); // prettier-ignore
  });
  const rest = rows.slice(top);
  if (rest.length > 0) {
    const cycles = rest.reduce((sum, row) => sum + row.cycles, 0);
    const instructions = rest.reduce((sum, row) => sum + row.instructions, 0);
    lines.push(line([String(cycles), `${((100 * cycles) / total).toFixed(1)} %`, String(instructions), "", ""], `${rest.length} more routines`)); // prettier-ignore
  }
  lines.push(line([String(total), "", "", "", ""], "cycles in all"));
  return [line(["cycles", "share", "instructions", "CPI", "entered"], "routine"), ...lines].join(
    "\n",
  );
}
