/**
 * The control over one run: a button that starts and cancels it, progress, and what went wrong.
 * Starts at once. Its value is the latest result; it fires `input` when that changes, so a page
 * says `const result = view(runControl(simulator, {table: "3"}))`.
 */
import { html } from "htl";
import type { Progress, Simulator, TableRequest, TableResult } from "../host/worker/client.ts";

export type RunControl = HTMLElement & { value?: TableResult };

export function runControl(simulator: Simulator, request: TableRequest): RunControl {
  const button = html`<button type="button">Cancel</button>` as HTMLButtonElement;
  const bar = html`<progress
    max="1"
    value="0"
    aria-label="Progress"
  ></progress>` as HTMLProgressElement;
  const status = html`<output role="status" aria-live="polite"></output>` as HTMLOutputElement;
  const alert = html`<p role="alert"></p>` as HTMLParagraphElement;
  const control = html`<div class="run">${button}${bar}${status}${alert}</div>` as RunControl;
  let running = false;

  const show = ({ title, fraction }: Progress): void => {
    bar.value = fraction;
    // Per configuration, not per step: a screen reader hears each text.
    const text = `Measuring ${title}…`;
    if (running && status.value !== text) status.value = text;
  };

  const run = async (): Promise<void> => {
    running = true;
    button.textContent = "Cancel";
    bar.hidden = false;
    bar.value = 0;
    alert.textContent = "";
    status.value = "Starting the machine…";
    const start = performance.now();
    try {
      control.value = await simulator.runTable(request, show);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      status.value = `Measured in ${seconds} s on this computer.`;
      control.dispatchEvent(new Event("input", { bubbles: true }));
    } catch (error) {
      const { name, message } = error as Error;
      status.value = name === "Cancelled" ? "Cancelled." : "";
      if (name !== "Cancelled") alert.textContent = `The run failed: ${message}`;
    } finally {
      running = false;
      bar.hidden = true;
      button.textContent = "Run again";
    }
  };

  button.addEventListener("click", () => {
    if (!running) void run();
    else {
      status.value = "Stopping…";
      void simulator.cancel();
    }
  });
  void run();
  return control;
}
