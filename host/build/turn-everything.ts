/**
 * What a visitor may do with a page, done once: every control, table, file and text. For the tests of the
 * site and for its figures.
 */
import type { Page } from "playwright";

/** Every cell that keeps room for something has it, and every figure that runs by itself has been measured. */
export async function settled(page: Page, timeout = 60_000): Promise<void> {
  await page.waitForFunction(isSettled, undefined, { timeout });
}

/** The same, asked in the page. */
export function isSettled(): boolean {
  const cells = [...document.querySelectorAll("[id^=cell-]")];
  const kept = cells.filter((each) => parseFloat(getComputedStyle(each).minHeight) > 2);
  return (
    kept.length > 0 &&
    kept.every((each) => each.childElementCount > 0) &&
    !document.querySelector("figure.live[aria-busy]")
  );
}

/** Turns each control once, opens each table, takes each file, edits each text; how many that were. */
export async function turnEverything(page: Page): Promise<number> {
  let turned = 0;
  const act = async (action: Promise<unknown>): Promise<void> => {
    await action;
    turned++;
    await settled(page);
  };
  for (const menu of await page.locator("figure.live select").all())
    await act(menu.evaluate(pickLast));
  for (const slider of await page.locator("figure.live input[type=range]").all())
    await act(slider.evaluate(moveToEnd));
  for (const box of await page.locator("figure.live input[type=checkbox]").all())
    await act(box.click());
  for (const row of await page.locator("figure.live fieldset.choice").all())
    await act(row.locator("input").last().check());
  for (const table of await page.locator("figure.live details > summary").all())
    await act(table.click());
  for (const text of await page.locator("textarea").all())
    await act(text.press("End").then(() => text.press("Enter")).then(() => page.waitForTimeout(500))); // prettier-ignore
  // Not all of them: of one page Chromium takes ten files.
  for (const button of await page.locator(".files button", { hasText: /^(JSON|PNG)$/ }).all())
    await act(Promise.all([page.waitForEvent("download"), button.click()]));
  return turned;
}

function pickLast(menu: SVGElement | HTMLElement): void {
  const select = menu as HTMLSelectElement;
  select.selectedIndex = select.options.length - 1;
  select.dispatchEvent(new Event("input", { bubbles: true }));
}

function moveToEnd(input: SVGElement | HTMLElement): void {
  const slider = input as HTMLInputElement;
  slider.value = slider.min;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
}
