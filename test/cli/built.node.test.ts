/**
 * What `npm run build` makes, and `npm test` has just made: the command, and the package imported by
 * its name, with its worker, its core and its assembly text found where they were put.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import type { TableResult } from "../../host/bench/request.ts";
import { inkwell } from "../support/inkwell.ts";

const built = existsSync("dist/cli.js");
if (!built) console.warn("skipped: nothing is built; npm run build");

const args = ["table", "3", "--config", "INKS_TRAP", "--json"];

test.skipIf(!built)("the built command prints what the source prints", async () => {
  const options = { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } } as const;
  // As a file, not through node: npm links it as an executable.
  expect(execFileSync("dist/cli.js", args, options)).toBe((await inkwell(args)).stdout);
});

test.skipIf(!built)(
  "a program imports the package and gets the same rows from a worker",
  async () => {
    const program = `
    import { Simulator, runTable } from "inkwell";
    const request = { table: "3", configurations: ["INKS_TRAP"] };
    const simulator = new Simulator();
    const far = await simulator.runTable(request);
    simulator.close();
    console.log(JSON.stringify([far, await runTable(request)]));`;
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "--eval", program],
      { encoding: "utf8", env: { ...process.env, NODE_OPTIONS: "" } },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
    const [far, near] = JSON.parse(stdout) as [TableResult, TableResult];
    expect(far).toEqual(near);
    expect(JSON.parse((await inkwell(args)).stdout)).toEqual(near);
  },
);
