/**
 * Every notebook page, built as it is published and visited in headless Chromium, light and wide, dark
 * and narrow: it renders, logs no error, asks nothing outside its origin, fits the window, and axe-core
 * finds nothing serious.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TidyRow } from "../../host/bench/experiment.ts";
import { runTable } from "../../host/bench/request.ts";
import type { Validation } from "../../host/bench/validation/validate.ts";
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

const WIDE = { colorScheme: "light", viewport: { width: 1200, height: 900 } } as const;
const NARROW = { width: 360, height: 740 };

describe.runIf(runnable).each(presentNotebooks())("$name", ({ name }) => {
  test("renders without trouble, light and wide, dark and narrow", async () => {
    const { page, trouble } = await site.visit(`${name}.html`, WIDE, (each) =>
      each.addInitScript(noteShifts),
    );
    await settled(page);
    // Nothing jumps when figures come: what browsers call good is below 0.1.
    expect(await page.evaluate(() => (globalThis as unknown as Shifts).shift)).toBeLessThan(0.1);
    expect(await page.locator(".observablehq--error").count()).toBe(0);
    const alerts = await page.locator("[role=alert]").allTextContents();
    expect(alerts.filter((text) => text !== "")).toEqual([]);
    await FIGURES[name]?.(page);
    await page.evaluate(axe);
    for (const look of ["light, wide", "dark, narrow"]) {
      if (look !== "light, wide") {
        await page.emulateMedia({ colorScheme: "dark" });
        await page.setViewportSize(NARROW);
        // Drawings follow the width.
        await page.waitForFunction(() =>
          [...document.querySelectorAll("svg.drawing")].every(
            (each) => each.clientWidth <= innerWidth,
          ),
        );
      }
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over, look).toBeLessThanOrEqual(0);
      expect(await seriousFindings(page), look).toEqual([]);
    }
    expect(trouble).toEqual([]);
    await page.context().close();
  }, 90_000);
});

/** Where interactions.node.test.ts would have to wait again for figures: compared here. */
const FIGURES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async validation(page) {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /^Download JSON/ }).click(),
    ]);
    const report = JSON.parse(readFileSync(await file.path(), "utf8")) as Validation;
    const { rows } = await runTable({ table: "3" });
    const cells = (list: readonly TidyRow[]) =>
      list.map(({ row, column, value }) => [row, column, value]);
    expect(cells(report.rows.filter(({ table }) => table === "3"))).toEqual(cells(rows));
    expect(report.claims.length).toBe(await page.locator(".claims > li").count());
  },
};

interface Shifts {
  shift: number;
}

/** Adds up shifts of layout from the first moment; runs in the page. */
function noteShifts(): void {
  const seen = globalThis as unknown as Shifts;
  seen.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      seen.shift += (entry as unknown as { value: number }).value;
  }).observe({ type: "layout-shift", buffered: true });
}

async function seriousFindings(page: Page) {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}
