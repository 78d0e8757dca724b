/**
 * Every notebook page, built as it is published and visited in headless Chromium: it renders, logs
 * no error, asks nothing outside its origin, and shows the same figures as the command line.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { build, type PreviewServer, preview } from "vite";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CHROMIUM, chromiumFlags, haveChromium } from "../../host/build/chromium.ts";
import { siteConfig } from "../../host/build/site.ts";
import type { TableResult } from "../../host/worker/client.ts";
import { inkwell } from "../support/inkwell.ts";

let server: PreviewServer;
let browser: Browser;
let origin: string;
let output: string | undefined;

const runnable = haveChromium();

beforeAll(async () => {
  if (!runnable) return;
  output = mkdtempSync(join(tmpdir(), "inkwell-site-"));
  const site = siteConfig();
  const config = { ...site, build: { ...site.build, outDir: output }, configFile: false as const };
  await build({ ...config, logLevel: "error" });
  server = await preview({
    ...config,
    logLevel: "silent",
    preview: { port: 0, host: "127.0.0.1" },
  });
  origin = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: chromiumFlags });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (output) rmSync(output, { recursive: true, force: true });
});

/** Opens a page and keeps every sign of trouble. */
async function visit(name: string, options: Parameters<Browser["newPage"]>[0] = {}) {
  const page = await browser.newPage(options);
  const trouble: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) trouble.push(`outside: ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()}: ${response.url()}`);
  });
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(message.text());
  });
  await page.goto(`${origin}/${name}`);
  return { page, trouble };
}

const measured = (page: Page) => page.locator(".figures td[data-value]");

const names = readdirSync("notebooks").filter((name) => name.endsWith(".html"));
const looks = [
  { look: "light", options: { colorScheme: "light", viewport: { width: 1200, height: 900 } } },
  { look: "dark, narrow", options: { colorScheme: "dark", viewport: { width: 360, height: 740 } } },
] as const;

describe.runIf(runnable).each(names)("%s", (name) => {
  test.each(looks)("renders without trouble, $look", async ({ options }) => {
    const { page, trouble } = await visit(name, options);
    await page.waitForSelector(".run button:text('Run again')", { timeout: 60_000 });
    expect(await page.locator(".observablehq--error").count()).toBe(0);
    expect(await page.locator("[role=alert]").allTextContents()).toEqual([""]);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    expect(trouble).toEqual([]);
    await page.close();
  });
});

describe.runIf(runnable)("index.html", () => {
  let page: Page;
  let trouble: string[];
  beforeEach(async () => {
    ({ page, trouble } = await visit("index.html"));
    return () => page.close();
  });

  test("shows the figures that the command line prints", async () => {
    const cli = JSON.parse((await inkwell(["table", "3", "--json"])).stdout) as TableResult;
    await measured(page).first().waitFor({ timeout: 60_000 });
    const shown = await measured(page).evaluateAll((cells) =>
      cells.map((cell) => ({ ...(cell as HTMLElement).dataset })),
    );
    expect(shown).toEqual(
      cli.rows
        .map(({ row, column, value }) => ({ row, column, value: String(value) }))
        .toSorted((a, b) => order(cli, a) - order(cli, b)),
    );
    // A bar for the measured figure, and one for the paper's.
    expect(await page.locator(".chart svg rect").count()).toBe(2 * cli.rows.length);
    expect(await page.locator(".claims li").count()).toBe(cli.claims.length);
    expect(trouble).toEqual([]);
  }, 120_000);

  test("cancels, says so, and runs again", async () => {
    const button = page.locator(".run button");
    await page.locator(".run progress").waitFor();
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0);
    await button.click();
    await page.getByText("Cancelled.").waitFor();
    expect(await measured(page).count()).toBe(0);
    await button.click();
    await measured(page).first().waitFor({ timeout: 60_000 });
    expect(trouble).toEqual([]);
  }, 90_000);

  test("every picture and control has a name", async () => {
    await measured(page).first().waitFor({ timeout: 60_000 });
    const nameless = await page.evaluate(() =>
      Array.from(document.querySelectorAll("main svg, main progress, main button"))
        .filter((node) => !node.getAttribute("aria-label") && !node.textContent?.trim())
        .map((node) => node.outerHTML.slice(0, 80)),
    );
    expect(nameless).toEqual([]);
  }, 90_000);
});

/** Where a cell stands when the table is read line by line. */
function order({ table }: TableResult, cell: { row: string; column: string }): number {
  const at = (lines: readonly { id: string }[], id: string) =>
    lines.findIndex((line) => line.id === id);
  return at(table.rows, cell.row) * table.columns.length + at(table.columns, cell.column);
}
