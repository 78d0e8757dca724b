/** The Chromium that tests drive: the system's, told to stay off the network and out of the way. */
import { existsSync } from "node:fs";

export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** Without one, what needs it is left out, and says so. */
export function haveChromium(): boolean {
  const have = existsSync(CHROMIUM);
  if (!have) console.warn(`skipped: no Chromium at ${CHROMIUM} (set CHROMIUM to its path)`);
  return have;
}

export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
