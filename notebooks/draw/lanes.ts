/**
 * Calls on a scale of time: for each call a lane per place (client, kernel, server), filled while the
 * processor is there. A moment can be chosen, up to which the calls have come.
 */
import { html, svg } from "../lab/markup.ts";
import { figure } from "../lab/data.ts";
import { type Key, legend } from "./legend.ts";
import { frame, linear, rectangle, tickText } from "./svg.ts";
import { explorable, type Part } from "./tip.ts";

export interface Span {
  /** Index of its lane. */
  readonly lane: number;
  readonly start: number;
  readonly end: number;
  readonly color: string;
  readonly lines: readonly string[];
}

export interface LaneGroup {
  readonly title: string;
  readonly lanes: readonly string[];
  readonly spans: readonly Span[];
  readonly end: number;
}

export interface Lanes {
  readonly element: HTMLElement;
  /** Shows the calls as far as they have come at a cycle. */
  at(cycle: number): void;
}

const LANE = 20;
const HEAD = 22;

export function laneChart(
  groups: readonly LaneGroup[],
  {
    width,
    label,
    keys,
  }: { readonly width: number; readonly label: string; readonly keys: readonly Key[] },
): Lanes {
  const left = 64;
  const end = Math.max(...groups.map((group) => group.end));
  const x = linear(end, [left, width - 20], width < 520 ? 4 : 7);
  const heights = groups.map(({ lanes }) => HEAD + lanes.length * LANE + 14);
  const bottom = heights.reduce((sum, height) => sum + height, 0);
  const parts: Part[] = [];
  const covers: { readonly cover: Element; readonly text: Element; readonly end: number }[] = [];
  let y = 0;
  const drawn = groups.map((group, g) => {
    const top = y;
    y += heights[g]!;
    const spans = group.spans.map((span) => {
      const width = Math.max(0.75, x(span.end) - x(span.start));
      const place = { x: x(span.start), y: top + HEAD + span.lane * LANE + 3, width };
      const node = rectangle({ ...place, height: LANE - 6 }, "part span", span.color);
      parts.push({ node, lines: span.lines });
      return node;
    });
    const lanes = group.lanes.map((title, lane) => {
      const middle = top + HEAD + lane * LANE + LANE / 2;
      return svg`<g><line class="lane" x1=${left} x2=${x(group.end)} y1=${middle} y2=${middle}></line>
        <text class="small" x=${left - 8} y=${middle + 4} text-anchor="end">${title}</text></g>`;
    });
    const text = svg`<text class="small" x=${x(group.end) + 6} y=${top + HEAD + 13}></text>`;
    const cover = svg`<rect class="cover" x=${left} y=${top + HEAD} width="0" height=${group.lanes.length * LANE}></rect>`;
    covers.push({ cover, text, end: group.end });
    return svg`<g><text class="name" x="2" y=${top + 13}>${group.title}: ${figure(group.end)} cycles</text>${lanes}${spans}${cover}${text}</g>`;
  });
  const axis = x.ticks.map(
    (tick) => svg`<g><line class="grid" x1=${x(tick)} x2=${x(tick)} y1="16" y2=${bottom - 6}></line>
      <text class="tick" x=${x(tick)} y=${bottom + 10} text-anchor="middle">${tickText(tick)}</text></g>`,
  );
  const drawing = frame(width, bottom + 18, label, [axis, drawn]);
  return {
    element: html`<div>${legend(keys)}${explorable(drawing, parts)}</div>`,
    at(cycle) {
      for (const { cover, end: last } of covers) {
        const from = Math.min(cycle, last);
        cover.setAttribute("x", String(x(from)));
        const width = cycle < last ? x(last) - x(from) + 2 : 0;
        cover.setAttribute("width", String(width));
      }
    },
  };
}
