/**
 * What the host hangs on a machine: escapes, probes, code that changes, caches of decoded code, block
 * entries, configurations. And that none of it can be seen in cycles.
 */
import { describe, expect, test } from "vitest";
import { PSW } from "../../host/abi/pa.ts";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { HP9000_730, toMachineConfig } from "../../host/machine/config.ts";
import { Machine } from "../../host/machine/machine.ts";
import { encode, instruction } from "../../host/isa/instructions.ts";
import { program, TEXT } from "../support/program.ts";

const addTo5 = (im14: number): number => encode(instruction("LDO"), { b: 5, t: 5, im14 });

describe("probes", () => {
  const LOOP = `	ldi 3,%r3
loop:	ldw 0(%r7),%r8
use:	add %r8,%r9,%r9
	addib,> -1,%r3,loop
slot:	addi 1,%r5,%r5
	escape 1`;

  test("log id, address and cycle, cost nothing", async () => {
    const plain = await program(LOOP, { privilege: 2 });
    expect(plain.escape()).toBe(1);
    const probed = await program(LOOP, { privilege: 2 });
    const { machine, symbol } = probed;
    machine.setProbe(symbol("loop"), 11);
    machine.setProbe(symbol("use"), 12);
    machine.setProbe(symbol("slot"), 13);
    expect(probed.escape()).toBe(1);
    expect(machine.counters()).toEqual(plain.machine.counters());
    const events = machine.takeEvents();
    expect(events.map(({ id }) => id)).toEqual([11, 12, 13, 11, 12, 13, 11, 12, 13]);
    expect(events[1]).toMatchObject({ address: symbol("use") + 2 });
    // Second round, all cached: a load, its stalled use, the branch.
    const [load, use, slot, next] = events.slice(3).map(({ cycle }) => cycle);
    expect([use! - load!, slot! - use!, next! - slot!]).toEqual([2, 2, 1]);
    expect(machine.takeEvents()).toEqual([]);
  });

  test("hold in one space, or in all; may be set on code that ran; may be removed", async () => {
    const { machine, escape, symbol } = await program(LOOP, { space: 5 });
    const again = (): number[] => {
      machine.jump(5, TEXT);
      expect(escape()).toBe(1);
      return machine.takeEvents().map(({ id }) => id);
    };
    expect(again()).toEqual([]);
    machine.setProbe(symbol("use"), 1, 4);
    expect(again()).toEqual([]);
    machine.setProbe(symbol("slot"), 2, 5);
    expect(again()).toEqual([2, 2, 2]);
    machine.removeProbes();
    expect(again()).toEqual([]);
  });

  test("none is lost when there are more than the ring holds", async () => {
    const { machine, escape, symbol } = await program(LOOP.replace("ldi 3", "ldi 5000"));
    machine.setProbe(symbol("use"), 1);
    expect(escape()).toBe(1);
    const cycles = machine.takeEvents().map(({ cycle }) => cycle);
    expect(cycles).toHaveLength(5000);
    expect(new Set(cycles.slice(2).map((cycle, i) => cycle - cycles[i + 1]!))).toEqual(
      new Set([5]),
    );
  });
});

