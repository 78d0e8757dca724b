/** Whether what needs a browser can run. Without one it is left out, and says so. */
import { existsSync } from "node:fs";
import { CHROMIUM } from "../cli/chromium.ts";

export { CHROMIUM, chromiumFlags } from "../cli/chromium.ts";

export function haveChromium(): boolean {
  const have = existsSync(CHROMIUM);
  if (!have) console.warn(`skipped: no Chromium at ${CHROMIUM} (set CHROMIUM to its path)`);
  return have;
}
