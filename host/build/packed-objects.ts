/**
 * Vite plugin: puts what pack-objects.ts prints in the place of host/mach/packed-objects.ts. In builds only:
 * while a page is developed, texts change. A process of its own, since a build's configuration is no place to
 * load the simulator.
 */
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "vite";

const PLACE = /\/host\/mach\/packed-objects\.ts$/;
const script = fileURLToPath(new URL("./pack-objects.ts", import.meta.url));

export function packedObjects(): Plugin {
  return {
    name: "inkwell-packed-objects",
    apply: "build",
    load(id) {
      if (!PLACE.test(id)) return null;
      const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;
      const command = ["--conditions=source", `--import=${tsx}`, script];
      const packed = execFileSync(process.execPath, command, {
        encoding: "utf8",
        maxBuffer: 2 ** 26,
        env: { ...process.env, NODE_OPTIONS: "" },
      });
      return `export const PACKED_OBJECTS = ${JSON.stringify(packed)};`;
    },
  };
}
