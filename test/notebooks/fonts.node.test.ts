/**
 * The fonts of the site lose letters that no page shows: here, that the pages show none of those. What their style
 * sheets say is in a font (fontsource's own table of the Latin fonts) and is in the pages' texts must be kept.
 */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { LETTERS } from "../../host/build/fonts.ts";

const table = createRequire(import.meta.url).resolve("@fontsource-variable/inter/unicode.json");
const { latin } = JSON.parse(readFileSync(table, "utf8")) as { latin: string };
const ranges = latin.split(",").map((range) => {
  const [first, last = first] = range.replace("U+", "").split("-");
  return [parseInt(first!, 16), parseInt(last!, 16)] as const;
});
const inLatin = (letter: string): boolean => {
  const code = letter.codePointAt(0)!;
  return code > 0x1f && ranges.some(([first, last]) => code >= first && code <= last);
};

test("no page shows a letter that the fonts have lost", () => {
  const folder = "notebooks/";
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const pages = files.filter((file) => /\.(html|ts|tmpl)$/.test(file));
  expect(pages.length).toBeGreaterThan(20);
  const sources = [...pages.map((file) => folder + file), "host/bench/validation/rows.ts", "host/bench/paper.ts"]; // prettier-ignore
  const shown = new Set(sources.flatMap((file) => [...readFileSync(file, "utf8")]));
  expect([...shown].filter((letter) => inLatin(letter) && !LETTERS.includes(letter))).toEqual([]);
  expect(LETTERS).toContain("é");
});
