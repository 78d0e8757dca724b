/**
 * What differs between a browser and Node, browser side. Reached only as `#platform`; the two
 * files export the same names. Everything else in host/ runs unchanged on both.
 */
import type { Spawned } from "./browser.ts";

export { cores, loadModule, loadText, nextTurn, parent, type Spawned } from "./browser.ts";

/** Starts host/worker/worker.ts. The name ends in `.js`: bundlers find the source from it. */
export function spawnWorker(): Spawned {
  const worker = new Worker(new URL("../worker/worker.js", import.meta.url), {
    type: "module",
    name: "inkwell",
  });
  const died = new Promise<never>((_, reject) => {
    worker.addEventListener("error", (event) => {
      reject(new Error(event.message || "the worker failed to start"));
    });
    worker.addEventListener("messageerror", () => {
      reject(new Error("a message to the worker could not be read"));
    });
  });
  return { endpoint: worker, died, terminate: () => worker.terminate() };
}
