/**
 * Vite plugin for pages: starts the simulator's worker by a line in the page's head, and names the scripts of its
 * cells there. Otherwise the browser would learn of the worker from the third script that it loads, and
 * of the cells' scripts from the second. host/platform/web.ts takes the worker over. The text comes before it:
 * on two processors the first layout takes three times as long beside a worker that compiles.
 */
import type { Plugin, Rolldown } from "vite";

const WORKER = /^assets\/worker-[\w-]+\.js$/;

export function earlyWorker(): Plugin {
  return {
    name: "inkwell-early-worker",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle = {}, chunk }) {
        const worker = Object.keys(bundle).find((file) => WORKER.test(file));
        if (worker === undefined || !chunk) return;
        return [
          { tag: "script", children: startText(`./${worker}`), injectTo: "head-prepend" as const },
          ...cellScripts(chunk, bundle).map((file) => ({
            tag: "link",
            attrs: { rel: "modulepreload", href: `./${file}`, crossorigin: "" },
            injectTo: "head" as const,
          })),
        ];
      },
    },
  };
}

/** Where there are no workers, the page says so later. A script that does not load has no message. */
function startText(address: string): string {
  return `if (globalThis.Worker && globalThis.WebAssembly) {
  const early = {
    worker: undefined,
    failure: undefined,
    start() {
      if (early.worker) return;
      early.worker = new Worker(${JSON.stringify(address)}, { type: "module", name: "inkwell" });
      early.worker.addEventListener("error", (event) => (early.failure = event.message || ""), { once: true });
    },
  };
  globalThis.earlyWorker = early;
  requestAnimationFrame(() => setTimeout(early.start));
}`;
}

/** What the page's cells import, with all that those import. */
function cellScripts(page: Rolldown.OutputChunk, bundle: Rolldown.OutputBundle): string[] {
  const withImports = (files: readonly string[], known = new Set<string>()): Set<string> => {
    for (const file of files) {
      const chunk = bundle[file];
      if (known.has(file) || chunk?.type !== "chunk") continue;
      known.add(file);
      withImports(chunk.imports, known);
    }
    return known;
  };
  // The page's own are named already.
  const own = withImports(page.imports);
  return [...withImports(page.dynamicImports)].filter((file) => !own.has(file));
}
