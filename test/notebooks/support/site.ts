/** The site, built as it is published, served, and visited; every sign of trouble is kept. */
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright";
import { build, preview } from "vite";
import { CHROMIUM, chromiumFlags } from "../../../host/build/chromium.ts";
import { siteConfig } from "../../../host/build/site.ts";

export interface Visit {
  readonly page: Page;
  /** Requests outside or refused, errors of scripts and of the console. */
  readonly trouble: string[];
}

export interface Site {
  readonly origin: string;
  readonly browser: Browser;
  visit(path: string, options?: BrowserContextOptions, before?: (page: Page) => Promise<unknown>): Promise<Visit>; // prettier-ignore
  close(): Promise<void>;
}

export async function openSite(): Promise<Site> {
  const output = mkdtempSync(join(tmpdir(), "inkwell-site-"));
  const site = siteConfig();
  const config = { ...site, build: { ...site.build, outDir: output }, configFile: false as const };
  await build({ ...config, logLevel: "error" });
  const server = await preview({
    ...config,
    logLevel: "silent",
    preview: { port: 0, host: "127.0.0.1" },
  });
  const origin = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}`;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: chromiumFlags });
  return {
    origin,
    browser,
    async visit(path, options = {}, before) {
      const context = await browser.newContext({ reducedMotion: "reduce", ...options });
      const page = await context.newPage();
      const trouble = watch(page, origin);
      await before?.(page);
      await page.goto(`${origin}/${path}`);
      return { page, trouble };
    },
    async close() {
      await browser.close();
      await server.close();
      rmSync(output, { recursive: true, force: true });
    },
  };
}

/** What goes wrong on a page. Nothing on it has to come by a time: what hangs ends with the test's. */
export function watch(page: Page, ...origins: string[]): string[] {
  page.setDefaultTimeout(0);
  const trouble: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!origins.some((origin) => url.startsWith(origin)) && !/^(data|blob):/.test(url))
      trouble.push(`outside: ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()}: ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText ?? "";
    if (!why.includes("ERR_ABORTED")) trouble.push(`failed: ${request.url()} ${why}`);
  });
  page.on("pageerror", (error) => trouble.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") trouble.push(message.text());
  });
  return trouble;
}

export { settled } from "../../../host/build/turn-everything.ts";
