/**
 * The site's own figures, measured in headless Chromium on the built site (`npm run site` first): cold
 * load to the first measured call, weight of the index, how soon controls answer, long tasks, shifts of
 * layout. Runs as a script, `npm run site:figures`; each time is the median of a few visits. Long tasks
 * in wall time are told twice, median and best: what others do on the computer makes them longer, nothing
 * makes them shorter. A page that cannot be measured is said, and the others go on.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium, type Page } from "playwright";
import { CHROMIUM, chromiumFlags } from "./chromium.ts";
import { traceTasks } from "./main-thread.ts";
import { presentNotebooks } from "./notebooks.ts";
import { isSettled, settled, turnEverything } from "./turn-everything.ts";

const folder = fileURLToPath(new URL("../../dist/site/", import.meta.url));
const VISITS = 5;
/** How long a page may take to measure what it shows, on a computer with other work, milliseconds. */
const PATIENCE = 300_000;
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};
const PACKED = [".html", ".js", ".css", ".wasm", ".s", ".defs"];

let weight = 0;
/** Packed once: the server must not be busy while a page loads beside it. */
const packed = new Map<string, Buffer>();
function read(name: string): Buffer {
  const file = join(folder, name);
  if (!PACKED.includes(extname(name))) return readFileSync(file);
  const known = packed.get(name) ?? gzipSync(readFileSync(file));
  packed.set(name, known);
  return known;
}
const server = createServer((request, response) => {
  const name = new URL(request.url!, "http://x").pathname;
  try {
    // As any static server with compression on would send it.
    const body = read(name);
    weight += body.length;
    const type = TYPES[extname(name)] ?? "text/plain";
    response.writeHead(200, {
      "content-type": type,
      ...(PACKED.includes(extname(name)) && { "content-encoding": "gzip" }),
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await chromium.launch({ executablePath: CHROMIUM, args: chromiumFlags });

/** A visit in a context of its own, so that nothing is cached; what it saw. */
async function inFreshPage<T>(see: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
  try {
    return await see(await context.newPage());
  } finally {
    await context.close();
  }
}

async function several<T>(visit: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < VISITS; i++) results.push(await visit());
  return results;
}

const visits = <T>(path: string, look: (page: Page) => Promise<T>): Promise<T[]> =>
  several(() =>
    inFreshPage(async (page) => {
      await page.goto(`${origin}/${path}`, { waitUntil: "commit" });
      return look(page);
    }),
  );

interface Seen {
  longest: number;
  shift: number;
}

/**
 * Notes, in the page, long tasks and shifts of layout from the first moment until it is settled, and says them on its
 * console. Nothing else of the measurer's is in the page until then: the script by which Playwright waits
 * is a long task itself.
 */
function observe(isDone: () => boolean): void {
  const seen: Seen = { longest: 0, shift: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
  }).observe({ type: "longtask", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[])
      seen.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const timer = setInterval(() => {
    if (!isDone()) return;
    clearInterval(timer);
    setTimeout(() => console.log(`settled ${JSON.stringify(seen)}`), 500);
  }, 250);
}

/** A visit that is only watched. */
function watched(path: string): Promise<Seen> {
  return inFreshPage(async (page) => {
    await page.addInitScript({ content: `(${observe})(${isSettled})` });
    const said = page.waitForEvent("console", {
      predicate: (message) => message.text().startsWith("settled"),
      timeout: PATIENCE,
    });
    await page.goto(`${origin}/${path}`, { waitUntil: "commit" });
    return JSON.parse((await said).text().slice("settled".length)) as Seen;
  });
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const say = (what: string, value: string, goal: string) =>
  console.log(`${what.padEnd(52)}${value.padStart(20)}   ${goal}`);

const firstBar = (page: Page) =>
  page.waitForFunction(() => document.querySelector("figure.live svg .bar") && performance.now());
const cold = await visits("index.html", async (page) => (await firstBar(page)).jsonValue());
say(
  "cold load to the first measured call on screen",
  `${median(cold as number[]).toFixed(0)} ms`,
  "under 1500 ms",
);

weight = 0;
await inFreshPage(async (page) => {
  await page.goto(`${origin}/index.html`);
  await page.waitForSelector("figure.live svg .bar");
  await page.waitForTimeout(500);
});
say("weight of the index, compressed", `${(weight / 1000).toFixed(0)} KB`, "under 500 KB");

const answers = await visits("machine.html", async (page) => {
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll("figure.live")].every(
        (each) => !each.hasAttribute("aria-busy"),
      ) && document.querySelectorAll("figure.live svg").length >= 3,
  );
  return page.evaluate(async () => {
    const figure = document.querySelector("figure.live")!;
    const slider = figure.querySelector<HTMLInputElement>(".slider input")!;
    const begun = performance.now();
    slider.value = "40";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    const shown = performance.now() - begun;
    const busy = figure.hasAttribute("aria-busy");
    while (figure.hasAttribute("aria-busy")) await new Promise((done) => setTimeout(done, 1));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    // A fast run may be over before the first frame.
    return {
      shown: busy || performance.now() - begun < 100 ? shown : Number.NaN,
      done: performance.now() - begun,
    };
  });
});
say(
  "a control answers (progress is shown)",
  `${median(answers.map(({ shown }) => shown)).toFixed(0)} ms`,
  "under 100 ms",
);
say(
  "a machine slider has moved the null row",
  `${median(answers.map(({ done }) => done)).toFixed(0)} ms`,
  "under 300 ms",
);

/** Of a page that may fail: what it failed by, and the status. */
async function attempt(name: string, measure: () => Promise<void>): Promise<void> {
  try {
    await measure();
  } catch (error) {
    console.error(`${name}: not measured: ${(error as Error).message.split("\n")[0]}`);
    process.exitCode = 1;
  }
}

for (const { name } of presentNotebooks())
  await attempt(name, async () => {
    const seen = await several(() => watched(`${name}.html`));
    const longest = seen.map((each) => each.longest);
    const shift = Math.max(...seen.map((each) => each.shift));
    say(
      `${name}: longest task (wall, median; best), shift`,
      `${median(longest).toFixed(0)}; ${Math.min(...longest).toFixed(0)} ms, ${shift.toFixed(3)}`,
      "under 50 ms, 0.1",
    );
  });

for (const { name } of presentNotebooks())
  await attempt(name, async () => {
    const context = await browser.newContext({ acceptDownloads: true, reducedMotion: "reduce" });
    const page = await context.newPage();
    const tasks = await traceTasks(browser, page, origin);
    await page.goto(`${origin}/${name}.html`);
    await settled(page, PATIENCE);
    await turnEverything(page);
    const [longest] = (await tasks()).toSorted((x, y) => y.milliseconds - x.milliseconds);
    const { milliseconds, parts } = longest!;
    say(
      `${name}: longest task (processor), load and turning`,
      `${milliseconds.toFixed(0)} ms`,
      "under 50 ms",
    );
    if (parts !== "") console.log(parts.replaceAll(/^/gm, "  "));
    await context.close();
  });
await browser.close();
server.close();
