/**
 * A text that can be edited in the page: line numbers, Tab for a tab (Escape first to leave by Tab), what
 * is wrong with it listed below, and the text in the address when it differs from the first one.
 */
import { html } from "./markup.ts";
import type { Diagnostic } from "../../host/worker/client.ts";
import type { State } from "./state.ts";

export interface Editor {
  readonly element: HTMLElement;
  readonly text: string;
  set(text: string): void;
  /** Lists problems, and marks their lines. */
  report(problems: readonly Diagnostic[]): void;
  /** Marks the line that is at work. */
  mark(line: number | undefined): void;
}

/** Milliseconds without a key, until a text is taken. */
const PAUSE = 350;

export function editor(
  {
    state,
    key,
    label,
    initial,
  }: {
    readonly state: State;
    readonly key: string;
    readonly label: string;
    readonly initial: string;
  },
  changed: (text: string) => void,
): Editor {
  const area = html`<textarea spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off" aria-label=${label}></textarea>` as HTMLTextAreaElement; // prettier-ignore
  const gutter = html`<div class="gutter" aria-hidden="true"></div>`;
  const list = html`<ul class="problems" role="alert"></ul>`;
  const element = html`<div class="editor">
    <div class="text">${gutter}${area}</div>
    ${list}
  </div>`;
  let wrong = new Set<number>();
  let current: number | undefined;
  let due: ReturnType<typeof setTimeout> | undefined;
  let free = false;

  const number = (): void => {
    const lines = area.value.split("\n").length;
    const marks = Array.from({ length: lines }, (_, i) => {
      const kind = wrong.has(i + 1) ? "wrong" : i + 1 === current ? "now" : "";
      return html`<span class=${kind}>${i + 1}</span>`;
    });
    gutter.replaceChildren(...marks);
    area.rows = Math.min(Math.max(lines + 1, 8), 26);
  };
  const take = (): void => {
    clearTimeout(due);
    due = undefined;
    void state.writeText(key, area.value === initial ? undefined : area.value);
    changed(area.value);
  };
  const set = (text: string): void => {
    area.value = text;
    number();
    take();
  };

  area.value = initial;
  number();
  area.addEventListener("input", (event) => {
    event.stopPropagation();
    number();
    clearTimeout(due);
    due = setTimeout(take, PAUSE);
  });
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Tab" && !free && !event.shiftKey) {
      event.preventDefault();
      area.setRangeText("\t", area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input"));
    }
    free = event.key === "Escape";
  });
  void state.readText(key).then((text) => {
    if (text === null)
      list.before(
        html`<small class="notice" role="status"
          >The link lost a part of its text: this is the one that the page begins with.</small
        >`,
      );
    if (typeof text === "string" && text !== area.value) set(text);
    else changed(area.value);
  });

  return {
    element,
    get text() {
      return area.value;
    },
    set,
    report(problems) {
      wrong = new Set(problems.map(({ line }) => line));
      number();
      list.replaceChildren(
        ...problems
          .slice(0, 8)
          .map(({ line, message }) => html`<li>${line > 0 ? `Line ${line}: ` : ""}${message}</li>`),
        ...(problems.length > 8 ? [html`<li>and ${problems.length - 8} more</li>`] : []),
      );
    },
    mark(line) {
      if (line === current) return;
      current = line;
      number();
    },
  };
}
