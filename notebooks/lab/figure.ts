/**
 * A live figure: controls, a run with progress and cancel, the drawing, its figures as a table, and
 * what can be taken along. Runs at once unless told to wait, and again whenever a control changes; a
 * run that a newer one overtakes is cancelled. Its value is the latest result; it fires `input` when that
 * changes, so that a notebook can say `const result = view(figure)`.
 */
import { html } from "./markup.ts";
import { OVERTAKEN, type RunWatch } from "../../host/worker/client.ts";
import { type Data, dataTable } from "./data.ts";
import { unsupported } from "./lab.ts";
import { nextFrame, nextTask } from "./pace.ts";
import { type Action, type Download, takeAlong } from "./take.ts";

export interface FigureOptions<T> {
  /** Names the files that are taken along. */
  readonly name: string;
  /** What a screen reader calls the figure. */
  readonly label: string;
  readonly controls?: readonly HTMLElement[];
  /** Pixels that the drawing takes, so that nothing jumps when it comes. */
  readonly height: number;
  readonly run: (watch: RunWatch) => Promise<T>;
  /** What a run's progress has to show already. */
  readonly partial?: (at: Reported) => T | undefined;
  /** In pieces, one below the other, where the whole is so much that the page would not answer meanwhile. */
  readonly draw: (result: T, width: number) => Node | readonly (() => Node)[];
  readonly data?: (result: T) => Data;
  readonly json?: (result: T) => unknown;
  readonly command?: (result: T) => string;
  readonly caption?: (result: T) => string | Node;
  readonly more?: (result: T) => readonly (Download | Action)[];
  /** Text of the button that starts the first run, where the figure waits for it. */
  readonly start?: string;
}

type Reported = Parameters<NonNullable<RunWatch["progress"]>>[0];

export type LiveFigure<T> = HTMLElement & { value?: T; rerun(): void };

const WIDEST = 960;
/** Pixels that a drawing may take of so many; of none, where nothing is laid out yet, the most. */
const roomOf = (width: number) => Math.round(Math.min(width || WIDEST, WIDEST));

