/**
 * Makes the parts of a drawing answer: under a pointer, and one after another with the arrow keys once
 * the drawing has the focus. What is said is plain text, in a box beside the part and to screen readers.
 */
import { html } from "../lab/markup.ts";

export interface Part {
  readonly node: Element;
  /** First line in bold, the others below. */
  readonly lines: readonly string[];
}

export function explorable(
  drawing: SVGSVGElement,
  parts: readonly Part[],
  hint = "Arrow keys go through the parts.",
): HTMLElement {
  const box = html`<div class="tip" hidden></div>`;
  const said = html`<span class="unseen" role="status"></span>`;
  const label = `${drawing.getAttribute("aria-label")} ${hint}`;
  const element = html`<div class="explore" tabindex="0" role="group" aria-label=${label}>${drawing}${box}${said}</div>`; // prettier-ignore
  const known = new Map(parts.map((part, i) => [part.node, i]));
  let at = -1;

  const leave = (): void => {
    parts[at]?.node.classList.remove("at");
    at = -1;
    box.hidden = true;
  };
  const go = (index: number): void => {
    if (index === at) return;
    leave();
    const part = parts[index];
    if (!part) return;
    at = index;
    part.node.classList.add("at");
    const [first, ...rest] = part.lines;
    box.replaceChildren(
      html`<strong>${first}</strong>`,
      ...rest.map((line) => html`<span>${line}</span>`),
    );
    box.hidden = false;
    place(box, part.node, element);
  };

  drawing.addEventListener("pointermove", (event) => {
    let node = event.target as Element | null;
    while (node && node !== drawing && !known.has(node)) node = node.parentElement;
    const index = node ? known.get(node) : undefined;
    if (index === undefined) leave();
    else go(index);
  });
  drawing.addEventListener("pointerleave", leave);
  element.addEventListener("blur", leave);
  element.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const end = { Home: 0, End: parts.length - 1 }[event.key];
    if (event.key === "Escape") leave();
    if (step === undefined && end === undefined) return;
    event.preventDefault();
    go(end ?? Math.min(Math.max(at + step!, 0), parts.length - 1));
    said.textContent = parts[at]?.lines.join(", ") ?? "";
  });
  return element;
}

/** Below the part, or above it near the end of the window, and never past the sides. */
function place(box: HTMLElement, node: Element, within: HTMLElement): void {
  const [part, frame] = [node.getBoundingClientRect(), within.getBoundingClientRect()];
  const middle = (part.left + part.right) / 2 - frame.left;
  const left = Math.min(Math.max(middle - box.offsetWidth / 2, 0), frame.width - box.offsetWidth);
  const room = innerHeight - part.bottom > box.offsetHeight + 16;
  const top = room ? part.bottom - frame.top + 6 : part.top - frame.top - box.offsetHeight - 6;
  box.style.left = `${Math.max(0, left)}px`;
  box.style.top = `${top}px`;
}
