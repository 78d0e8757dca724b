/**
 * The inspector: every state that it goes back to is one that the machine was in, as recorded when it went
 * forward; runs under it end as plain runs do.
 */
import { describe, expect, test } from "vitest";
import { PSW } from "../../host/abi/pa.ts";
import { Inspector } from "../../host/machine/inspector.ts";
import type { Machine } from "../../host/machine/machine.ts";
import { Symbols } from "../../host/machine/symbols.ts";
import { Random } from "../asm/random.ts";
import { DATA, program, type Program } from "../support/program.ts";

const TEXT = `	copy %r1,%r7
	ldi 12,%r3
loop:	ldwm 8(%r7),%r8
	bl count,%r2
	stw %r8,-4(%r7)
	comclr,<> %r0,%r8,%r0
	addi 1,%r9,%r9
	mfctl %cr16,%r10
	addib,> -1,%r3,loop
	stb %r10,3(%r7)
	escape 1
	addi 1,%r11,%r11
	ldw 0(%r1),%r12
	escape 2
	.align 4096
count:	bv %r0(%r2)
	addi 3,%r5,%r5`;

const load = (): Promise<Program> =>
  program(TEXT, {
    registers: { 1: DATA },
    psw: PSW.PSW_Q,
    config: { memoryBytes: 2 ** 20, recordPages: 16 },
  });

function state(machine: Machine): unknown {
  return {
    cycles: machine.cycles,
    counters: machine.counters(),
    registers: Array.from({ length: 32 }, (_, register) => machine.gr(register)),
    queue: machine.pcoq,
    memory: [...machine.memory.bytes(DATA, 128)],
    lines: machine.cache("data").length + machine.cache("instruction").length,
  };
}

/** All states from the start to the first escape. */
async function states(): Promise<unknown[]> {
  const { machine } = await load();
  const result = [state(machine)];
  while (machine.step().reason !== "escape") result.push(state(machine));
  return [...result, state(machine)];
}

describe("stepping back", () => {
  test("one by one to the beginning, through every state", async () => {
    const forward = await states();
    expect(forward.length).toBeGreaterThan(100);
    const { machine } = await load();
    const inspector = new Inspector(machine, { every: 50, most: 4 });
    expect(inspector.run().reason).toBe("escape");
    for (const expected of forward.slice(0, -1).toReversed()) {
      expect(inspector.stepBack()).toBe(true);
      expect(state(machine)).toEqual(expected);
    }
    expect(inspector.stepBack()).toBe(false);
    expect(state(machine)).toEqual(forward[0]);
    // And forward again.
    expect(inspector.step(10).reason).toBe("limit");
    expect(state(machine)).toEqual(forward[10]);
  });

  test("jumps back and forth, whatever the checkpoints", async () => {
    const forward = await states();
    const cycles = forward.map((each) => (each as { cycles: number }).cycles);
    const random = new Random(11);
    for (const [every, most] of [
      [1, 2],
      [37, 3],
      [1_000_000, 32],
    ] as const) {
      const { machine } = await load();
      const inspector = new Inspector(machine, { every, most });
      inspector.run();
      for (let i = 0; i < 30; i++) {
        const index = random.below(forward.length - 1);
        if (cycles[index]! < inspector.earliest) continue;
        // A cycle between two boundaries leads to the later one.
        const [before, at] = [cycles[index - 1] ?? -1, cycles[index]!];
        const wanted = Math.max(before + 1, at - random.below(3));
        expect(inspector.goTo(wanted)).toEqual({ reason: "reached" });
        expect(state(machine)).toEqual(forward[index]);
      }
    }
  });

  test("the past starts where its first checkpoint is", async () => {
    const { machine, run } = await load();
    run(60);
    const inspector = new Inspector(machine);
    const { cycles } = machine;
    inspector.step(5);
    expect(inspector.goTo(3)).toEqual({ reason: "limit" });
    expect(machine.cycles).toBe(cycles);
  });

  test("over an escape, and over what its host did", async () => {
    const { machine, symbol } = await load();
    const inspector = new Inspector(machine);
    expect(inspector.run()).toMatchObject({ reason: "escape", number: 1 });
    machine.setGr(11, 500);
    machine.memory.write32(DATA, 77);
    expect(inspector.run()).toMatchObject({ reason: "escape", number: 2 });
    expect([machine.gr(11), machine.gr(12)]).toEqual([501, 77]);
    expect(inspector.stepBack(3)).toBe(true);
    expect([machine.gr(11), machine.gr(12), machine.memory.read32(DATA)]).toEqual([500, 0, 77]);
    expect(inspector.stepBack()).toBe(true);
    expect(machine.gr(11)).toBe(0);
    expect(machine.pcoq.frontOffset).toBeLessThan(symbol("count"));
  });

  test("and over a change by hand, when it is told", async () => {
    const { machine } = await load();
    const inspector = new Inspector(machine);
    inspector.step(20);
    machine.setGr(20, 9);
    inspector.changed();
    inspector.step(20);
    inspector.stepBack(5);
    expect(machine.gr(20)).toBe(9);
  });
});

