/**
 * The few things that every drawing needs: a frame with a name, scales, ticks, widths of text. Colours and
 * fonts come from the page's style sheet, so that light and dark need no second drawing.
 */
import { separated } from "../lab/data.ts";
import { SVG, svg } from "../lab/markup.ts";

export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** An SVG of so many pixels; `label` is all that a screen reader says of it. */
export function frame(
  width: number,
  height: number,
  label: string,
  parts: readonly unknown[],
): SVGSVGElement {
  return svg`<svg class="drawing" role="img" aria-label=${label} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>${parts.flat(2)}</svg>` as SVGSVGElement; // prettier-ignore
}

/** A rectangle, made without a template: where there are hundreds, that is what takes long. */
export function rectangle(
  { x, y, width, height }: Readonly<Record<"x" | "y" | "width" | "height", number>>,
  className: string,
  color?: string,
): SVGRectElement {
  const made = document.createElementNS(SVG, "rect");
  made.setAttribute("class", className);
  for (const [name, value] of Object.entries({ x, y, width, height })) made.setAttribute(name, String(value)); // prettier-ignore
  if (color !== undefined) made.style.fill = `var(${color})`;
  return made;
}

/** From `low`, 0 by default, to `high`, with ticks at about `count` round steps between. */
export function linear(
  high: number,
  [from, to]: readonly [number, number],
  count = 6,
  low = 0,
): Scale {
  const span = high - low || 1;
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((m) => m >= rough * 0.999)!;
  const scale = (value: number) => from + ((value - low) / span) * (to - from);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  return Object.assign(scale, { ticks });
}

/** Powers of ten between two positive numbers, and a scale that spaces them evenly. */
export function logarithmic(
  low: number,
  high: number,
  [from, to]: readonly [number, number],
): Scale {
  const [a, b] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  const scale = (value: number) => from + ((Math.log10(value) - a) / (b - a || 1)) * (to - from);
  const ticks = Array.from({ length: b - a + 1 }, (_, i) => 10 ** (a + i));
  return Object.assign(scale, { ticks });
}

/** Pixels that a text takes in the page's sans serif, near enough to leave room for it. */
export function textWidth(text: string, size = 12): number {
  return text.length * size * 0.56;
}

/** The text, cut to a width. */
export function fitted(text: string, width: number, size = 12): string {
  const room = Math.floor(width / (size * 0.56));
  if (text.length <= room) return text;
  return room < 3 ? "" : `${text.slice(0, room - 1)}…`;
}

/** A number on an axis: 12,000 or 64K. */
export function tickText(value: number): string {
  return separated(value, 2);
}
