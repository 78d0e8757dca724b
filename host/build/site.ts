/**
 * Vite for the notebook site: every `notebooks/*.html` is a page, built into `dist/site`, and
 * loads nothing from outside its origin. `base` is relative, so the site works under any path.
 */
import { config as kitConfig, observable } from "@observablehq/notebook-kit/vite";
import { type Alias, defaultClientConditions, type UserConfig } from "vite";
import { notebookFolder as notebooks, presentNotebooks, withNavigation } from "./notebooks.ts";
import { earlyWorker } from "./early-worker.ts";
import { fonts } from "./fonts.ts";
import { inlineText } from "./inline-text.ts";
import { offline } from "./offline.ts";
import { packedObjects } from "./packed-objects.ts";
import { speedscope } from "./speedscope.ts";

// The Kit's alias for npm: uses an option that Vite 9 drops; offline() does its work.
const alias = (kitConfig().resolve!.alias as Alias[]).filter((a) => !("customResolver" in a));

interface Modules {
  getModuleInfo(id: string): { readonly isEntry: boolean; readonly importers: readonly string[] } | null; // prettier-ignore
}

/**
 * One chunk for all that the worker needs at once. By itself the bundler would put what is shared with a part
 * that comes later into that part, which then came at once, too.
 */
function simulatorChunk(id: string, modules: Modules) {
  const seen = new Map<string, boolean>();
  const atOnce = (module: string): boolean => {
    const known = seen.get(module);
    if (known !== undefined) return known;
    seen.set(module, false);
    const info = modules.getModuleInfo(module);
    const result = info !== null && (info.isEntry || info.importers.some(atOnce));
    seen.set(module, result);
    return result;
  };
  return atOnce(id) ? "simulator" : null;
}

export function siteConfig(): UserConfig {
  return {
    root: notebooks,
    base: "./",
    appType: "mpa",
    plugins: [
      offline(),
      speedscope(),
      fonts(),
      earlyWorker(),
      observable({
        template: `${notebooks}_page.tmpl`,
        transformTemplate: (template, { path }) => withNavigation(template, path),
      }),
    ],
    worker: {
      format: "es",
      plugins: () => [inlineText(), packedObjects()],
      rolldownOptions: { output: { codeSplitting: { groups: [{ name: simulatorChunk }] } } },
    },
    resolve: { alias, conditions: ["source", ...defaultClientConditions] },
    server: { fs: { allow: [".."] } },
    // In development Vite would bundle the Kit ahead of the plugins, and so go outside.
    optimizeDeps: {
      exclude: ["observable:runtime", "@observablehq/notebook-kit"],
      include: ["comlink", "htl", "@observablehq/plot", "@observablehq/inputs"],
    },
    build: {
      target: "es2022",
      outDir: "../dist/site",
      emptyOutDir: true,
      rolldownOptions: {
        input: presentNotebooks().map(({ name }) => `${notebooks}${name}.html`),
      },
    },
  };
}
