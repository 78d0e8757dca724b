/** `inkwell validate`: what it prints and writes, and its exit status. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { validationHtml } from "../../host/bench/validation/html.ts";
import type { Validation } from "../../host/bench/validation/validate.ts";
import { inkwell } from "../support/inkwell.ts";

const folder = mkdtempSync(join(tmpdir(), "inkwell-validate-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("failing claims are a finding; with --strict they are a failure", async () => {
  const page = join(folder, "report.html");
  const [plain, strict] = await Promise.all([
    inkwell(["validate"]),
    inkwell(["validate", "--strict", "--json", "--html", page]),
  ]);
  const result = JSON.parse(strict.stdout) as Validation;
  const { failed, total } = result.summary.claims;
  expect(plain).toMatchObject({ status: 0, stderr: "" });
  expect(plain.stdout).toContain(`claims: ${total - failed} of ${total} hold`);
  expect(strict.status).toBe(failed > 0 ? 1 : 0);
  expect(strict.stderr).toBe(failed > 0 ? `inkwell: ${failed} of ${total} claims fail\n` : "");
  expect(readFileSync(page, "utf8")).toBe(validationHtml(result));
  expect(readdirSync(folder)).toEqual(["report.html"]);
});

test.each([
  [["--set", "nosuch=1"], /^inkwell: --set: expected a parameter \(.*\): nosuch\n$/],
  [["--preset", "VAX"], /^inkwell: --preset: expected HP9000_730: VAX\n$/],
  [["--html", "no/such/folder/report.html"], /^inkwell: cannot write .*: no such directory\n$/],
  [["3"], /^inkwell: too many arguments/],
])("%j: status 2, one line, nothing run", async (args, message) => {
  const { status, stdout, stderr } = await inkwell(["validate", ...args]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(message);
});
