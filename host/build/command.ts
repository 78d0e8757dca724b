/**
 * After `tsc` and assets.ts: the command in a few files, dist/command, and dist/cli.js to load them. Node
 * takes three times as long to find and read some four hundred modules. What a module finds beside itself
 * is still beside the module of `tsc`'s. Runs as a script.
 */
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "vite";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dist = `${root}dist`;

/** A module's own address stays what it was: all files of the command lie in one folder beside it. */
const places: Plugin = {
  name: "inkwell-places",
  transform(code, id) {
    if (!id.startsWith(dist) || !code.includes("import.meta.url")) return null;
    const place = JSON.stringify(`../${relative(dist, id)}`);
    return code.replaceAll("import.meta.url", `new URL(${place}, import.meta.url).href`);
  },
};

await build({
  root,
  configFile: false,
  logLevel: "warn",
  plugins: [places],
  build: {
    ssr: true,
    target: "node20",
    outDir: `${dist}/command`,
    emptyOutDir: true,
    minify: false,
    rolldownOptions: {
      input: `${dist}/cli.js`,
      output: { chunkFileNames: "[name]-[hash].js" },
    },
  },
});
writeFileSync(`${dist}/cli.js`, '#!/usr/bin/env node\nimport "./command/cli.js";\n');
chmodSync(`${dist}/cli.js`, 0o755);
rmSync(`${dist}/cli.js.map`, { force: true });
