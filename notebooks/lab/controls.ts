/**
 * Controls: each has a label, a value, a default, and a place in the page's state. A value that a link
 * asks for and that does not exist is explained beside the control, which then has its default.
 */
import { html } from "./markup.ts";
import type { State } from "./state.ts";

export type Control<T> = HTMLElement & { value: T };

export interface Option {
  readonly value: string;
  readonly title: string;
}

interface Place {
  readonly state: State;
  readonly key: string;
  readonly label: string;
}

let made = 0;

/** One of a few: radio buttons in a row. */
export function choice(
  place: Place,
  options: readonly Option[],
  initial = options[0]!.value,
): Control<string> {
  const { state, key, label } = place;
  const name = `${key}-${++made}`;
  const { value, note } = valid(state.read(key), options, initial);
  const inputs = options.map(
    (option) =>
      html`<label
        ><input
          type="radio"
          name=${name}
          value=${option.value}
          checked=${option.value === value}
        /><span>${option.title}</span></label
      >`,
  );
  const control = html`<fieldset class="choice">
    <legend>${label}</legend>
    <div>${inputs}</div>
    ${note}
  </fieldset>`;
  return bind(control!, place, value, initial, (event) => (event.target as HTMLInputElement).value);
}

/** One of many: a menu. */
export function menu(
  place: Place,
  options: readonly Option[],
  initial = options[0]!.value,
): Control<string> {
  const { state, key, label } = place;
  const { value, note } = valid(state.read(key), options, initial);
  const control = html`<label class="menu"
    ><span>${label}</span
    ><select>
      ${options.map((o) => html`<option value=${o.value} selected=${o.value === value}>${o.title}</option>`)}</select
    >${note}</label
  >`;
  return bind(
    control!,
    place,
    value,
    initial,
    (event) => (event.target as HTMLSelectElement).value,
  );
}

export interface Range {
  readonly low: number;
  readonly high: number;
  readonly step?: number;
  readonly initial: number;
  /** How a value is written beside the slider. */
  readonly show?: (value: number) => string;
}

/** A number: a slider, with what it is set to. */
export function slider(place: Place, range: Range): Control<number> {
  const { low, high, step = 1, initial, show = String } = range;
  const { state, key, label } = place;
  const asked = state.read(key);
  const number = Number(asked);
  const fits = asked === undefined || (asked.trim() !== "" && number >= low && number <= high);
  const value = asked !== undefined && fits ? number : initial;
  const note = fits ? "" : notice(`The link asks for ${asked}; this goes from ${low} to ${high}.`);
  const output = html`<output>${show(value)}</output>` as HTMLOutputElement;
  const input = html`<input type="range" min=${low} max=${high} step=${step} aria-valuetext=${show(value)} />` as HTMLInputElement; // prettier-ignore
  input.value = String(value);
  const control = html`<label class="slider"><span>${label}</span>${input}${output}${note}</label>`;
  input.addEventListener("input", () => {
    output.value = show(input.valueAsNumber);
    input.setAttribute("aria-valuetext", output.value);
  });
  return bind(control!, place, value, initial, () => input.valueAsNumber);
}

/** On or off. */
export function toggle(place: Place, initial: boolean): Control<boolean> {
  const asked = place.state.read(place.key);
  const value = asked === undefined ? initial : asked === "true";
  const input = html`<input type="checkbox" checked=${value} />` as HTMLInputElement;
  const control = html`<label class="toggle">${input}<span>${place.label}</span></label>`;
  return bind(control!, place, value, initial, () => input.checked);
}

function valid(asked: string | undefined, options: readonly Option[], initial: string) {
  const known = asked === undefined || options.some(({ value }) => value === asked);
  return {
    value: asked !== undefined && known ? asked : initial,
    note: known ? "" : notice(`The link asks for “${asked}”, which is not here.`),
  };
}

function notice(text: string): HTMLElement {
  return html`<small class="notice" role="status">${text}</small>`;
}

/** Keeps the control's value and the page's state equal to what the user does. */
function bind<T extends string | number | boolean>(
  element: Node,
  { state, key }: Place,
  value: T,
  initial: T,
  read: (event: Event) => T,
): Control<T> {
  const control = element as Control<T>;
  control.value = value;
  control.addEventListener("input", (event) => {
    control.value = read(event);
    control.querySelector(".notice")?.remove();
    state.write(key, control.value === initial ? undefined : String(control.value));
  });
  return control;
}
