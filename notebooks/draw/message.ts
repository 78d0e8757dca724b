/** Messages to scale: a row per message, a byte as wide in one as in another, every field with its size. */
import { svg } from "../lab/markup.ts";
import { fitted, frame, linear, tickText } from "./svg.ts";
import { explorable, type Part } from "./tip.ts";

export interface Message {
  readonly title: string;
  readonly bytes: number;
  readonly fields: readonly {
    readonly name: string;
    readonly offset: number;
    readonly size: number;
  }[];
}

const ROW = 46;

export function messageChart(
  messages: readonly Message[],
  { width, label }: { readonly width: number; readonly label: string },
): HTMLElement {
  const most = Math.max(...messages.map(({ bytes }) => bytes));
  const x = linear(most, [2, width - 26], width < 520 ? 4 : 8);
  const parts: Part[] = [];
  const rows = messages.map(({ title, bytes, fields }, i) => {
    const top = i * ROW;
    const boxes = fields.map(({ name, offset, size }) => {
      const [from, to] = [x(offset), x(offset + size)];
      const kind = name === "Head" ? "--kind-tape" : name.endsWith("Type") ? "--kind-switch" : name.endsWith("Pad") ? "--kind-call" : "--kind-copy"; // prettier-ignore
      const node = svg`<g class="part">
        <rect class="frame" x=${from} y=${top + 18} width=${Math.max(1, to - from)} height="20" ${{ style: { fill: `var(${kind})` } }}></rect>
        <text class="inside" x=${from + 4} y=${top + 32}>${fitted(name, to - from - 6, 11)}</text>
      </g>`;
      parts.push({ node, lines: [name, `${size} bytes at ${offset}`, title] });
      return node;
    });
    return svg`<g><text class="name" x="2" y=${top + 12}>${title}, ${bytes} bytes</text>${boxes}</g>`;
  });
  const bottom = messages.length * ROW;
  const axis = x.ticks.map(
    (tick) => svg`<g><line class="grid" x1=${x(tick)} x2=${x(tick)} y1="16" y2=${bottom}></line>
      <text class="tick" x=${x(tick)} y=${bottom + 14} text-anchor=${tick === 0 ? "start" : "middle"}>${tickText(tick)}</text></g>`,
  );
  return explorable(frame(width, bottom + 20, label, [axis, rows]), parts);
}
