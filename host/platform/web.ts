/**
 * What differs between a browser and Node, browser side. Reached only as `#platform`; the two
 * files export the same names. Everything else in host/ runs unchanged on both.
 */
import type { Spawned } from "./browser.ts";

export { cores, loadModule, loadText, nextTurn, parent, type Spawned } from "./browser.ts";

/**
 * A worker that the page itself starts, behind its first frame (host/build/early-worker.ts): no other is
 * needed. What went wrong with it until now is noted.
 */
interface EarlyWorker {
  readonly worker: Worker | undefined;
  readonly failure: string | undefined;
  /** Once; where the page's scripts are faster than its first frame. */
  start(): void;
}
function takeEarlyWorker(): EarlyWorker | undefined {
  const page = globalThis as { earlyWorker?: EarlyWorker };
  const early = page.earlyWorker;
  delete page.earlyWorker;
  return early;
}

/** Starts host/worker/worker.ts. The name ends in `.js`: bundlers find the source from it. */
export function spawnWorker(): Spawned {
  const early = takeEarlyWorker();
  early?.start();
  const worker =
    early?.worker ??
    new Worker(new URL("../worker/worker.js", import.meta.url), {
      type: "module",
      name: "inkwell",
    });
  const died = new Promise<never>((_, reject) => {
    const fail = (message: string) => reject(new Error(message || "the worker failed to start"));
    if (early?.failure !== undefined) fail(early.failure);
    worker.addEventListener("error", (event) => fail(event.message));
    worker.addEventListener("messageerror", () => {
      reject(new Error("a message to the worker could not be read"));
    });
  });
  return { endpoint: worker, died, terminate: () => worker.terminate() };
}
