/**
 * Vite for the notebook site: every `notebooks/*.html` is a page, built into `dist/site`, and
 * loads nothing from outside its origin. `base` is relative, so the site works under any path.
 */
import { config as kitConfig, observable } from "@observablehq/notebook-kit/vite";
import { type Alias, defaultClientConditions, type Plugin, type UserConfig } from "vite";
import { notebookFolder as notebooks, presentNotebooks, withNavigation } from "./notebooks.ts";
import { offline } from "./offline.ts";
import { speedscope } from "./speedscope.ts";

// The Kit's alias for npm: uses an option that Vite 9 drops; offline() does its work.
const alias = (kitConfig().resolve!.alias as Alias[]).filter((a) => !("customResolver" in a));

/** Text that the simulator loads by address keeps its path, which error messages show. */
const TEXT = /\.(s|defs)$/;
const output = {
  assetFileNames: ({ originalFileNames: [file = ""] }: { originalFileNames: string[] }) =>
    TEXT.test(file) ? file.replace(/^(\.\.\/)+/, "") : "assets/[name]-[hash][extname]",
};

/** Fonts of every page's first lines: asked for at once, so that the text does not jump when they come. */
const FIRST_FONTS = /\/(source-serif-4|inter)-latin-wght-normal-[^/]*\.woff2$/;

function preloadFonts(): Plugin {
  return {
    name: "inkwell-preload-fonts",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle = {} }) =>
        Object.keys(bundle)
          .filter((file) => FIRST_FONTS.test(file))
          .map((file) => ({
            tag: "link",
            attrs: {
              rel: "preload",
              href: `./${file}`,
              as: "font",
              type: "font/woff2",
              crossorigin: "",
            },
            injectTo: "head-prepend" as const,
          })),
    },
  };
}

export function siteConfig(): UserConfig {
  return {
    root: notebooks,
    base: "./",
    appType: "mpa",
    plugins: [
      offline(),
      speedscope(),
      preloadFonts(),
      observable({
        template: `${notebooks}_page.tmpl`,
        transformTemplate: (template, { path }) => withNavigation(template, path),
      }),
    ],
    worker: { format: "es", rolldownOptions: { output } },
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
      assetsInlineLimit: (file) => (TEXT.test(file) ? false : undefined),
      rolldownOptions: {
        output,
        input: presentNotebooks().map(({ name }) => `${notebooks}${name}.html`),
      },
    },
  };
}
