/**
 * A program of the reader's: a file that is chosen, or dropped onto the place. It is never in the address,
 * and what is wrong with it the simulator says.
 */
import { html } from "../lab/markup.ts";
import { figure } from "../lab/data.ts";
import { StillMissing } from "../lab/figure.ts";

const MOST_BYTES = 8 * 2 ** 20;

export class ProgramFile {
  readonly element: HTMLElement;
  readonly #note = html`<small class="notice" role="status"></small>`;
  name = "";
  bytes: Uint8Array | undefined;

  constructor(
    what = "A file of yours: a static PA-RISC ELF program",
    label = "A static PA-RISC Linux program",
  ) {
    const input = html`<input type="file" aria-label=${label} />` as HTMLInputElement; // prettier-ignore
    const element = html`<div class="dropped"><span>${what}</span>${input}${this.#note}</div>`; // prettier-ignore
    this.element = element;
    input.addEventListener("input", (event) => {
      event.stopPropagation();
      void this.#take(input.files?.[0]);
    });
    element.addEventListener("dragover", (event) => event.preventDefault());
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      void this.#take(event.dataTransfer?.files[0]);
    });
  }

  /** @throws StillMissing there is no file */
  check(): void {
    if (!this.bytes) throw new StillMissing("no file yet: choose one, or drop it beside the menu");
  }

  async #take(file: File | undefined): Promise<void> {
    if (!file) return;
    this.#note.textContent = "";
    if (file.size > MOST_BYTES) {
      this.#note.textContent = `${file.name} has ${figure(file.size)} bytes; ${figure(MOST_BYTES)} are the most.`;
      return;
    }
    // A name that a shell and a disk take without more ado.
    this.name = file.name.replace(/[^\w.-]/g, "_") || "prog";
    this.bytes = new Uint8Array(await file.arrayBuffer());
    this.#note.textContent = `${file.name}, ${figure(file.size)} bytes.`;
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
