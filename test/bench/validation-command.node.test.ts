/**
 * How `inkwell validate` answers without running anything: what it refuses, and what it does with a
 * report that is given. A real run of it is in validation.node.test.ts.
 */
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { registerValidate } from "../../host/cli/validate.ts";
import type { Validation, ValidationRequest } from "../../host/bench/validation/validate.ts";
import { inkwell } from "../support/inkwell.ts";

const none = {
  figures: 0,
  within10: 0,
  within15: 0,
  within25: 0,
  near: 0,
  meanAbsoluteError: null,
};
const report = {
  ...{ version: "0", command: "inkwell validate", seed: null, rows: [], tables: [], checklist: [] },
  ...{ claims: [], missing: [], skipped: [], ledger: { calibrations: [], costs: [] } },
  summary: {
    all: { ...none, calibrated: none, predicted: none },
    tables: [],
    claims: { total: 3, held: 1, failed: 2 },
    checklist: { total: 0, covered: 0, fails: 0, notRun: 0, notYet: 0 },
  },
} as unknown as Validation;

const asked = vi.hoisted((): ValidationRequest[] => []);
vi.mock("../../host/bench/validation/validate.ts", () => ({
  validate: (request: ValidationRequest) => {
    asked.push(request);
    return Promise.resolve(report);
  },
}));

async function run(...args: string[]) {
  const out = vi.spyOn(console, "log").mockReturnValue();
  const err = vi.spyOn(console, "error").mockReturnValue();
  const program = new Command().exitOverride();
  registerValidate(program);
  await program.parseAsync(["validate", ...args], { from: "user" });
  const [stdout, stderr] = [out, err].map((spy) => spy.mock.calls.flat().join("\n"));
  vi.restoreAllMocks();
  return { status: process.exitCode ?? 0, stdout: stdout!, stderr: stderr! };
}
afterEach(() => {
  process.exitCode = undefined;
});

test("failing claims are a finding; with --strict they are a failure", async () => {
  const plain = await run();
  expect(plain).toMatchObject({ status: 0, stderr: "" });
  expect(plain.stdout).toContain("claims: 1 of 3 hold");
  const strict = await run("--strict", "--json");
  expect(strict).toMatchObject({ status: 1, stderr: "inkwell: 2 of 3 claims fail" });
  expect(JSON.parse(strict.stdout)).toEqual(report);
});

test("asks for the machine and the experiments that it was told", async () => {
  asked.length = 0;
  await run();
  await run("--all", "--preset", "HP9000_730", "--set", "storeBusy=0", "--set", "dataMiss=9");
  expect(asked).toEqual([
    { all: false },
    { all: true, preset: "HP9000_730", set: ["storeBusy=0", "dataMiss=9"] },
  ]);
});

test.each([
  [["--set", "nosuch=1"], /^inkwell: --set: expected a parameter \(.*\): nosuch\n$/],
  [["--preset", "VAX"], /^inkwell: --preset: expected HP9000_705, .*: VAX\n$/],
  [["--html", "no/such/folder/report.html"], /^inkwell: cannot write .*: no such directory\n$/],
  [["3"], /^inkwell: too many arguments/],
])("%j: status 2, one line, nothing run", async (args, message) => {
  const { status, stdout, stderr } = await inkwell(["validate", ...args]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(message);
});
