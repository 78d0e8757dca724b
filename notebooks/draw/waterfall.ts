/**
 * The stages of a call, one below the other, each where it begins and as long as it takes: two calls
 * side by side on one scale of cycles, the paper's stage as a thin bar under each.
 */
import { html, svg } from "../lab/markup.ts";
import { figure } from "../lab/data.ts";
import { type Key, legend } from "./legend.ts";
import { fitted, frame, linear, tickText } from "./svg.ts";
import { explorable, type Part } from "./tip.ts";

export interface Stage {
  readonly title: string;
  readonly cycles: number;
  readonly paper: number | null;
  /** Custom property of the colour of its category. */
  readonly color: string;
  /** What a pointer on it reads below its title. */
  readonly lines: readonly string[];
}

export interface Call {
  readonly title: string;
  readonly stages: readonly Stage[];
}

const ROW = 23;
const HEAD = 26;

export function waterfall(
  calls: readonly Call[],
  {
    width,
    label,
    keys,
  }: { readonly width: number; readonly label: string; readonly keys: readonly Key[] },
): HTMLElement {
  const side = width >= 720;
  const gap = 28;
  const each = side ? (width - gap) / 2 : width;
  const most = Math.max(
    ...calls.map((call) => Math.max(total(call, "cycles"), total(call, "paper"))),
  );
  const parts: Part[] = [];
  let top = 0;
  let height = 0;
  const drawn = calls.map((call, i) => {
    const left = side ? i * (each + gap) : 0;
    const tall = HEAD + call.stages.length * ROW + 30;
    const picture = column(call, { left, top: side ? 0 : top, width: each, most, parts });
    top += tall;
    height = side ? Math.max(height, tall) : top;
    return picture;
  });
  const drawing = frame(width, height, label, drawn);
  return html`<div>${legend(keys)}${explorable(drawing, parts)}</div>`;
}

const total = ({ stages }: Call, key: "cycles" | "paper") =>
  stages.reduce((sum, stage) => sum + (stage[key] ?? 0), 0);

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly most: number;
  readonly parts: Part[];
}

function column(call: Call, { left, top, width, most, parts }: Place) {
  const x = linear(most, [left + 2, left + width - 40], width < 420 ? 3 : 5);
  const bottom = top + HEAD + call.stages.length * ROW;
  let at = 0;
  let theirs = 0;
  const rows = call.stages.map((stage, i) => {
    const y = top + HEAD + i * ROW;
    const [from, to] = [x(at), x(at + stage.cycles)];
    const [begin, end] = [x(theirs), x(theirs + (stage.paper ?? 0))];
    at += stage.cycles;
    theirs += stage.paper ?? 0;
    // The name stands where there is room: behind the bar, or in front of it.
    const behind = left + width - Math.max(to, end) - 6;
    const before = Math.min(from, begin) - left - 6;
    const right = behind >= before;
    const name = fitted(`${i + 1} ${stage.title}`, right ? behind : before, 11);
    const node = svg`<g class="part">
      <rect class="reach" x=${left} y=${y} width=${width} height=${ROW}></rect>
      <rect class="bar" x=${from} y=${y + 2} width=${Math.max(1.5, to - from)} height="12" rx="1" ${{ style: { fill: `var(${stage.color})` } }}></rect>
      ${stage.paper === null ? "" : svg`<rect class="paper" x=${begin} y=${y + 15} width=${Math.max(1.5, end - begin)} height="3" rx="1"></rect>`}
      <text class="small" x=${right ? Math.max(to, end) + 5 : Math.min(from, begin) - 5} y=${y + 12} text-anchor=${right ? "start" : "end"}>${name}</text>
    </g>`;
    parts.push({
      node,
      lines: [`${i + 1} ${stage.title}`, `${figure(stage.cycles)} cycles`, ...stage.lines],
    });
    return node;
  });
  const axis = x.ticks.map(
    (
      tick,
    ) => svg`<g><line class="grid" x1=${x(tick)} x2=${x(tick)} y1=${top + HEAD - 2} y2=${bottom}></line>
      <text class="tick" x=${x(tick)} y=${bottom + 16} text-anchor=${tick === 0 ? "start" : "middle"}>${tickText(tick)}</text></g>`,
  );
  return svg`<g><text class="name" x=${left + 2} y=${top + 13}>${call.title}: ${figure(at)} cycles</text>${axis}${rows}</g>`;
}