export function liveFigure<T>(options: FigureOptions<T>): LiveFigure<T> {
  const { label, controls = [], height, start } = options;
  const button = html`<button type="button" class="primary"></button>` as HTMLButtonElement;
  const bar = html`<progress max="1" value="0" aria-label=${`Progress: ${label}`}></progress>` as HTMLProgressElement; // prettier-ignore
  const status = html`<output role="status"></output>` as HTMLOutputElement;
  const alert = html`<p role="alert"></p>` as HTMLParagraphElement;
  // Room is kept for what comes by itself.
  const room = start === undefined ? height : 0;
  const body = html`<div class="body" ${{ style: { minHeight: `${room}px` } }}></div>`;
  const below = html`<div class="below"></div>`;
  const element = html`<figure class="live" aria-label=${label}>
    ${controls.length ? html`<div class="controls">${controls}</div>` : ""}
    <div class="run">${button}${status}${bar}${alert}</div>
    ${body}${below}
  </figure>` as LiveFigure<T>;

  let current: AbortController | undefined;
  // As last seen: to ask the element would lay the page out in the middle of a task.
  let size: Pick<DOMRectReadOnly, "width" | "height"> = { width: 0, height: 0 };
  let drawn = 0;
  let latest = 0;
  let drawing = Promise.resolve();
  /** Settles when this drawing is there, or the newer one that ended it. */
  const draw = (result: T): Promise<void> => (drawing = drawPieces(result, ++latest));
  /** A frame for each piece, in the place of the old one. */
  const drawPieces = async (result: T, mine: number): Promise<void> => {
    drawn = roomOf(size.width);
    const made = options.draw(result, drawn);
    const pieces = made instanceof Node ? [() => made] : made;
    for (const [i, make] of pieces.entries()) {
      if (i > 0) await nextFrame();
      if (mine !== latest) return drawing;
      const old = body.childNodes[i];
      if (old) old.replaceWith(make());
      else body.append(make());
    }
    while (body.childNodes.length > pieces.length) body.lastChild!.remove();
  };

  const setStale = (stale: boolean): void => {
    for (const part of [body, below]) part.toggleAttribute("data-stale", stale);
  };
  const showDrawing = async (result: T): Promise<void> => {
    setStale(false);
    await draw(result);
    body.style.minHeight = "";
  };
  const showBelow = (result: T): void => {
    const data = options.data?.(result);
    const isDrawn = body.querySelector("svg.drawing") !== null;
    const caption = options.caption?.(result);
    below.replaceChildren(
      ...(caption === undefined ? [] : [html`<figcaption>${caption}</figcaption>`]),
      ...(data ? [asTable(data, label)] : []),
      takeAlong({
        name: `inkwell-${options.name}`,
        command: options.command?.(result),
        data,
        json: options.json?.(result),
        picture: isDrawn ? () => body : undefined,
        more: options.more?.(result) ?? [],
      }),
    );
  };

  const progress = (at: Reported): void => {
    const { title, fraction } = at;
    bar.value = fraction;
    const early = options.partial?.(at);
    if (early !== undefined) {
      // Nothing below moves while it grows.
      body.style.minHeight = `${size.height}px`;
      void draw(early);
    }
    // By configuration, not by step: a screen reader hears each text.
    const text = `Measuring ${title}…`;
    if (status.value !== text) status.value = text;
  };

  const run = async (): Promise<void> => {
    current?.abort(OVERTAKEN);
    const mine = (current = new AbortController());
    const here = () => current === mine;
    element.setAttribute("aria-busy", "true");
    button.textContent = "Cancel";
    bar.value = 0;
    alert.textContent = "";
    status.value = "Starting the machine…";
    const begun = performance.now();
    try {
      const problem = unsupported();
      if (problem !== undefined) throw new Error(problem);
      const result = await options.run({
        progress: (at) => here() && progress(at),
        signal: mine.signal,
      });
      const seconds = (performance.now() - begun) / 1000;
      element.value = result;
      // In tasks of their own, so that none is long: the result has just been unpacked in this one.
      for (const show of [showDrawing, showBelow]) {
        await nextTask();
        if (!here()) return;
        await show(result);
      }
      if (!here()) return;
      status.value = `Measured on this page just now, in ${seconds.toFixed(seconds < 1 ? 2 : 1)} s.`;
      element.dispatchEvent(new Event("input"));
    } catch (error) {
      if (!here()) return;
      const { name } = error as Error;
      status.value = name === "Cancelled" ? "Cancelled." : "";
      if (name === "Cancelled") return;
      alert.textContent = explain(error as Error);
      // What is still there is of an earlier run.
      setStale(true);
    } finally {
      if (here()) {
        current = undefined;
        element.removeAttribute("aria-busy");
        button.textContent = "Run again";
      }
    }
  };

  button.addEventListener("click", () => {
    if (!current) void run();
    else {
      status.value = "Stopping…";
      current.abort();
    }
  });
  // Of the figure's own events only results are the page's business.
  element.querySelector(".controls")?.addEventListener("input", (event) => event.stopPropagation());
  for (const control of controls) control.addEventListener("input", () => void run());
  element.rerun = () => void run();
  new ResizeObserver(([entry]) => {
    size = entry!.contentRect;
    if (size.width > 0 && roomOf(size.width) !== drawn && element.value !== undefined)
      void draw(element.value);
  }).observe(body);

  if (start === undefined) void run();
  else {
    button.textContent = start;
    status.value = "";
  }
  return element;
}

/** Thrown by a run that the visitor has still to give something for; the message says what. */
export class StillMissing extends Error {
  override readonly name = "StillMissing";
}

/** What went wrong, for the place beside the control. */
export function explain({ name, message }: Error): string {
  if (name === "StillMissing") return `Nothing is measured yet: ${message}`;
  if (name === "DiagnosticError") return `This cannot be measured: ${message}`;
  return `The run failed: ${message}`;
}

/** The figures behind a drawing, shown on request, made when they are. */
export function asTable(data: Data, label: string): HTMLElement {
  const details = html`<details class="astable">
    <summary>The figures as a table</summary>
  </details>`;
  details.addEventListener("toggle", () => {
    if (details.childElementCount === 1) details.append(dataTable(data, label));
  });
  return details;
}
