/**
 * A figure's drawings as one picture, written with the colours and fonts that they have on the page: the legends
 * above them, too, without which nobody could read it.
 */

import { SVG } from "./markup.ts";
import { nextTask, pauses } from "./pace.ts";

/** What of a drawing's look comes from style sheets. */
const STYLES = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin",
  "opacity", "font-family", "font-size", "font-style", "font-weight", "font-variant-numeric",
  "text-anchor", "dominant-baseline", "paint-order",
]; // prettier-ignore

const GAP = 8;
const STRIP = 200;
const LEGEND = { height: 22, swatch: 10, gap: 18 };

/** The drawings in an element, one below the other, as a file of its own on the page's background. */
export async function svgText(from: HTMLElement): Promise<string> {
  const drawings = [...from.querySelectorAll<SVGSVGElement>("svg.drawing")];
  const width = Math.max(...drawings.map((each) => each.viewBox.baseVal.width));
  const whole = element("svg", { xmlns: SVG });
  const ground = element("rect", { width: "100%", height: "100%", fill: background(from) });
  whole.append(ground);
  let top = 0;
  for (const part of from.querySelectorAll<HTMLElement | SVGSVGElement>(".legend, svg.drawing")) {
    if (top > 0) top += GAP;
    if (part instanceof SVGSVGElement) {
      const copy = await styled(part);
      copy.setAttribute("y", String(top));
      whole.append(copy);
      top += part.viewBox.baseVal.height;
    } else top = putLegend(whole, part as HTMLElement, top, width);
  }
  whole.setAttribute("width", String(width));
  whole.setAttribute("height", String(top));
  whole.setAttribute("viewBox", `0 0 ${width} ${top}`);
  return new XMLSerializer().serializeToString(whole);
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** A drawing that needs no style sheet. */
async function styled(svg: SVGSVGElement): Promise<SVGSVGElement> {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll<SVGElement>("*")];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>("*")];
  const known = new Map<string, string>();
  const pause = pauses();
  for (const [i, original] of originals.entries()) {
    await pause();
    // Hundreds of rectangles look alike: those that are told by class and colour are asked once.
    const own = original.localName === "rect" && original.style.fill !== "";
    const key = own ? `${original.getAttribute("class")} ${original.style.fill}` : String(i);
    const style = known.get(key) ?? lookOf(original);
    known.set(key, style);
    copies[i]!.setAttribute("style", style);
    copies[i]!.removeAttribute("class");
  }
  const { width, height } = svg.viewBox.baseVal;
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  return copy;
}

function lookOf(element: Element): string {
  const look = getComputedStyle(element);
  return STYLES.map((name) => `${name}:${look.getPropertyValue(name)}`).join(";");
}

/** What the colours mean, in as many lines as it takes; where it ends. */
function putLegend(whole: SVGElement, legend: HTMLElement, from: number, width: number): number {
  let [left, top] = [2, from];
  const pen = document.createElement("canvas").getContext("2d")!;
  for (const key of legend.querySelectorAll<HTMLElement>("li")) {
    const { fontFamily, fontSize, color } = getComputedStyle(key);
    const text = key.textContent!.trim();
    pen.font = `${fontSize} ${fontFamily}`;
    const room = LEGEND.swatch + 6 + pen.measureText(text).width;
    if (left > 2 && left + room > width) [left, top] = [2, top + LEGEND.height];
    const thin = key.classList.contains("thin");
    const fill = getComputedStyle(key).getPropertyValue("--swatch").trim();
    const place = { x: left, y: top + (thin ? 9 : 6), width: LEGEND.swatch, height: thin ? 3 : 10 };
    whole.append(element("rect", { ...place, rx: 1.5, fill }));
    const said = element("text", { x: left + LEGEND.swatch + 6, y: top + 15, fill: color });
    said.setAttribute("style", `font: ${fontSize} ${fontFamily}`);
    said.textContent = text;
    whole.append(said);
    left += room + LEGEND.gap;
  }
  return top + LEGEND.height;
}

function background(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (!/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return backgroundColor;
  }
  return "white";
}

/** The same, with two dots for each of the page's. */
export async function pngOf(from: HTMLElement): Promise<Blob> {
  const text = encodeURIComponent(await svgText(from));
  await nextTask();
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${text}`;
  await image.decode();
  const { width, height } = image;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * width, 2 * height];
  const pen = canvas.getContext("2d")!;
  // In strips: the browser draws the whole of a large picture at once otherwise.
  for (let top = 0; top < height; top += STRIP) {
    await nextTask();
    const tall = Math.min(STRIP, height - top);
    pen.drawImage(image, 0, top, width, tall, 0, 2 * top, 2 * width, 2 * tall);
  }
  await nextTask();
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture was made")))),
  );
}
