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
import { figure, measured, run } from "./support/reader.ts";
import { openSite, settled, type Site } from "./support/site.ts";

let site: Site;
const runnable = haveChromium();
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

beforeAll(async () => {
  if (runnable) site = await openSite();
});
afterAll(() => site?.close());

const WIDE = { colorScheme: "light", viewport: { width: 1200, height: 900 } } as const;
const NARROW = { width: 360, height: 740 };
const LOOKS = ["light, wide", "dark, wide", "light, narrow", "dark, narrow"];

describe.runIf(runnable).each(presentNotebooks())("$name", ({ name }) => {
  test("renders without trouble, by keyboard, light and dark, wide and narrow", async () => {
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
    expect(await page.evaluate(notTaken)).toEqual([]);
    await page.evaluate(axe);
    expect(await unreached(page)).toEqual([]);
    for (const look of LOOKS) {
      await page.emulateMedia({ colorScheme: look.startsWith("dark") ? "dark" : "light" });
      await page.setViewportSize(look.endsWith("narrow") ? NARROW : WIDE.viewport);
      // Drawings follow the width.
      await page.waitForFunction(() =>
        [...document.querySelectorAll("svg.drawing")].every(
          (each) => each.clientWidth <= innerWidth,
        ),
      );
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(over, look).toBeLessThanOrEqual(0);
      expect(await seriousFindings(page), look).toEqual([]);
    }
    // And with a table, of which one is as the other.
    await page.locator("details.astable summary").first().click();
    expect(await seriousFindings(page)).toEqual([]);
    expect(trouble).toEqual([]);
    await survivesCrash(page);
    await page.context().close();
  });
});

describe.runIf(runnable)("where something is missing", () => {
  test.each([
    ["WebAssembly", "runs no WebAssembly"],
    ["Worker", "starts no workers"],
  ])("without %s the page says so and lives on", async (name, said) => {
    const { page, trouble } = await site.visit("index.html", {}, (each) =>
      each.addInitScript((gone) => Reflect.deleteProperty(globalThis, gone), name),
    );
    await page.getByText(said).waitFor();
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("a worker that does not answer any more is ended by Cancel, and a retry works", async () => {
    const { page, trouble } = await site.visit("index.html");
    const call = figure(page, "One call in cycles, by configuration");
    await measured(call);
    await page.workers()[0]!.evaluate(() => {
      setTimeout(() => {
        for (;;);
      });
    });
    await run(call).click();
    await run(call).click();
    await call.getByText("Cancelled.").waitFor();
    await run(call).click();
    await measured(call);
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("motion ends, and does not begin, where it is reduced", async () => {
    const { page } = await site.visit("boundary.html", { reducedMotion: "no-preference" });
    const race = figure(page, "Three configurations, one clock");
    await measured(race);
    // What hides the part of each call that has not come yet.
    const hidden = () => race.locator(".cover").evaluateAll((all) => all.map((each) => Number(each.getAttribute("width")))); // prettier-ignore
    const whole = [0, 0, 0];
    expect(await hidden()).toEqual(whole);
    const play = race.getByRole("button", { name: "Play" });
    await play.click();
    await expect.poll(hidden).not.toEqual(whole);
    await page.emulateMedia({ reducedMotion: "reduce" });
    await expect.poll(hidden).toEqual(whole);
    expect(await play.isDisabled()).toBe(true);
    // Nothing goes on in the frames behind it.
    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))); // prettier-ignore
    expect(await hidden()).toEqual(whole);
    await page.context().close();
  });

  test("a worker that does not load is explained, and a retry works", async () => {
    const { page } = await site.visit("index.html", {}, async (each) => {
      await each.route(/worker-.*\.js/, (route) => route.abort(), { times: 1 });
    });
    const call = figure(page, "One call in cycles, by configuration");
    await call.locator("[role=alert]").filter({ hasText: "The run failed" }).waitFor();
    await run(call).click();
    await measured(call);
    await page.context().close();
  });
});

/** A worker that dies in a run: said beside the control, and the same control runs again. */
async function survivesCrash(page: Page): Promise<void> {
  const [worker] = page.workers();
  await worker!.evaluate(() => {
    addEventListener("message", () => {
      throw new Error("crashed");
    });
  });
  const figure = page.locator("figure.live[aria-label]:has(button.primary)").first();
  const button = figure.locator("button.primary");
  await button.click();
  await figure.locator(".run [role=alert]").filter({ hasText: "The run failed" }).waitFor();
  await button.click();
  await figure.locator("output", { hasText: "Measured on this page" }).waitFor();
  expect(await figure.locator(".run [role=alert]").textContent()).toBe("");
}

/** Where interactions.node.test.ts would have to wait again for figures: compared here. */
const FIGURES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  async validation(page) {
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download JSON: inkwell-validation.json" }).click(),
    ]);
    const report = JSON.parse(readFileSync(await file.path(), "utf8")) as Validation;
    const { rows } = await runTable({ table: "3" });
    const cells = (list: readonly TidyRow[]) =>
      list.map(({ row, column, value }) => [row, column, value]);
    expect(cells(report.rows.filter(({ table }) => table === "3"))).toEqual(cells(rows));
    expect(report.claims.length).toBe(await page.locator(".claims > li").count());
  },
};

