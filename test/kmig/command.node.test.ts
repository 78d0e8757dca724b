/**
 * `inkwell kmig` as a command: what goes where, whole or not at all, and what it says.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kmig } from "../../host/kmig/kmig.ts";
import { Workbench } from "./support/cross.ts";
import { definition, include } from "./support/definitions.ts";

const root = join(import.meta.dirname, "../..");
const DEFS = "test/kmig/good/complex.defs";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => {
  bench.remove();
});

function inkwell(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const cli = [join(root, "node_modules/tsx/dist/cli.mjs"), join(root, "host/cli.ts")];
  const done = spawnSync(process.execPath, [...cli, "kmig", ...args], {
    cwd: bench.folder,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "--conditions=source" },
  });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr };
}

describe("inkwell kmig", () => {
  test("writes what is asked for, each to its file", () => {
    const flags = ["user", "user-message", "server", "trap", "header", "sheader", "ts"];
    const asked = flags.flatMap((flag) => [`--${flag}`, `out.${flag}`]);
    const { status, stdout, stderr } = inkwell(join(root, DEFS), ...asked, "--ts-import", "m");
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
    const expected = kmig(definition(DEFS), { include, runtime: "m" });
    const parts = [
      "user",
      "userMessage",
      "server",
      "trapServer",
      "header",
      "serverHeader",
      "typescript",
    ] as const;
    expect(flags.map((flag) => bench.read(`out.${flag}`))).toEqual(
      parts.map((part) => expected[part]),
    );
    expect(readdirSync(bench.folder).toSorted()).toEqual(
      flags.map((flag) => `out.${flag}`).toSorted(),
    );
  });

  test("hands options on: -I, -D, --struct-copy, --no-copies", () => {
    bench.write("n.defs", "type words_t = array[N] of int;\n");
    const text = `subsystem s 9000;\n#include <mach/std_types.defs>\n#include "n.defs"
#ifdef EXTRA\nroutine extra(p : mach_port_t);\n#endif
routine r(p : mach_port_t; inout a : words_t);\n`;
    bench.write("s.defs", text);
    const copying = ["--struct-copy", "bcopy", "--no-copies"];
    const { status, stderr } = inkwell(
      ..."-I. -DN=32 -D EXTRA s.defs --server s.s --trap t.s".split(" "),
      ...copying,
    );
    expect([status, stderr]).toEqual([0, ""]);
    expect(bench.read("s.s")).toMatch(/_Xextra:[^]*_Xr:[^]*bl\tbcopy/);
    expect(bench.read("t.s")).not.toContain("copyin a");
  });

  test("prints the layout in the form that is promised", () => {
    const { status, stdout } = inkwell(join(root, "test/kmig/good/varying.defs"), "--layout");
    expect(status).toBe(0);
    const layout = JSON.parse(stdout) as Record<string, unknown> & {
      readonly routines: readonly Record<string, unknown>[];
    };
    expect(Object.keys(layout)).toEqual(["subsystem", "base", "routines"]);
    const keys =
      "name kind request_id reply_id oneway simple trappable why_not request reply args".split(" ");
    for (const routine of layout.routines) {
      expect(Object.keys(routine)).toEqual(keys);
      expect(Object.keys(routine["request"] as object)).toEqual(["min_size", "max_size", "layout"]);
      for (const argument of routine["args"] as object[])
        expect(Object.keys(argument)).toEqual(["name", "dir", "type"]);
    }
  });

  test("says with -v what the routines are, on stderr", () => {
    const { stdout, stderr } = inkwell(join(root, DEFS), "-v", "--layout");
    expect(stderr).toContain("subsystem complex 700000\n700000  memory_in ");
    expect(JSON.parse(stdout)).toHaveProperty("base", 700_000);
  });

  test("writes nothing if the definition is wrong, or one file cannot be written", () => {
    bench.write("bad.defs", "subsystem s 1;\nroutine r(p : nothing);\n");
    const bad = inkwell("bad.defs", "--user", "u.s");
    expect(bad.status).toBe(2);
    expect(bad.stderr).toBe("bad.defs:2:15: unknown type: nothing\ninkwell: 1 error\n");
    const lost = inkwell(join(root, DEFS), "--user", "u.s", "--ts", "no/such/folder.ts");
    expect(lost.status).toBe(2);
    expect(lost.stderr).toMatch(/^inkwell: cannot write no\/such\/folder\.ts: /);
    const same = inkwell("bad.defs", "--user", "bad.defs");
    expect(same.stderr).toBe("inkwell: output would overwrite a file: bad.defs\n");
    expect(readdirSync(bench.folder)).toEqual(["bad.defs"]);
  });

  test("TypeScript finds its functions from where it is written", () => {
    const { status } = inkwell(join(root, DEFS), "--ts", "complex.ts");
    expect(status).toBe(0);
    const [, module] = /from "(.*)";/.exec(bench.read("complex.ts"))!;
    expect(existsSync(join(bench.folder, module!))).toBe(true);
    expect(readFileSync(join(bench.folder, module!), "utf8")).toContain("function bindInterface");
  });
});