describe("code that changes", () => {
  const STORE = `	stw %r20,0(%r21)
	b on
	nop
on:	nop
there:	ldo 1(%r5),%r5
	escape 1`;

  test("a store into the page that runs is seen by the next execution", async () => {
    const { machine, escape, symbol } = await program(STORE);
    machine.setGr(20, addTo5(100));
    machine.setGr(21, symbol("there"));
    expect(escape()).toBe(1);
    expect(machine.gr(5)).toBe(100);
  });

  test("also bytewise, and of the very next instruction", async () => {
    const { machine, escape, symbol } = await program(
      `	stb %r20,3(%r21)\nthere:	ldo 1(%r5),%r5\n	escape 1`,
    );
    machine.setGr(20, addTo5(50) & 0xff);
    machine.setGr(21, symbol("there"));
    expect(escape()).toBe(1);
    expect(machine.gr(5)).toBe(50);
  });

  test("through another virtual address of the frame", async () => {
    const { machine, escape, symbol } = await program(STORE, {
      psw: PSW.PSW_C | PSW.PSW_D | PSW.PSW_Q,
    });
    const block = { space: 0, physical: 0, size: 0x10000, accessRights: 0x3c, accessId: 0 };
    machine.insertBlockTlb({ ...block, virtual: 0 });
    machine.insertBlockTlb({ ...block, virtual: 0x40000000, sides: "data" });
    // Runs once, so that the page has records; then the store goes the other way.
    machine.setGr(20, addTo5(1));
    machine.setGr(21, symbol("there"));
    expect(escape()).toBe(1);
    machine.setGr(20, addTo5(7));
    machine.setGr(21, 0x40000000 + symbol("there"));
    machine.jump(0, TEXT);
    expect(escape()).toBe(1);
    expect(machine.gr(5)).toBe(1 + 7);
  });

  test("host writes of every kind", async () => {
    const { machine, escape, symbol } = await program("there:	ldo 1(%r5),%r5\n	escape 1");
    const at = symbol("there");
    const ran = (): number => {
      machine.setGr(5, 0);
      machine.jump(0, TEXT);
      expect(escape()).toBe(1);
      return machine.gr(5);
    };
    expect(ran()).toBe(1);
    machine.memory.write32(at, addTo5(2));
    expect(ran()).toBe(2);
    machine.memory.write16(at + 2, addTo5(3) & 0xffff);
    expect(ran()).toBe(3);
    machine.memory.write8(at + 3, addTo5(4) & 0xff);
    expect(ran()).toBe(4);
    const bytes = machine.memory.bytes(at, 4);
    bytes[3] = addTo5(5) & 0xff;
    machine.memory.copyIn(at, bytes);
    expect(ran()).toBe(5);
  });

  test("more code than decoded pages", async () => {
    const pages = 40;
    const text = Array.from(
      { length: pages },
      (_, page) => `	ldo 1(%r5),%r5\n	b page${page}\n	nop\n	.block ${4096 - 12}\npage${page}:`,
    );
    const source = `	ldi 3,%r3\nloop:\n${text.join("\n")}\n	ldil L%loop,%r1\n	addib,<=,n -1,%r3,done\n	be,n R%loop(%sr4,%r1)\ndone:	escape 1`;
    const few = await program(source, { config: { recordPages: 16 } });
    const many = await program(source);
    expect(few.escape()).toBe(1);
    expect(many.escape()).toBe(1);
    expect(few.machine.gr(5)).toBe(3 * pages);
    expect(few.machine.counters()).toEqual(many.machine.counters());
  });
});

