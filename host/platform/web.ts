/**
 * What differs between a browser and Node, browser side. Reached only as `#platform`; the two
 * files export the same names. Everything else in host/ runs unchanged on both.
 */
import type { Endpoint } from "comlink";

/** A worker, and a promise that rejects when it dies. */
export interface Spawned {
  readonly endpoint: Endpoint;
  readonly died: Promise<never>;
  terminate(): void;
}

async function load(url: URL): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}: ${url}`);
  return response;
}

/** Compiles the WebAssembly module at `url`, given as `new URL("…", import.meta.url)`. */
export async function loadModule(url: URL): Promise<WebAssembly.Module> {
  const response = await load(url);
  return response.headers.get("content-type")?.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Reads a text asset (`.s`, `.defs`) at `url`, given as `new URL("…", import.meta.url)`. */
export async function loadText(url: URL): Promise<string> {
  return (await load(url)).text();
}

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

/** Inside a worker: the other end. */
export function parent(): Endpoint {
  return globalThis as unknown as Endpoint;
}

/** How many workers are worth starting. */
export function cores(): number {
  return navigator.hardwareConcurrency || 1;
}

const turn = new MessageChannel();
const waiting: (() => void)[] = [];
turn.port1.addEventListener("message", () => waiting.shift()?.());
turn.port1.start();

/** Lets the event loop turn once, so that messages and painting get through a long computation. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    turn.port2.postMessage(0);
  });
}
