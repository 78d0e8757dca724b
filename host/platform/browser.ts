/**
 * What a browser gives however the worker is packed: assets by address, the other end of a worker, turns
 * of the event loop. web.ts adds the worker of a site, an embedded script its own.
 */
import type { Endpoint } from "comlink";

/** A worker, and a promise that rejects when it dies. */
export interface Spawned {
  readonly endpoint: Endpoint;
  readonly died: Promise<never>;
  terminate(): void;
}

async function load(url: URL): Promise<Response> {
  // Not fetched: a page's content security policy may forbid that.
  if (url.protocol === "data:") return decoded(url.href);
  if (url.protocol === "text:")
    return new Response((await import("./texts.ts")).TEXTS[url.pathname]);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}: ${url}`);
  return response;
}

/** What a data: address holds. */
function decoded(address: string): Response {
  const [, type = "", base64, data = ""] = /^data:([^,;]*)(?:;[^,;]*?)*?(;base64)?,(.*)$/s.exec(
    address,
  )!;
  const text = decodeURIComponent(data);
  const body = base64 ? Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)) : text;
  return new Response(body, { headers: { "content-type": type } });
}

/** Compiles the WebAssembly module at `url`, given as `new URL("…", import.meta.url)`. */
export async function loadModule(url: URL): Promise<WebAssembly.Module> {
  const response = await load(url);
  return response.headers.get("content-type")?.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Reads a text asset (`.s`, `.defs`) at `url`, given as `new URL("…", import.meta.url)`. */
export function loadText(url: URL): Promise<string> {
  const known = texts.get(url.href) ?? load(url).then((response) => response.text());
  texts.set(url.href, known);
  known.catch(() => texts.delete(url.href));
  return known;
}
/** Asked for by every kernel and program that is built; they do not change. */
const texts = new Map<string, Promise<string>>();

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
