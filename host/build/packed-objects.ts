/**
 * What pack-objects.ts prints, as the modules host/mach/packed-objects.ts and host/osf1/packed-objects.ts; and
 * a Vite plugin that puts these in their place. In builds only: while a page is developed, texts change. A
 * process of its own, since a build's configuration is no place to load the simulator.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "vite";

/** The parts that have such a module. */
export const PACKED_PARTS = ["mach", "osf1"] as const;

const PLACE = /\/host\/(mach|osf1)\/packed-objects\.ts$/;
const script = fileURLToPath(new URL("./pack-objects.ts", import.meta.url));

/** A part's module, from the texts as they are now. */
export function packedModule(part: (typeof PACKED_PARTS)[number]): string {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;
  const command = ["--conditions=source", `--import=${tsx}`, script, part];
  const packed = execFileSync(process.execPath, command, {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const names = ["PACKED_OBJECTS", "PACKED_INTERFACES"];
  const constants = packed
    .split("\n")
    .map((text, i) => `export const ${names[i]} = ${JSON.stringify(text)};\n`);
  return constants.join("");
}

export function packedObjects(): Plugin {
  return {
    name: "inkwell-packed-objects",
    apply: "build",
    load(id) {
      const part = PACKED_PARTS.find((name) => name === PLACE.exec(id)?.[1]);
      return part === undefined ? null : packedModule(part);
    },
  };
}
