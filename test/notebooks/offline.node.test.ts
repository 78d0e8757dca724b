/** The plugin that keeps the site off the network refuses what would leave it. */
import { build, type Plugin } from "vite";
import { expect, test } from "vitest";
import { offline } from "../../host/build/offline.ts";

/** Builds one script, given as text, under the plugin; gives what was emitted. */
async function bundle(script: string): Promise<string> {
  const entry = `${import.meta.dirname}/no-such-file.js`;
  const given: Plugin = {
    name: "given",
    resolveId: (id) => (id === entry ? id : null),
    load: (id) => (id === entry ? script : null),
  };
  const result = await build({
    configFile: false,
    logLevel: "silent",
    plugins: [given, offline()],
    build: { write: false, minify: false, lib: { entry, formats: ["es"] } },
  });
  const [first] = Array.isArray(result) ? result : [result];
  if (!first || !("output" in first)) throw new Error("nothing was built");
  return first.output.map((file) => (file.type === "chunk" ? file.code : "")).join("\n");
}

const CDN = "https://cdn.jsdelivr.net/npm/";

test("an address of an installed package becomes the package", async () => {
  const code = await bundle(`export { html } from "${CDN}htl@1.0.0/+esm";`);
  expect(code).not.toContain("jsdelivr");
  expect(code).toContain("createTreeWalker");
});

test("an address of a package that is not installed fails the build, by name", async () => {
  await expect(bundle(`import "${CDN}left-pad/+esm";`)).rejects.toThrow(
    "left-pad is not installed, and this site loads nothing from outside",
  );
});

test("any other outside address fails the build", async () => {
  await expect(bundle('export const a = "https://esm.sh/jsr/x";')).rejects.toThrow(
    /reaches outside: https:\/\/esm\.sh/,
  );
});