describe("running until", () => {
  async function inspected() {
    const loaded = await load();
    const symbols = new Symbols([{ title: "test", space: 0, image: loaded.image }]);
    return { ...loaded, inspector: new Inspector(loaded.machine, { symbols }) };
  }

  test("an address or a symbol is reached, each time anew", async () => {
    const { machine, inspector, symbol } = await inspected();
    for (let i = 0; i < 12; i++) {
      expect(inspector.runUntil({ symbol: "count" })).toEqual({ reason: "reached" });
      expect([machine.pcoq.frontOffset, machine.gr(5)]).toEqual([symbol("count"), 3 * i]);
    }
    expect(inspector.runUntil({ address: symbol("count"), space: 0 })).toMatchObject({ reason: "escape" }); // prettier-ignore
    expect(machine.breakpoints()).toEqual([]);
    expect(() => inspector.runUntil({ symbol: "nowhere" })).toThrow("no symbol: nowhere");
  });

  test("a cycle, a condition; with a limit", async () => {
    const { machine, inspector } = await inspected();
    expect(inspector.runUntil({ cycle: 100 })).toEqual({ reason: "reached" });
    expect(machine.cycles).toBeGreaterThanOrEqual(100);
    expect(inspector.runUntil({ condition: (m) => m.gr(5) >= 18 })).toEqual({ reason: "reached" });
    expect(machine.gr(5)).toBe(18);
    expect(inspector.runUntil({ condition: () => false }, { cycles: 20 })).toEqual({ reason: "limit" }); // prettier-ignore
    expect(inspector.runUntil({ cycle: 10_000 })).toMatchObject({ reason: "escape" });
  });

  test("breakpoints and watchpoints stop it, and stepping back does not mind them", async () => {
    const { machine, inspector, symbol } = await inspected();
    machine.addBreakpoint(symbol("count"));
    machine.watchpoints = [{ address: DATA + 8, access: "write" }];
    expect(inspector.runUntil({ cycle: 10_000 }).reason).toBe("breakpoint");
    const reasons = [1, 2, 3].map(() => inspector.run().reason);
    expect(reasons).toContain("watchpoint");
    const before = state(machine);
    inspector.step();
    expect(inspector.stepBack()).toBe(true);
    expect(state(machine)).toEqual(before);
  });
});

test("the last instructions are kept, as many as asked for; the run is the same", async () => {
  const plain = await load();
  plain.escape();
  const { machine, symbol } = await load();
  const inspector = new Inspector(machine);
  inspector.record(5);
  expect(inspector.run().reason).toBe("escape");
  expect(state(machine)).toEqual(state(plain.machine));
  const { recent } = inspector;
  expect(recent).toHaveLength(5);
  expect(recent.at(-1)).toMatchObject({ address: symbol("loop") + 32, space: 0 });
  expect(recent.map(({ word }) => word)).toEqual(recent.map(({ address }) => machine.memory.read32(address))); // prettier-ignore
  // What is undone is no longer among them.
  inspector.stepBack(2);
  expect(inspector.recent.at(-1)!.cycle).toBeLessThan(machine.cycles);
});
