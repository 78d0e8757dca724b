/** Lines through measured points, with the value read at the pointer. */
import { html, svg } from "../lab/markup.ts";
import { figure } from "../lab/data.ts";
import { type Key, legend } from "./legend.ts";
import { frame, linear, logarithmic, textWidth, tickText } from "./svg.ts";
import { explorable, type Part } from "./tip.ts";

export interface Series {
  readonly title: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly dashed?: boolean;
}

export interface LineOptions {
  readonly width: number;
  readonly label: string;
  readonly x: {
    readonly title: string;
    readonly log?: boolean;
    readonly show?: (value: number) => string;
    /** Where the axis has marks; round steps by default. */
    readonly ticks?: readonly number[];
  };
  readonly y: { readonly title: string; readonly log?: boolean; readonly low?: number };
  /** A vertical line with a name. */
  readonly mark?: { readonly at: number; readonly title: string };
  readonly height?: number;
}

const TOP = 18;

export function lineChart(series: readonly Series[], options: LineOptions): HTMLElement {
  const { width, label, x: across, y: up, mark, height = width < 520 ? 260 : 320 } = options;
  const bottom = height - 46;
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b); // prettier-ignore
  const ys = series.flatMap(({ points }) => points.map(([, y]) => y));
  const y = up.log
    ? logarithmic(Math.min(...ys), Math.max(...ys), [bottom, TOP])
    : linear(Math.max(...ys), [bottom, TOP], 5, up.low ?? 0);
  const left = Math.max(...y.ticks.map((tick) => textWidth(tickText(tick)))) + 14;
  const right = width - 16;
  const [low, high] = [xs[0]!, xs.at(-1)!];
  const x = across.log
    ? logScale(xs, [left + 6, right])
    : Object.assign((v: number) => left + 6 + ((v - low) / (high - low || 1)) * (right - left - 6), { ticks: [] as number[] }); // prettier-ignore
  const wanted = across.ticks ?? (across.log ? xs : linear(high, [0, 1], 7, low).ticks);
  const show = across.show ?? tickText;
  const shown = spread(
    wanted.filter((tick) => tick >= low && tick <= high),
    x,
    (tick) => Math.max(34, textWidth(show(tick))) + 10,
  );
  // Above the plot, where no line runs; to the left of its mark where there is no room to the right.
  const markEnds = mark !== undefined && x(mark.at) + 5 + textWidth(mark.title) > width;
  const lines = series.map(({ points, color, dashed = false }) => {
    const path = points.map(([px, py], i) => `${i ? "L" : "M"}${x(px)},${y(py)}`).join("");
    return svg`<g ${{ style: { "--line": `var(${color})` } }}>
      <path class=${dashed ? "curve dashed" : "curve"} d=${path}></path>
      ${dashed ? "" : points.map(([px, py]) => svg`<circle class="point" cx=${x(px)} cy=${y(py)} r="2.5"></circle>`)}
    </g>`;
  });
  const parts = xs.map((value, i): Part => {
    const from = i === 0 ? left : (x(xs[i - 1]!) + x(value)) / 2;
    const to = i === xs.length - 1 ? right : (x(value) + x(xs[i + 1]!)) / 2;
    const node = svg`<g class="slice"><rect class="reach" x=${from} y=${TOP} width=${Math.max(1, to - from)} height=${bottom - TOP}></rect><line class="cursor" x1=${x(value)} x2=${x(value)} y1=${TOP} y2=${bottom}></line></g>`;
    const values = series.flatMap(({ title, points }) => {
      const point = points.find(([px]) => px === value);
      return point ? [`${title}: ${figure(point[1])}`] : [];
    });
    return { node, lines: [show(value), ...values] };
  });
  const drawing = frame(width, height, label, [
    y.ticks.map(
      (tick) => svg`<g><line class="grid" x1=${left} x2=${right} y1=${y(tick)} y2=${y(tick)}></line>
        <text class="tick" x=${left - 8} y=${y(tick) + 4} text-anchor="end">${tickText(tick)}</text></g>`,
    ),
    shown.map(
      (tick) =>
        svg`<text class="tick" x=${x(tick)} y=${bottom + 18} text-anchor="middle">${show(tick)}</text>`,
    ),
    svg`<text class="tick" x=${right} y=${height - 8} text-anchor="end">${across.title}</text>`,
    svg`<text class="tick" x="2" y="10">${up.title}</text>`,
    mark && mark.at >= low && mark.at <= high
      ? svg`<g><line class="mark" x1=${x(mark.at)} x2=${x(mark.at)} y1=${TOP - 8} y2=${bottom}></line>
        <text class="tick" x=${x(mark.at) + (markEnds ? -5 : 5)} y="12" text-anchor=${markEnds ? "end" : "start"}>${mark.title}</text></g>`
      : "",
    lines,
    parts.map(({ node }) => node),
  ]);
  const keys: Key[] = series.map(({ title, color, dashed = false }) => ({ title, color, thin: dashed })); // prettier-ignore
  return html`<div>${legend(keys)}${explorable(drawing, parts)}</div>`;
}

/** Doublings take equal room; 0 stands one step before the least. */
function logScale(values: readonly number[], [from, to]: readonly [number, number]) {
  const positive = values.filter((value) => value > 0);
  const low = Math.log2(positive[0]!) - (values[0] === 0 ? 1 : 0);
  const high = Math.log2(positive.at(-1)!);
  const place = (value: number) => (value > 0 ? Math.log2(value) : low);
  return (value: number) => from + ((place(value) - low) / (high - low || 1)) * (to - from);
}

/** Of the ticks those that have room: half of the last one's, half of their own. */
function spread(
  ticks: readonly number[],
  x: (value: number) => number,
  room: (value: number) => number,
): number[] {
  let last = Number.NEGATIVE_INFINITY;
  return ticks.filter((tick) => {
    if (x(tick) - room(tick) / 2 < last) return false;
    last = x(tick) + room(tick) / 2;
    return true;
  });
}
