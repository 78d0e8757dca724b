/**
 * Vite plugin that keeps the notebook site off the network.
 *
 * Notebook Kit loads its standard library, and every `npm:` import, from jsDelivr. This binds each
 * such address to the package of that name installed here. One that is not installed is a build
 * error when a notebook asks for it, and a plain rejection when only the Kit's library could.
 * Invariant: no emitted file names a content delivery network; `generateBundle` fails otherwise.
 */
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

const PREFIX = "https://cdn.jsdelivr.net/npm/";
const ADDRESS =
  /https:\/\/cdn\.jsdelivr\.net\/npm\/((?:@[\w.-]+\/)?[\w.-]+)(?:@[\w.^~-]+)?((?:\/[\w.-]+)*?)(?:\/\+esm)?(?=["'`)])/g;
const OUTSIDE =
  /https?:\/\/(?:cdn\.jsdelivr\.net|esm\.sh|unpkg\.com|fonts\.g\w+\.com|api\.observablehq\.com)[^"'`)\s]*/;
const importer = fileURLToPath(new URL("../../package.json", import.meta.url));

export function offline(): Plugin {
  return {
    name: "inkwell-offline",
    enforce: "pre",
    async transform(code, id) {
      if (!code.includes("cdn.jsdelivr.net")) return null;
      const fromKit = id.includes("/notebook-kit/dist/");
      const isScript = id.split("?")[0]!.endsWith(".js");
      let result = code;
      for (const [address, specifier] of addressesIn(code)) {
        const absent = `${specifier} is not installed, and this site loads nothing from outside`;
        if (await this.resolve(specifier, importer, { skipSelf: true })) {
          // A stylesheet that a script links to by address is imported instead.
          result =
            isScript && specifier.endsWith(".css")
              ? `import "${specifier}";\n${result.replaceAll(address, "data:text/css,")}`
              : result.replaceAll(address, specifier);
        } else if (!fromKit) {
          this.error(absent);
        } else if (result.includes(`from "${address}"`)) {
          return { code: `throw new Error(${JSON.stringify(absent)}); export {};`, map: null };
        } else {
          const rejection = `Promise.reject(new Error(${JSON.stringify(absent)}))`;
          result = result
            .replaceAll(`import("${address}")`, rejection)
            .replaceAll(address, "about:invalid");
        }
      }
      return { code: result.replaceAll(PREFIX, "about:invalid#"), map: null };
    },
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        const source = file.type === "chunk" ? file.code : file.source;
        const hit = typeof source === "string" ? OUTSIDE.exec(source) : null;
        if (hit) this.error(`${file.fileName} reaches outside: ${hit[0]}`);
      }
    },
  };
}

/** Each jsDelivr address in a text, with the bare specifier it stands for. */
function addressesIn(code: string): Map<string, string> {
  return new Map(Array.from(code.matchAll(ADDRESS), (m) => [m[0], `${m[1]}${m[2]}`]));
}
