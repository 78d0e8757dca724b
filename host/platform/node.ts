/** What differs between a browser and Node, Node side; see web.ts, whose names these are. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parentPort, Worker } from "node:worker_threads";
import type { Endpoint } from "comlink";
import nodeEndpoint from "comlink/dist/esm/node-adapter.mjs";
import type { Spawned } from "./browser.ts";

export type { Spawned };

/** Compiles the WebAssembly module at `url`, given as `new URL("…", import.meta.url)`. */
export async function loadModule(url: URL): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile(url));
}

/** Reads a text asset (`.s`, `.defs`) at `url`, given as `new URL("…", import.meta.url)`. */
export async function loadText(url: URL): Promise<string> {
  return readFile(url, "utf8");
}

/** Starts host/worker/worker.ts, or what it was compiled to when this file is compiled. */
export function spawnWorker(): Spawned {
  const worker = import.meta.url.endsWith(".ts")
    ? new Worker(new URL("../worker/boot.mjs", import.meta.url), {
        workerData: { entry: new URL("../worker/worker.ts", import.meta.url).href },
      })
    : // Flags of the program around it (`--input-type`) are not the worker's.
      new Worker(new URL("../worker/worker.js", import.meta.url), { execArgv: [] });
  const died = new Promise<never>((_, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`the worker exited with ${code}`)));
  });
  return { endpoint: nodeEndpoint(worker), died, terminate: () => void worker.terminate() };
}

/** Inside a worker: the other end. */
export function parent(): Endpoint {
  if (!parentPort) throw new Error("not in a worker");
  return nodeEndpoint(parentPort);
}

/** How many workers are worth starting. */
export function cores(): number {
  return availableParallelism();
}

/** Lets the event loop turn once, so that messages get through a long computation. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
