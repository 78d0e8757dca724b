/** Three configurations make the same call side by side on one clock: who runs where, and until when. */
import { html } from "../lab/markup.ts";
import type { CallReport, RunWatch } from "../../host/worker/client.ts";
import { CONFIGURATIONS, titleOf } from "../draw/legend.ts";
import { laneChart, type Lanes } from "../draw/lanes.ts";
import { choice, menu } from "../lab/controls.ts";
import { type Data, figure } from "../lab/data.ts";
import { type LiveFigure, liveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import { callSnapshot } from "./call-snapshot.ts";

export const ROWS = [
  { value: "null", title: "Null RPC" },
  { value: "in64", title: "64 In" },
  { value: "in1024", title: "1K In" },
  { value: "out1024", title: "1K Out" },
  { value: "inout128", title: "128 InOut" },
];

const PLACES = ["client", "kernel", "server"];
const COLORS: Readonly<Record<string, string>> = {
  client: "--client",
  kernel: "--kernel",
  server: "--server",
};

type Span = CallReport["spans"][number];
/** The kernel's, and a server's inside it. */
const KERNEL_SPACE = 0;

const LANES = {
  place: { lanes: PLACES, of: (span: Span) => PLACES.indexOf(span.place) },
  space: {
    lanes: ["client’s", "kernel’s", "server’s"],
    // A call begins in the client.
    of: ({ space }: Span, first: Span) =>
      space === KERNEL_SPACE ? 1 : space === first.space ? 0 : 2,
  },
  thread: {
    lanes: ["client's", "server's"],
    of: (span: Span) => Number(span.thread === "server"),
  },
  level: {
    lanes: ["user", "kernel"],
    of: (span: Span) => Number(span.level === 0),
  },
} as const;

/** Seconds that the slowest call takes when it is played. */
const PLAYED = 4;

export function racePanel(lab: Lab): LiveFigure<readonly CallReport[]> {
  const row = menu({ state: lab.state, key: "row", label: "The call" }, ROWS);
  const by = choice({ state: lab.state, key: "lanes", label: "Lanes" }, [
    { value: "place", title: "whose text" },
    { value: "space", title: "address space" },
    { value: "thread", title: "whose thread" },
    { value: "level", title: "privilege" },
  ]);
  const player = new Player();
  return liveFigure<readonly CallReport[]>({
    name: "race",
    label: "Three configurations, one clock",
    controls: [row, by, player.element],
    height: 400,
    run: (watch) => reports(lab, row.value, watch),
    draw: (calls, width) => {
      const chart = lanesOf(calls, by.value as keyof typeof LANES, width);
      player.take(chart, Math.max(...calls.map(({ cycles }) => cycles)));
      return chart.element;
    },
    data: spanData,
    json: (calls) => calls,
    command: (calls) => calls.map(({ command }) => command).join(" && npx "),
    caption: captionOf,
    more: (calls) => calls.map((call) => callSnapshot(lab, call, titleOf(call.configuration))),
  });
}

async function reports(lab: Lab, row: string, watch: RunWatch) {
  const { progress, signal } = watch;
  const calls: CallReport[] = [];
  for (const { id, title } of CONFIGURATIONS) {
    progress?.({ column: id, title, fraction: calls.length / CONFIGURATIONS.length });
    if (signal?.aborted) throw Object.assign(new Error("cancelled"), { name: "Cancelled" });
    calls.push(await lab.simulator.reportCall({ row, configuration: id }, watch));
  }
  return calls;
}

function lanesOf(calls: readonly CallReport[], by: keyof typeof LANES, width: number): Lanes {
  const { lanes, of } = LANES[by];
  const groups = calls.map(({ configuration, cycles, spans }) => ({
    title: titleOf(configuration),
    lanes,
    end: cycles,
    spans: spans.map((span) => ({
      lane: of(span, spans[0]!),
      start: span.start,
      end: span.end,
      color: COLORS[span.place] ?? "--other",
      lines: [
        `${span.place}, ${figure(span.end - span.start)} cycles`,
        `cycles ${figure(span.start)} to ${figure(span.end)}, ${figure(span.instructions)} instructions`,
        `space ${span.space}, privilege level ${span.level}, the ${span.thread}’s thread`,
      ],
    })),
  }));
  return laneChart(groups, {
    width,
    label: `Timelines of one call. ${groups.map(({ title, end }) => `${title}: ${figure(end)} cycles`).join("; ")}.`,
    keys: PLACES.map((title) => ({ title, color: COLORS[title]! })),
  });
}

function spanData(calls: readonly CallReport[]): Data {
  return {
    columns: ["configuration", "place", "space", "level", "thread", "start", "end", "instructions"],
    rows: calls.flatMap(
      ({ configuration, spans }) =>
      spans.map(({ place, space, level, thread, start, end, instructions }) => [configuration, place, space, level, thread, start, end, instructions]), // prettier-ignore
    ),
  };
}

function captionOf(calls: readonly CallReport[]): string {
  const crossings = calls.map(
    ({ spans }) => spans.filter(({ level }, i) => i > 0 && (level === 0) !== (spans[i - 1]!.level === 0)).length, // prettier-ignore
  );
  return `Crossings between user and kernel mode: ${CONFIGURATIONS.map(({ title }, i) => `${title} ${crossings[i]}`).join(", ")}. A call here is from the client’s stub to its return; Table 3 adds the branch to it and the reading of the clock.`;
}

/** Plays the calls; where motion is reduced they are there at once, and nothing moves. */
class Player {
  readonly element: HTMLElement;
  #lanes: Lanes | undefined;
  #end = 0;
  #frame = 0;

  constructor() {
    const button = html`<button type="button">Play</button>` as HTMLButtonElement;
    button.addEventListener("click", () => this.#play());
    this.element = html`<div class="toggle">${button}</div>`;
    const reduced = matchMedia("(prefers-reduced-motion: reduce)");
    const heed = (): void => {
      button.disabled = reduced.matches;
      button.title = reduced.matches ? "Motion is reduced on this computer" : "";
      if (reduced.matches) this.#stop();
    };
    reduced.addEventListener("change", heed);
    heed();
  }

  /** All of the calls, at once. */
  #stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#lanes?.at(this.#end);
  }

  take(lanes: Lanes, end: number): void {
    cancelAnimationFrame(this.#frame);
    this.#lanes = lanes;
    this.#end = end;
  }

  #play(): void {
    cancelAnimationFrame(this.#frame);
    const begun = performance.now();
    const step = (now: number): void => {
      const cycle = (Math.max(0, now - begun) / 1000 / PLAYED) * this.#end;
      this.#lanes?.at(cycle);
      if (cycle < this.#end) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }
}
