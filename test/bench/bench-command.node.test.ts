/**
 * `inkwell bench`, with a hundredth of its work: its programs print what they print under qemu-hppa, its object
 * has every field that the README and scripts may rely on, and the core without timing that it compares with
 * is the same machine but for caches and interlocks. No figure is judged: a loaded computer has any.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { compileUntimedCore } from "../../host/build/untimed-core.ts";
import type { MachineCost } from "../../host/cli/bench-machine.ts";
import { type Means, type ProgramRow, untimedCore } from "../../host/cli/bench-programs.ts";
import {
  missingTools,
  Programs,
  runOwn,
  runPeer,
  SPEED_PROGRAMS,
} from "../../host/cli/speed-programs.ts";
import { HP9000_730, withoutTiming } from "../../host/machine/config.ts";
import { inkwell } from "../support/inkwell.ts";

const missing = missingTools();
if (missing.length > 0) console.warn(`skipped: not installed: ${missing.join(", ")}`);

let untimed: WebAssembly.Module | undefined;
beforeAll(async () => {
  compileUntimedCore();
  untimed = await untimedCore();
});

describe.runIf(missing.length === 0)("the programs", () => {
  const programs = new Programs();
  const ROUNDS = 2;
  test.each(SPEED_PROGRAMS)("$id: one output on every engine and under qemu", async (program) => {
    const file = programs.build(program);
    const { output } = runPeer(file, ROUNDS);
    expect(output).toMatch(/^[0-9a-f]{8}$/);
    const timed = await runOwn(file, ROUNDS, HP9000_730);
    expect(timed.output).toBe(output);

    // Free of charge, the timed core's cycles are those of the core that has no timing, and so are its TLBs.
    const flat = withoutTiming(HP9000_730);
    const free = await runOwn(file, ROUNDS, flat);
    const bare = await runOwn(file, ROUNDS, flat, { engine: untimed! });
    const seen = ({ output: text, result: { cycles, instructions, counters } }: typeof free) => ({
      text,
      cycles,
      instructions,
      misses: [counters.itlb_misses, counters.dtlb_misses],
    });
    expect(seen(bare)).toEqual(seen(free));
    expect(bare.result.counters.d_misses).toBe(0);
    expect(free.result.counters.d_misses).toBeGreaterThan(0);
    expect(timed.result.cycles).toBeGreaterThan(bare.result.cycles);
  });
});

test("the object and the columns", async () => {
  const args = ["bench", "--work", "1", "--repetitions", "1"];
  const { status, stdout } = await inkwell([...args, "--json"]);
  expect(status).toBe(0);
  const result = JSON.parse(stdout) as Result;
  expect(Object.keys(result)).toEqual(FIELDS);
  const { first, another, memory } = result.machine;
  expect(memory).toBeGreaterThan(HP9000_730.memoryBytes);
  expect(Math.min(first, another)).toBeGreaterThan(0);
  if (missing.length > 0) return;
  expect(result.programs.map(({ id }) => id)).toEqual(SPEED_PROGRAMS.map(({ id }) => id));
  for (const row of result.programs) {
    expect(Object.keys(row)).toEqual(COLUMNS);
    expect(row.ratio).toBe(row.mips / row.peerMips);
    expect(row.classicRatio).toBe(row.mips / row.classicMips);
    expect(row.untimedRatio).toBe(row.mips / row.untimedMips!);
    expect(row.chromiumMips !== null).toBe(result.means.chromium !== null);
  }
  expect(Object.keys(result.means)).toEqual(["integer", "six", "classic", "untimed", "chromium"]);
  const six = result.programs.filter(({ group }) => group !== "large");
  const product = six.reduce((sofar, row) => sofar * row.classicRatio, 1);
  expect(result.means.classic).toBeCloseTo(product ** (1 / 6), 9);
});

interface Result {
  readonly programs: readonly ProgramRow[];
  readonly means: Means;
  readonly machine: MachineCost;
}

const FIELDS = ["version", "command", "seed", "config", "rows", "programs", "means", "creation", "machine", "kernel", "unix", "kmig"]; // prettier-ignore
const COLUMNS = [
  "id", "title", "group", "instructions", "cycles", "instructionMisses", "dataMisses", "tlbMisses", "mips", "peerMips",
  "classicMips", "untimedMips", "chromiumMips", "ratio", "classicRatio", "untimedRatio", "chromiumRatio", "realTime",
]; // prettier-ignore
