/**
 * Time is exact: a run cut into slices of any length, at any instruction, ends with the same cycles,
 * counters, registers and memory as one run; and `run` stops at the first boundary after its limit.
 */
import { expect, test } from "vitest";
import { PSW } from "../../host/abi/pa.ts";
import type { MachineConfig } from "../../host/machine/config.ts";
import type { Engine } from "../../host/machine/core.ts";
import { Random } from "../asm/random.ts";
import { program, type Program } from "../support/program.ts";

/**
 * Calls across pages, loops, stores into a buffer that conflicts in a small cache, a handler for
 * D-TLB misses, timer interrupts, and reads of CR16 that end up in memory.
 */
const PROGRAM = `
	ldil L%0x80000000,%r1
	mtctl %r1,%cr15
	mfctl %cr16,%r1
	ldo 777(%r1),%r1
	mtctl %r1,%cr16
	ldil L%vectors,%r1
	ldo R%vectors(%r1),%r1
	mtctl %r1,%cr14
	ssm 1,%r0
	ldil L%0x100000,%r7
	ldi 400,%r3
outer:
	bl far,%r2
	ldi 17,%r4
inner:
	ldw 0(%r7),%r8
	add %r8,%r9,%r9
	stwm %r9,36(%r7)
	stw %r4,-8(%r7)
	mfctl %cr16,%r10
	stb %r10,3(%r7)
	addib,> -1,%r4,inner
	ldwm 4(%r7),%r11
	comb,<,n %r11,%r9,less
	addi 1,%r12,%r12
less:
	addib,> -1,%r3,outer
	extru %r9,19,12,%r13
	escape 1
	.block 4096
far:
	comiclr,= 0,%r13,%r0
	addi 3,%r9,%r9
	bv %r0(%r2)
	ldi 1,%r14
	.align 4096
vectors:
	.block 4*32
	b timer
	nop
	.block 24
	.block 10*32
	b miss
	nop
	.block 24+16*32
timer:
	addi 1,%r20,%r20
	mfctl %cr16,%r8
	ldo 1013(%r8),%r8
	mtctl %r8,%cr16
	ldil L%0x80000000,%r8
	mtctl %r8,%cr23
	rfir
miss:
	mfctl %cr21,%r8
	dep %r0,31,12,%r8
	extru %r8,31-7,32-7,%r9
	idtlba %r9,(%r8)
	ldil L%0x11f00000,%r9
	idtlbp %r9,(%r8)
	addi 1,%r21,%r21
	rfir
`;

const CONFIG: Partial<MachineConfig> = {
  dataCacheBytes: 8192,
  instructionCacheBytes: 4096,
  writeBack: 3,
  mispredict: 1,
  branchRegister: 1,
  dataTlbEntries: 2,
  recordPages: 16,
};

async function load(engine: Engine = "fast"): Promise<Program> {
  const psw = PSW.PSW_C | PSW.PSW_D | PSW.PSW_Q;
  const loaded = await program(PROGRAM, { psw, config: CONFIG, engine });
  loaded.machine.insertBlockTlb({
    space: 0,
    virtual: 0,
    physical: 0,
    size: 0x20000,
    accessRights: 0x2c,
    accessId: 0,
    sides: "instruction",
  });
  return loaded;
}

function outcome({ machine }: Program): unknown {
  return {
    counters: machine.counters(),
    registers: Array.from({ length: 32 }, (_, register) => machine.gr(register)),
    memory: machine.memory
      .bytes(0x100000, 0x20000)
      .reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 0),
  };
}

test("slices of any length give the same run", async () => {
  const whole = await load();
  expect(whole.escape()).toBe(1);
  const { counters } = outcome(whole) as { counters: ReturnType<Program["machine"]["counters"]> };
  // The program does what this test is about.
  expect(whole.machine.gr(20)).toBeGreaterThan(10);
  expect(whole.machine.gr(21)).toBeGreaterThan(20);
  for (const cause of [
    "load_use",
    "store_busy",
    "d_stall",
    "i_stall",
    "write_back",
    "branch",
  ] as const)
    expect(counters[cause]).toBeGreaterThan(100);

  const random = new Random(3);
  for (const slice of [1, 2, 3, 7, 100, 5000, 90_000, 0]) {
    const cut = await load();
    for (let stop = cut.run(1); stop.reason !== "escape";)
      stop = cut.run(slice === 0 ? 1 + random.below(200_000) : slice);
    expect([slice, outcome(cut)]).toEqual([slice, outcome(whole)]);
  }
});

test("every engine gives the same run", async () => {
  const classic = await load("classic");
  expect(classic.escape()).toBe(1);
  for (const engine of ["interpreted", "fast", "eager"] as const)
    for (const slice of [1_000_000, 100_000]) {
      const other = await load(engine);
      while (other.run(slice).reason !== "escape");
      expect([engine, outcome(other)]).toEqual([engine, outcome(classic)]);
      if (engine === "eager") expect(other.machine.translations).toBeGreaterThan(1);
    }
});

test("a run stops at the first boundary at or after its limit", async () => {
  const { machine, run } = await load();
  let longest = 0;
  for (let i = 0; i < 5000; i++) {
    const wanted = machine.cycles + 1 + (i % 50);
    expect(run(1 + (i % 50)).reason).toBe("limit");
    expect(machine.cycles).toBeGreaterThanOrEqual(wanted);
    longest = Math.max(longest, machine.cycles - wanted);
  }
  // One instruction with all its stalls: two misses, a write-back, a busy cache.
  expect(longest).toBeLessThan(14 + 14 + 3 + 2 + 3);
});

test("two machines in one process do not know of each other", async () => {
  const [first, second] = [await load(), await load()];
  while (first.run(10_000).reason !== "escape") second.run(3_000);
  while (second.run(3_000).reason !== "escape");
  expect(outcome(second)).toEqual(outcome(first));
});

test("the boundaries are the same however they are come to: by steps, or at any limit", async () => {
  const stepped = await load();
  const boundaries = [0];
  for (let i = 0; i < 3000; i++) {
    stepped.machine.step();
    boundaries.push(stepped.machine.cycles);
  }
  const random = new Random(5);
  const { machine, run } = await load();
  for (let index = 0; index < 2900;) {
    const limit = machine.cycles + 1 + random.below(random.below(4) === 0 ? 400 : 20);
    run(limit - machine.cycles);
    index = boundaries.findIndex((cycle) => cycle >= limit);
    if (index < 0) break;
    expect(machine.cycles).toBe(boundaries[index]);
  }
});
