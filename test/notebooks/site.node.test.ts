/**
 * Every notebook page, built as it is published and visited in headless Chromium, light and wide, dark
 * and narrow: it renders, logs no error, asks nothing outside its origin, fits the window, and axe-core
 * finds nothing serious.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveChromium } from "../../host/build/chromium.ts";
import { presentNotebooks } from "../../host/build/notebooks.ts";
import { openSite, settled, type Site } from "./support/site.ts";

let site: Site;
const runnable = haveChromium();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

beforeAll(async () => {
  if (runnable) site = await openSite();
}, 120_000);
afterAll(() => site?.close());

const looks = [
  { look: "light", options: { colorScheme: "light", viewport: { width: 1200, height: 900 } } },
  { look: "dark, narrow", options: { colorScheme: "dark", viewport: { width: 360, height: 740 } } },
] as const;

describe.runIf(runnable).each(presentNotebooks())("$name", ({ name }) => {
  test.each(looks)(
    "renders without trouble, $look",
    async ({ options }) => {
      const { page, trouble } = await site.visit(`${name}.html`, options);
      await settled(page);
      expect(await page.locator(".observablehq--error").count()).toBe(0);
      const alerts = await page.locator("[role=alert]").allTextContents();
      expect(alerts.filter((text) => text !== "")).toEqual([]);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
      );
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical"); // prettier-ignore
      expect(serious.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([]);
      expect(trouble).toEqual([]);
      await page.context().close();
    },
    90_000,
  );
});