/** Drawings and tables without their files, and without the command that gives their numbers; in the page. */
function notTaken(): string[] {
  const lacking = (at: Element, labels: readonly string[]): string[] => {
    const live = at.closest(".live");
    const buttons = [...(live?.querySelectorAll(".files button") ?? [])].map((each) => each.textContent); // prettier-ignore
    const wanted = labels.filter((label) => !buttons.includes(label));
    if (!live?.querySelector(".command code")) wanted.push("command");
    return wanted.map((each) => `${each}: ${at.getAttribute("aria-label") ?? at.textContent}`);
  };
  const drawings = [...document.querySelectorAll("svg.drawing")];
  const tables = [...document.querySelectorAll("main table")];
  return [
    ...drawings.flatMap((each) => lacking(each, ["CSV", "JSON", "SVG", "PNG"])),
    ...tables.flatMap((each) => lacking(each, ["CSV", "JSON"])),
  ];
}

/** What the Tab key does not come to, or does not show that it has come to. */
async function unreached(page: Page): Promise<string[]> {
  const all = await page.evaluate(() => {
    const stops = "a[href], button:enabled, select, input, textarea, summary, [tabindex='0']";
    const shown = [...document.querySelectorAll<HTMLElement>(stops)].filter((each) => each.checkVisibility()); // prettier-ignore
    // Of radio buttons that belong together one is a stop.
    const left = shown.filter((each) => (each as HTMLInputElement).type !== "radio" || (each as HTMLInputElement).checked); // prettier-ignore
    Object.assign(globalThis, { left: new Set(left), dull: [] });
    (document.activeElement as HTMLElement | null)?.blur();
    return left.length;
  });
  for (let i = 0; i <= all; i++) {
    // In a text Tab is a tab, until Escape.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await page.evaluate(() => {
      const { left, dull } = globalThis as unknown as Stops;
      const at = document.activeElement as HTMLElement;
      left.delete(at);
      // The ring may be on what stands for a control that is not shown itself.
      const marked = [at, at.nextElementSibling, at.parentElement].some((each) => {
        const { outlineStyle, boxShadow } = each ? getComputedStyle(each) : getComputedStyle(at);
        return outlineStyle !== "none" || boxShadow !== "none";
      });
      if (at !== document.body && !marked) dull.push(at);
    });
  }
  return page.evaluate(() => {
    const { left, dull } = globalThis as unknown as Stops;
    return [...[...left].map((each) => `never at ${each.outerHTML.slice(0, 160)}`), ...dull.map((each) => `no ring at ${each.outerHTML.slice(0, 160)}`)]; // prettier-ignore
  });
}

interface Stops {
  readonly left: Set<HTMLElement>;
  readonly dull: HTMLElement[];
}

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