describe("caches", () => {
  /** D-misses when two spaces use the same address in turn; `setUp` runs before. */
  async function alternatingMisses(setUp: string, dataSpaceHash: boolean): Promise<number> {
    const text = `${setUp}	mtsp %r20,%sr1
	mtsp %r21,%sr2
	ldw 0(%sr1,%r7),%r8
	ldw 0(%sr2,%r7),%r8
	ldw 0(%sr1,%r7),%r8
	escape 1`;
    const { machine, escape } = await program(text, {
      psw: PSW.PSW_C | PSW.PSW_D | PSW.PSW_Q,
      registers: { 20: 4, 21: 6, 7: 0x40000000 },
      config: { dataSpaceHash },
    });
    const block = { size: 0x10000, accessRights: 0x3c, accessId: 0 };
    machine.insertBlockTlb({ ...block, space: 0, virtual: 0, physical: 0 });
    machine.insertBlockTlb({
      ...block,
      space: 4,
      virtual: 0x40000000,
      physical: 0x100000,
      sides: "data",
    });
    machine.insertBlockTlb({
      ...block,
      space: 6,
      virtual: 0x40000000,
      physical: 0x200000,
      sides: "data",
    });
    expect(escape()).toBe(1);
    return machine.counters().d_misses;
  }

  test("space-id hashing keeps two spaces' lines apart; without it they share one", async () => {
    expect(await alternatingMisses("", true)).toBe(2);
    expect(await alternatingMisses("", false)).toBe(3);
  });

  test("diagnose register 0 switches the hash: MTCPU, MFCPU", async () => {
    const mtcpu = ".word 0x14001600 + (9 << 16)";
    const mfcpu = ".word 0x14001a00 + (10 << 16)";
    expect(await alternatingMisses(`	ldi 0,%r9\n	${mtcpu}\n`, true)).toBe(3);
    expect(await alternatingMisses(`	${mfcpu}\n	copy %r10,%r9\n	${mtcpu}\n`, true)).toBe(2);
  });

  test("FDC writes a dirty line back and drops it; PDC only drops it; FIC drops code", async () => {
    const run = async (flush: string): Promise<Machine> => {
      const { machine, escape } = await program(
        `	ldi 2,%r3\nloop:	stw %r3,0(%r7)\n	${flush}\n	ldw 0(%r7),%r8\n	addib,> -1,%r3,loop\n	nop\n	escape 1`,
        { registers: { 7: 0x1000, 20: TEXT } },
      );
      expect(escape()).toBe(1);
      return machine;
    };
    const counted = async (flush: string): Promise<[number, number, number]> => {
      const { d_misses, write_backs, i_misses } = (await run(flush)).counters();
      return [d_misses, write_backs, i_misses];
    };
    expect(await counted("nop")).toEqual([1, 0, 1]);
    // Each round: the store misses or hits, the flush drops the line, the load misses.
    expect(await counted("fdc %r0(%r7)")).toEqual([3, 2, 1]);
    expect(await counted("pdc %r0(%r7)")).toEqual([3, 0, 1]);
    // The line with the loop is dropped in each round; the rest of the round runs from it.
    expect((await counted("fic %r0(%sr4,%r20)"))[2]).toBe(3);
  });
});

describe("machines", () => {
  test("have the memory of the HP 9000/730, unless told otherwise", async () => {
    expect((await Machine.create()).memory.size).toBe(32 * 2 ** 20);
    expect((await Machine.create({ memoryBytes: 2 ** 24 })).memory.size).toBe(2 ** 24);
  });

  test("refuse a configuration that is out of range, naming every field", () => {
    expect(() => toMachineConfig({ dataCacheBytes: 5000, dataMiss: -1, loadUse: 1.5 })).toThrow(
      DiagnosticError,
    );
    expect(() => toMachineConfig({ dataCacheBytes: 5000, dataMiss: -1 })).toThrow(
      "dataCacheBytes: expected a power of two: 5000\ndataMiss: expected an integer from 0 to 1000: -1",
    );
    expect(toMachineConfig()).toEqual(HP9000_730);
  });

  test("host access outside guest memory is a bug of ours", async () => {
    const { memory } = await Machine.create({ memoryBytes: 2 ** 20 });
    expect(() => memory.read32(2 ** 20)).toThrow();
    expect(() => memory.copyIn(2 ** 20 - 2, new Uint8Array(4))).toThrow(
      "guest memory: outside: 0xffffe, 4 bytes",
    );
  });

  test("translate shows what the TLB holds", async () => {
    const machine = await Machine.create();
    machine.insertBlockTlb({
      space: 3,
      virtual: 0x80000000,
      physical: 0x100000,
      size: 0x40000,
      accessRights: 0x14,
      accessId: 9,
    });
    expect(machine.translate(3, 0x80012345)).toEqual({
      physical: 0x112345,
      protection: 0x11400012,
      read: true,
      write: true,
      execute: false,
    });
    expect(machine.translate(3, 0x80012345, { privilege: 2 })).toMatchObject({
      read: false,
      write: false,
    });
    expect(machine.translate(4, 0x80012345)).toBeUndefined();
    machine.purgeBlockTlb();
    expect(machine.translate(3, 0x80012345)).toBeUndefined();
  });

  test("declared and idle cycles are told from earned ones", async () => {
    const machine = await Machine.create();
    machine.charge({ id: "x", cycles: 30, reason: "", source: "", how: "assumed" }, 3);
    machine.idle(50);
    expect(machine.counters()).toMatchObject({
      cycles: 140,
      declared: 90,
      idle: 50,
      instructions: 0,
    });
  });
});
