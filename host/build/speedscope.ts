/** The profile viewer speedscope as a part of the site: its published files, as they are. */
import { readdirSync, readFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import type { Plugin } from "vite";

const folder = join(
  dirname(createRequire(import.meta.url).resolve("speedscope/package.json")),
  "dist/release",
);
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

export function speedscope(): Plugin {
  return {
    name: "inkwell-speedscope",
    generateBundle() {
      for (const name of readdirSync(folder))
        // An example of a profile, which nobody opens.
        if (!name.startsWith("perf-vertx"))
          this.emitFile({
            type: "asset",
            fileName: `speedscope/${name}`,
            source: readFileSync(join(folder, name)),
          });
    },
    configureServer({ middlewares }) {
      middlewares.use("/speedscope/", (request, response, next) => {
        const name = (request.url ?? "").replace(/[?#].*/, "").slice(1) || "index.html";
        const file = join(folder, name);
        if (name.includes("/") || !existsSync(file)) return next();
        response.setHeader("content-type", TYPES[extname(name)] ?? "application/octet-stream");
        response.end(readFileSync(file));
      });
    },
  };
}
