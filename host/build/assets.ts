/**
 * After `tsc`: puts beside the compiled files what they load by address (assembly text, interface
 * definitions, C programs), puts objects that are assembled now in their modules' place, and marks the
 * command executable. Runs as a script. `tsc` alone leaves modules without objects: then the command
 * assembles, and never takes what has become old.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PACKED_PARTS, packedModule } from "./packed-objects.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ASSETS = new Set([".s", ".defs", ".c", ".h"]);

for (const name of readdirSync(join(root, "host"), { recursive: true, encoding: "utf8" })) {
  if (!ASSETS.has(extname(name))) continue;
  mkdirSync(dirname(join(root, "dist", name)), { recursive: true });
  copyFileSync(join(root, "host", name), join(root, "dist", name));
}
for (const part of PACKED_PARTS)
  writeFileSync(join(root, "dist", part, "packed-objects.js"), packedModule(part));
chmodSync(join(root, "dist/cli.js"), 0o755);
