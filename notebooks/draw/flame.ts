/** A flame graph: routines as long as they take, their callees below them, in the order of the call. */
import { svg } from "../lab/markup.ts";
import { figure } from "../lab/data.ts";
import { fitted, frame, linear, rectangle, tickText } from "./svg.ts";
import { explorable, type Part } from "./tip.ts";

export interface Slice {
  readonly title: string;
  readonly symbol: string;
  readonly depth: number;
  readonly start: number;
  readonly end: number;
}

const ROW = 24;

export function flameChart(
  slices: readonly Slice[],
  {
    width,
    label,
    colors,
  }: {
    readonly width: number;
    readonly label: string;
    /** Custom property by a slice's title. */
    readonly colors: Readonly<Record<string, string>>;
  },
): HTMLElement {
  const start = Math.min(...slices.map((slice) => slice.start));
  const end = Math.max(...slices.map((slice) => slice.end));
  const deepest = Math.max(...slices.map(({ depth }) => depth));
  const bottom = (deepest + 1) * ROW + 4;
  const x = linear(end - start, [1, width - 30], width < 520 ? 4 : 8);
  const parts: Part[] = [];
  const drawn = slices.map((slice) => {
    const [from, to] = [x(slice.start - start), x(slice.end - start)];
    const wide = Math.max(0.75, to - from);
    const y = slice.depth * ROW + 2;
    const place = { x: from, y, width: wide, height: ROW - 2 };
    const name = fitted(slice.symbol, wide - 8, 11);
    const bar = rectangle(place, name === "" ? "part frame" : "frame", colors[slice.title] ?? "--paper"); // prettier-ignore
    const node = name === "" ? bar : (svg`<g class="part">${bar}<text class="inside" x=${from + 4} y=${y + 15}>${name}</text></g>`); // prettier-ignore
    parts.push({
      node,
      lines: [slice.symbol, slice.title, `${figure(slice.end - slice.start)} cycles, callees included`, `from cycle ${figure(slice.start - start)}`], // prettier-ignore
    });
    return node;
  });
  const axis = x.ticks.map(
    (tick) => svg`<g><line class="grid" x1=${x(tick)} x2=${x(tick)} y1="0" y2=${bottom}></line>
      <text class="tick" x=${x(tick)} y=${bottom + 14} text-anchor=${tick === 0 ? "start" : "middle"}>${tickText(tick)}</text></g>`,
  );
  return explorable(frame(width, bottom + 22, label, [axis, drawn]), parts);
}
