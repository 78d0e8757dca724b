/**
 * Vite plugin for the fonts of pages. Those of the Latin script lose what no page shows: weights below regular and
 * above bold, letters outside of Latin 1 and punctuation, features but kerning, ligatures and figures of
 * one width. And those of every page's first lines are asked for at once, so that the text does not jump.
 */
import type { Plugin } from "vite";
import subsetFont from "subset-font";

const LATIN = /-latin-wght-(normal|italic)-[^/]*\.woff2$/;
const FIRST = /\/(source-serif-4|inter)-latin-wght-normal-[^/]*\.woff2$/;

/** The text's own: one that comes after the text was shown is left for the next page, and nothing jumps. */
const TEXT_FACE = /@font-face\{[^}]*source-serif-4-latin-wght-normal[^}]*\}/;

const codes = (first: number, last: number): string =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)).join("");
/** What of these a font does not have is left to the next font, as before. */
export const LETTERS = `${codes(0x20, 0x7e)}${codes(0xa0, 0xff)}${codes(0x2010, 0x2044)}€™←↑→↓−∕≈≠≤≥`;
const OPTIONS = {
  targetFormat: "woff2",
  keepFeatures: ["kern", "liga", "tnum", "mark", "ccmp", "locl"],
  variationAxes: { wght: { min: 400, max: 700 } },
} as const;

export function fonts(): Plugin {
  return {
    name: "inkwell-fonts",
    enforce: "post",
    async generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset") continue;
        if (LATIN.test(file.fileName))
          file.source = await subsetFont(Buffer.from(file.source), LETTERS, OPTIONS);
        if (file.fileName.endsWith(".html"))
          file.source = String(file.source).replace(TEXT_FACE, (face) => face.replace("font-display:swap", "font-display:optional")); // prettier-ignore
      }
    },
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle = {} }) =>
        Object.keys(bundle)
          .filter((file) => FIRST.test(file))
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
