/**
 * After `tsc`: puts beside the compiled files what they load by address (assembly text, interface
 * definitions, C programs) and marks the command executable. Runs as a script.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const ASSETS = new Set([".s", ".defs", ".c", ".h"]);

for (const name of readdirSync(join(root, "host"), { recursive: true, encoding: "utf8" })) {
  if (!ASSETS.has(extname(name))) continue;
  mkdirSync(dirname(join(root, "dist", name)), { recursive: true });
  copyFileSync(join(root, "host", name), join(root, "dist", name));
}
chmodSync(join(root, "dist/cli.js"), 0o755);
