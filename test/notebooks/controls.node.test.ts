/** Every control, table, file and text of every page answers, and nothing goes wrong. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveChromium } from "../../host/build/chromium.ts";
import { presentNotebooks } from "../../host/build/notebooks.ts";
import { settled, turnEverything } from "../../host/build/turn-everything.ts";
import { openSite, type Site } from "./support/site.ts";

let site: Site;
const runnable = haveChromium();
beforeAll(async () => {
  if (runnable) site = await openSite();
});
afterAll(() => site?.close());

describe.runIf(runnable).each(presentNotebooks())("$name", ({ name }) => {
  test("everything can be turned", async () => {
    const { page, trouble } = await site.visit(`${name}.html`, { acceptDownloads: true });
    await settled(page);
    expect(await turnEverything(page)).toBeGreaterThan(0);
    const alerts = await page.locator("figure.live [role=alert]:visible").allTextContents();
    // A file of the visitor's is what nobody has given.
    expect(alerts.filter((text) => !text.startsWith("Nothing is measured yet: no file"))).toEqual(
      [],
    );
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});
