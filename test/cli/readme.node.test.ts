/** The README's figures are those of a run today. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inkwell } from "../support/inkwell.ts";

test("the README's Table 3 is what the command prints (else: npm run readme)", async () => {
  const [, shown] =
    /<!-- table 3, by npm run readme -->\n([\s\S]*?)<!-- end -->/.exec(
      readFileSync("README.md", "utf8"),
    ) ?? [];
  const { stdout } = await inkwell(["table", "3", "--markdown"]);
  expect(shown).toBe(stdout);
});
