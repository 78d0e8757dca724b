/** The command's contract: exit status, one clear line on stderr, nothing on stdout on failure. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inkwell } from "../support/inkwell.ts";

test.each([
  [["table", "9"], /^inkwell: table: expected 1, 2, 3.*: 9$/],
  [
    ["table", "3", "--config", "FAST"],
    "inkwell: --config: expected UNOPTIMIZED, INKS_MESSAGE or INKS_TRAP: FAST",
  ],
  [
    ["table", "3", "--preset", "VAX"],
    /^inkwell: --preset: expected HP9000_705, .* or HP9000_712_100: VAX$/,
  ],
  [
    ["table", "3", "--preset", "constructor"],
    /^inkwell: --preset: expected HP9000_705, .* or HP9000_712_100: constructor$/,
  ],
  [["table", "3", "--set", "speed"], "inkwell: --set: expected KEY=VALUE: speed"],
  [["table", "3", "--iterations", "0"], /^inkwell: .*expected a positive whole number\.$/],
  [["table", "3", "--iterations", "4001"], "inkwell: --iterations: expected at most 4000: 4001"],
  [["table"], "inkwell: missing required argument 'name'"],
  [["tabel", "3"], /^inkwell: unknown command 'tabel'/],
  [["table", "3", "--fast"], /^inkwell: unknown option '--fast'/],
] as const)("%j: status 2 and one line", async (args, message) => {
  const { status, stdout, stderr } = await inkwell(args);
  const [line, ...rest] = stderr.trimEnd().split("\n");
  expect(line).toEqual(message instanceof RegExp ? expect.stringMatching(message) : message);
  expect(rest.filter((text) => !text.startsWith("(Did you mean"))).toEqual([]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
});

test("an unknown parameter names the known ones; a bad value says what it should be", async () => {
  const { status, stderr } = await inkwell(["config", "--set", "nosuch=1", "--set", "a=b=c"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^inkwell: --set: expected a parameter \(.*\): nosuch$/m);
  expect(stderr).toMatch(/^inkwell: --set: expected a parameter \(.*\): a$/m);
});

test("help and version are no failures", async () => {
  const help = await inkwell(["--help"]);
  expect(help).toMatchObject({ status: 0, stderr: "" });
  expect(help.stdout).toContain("Usage: inkwell");
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  expect(await inkwell(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test("config --json is the stable object with the whole machine", async () => {
  const { status, stdout } = await inkwell(["config", "--json"]);
  const object = JSON.parse(stdout) as { config: { machine: object; preset: string } };
  expect(status).toBe(0);
  expect(Object.keys(object)).toEqual([
    "version",
    "command",
    "seed",
    "config",
    "presets",
    "parameters",
  ]);
  expect(object.config.preset).toBe("HP9000_730");
  expect(Object.keys(object.config.machine).length).toBeGreaterThan(2);
});
