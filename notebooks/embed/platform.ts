/**
 * The browser's platform for the one self-contained script: the worker is inside it, since a page may
 * not start a worker from another origin's address.
 */
import type { Spawned } from "../../host/platform/browser.ts";
// Made by Vite, which the linter does not know.
// oxlint-disable-next-line import/default
import InlineWorker from "../../host/worker/worker.ts?worker&inline";

export { cores, loadModule, loadText, nextTurn, parent } from "../../host/platform/browser.ts";

const REFUSED =
  "the worker was refused: this page’s content security policy needs worker-src blob: and script-src 'wasm-unsafe-eval'";

export function spawnWorker(): Spawned {
  const worker = new InlineWorker({ name: "inkwell" });
  const died = new Promise<never>((_, reject) => {
    worker.addEventListener("error", (event) => reject(new Error(event.message || REFUSED)));
    worker.addEventListener("messageerror", () =>
      reject(new Error("a message to the worker could not be read")),
    );
  });
  return { endpoint: worker, died, terminate: () => worker.terminate() };
}
