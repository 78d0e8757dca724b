// The workload behind Tables 6, 7 and 8 (R20, R21), of a few files: its programs do what the tools of their
// names do, wherever the server is; every command is a process.
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { andrewIn, andrewProgram } from "../../host/bench/andrew/measure.ts";
import { andrewDisk, FILES, script } from "../../host/bench/andrew/tree.ts";
import { CONFIGURATIONS, INKS_TRAP } from "../../host/bench/configurations.ts";
import { readDisk } from "../../host/osf1/boot.ts";
import { runUnix } from "../../host/osf1/run.ts";
import { alone } from "../../host/bench/unix-calls/program.ts";

const SMALL = 3;
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

test("the tree is as large as the benchmark's: 70 files in 20 directories, 200 KB", () => {
  const disk = andrewDisk(new Uint8Array(), FILES).filter(({ path }) => /^src\//.test(path));
  const sizes = disk.flatMap(({ content }) =>
    content.kind === "file" ? [content.bytes.length] : [],
  );
  expect([disk.length - sizes.length, sizes.length]).toEqual([20, 70]);
  const sum = sizes.reduce((a, b) => a + b, 0);
  expect(Math.abs(sum - 200 * 1024)).toBeLessThan(100);
});

describe.each(CONFIGURATIONS)("$title", (configuration) => {
  test("copies, lists, finds and counts as the tools of these names do", async () => {
    const program = await andrewProgram(2);
    const files = andrewDisk(program, SMALL);
    const { ending, disk } = await runUnix({
      ...alone("/andrew", program, configuration),
      files,
      streams: { readInput: () => new Uint8Array(), write() {} },
    });
    expect(ending).toMatchObject({ kind: "ended", status: { kind: "exited", code: 0 } });
    const found = new Map(
      readDisk(disk).flatMap(({ path, content }) =>
        content.kind === "file" ? [[path, content.bytes] as const] : [],
      ),
    );
    const sources = files.flatMap(({ path, content }) =>
      content.kind === "file" && /^src\//.test(path)
        ? [[path.slice(4), content.bytes] as const]
        : [],
    );
    expect(sources).toHaveLength(SMALL);
    for (const [path, bytes] of sources)
      for (const run of ["run1", "run2"]) expect(found.get(`${run}/${path}`)).toEqual(bytes);

    const log = text(found.get("andrew.log")!);
    const half = log.slice(0, log.length / 2);
    expect(log).toBe(half + half);
    for (const [path, bytes] of sources) {
      const counted = spawnSync("wc", ["-lwc"], { input: bytes }).stdout.toString();
      const numbers = counted.trim().split(/\s+/).map((n) => Number(n).toString(8).padStart(8, "0")); // prettier-ignore
      expect(half).toContain(`\n${numbers.join(" ")} ${path}\n`);
      const size = bytes.length.toString(8).padStart(8, "0");
      const name = path.replace(/^.*\//, "");
      // Once for its directory, once for itself.
      expect(half.split(`00100644 ${size} ${name}\n`)).toHaveLength(2);
      expect(half.split(`00100644 ${size} ${path}\n`)).toHaveLength(2);
    }
    const matching = spawnSync("grep", ["kangaroo"], { input: sources.map(([, b]) => text(b)).join("") }); // prettier-ignore
    const lines = half.split("\n").filter((line) => line.includes("kangaroo"));
    expect(lines).toEqual(matching.stdout.toString().trim().split("\n"));
  });
});

test("what is counted is a whole run, of which most is the disk's", async () => {
  const { others, communication } = await andrewIn(INKS_TRAP, { files: SMALL, runs: 1 });
  const commands = script(SMALL)
    .split("\n")
    .filter((line) => line !== "").length;
  const { user } = communication.mechanisms;
  // fork, execve, exit, wait4 and what the program itself does.
  expect(user.inksTraps).toBeGreaterThan(5 * commands);
  expect(user.emulationTraps).toBeGreaterThan(user.inksTraps);
  const [last] = others;
  expect(last!.phases.reduce((a, b) => a + b, 0)).toBeCloseTo(last!.seconds, 9);
  expect(last!.idle).toBeGreaterThan(last!.earned);
});
