/**
 * Builds the laboratory as one self-contained script, dist/embed/inkwell.js, with its types and an
 * example page beside it. Runs as a script, after `tsc`; with a folder as argument also copies them there.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, defaultClientConditions, type Plugin, type UserConfig } from "vite";
import { inlineText } from "./inline-text.ts";
import { offline } from "./offline.ts";
import { packedObjects } from "./packed-objects.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const output = `${root}dist/embed`;

/** The page's half takes the platform whose worker is inside; the worker's half the usual one. */
const platform: Plugin = {
  name: "inkwell-embed-platform",
  enforce: "pre",
  resolveId: (id) => (id === "#platform" ? `${root}notebooks/embed/platform.ts` : null),
};

export function embedConfig(): UserConfig {
  return {
    root,
    logLevel: "warn",
    plugins: [platform, offline()],
    resolve: { conditions: ["source", ...defaultClientConditions] },
    worker: {
      format: "es",
      plugins: () => [inlineText(), packedObjects()],
      // What the worker loads when it is asked for is inside, too.
      rolldownOptions: { output: { codeSplitting: false } },
    },
    build: {
      target: "es2022",
      outDir: output,
      emptyOutDir: true,
      copyPublicDir: false,
      minify: true,
      lib: {
        entry: `${root}notebooks/embed/inkwell.ts`,
        formats: ["es"],
        fileName: () => "inkwell.js",
      },
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await build({ ...embedConfig(), configFile: false });
  copyFileSync(`${root}host/build/embed.d.txt`, `${output}/inkwell.d.ts`);
  copyFileSync(`${root}notebooks/embed/example.html`, `${output}/example.html`);
  const [, , copyTo] = process.argv;
  if (copyTo !== undefined) {
    mkdirSync(copyTo, { recursive: true });
    for (const name of ["inkwell.js", "example.html"])
      copyFileSync(`${output}/${name}`, `${copyTo}/${name}`);
  }
}
