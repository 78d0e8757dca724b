/** Groups of horizontal bars: a thick one for what was measured, a thin one under it for the paper's. */
import { html, svg } from "../lab/markup.ts";
import { figure } from "../lab/data.ts";
import { type Key, legend } from "./legend.ts";
import { frame, linear, textWidth, tickText } from "./svg.ts";
import { explorable, type Part } from "./tip.ts";

export interface Bar {
  readonly value: number;
  readonly paper: number | null;
  readonly color: string;
  /** What a pointer on it reads. */
  readonly lines: readonly string[];
  /** Written behind the bar instead of the value. */
  readonly text?: string;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const THICK = 15;
const THIN = 4;
const BAND = 24;
const GAP = 16;

export function barChart(
  groups: readonly BarGroup[],
  {
    width,
    label,
    unit,
    keys,
    most,
  }: {
    readonly width: number;
    readonly label: string;
    readonly unit: string;
    readonly keys: readonly Key[];
    /** Where the axis ends at least. */
    readonly most?: number;
  },
): HTMLElement {
  const narrow = width < 520;
  const titles = Math.max(...groups.map(({ title }) => textWidth(title)));
  const left = narrow ? 4 : Math.min(titles + 14, 230);
  const head = narrow ? 18 : 0;
  const bars = groups.flatMap((group) => group.bars);
  const high = Math.max(most ?? 0, ...bars.flatMap(({ value, paper }) => [value, paper ?? 0]));
  const written = Math.max(...bars.map((bar) => textWidth(bar.text ?? figure(bar.value))));
  const x = linear(high, [left, width - written - 12], narrow ? 4 : 7);
  const heights = groups.map((group) => head + group.bars.length * BAND + GAP);
  const bottom = heights.reduce((sum, h) => sum + h, 0);
  const parts: Part[] = [];
  let y = 0;
  const drawn = groups.map((group, i) => {
    const top = y;
    y += heights[i]!;
    const middle = top + (group.bars.length * BAND) / 2 + 1;
    const rows = group.bars.map((bar, j) => {
      const at = top + head + j * BAND;
      const node = svg`<g class="part">
        <rect class="reach" x=${left} y=${at} width=${width - left} height=${BAND}></rect>
        <rect class="bar" x=${left} y=${at + 1} width=${Math.max(1, x(bar.value) - left)} height=${THICK} rx="1.5" ${{ style: { fill: `var(${bar.color})` } }}></rect>
        ${bar.paper === null ? "" : svg`<rect class="paper" x=${left} y=${at + THICK + 2} width=${x(bar.paper) - left} height=${THIN} rx="1"></rect>`}
        <text x=${x(bar.value) + 6} y=${at + THICK - 2}>${bar.text ?? figure(bar.value)}</text>
      </g>`;
      parts.push({ node, lines: bar.lines });
      return node;
    });
    const name = narrow
      ? svg`<text class="name" x=${left} y=${top + 12}>${group.title}</text>`
      : svg`<text class="name" x=${left - 10} y=${middle + 3} text-anchor="end">${group.title}</text>`;
    return svg`<g>${name}${rows}</g>`;
  });
  const axis = x.ticks.map(
    (tick) => svg`<g>
      <line class="grid" x1=${x(tick)} x2=${x(tick)} y1="0" y2=${bottom - 8}></line>
      <text class="tick" x=${x(tick)} y=${bottom + 8} text-anchor="middle">${tickText(tick)}</text>
    </g>`,
  );
  const end = svg`<text class="tick" x=${width - 2} y=${bottom + 26} text-anchor="end">${unit}</text>`;
  const drawing = frame(width, bottom + 34, label, [axis, drawn, end]);
  return html`<div>${legend(keys)}${explorable(drawing, parts)}</div>`;
}
