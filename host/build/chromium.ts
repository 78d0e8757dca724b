/** The Chromium that tests drive: the system's, told to stay off the network and out of the way. */
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
