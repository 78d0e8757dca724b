/**
 * Vite plugin: the text that the simulator loads by address becomes part of its scripts, which saves some fifty
 * requests. Interface definitions, which every kernel reads, become data: addresses. Assembly text, which
 * is read only where something is assembled, becomes text: addresses into one module that is loaded then.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const host = fileURLToPath(new URL("../", import.meta.url));
const ADDRESS = /new URL\("(\.[^"]+\.(?:s|defs))", import\.meta\.url\)/g;
const PLACE = /\/host\/platform\/texts\.ts$/;

export function inlineText(): Plugin {
  return {
    name: "inkwell-inline-text",
    enforce: "pre",
    apply: "build",
    load(id) {
      if (!PLACE.test(id)) return null;
      const files = readdirSync(host, { recursive: true, encoding: "utf8" });
      const texts = files
        .filter((file) => file.endsWith(".s"))
        .toSorted()
        .map((file) => [file, readFileSync(join(host, file), "utf8")]);
      return `export const TEXTS = ${JSON.stringify(Object.fromEntries(texts))};`;
    },
    transform(code, id) {
      if (code.search(ADDRESS) < 0) return null;
      const folder = dirname(id.split("?")[0]!);
      const inlined = code.replace(ADDRESS, (_, path: string) => {
        const file = join(folder, path);
        const address = path.endsWith(".s")
          ? `text:${relative(host, file)}`
          : dataAddress(readFileSync(file, "utf8"));
        return `new URL(${JSON.stringify(address)})`;
      });
      return { code: inlined, map: null };
    },
  };
}

/** A text as an address. What addresses may hold as it is stays readable, and packs as well as the text does. */
function dataAddress(text: string): string {
  const body = text.replace(/[%#\t\n\r]|[^\x20-\x7e]/gu, encodeURIComponent);
  // A space at the end of an address is dropped.
  return `data:text/plain;charset=utf-8,${body.replace(/ $/, "%20")}`;
}
