/** The Chromium that the bench measures and tests drive: the system's, told to stay off the network. */

export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
