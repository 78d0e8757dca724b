/** What a reader does with a figure: waits for it, runs it, takes its files and its command. */
import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright";
import { expect } from "vitest";

export const figure = (page: Page, label: string): Locator =>
  page.locator(`figure.live[aria-label="${label}"]`);
export const run = (at: Locator) => at.locator("button.primary");

/** Until a figure has drawn what it was last asked for. */
export async function measured(at: Locator): Promise<void> {
  await at.locator("output").filter({ hasText: "Measured on this page" }).waitFor();
  expect(await at.getAttribute("aria-busy")).toBeNull();
}

export async function download(page: Page, at: Locator, label: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    at.locator(".files button", { hasText: new RegExp(`^${label}$`) }).click(),
  ]);
  return readFileSync(await file.path(), "utf8");
}

/** The commands below a figure, each as the words of one. */
export async function commands(at: Locator): Promise<string[][]> {
  const text = await at.locator(".command code").textContent();
  return text!.split(" && ").map((command) => command.replace(/^npx inkwell /, "").split(" "));
}
