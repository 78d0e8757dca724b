/**
 * The 1K Out experiment: buffers are where it says, they collide where it puts them, what it finds is
 * the sum of what it counts, and nothing of it is in Table 3.
 */
import { beforeAll, expect, test } from "vitest";
import { CONFIGURATIONS, INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { runExperiment, type TidyRow } from "../../../host/bench/experiment.ts";
import { out1024 } from "../../../host/bench/experiments/out1024.ts";
import { callBuffers, dataCachePages } from "../../../host/bench/rpc/buffers.ts";
import { measureCall } from "../../../host/bench/rpc/measure.ts";
import { HP9000_730, toMachineConfig } from "../../../host/machine/config.ts";

const MISS = HP9000_730.dataMiss;
const LINES = 32;

let rows: readonly TidyRow[];
const cell = (row: string, column: string) =>
  rows.find((r) => r.row === row && r.column === column)!;
beforeAll(async () => {
  rows = await runExperiment(out1024, { iterations: 2 });
});

test("data pass through four buffers by message and two by trap", async () => {
  const message = await callBuffers(UNOPTIMIZED, "out1024", 1024, {});
  expect(new Set(Object.values(message).map(({ address }) => address)).size).toBe(4);
  expect(message.kmsg.space).toBe(0);
  expect(message.message.space).toBe(message.argument.space);
  expect(message.reply.space).not.toBe(message.argument.space);
  const trap = await callBuffers(INKS_TRAP, "out1024", 1024, {});
  expect(trap.message).toBe(trap.argument);
  expect(trap.reply.space).toBe(0);
});

test("a buffer moved to a page of the cache is in it", () => {
  for (const dataSpaceHash of [true, false]) {
    const pages = dataCachePages(toMachineConfig({ dataSpaceHash }));
    for (const space of [0, 4, 6])
      for (const page of [0, 17, 63]) {
        const buffer = { space, address: 0x40000440 };
        const moved = { space, address: buffer.address + pages.moveTo(page, buffer) };
        expect(pages.of(moved)).toBe(page);
        expect(moved.address % 4096).toBe(0x440);
      }
  }
});

test("apart is Table 3, without a miss", async () => {
  for (const configuration of CONFIGURATIONS)
    for (const routine of ["out1024", "in1024"]) {
      const usual = await measureCall(configuration, routine, { iterations: 4 });
      const { value, detail } = cell(`${routine}-apart`, configuration.name);
      expect(value).toBe(usual.cycles);
      // A line of the client's own results is new in every eighth call.
      expect(detail["dataMisses"]).toBeLessThanOrEqual(1 / 8);
    }
});

test("what overlapping costs is its misses", () => {
  for (const { row, column, value, detail } of rows) {
    const [routine, overlap] = row.split(/-(.*)/);
    if (routine === "out1024_written" || overlap === "random") continue;
    if (detail["minimum"] !== detail["maximum"]) continue; // the two buffers of the server differ
    const extra = value - cell(`${routine}-apart`, column).value;
    // A miss may hide a wait for a store, at most two cycles.
    expect(extra).toBeLessThanOrEqual(MISS * detail["dataMisses"]!);
    expect(extra).toBeGreaterThanOrEqual((MISS - 2) * (detail["dataMisses"]! - 1));
  }
});

test("overlapping buffers miss one to six times a line, by trap about twice, Out as In", () => {
  for (const direction of ["out1024", "in1024"])
    expect(cell(`${direction}-array`, "INKS_TRAP").detail["missesALine"]).toBeCloseTo(1.8, 0);
  for (const column of ["UNOPTIMIZED", "INKS_MESSAGE"]) {
    const misses = (row: string) => cell(row, column).detail["missesALine"]!;
    expect(misses("out1024-kmsg")).toBeGreaterThan(3.5);
    expect(misses("out1024-all")).toBeGreaterThan(5);
    expect(misses("out1024-all")).toBeLessThan(6);
    expect(misses("in1024-kmsg")).toBeLessThan(0.1);
  }
});

test("one place can slow all three columns at once, and 1K In by message far less", () => {
  const misses = (row: string, column: string) => cell(row, column).detail["missesALine"]!;
  expect(misses("out1024-one-place", "UNOPTIMIZED")).toBeGreaterThan(4.5);
  expect(misses("out1024-one-place", "INKS_MESSAGE")).toBeGreaterThan(3.5);
  expect(misses("out1024-one-place", "INKS_TRAP")).toBeGreaterThan(1.5);
  expect(misses("in1024-one-place", "UNOPTIMIZED")).toBeLessThan(1.5);
  expect(misses("in1024-one-place", "INKS_MESSAGE")).toBeLessThan(1);
});

test("a written result costs three cycles a word and no miss", () => {
  for (const { id } of out1024.columns) {
    const written = cell("out1024_written-apart", id);
    expect(written.value - cell("out1024-apart", id).value).toBe(3 * 8 * LINES);
    expect(written.detail["dataMisses"]).toBeLessThanOrEqual(1 / 8);
  }
});
