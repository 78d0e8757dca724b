/**
 * The scheduler changes no meaning: whatever order it finds, a block computes the same; and it is
 * worth having, by the pipeline rules of the PA-7000 (one instruction a cycle, load-use interlock, no
 * memory operation in the two cycles after a store).
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Instruction, schedule } from "../../host/kmig/schedule.ts";

const SEED = 720730;
const REGISTERS = ["%r19", "%r20", "%r21", "%r22"];
const AREAS = ["frame", "message"];

const register = fc.constantFrom(...REGISTERS);
const memory = fc.record({
  area: fc.constantFrom(...AREAS),
  at: fc.option(
    fc.integer({ min: 0, max: 3 }).map((word) => word * 4),
    { nil: undefined },
  ),
});

/** A made-up instruction: adds what it reads, and stores or loads where it says. */
const instruction: fc.Arbitrary<Instruction> = fc.oneof(
  fc.record({ a: register, b: register, to: register }).map(({ a, b, to }) => ({
    opcode: "add",
    operands: "",
    comment: "",
    reads: [a, b],
    writes: [to],
    memory: undefined,
  })),
  fc.record({ to: register, memory }).map(({ to, memory: { area, at } }) => ({
    opcode: "ldw",
    operands: "",
    comment: "",
    reads: [],
    writes: [to],
    memory: { kind: "load" as const, area, at, size: 4 },
  })),
  fc.record({ from: register, memory }).map(({ from, memory: { area, at } }) => ({
    opcode: "stw",
    operands: "",
    comment: "",
    reads: [from],
    writes: [],
    memory: { kind: "store" as const, area, at, size: 4 },
  })),
);

/** Runs a block on a toy machine; a place that is not known is the first word of its area. */
function run(block: readonly Instruction[]): string {
  const state = new Map<string, number>(REGISTERS.map((name, i) => [name, i + 1]));
  const get = (name: string): number => state.get(name) ?? 7;
  for (const { reads, writes, memory: use } of block) {
    const place = use === undefined ? "" : `${use.area}+${use.at ?? 0}`;
    if (use?.kind === "store") state.set(place, get(reads[0]!));
    else if (use?.kind === "load") state.set(writes[0]!, get(place) * 3 + 1);
    else state.set(writes[0]!, (reads.reduce((sum, name) => sum + get(name), 5) * 31) >>> 0);
  }
  return [...state].toSorted().join(" ");
}

/** Cycles of a straight run by the three rules. */
function cycles(block: readonly Instruction[]): number {
  let now = 0;
  let memoryFree = 0;
  let loaded: readonly string[] = [];
  for (const { reads, writes, memory: use } of block) {
    if (reads.some((name) => loaded.includes(name))) now++;
    if (use !== undefined) now = Math.max(now, memoryFree);
    if (use?.kind === "store") memoryFree = now + 3;
    loaded = use?.kind === "load" ? writes : [];
    now++;
  }
  return now;
}

describe("schedule", () => {
  test("keeps what a block computes", () => {
    fc.assert(
      fc.property(fc.array(instruction, { maxLength: 14 }), (block) => {
        const order = schedule(block);
        expect(order.toSorted(byPosition(block))).toEqual(block);
        expect(run(order)).toBe(run(block));
      }),
      { seed: SEED, numRuns: 600 },
    );
  });

  test("costs no more cycles than the order given, over many blocks", () => {
    let before = 0;
    let after = 0;
    fc.assert(
      fc.property(fc.array(instruction, { minLength: 4, maxLength: 14 }), (block) => {
        before += cycles(block);
        after += cycles(schedule(block));
      }),
      { seed: SEED, numRuns: 400 },
    );
    expect(after).toBeLessThan(before);
  });
});

function byPosition(block: readonly Instruction[]) {
  return (a: Instruction, b: Instruction): number => block.indexOf(a) - block.indexOf(b);
}
