/**
 * Inspecting: breakpoints, watchpoints, tracing, accounts, checkpoints and snapshots. None of it can be
 * seen in cycles or counters; and what it shows is compared with what the program says of itself.
 */
import { describe, expect, test } from "vitest";
import { PSW } from "../../host/abi/pa.ts";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { CYCLE_CAUSES, type Tally } from "../../host/machine/counters.ts";
import { Machine, type Watchpoint } from "../../host/machine/machine.ts";
import { DATA, program, type Program } from "../support/program.ts";

/** A loop of loads and stores over two pages, with a call. */
const LOOP = `	ldi 20,%r3
	copy %r1,%r7
loop:	ldwm 8(%r7),%r8
	addi 3,%r8,%r8
	bl count,%r2
	stw %r8,-4(%r7)
	stb %r8,2(%r7)
	comclr,<> %r0,%r8,%r0
	addi 1,%r9,%r9
	addib,> -1,%r3,loop
slot:	addi 1,%r6,%r6
	escape 1
	.align 4096
count:	bv %r0(%r2)
	addi 1,%r5,%r5`;

const load = (): Promise<Program> =>
  program(LOOP, {
    registers: { 1: DATA },
    psw: PSW.PSW_Q,
    config: { memoryBytes: 2 ** 20, recordPages: 16 },
  });

function state({ machine }: Program): unknown {
  return {
    counters: machine.counters(),
    registers: Array.from({ length: 32 }, (_, register) => machine.gr(register)),
    queue: machine.pcoq,
    psw: machine.psw,
    memory: [...machine.memory.bytes(DATA, 512)],
  };
}

async function plain(): Promise<unknown> {
  const loaded = await load();
  expect(loaded.escape()).toBe(1);
  return state(loaded);
}

describe("breakpoints", () => {
  test("stop before their instruction, each time; the run is the same", async () => {
    const loaded = await load();
    const { machine, run, symbol } = loaded;
    machine.addBreakpoint(symbol("count"));
    machine.addBreakpoint(symbol("slot"), 0);
    machine.addBreakpoint(symbol("loop"), 7); // another space
    const stops: string[] = [];
    for (let stop = run(); stop.reason !== "escape"; stop = run()) {
      expect(stop.reason).toBe("breakpoint");
      const { frontOffset } = machine.pcoq;
      stops.push(`${frontOffset === symbol("slot") ? "slot" : "count"} ${machine.gr(5)}`);
    }
    expect(stops).toEqual(
      Array.from({ length: 20 }, (_, i) => [`count ${i}`, `slot ${i + 1}`]).flat(),
    );
    expect(state(loaded)).toEqual(await plain());
  });

  test("can be listed and removed, one and all; probes stay", async () => {
    const { machine, run, symbol } = await load();
    machine.setProbe(symbol("slot"), 5);
    machine.addBreakpoint(symbol("slot"));
    machine.addBreakpoint(symbol("count"), 0);
    const [first, second] = [symbol("slot"), symbol("count")];
    expect(machine.breakpoints()).toEqual([
      { address: first, space: undefined },
      { address: second, space: 0 },
    ]);
    machine.removeBreakpoints(second, 0);
    expect(run()).toEqual({ reason: "breakpoint", space: 0, address: first });
    machine.removeBreakpoints();
    expect(machine.breakpoints()).toEqual([]);
    expect(run().reason).toBe("escape");
    expect(machine.takeEvents().map(({ id }) => id)).toEqual(Array(20).fill(5));
  });

  test("a step passes one", async () => {
    const { machine, symbol } = await load();
    machine.addBreakpoint(symbol("loop"));
    machine.step();
    machine.step();
    expect(machine.pcoq.frontOffset).toBe(symbol("loop"));
    expect(machine.step().reason).toBe("limit");
    expect(machine.pcoq.frontOffset).toBe(symbol("loop") + 4);
  });
});

describe("watchpoints", () => {
  /** Stops of a run, as the access and its address. */
  async function hits(points: readonly Watchpoint[], text = LOOP): Promise<string[]> {
    const { machine, run } = await program(text, { registers: { 1: DATA }, psw: PSW.PSW_Q });
    machine.watchpoints = points;
    const result: string[] = [];
    for (let stop = run(); stop.reason === "watchpoint"; stop = run()) {
      const { access, address, at } = stop.hit;
      result.push(
        `${access} ${address - DATA} at ${machine.memory.read32(at).toString(16).padStart(8, "0").slice(0, 2)}`,
      );
    }
    return result;
  }

  test("stop behind the access, once for each", async () => {
    const loaded = await load();
    const { machine, run, symbol } = loaded;
    machine.watchpoints = [{ address: DATA + 16, access: "both" }];
    const seen: unknown[] = [];
    for (let stop = run(); stop.reason !== "escape"; stop = run()) {
      if (stop.reason !== "watchpoint") throw new Error(stop.reason);
      const { hit } = stop;
      seen.push([
        hit.access,
        hit.address - DATA,
        hit.at - symbol("loop"),
        machine.pcoq.frontOffset - symbol("loop"),
      ]);
    }
    // LDWM of 16; the STB of the round before goes to 8 + 2 + 8.
    expect(seen).toEqual([
      ["write", 18, 16, 20],
      ["read", 16, 0, 4],
    ]);
    expect(state(loaded)).toEqual(await plain());
  });

  test("reads, writes; bytes, not words; ranges; physical", async () => {
    expect(await hits([{ address: DATA + 16, access: "read" }])).toEqual(["read 16 at 4c"]);
    expect(await hits([{ address: DATA + 16, length: 2, access: "write" }])).toEqual([]);
    expect(await hits([{ address: DATA + 18, length: 1, access: "write" }])).toEqual([
      "write 18 at 0c",
    ]);
    expect(await hits([{ address: DATA + 18, length: 1, physical: true }])).toEqual([
      "write 18 at 0c",
      "read 16 at 4c",
    ]);
    expect(await hits([{ address: DATA + 18, length: 1, space: 3 }])).toEqual([]);
    expect(await hits([{ address: DATA, length: 4096, access: "read" }])).toHaveLength(20);
  });

  test("STBYS, LDCW, doubles, absolute accesses", async () => {
    const text = `	stbys,b %r5,1(%r1)\n	stbys,e %r5,2(%r1)\n	ldcws 0(%r1),%r6\n	ldwas 4(%r1),%r6\n	stwas %r6,8(%r1)\n	escape 1`;
    expect(await hits([{ address: DATA, length: 1 }], text)).toEqual([
      "write 2 at 0c",
      "both 0 at 0c",
    ]);
    expect(await hits([{ address: DATA + 8, access: "write" }], text)).toEqual(["write 8 at 0c"]);
  });

  test("none is left when they are taken away", async () => {
    const { machine, run } = await load();
    machine.watchpoints = [{ address: DATA, length: 4096 }];
    expect(run().reason).toBe("watchpoint");
    machine.watchpoints = [];
    expect(run().reason).toBe("escape");
  });
});

describe("tracing", () => {
  test("tells every instruction that runs, its word, and cycles that add up", async () => {
    const loaded = await load();
    const { machine, symbol } = loaded;
    const rows: { address: number; cycle: number; word: number }[] = [];
    machine.trace((address, _space, cycle, word) => void rows.push({ address, cycle, word }));
    expect(loaded.escape()).toBe(1);
    expect(state(loaded)).toEqual(await plain());
    // COMCLR nullifies: what it skips takes a cycle, and is not told.
    const nullified = rows.filter(({ address }, i) => rows[i + 1]?.address === address + 8).length;
    expect(nullified).toBe(20);
    expect(rows.length + nullified).toBe(machine.counters().instructions);
    expect(rows[0]!.cycle).toBe(0);
    for (const [i, { address, cycle, word }] of rows.entries()) {
      expect(word).toBe(machine.memory.read32(address));
      expect((rows[i + 1]?.cycle ?? machine.cycles) - cycle).toBeGreaterThan(0);
    }
    expect(rows.filter(({ address }) => address === symbol("count"))).toHaveLength(20);
    machine.trace();
    machine.jump(0, symbol("slot"));
    loaded.escape();
    expect(rows.at(-1)!.cycle).toBeLessThan(machine.cycles - 2);
  });

  test("stops at breakpoints without telling an instruction twice", async () => {
    const loaded = await load();
    const addresses: number[] = [];
    loaded.machine.trace((address) => void addresses.push(address));
    loaded.machine.addBreakpoint(loaded.symbol("count"));
    while (loaded.run().reason === "breakpoint");
    const whole = await load();
    const expected: number[] = [];
    whole.machine.trace((address) => void expected.push(address));
    whole.escape();
    expect(addresses).toEqual(expected);
  });
});

/** Level 3 in space 9 works and goes through a gate to level 0 and back. */
const GATED = `start:	ldil L%user+3,%r1\n	ldo R%user+3(%r1),%r1\n	be 0(%sr1,%r1)\n	nop
	.align 4096
user:	ldi 30,%r3
again:	ldw 0(%r20),%r8
	stw %r8,4(%r20)
	ldil L%gate_page,%r1
	ble R%gate_page(%sr2,%r1)
	nop
	addib,> -1,%r3,again
	nop
	ldil L%out,%r1
	be R%out(%sr2,%r1)
	nop
	.align 4096
gate_page:	gate kernel,%r4
	nop
out:	gate done,%r4
	nop
	.align 4096
kernel:	mfctl %cr0,%r9
	ldi 7,%r10
	be 0(%sr1,%r31)
	addi 1,%r5,%r5
done:	escape 1`;

async function gated(): Promise<Program> {
  const loaded = await program(GATED, {
    psw: PSW.PSW_C | PSW.PSW_Q,
    registers: { 20: DATA },
  });
  const { machine, symbol } = loaded;
  machine.setSr(1, 9);
  for (const [space, name, accessRights] of [
    [0, "start", 0x2c],
    [9, "user", 0x2c],
    [0, "gate_page", 0x4c],
    [0, "kernel", 0x2c],
  ] as const) {
    const at = symbol(name);
    machine.insertBlockTlb({
      space,
      virtual: at,
      physical: at,
      size: 4096,
      accessRights,
      accessId: 0,
      sides: "instruction",
    });
  }
  return loaded;
}

describe("checkpoints and snapshots", () => {
  test("a machine goes back, and runs the same again", async () => {
    const loaded = await load();
    const { machine } = loaded;
    loaded.run(100);
    const at = machine.checkpoint();
    const before = state(loaded);
    expect(loaded.escape()).toBe(1);
    const after = state(loaded);
    machine.memory.fill(DATA, 4096, 0x55);
    machine.return(at);
    expect(state(loaded)).toEqual(before);
    expect(loaded.escape()).toBe(1);
    expect(state(loaded)).toEqual(after);
    expect(after).toEqual(await plain());
  });

  test("pages that did not change are shared", async () => {
    const { machine, run } = await load();
    run(100);
    const first = machine.checkpoint();
    run(10);
    const second = machine.checkpoint(first);
    const fresh = [...second].filter(([page, bytes]) => first.get(page) !== bytes);
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThan(8);
  });

  test("at every boundary: saved, restored in another machine, run on: the same end", async () => {
    const expected = await plain();
    for (let cycles = 1; cycles < 230; cycles += 11) {
      const loaded = await load();
      loaded.run(cycles);
      const machine = await Machine.restored(loaded.machine.save());
      const other = { ...loaded, machine };
      expect(machine.run({ cycles: 100_000 }).reason).toBe("escape");
      expect(state(other)).toEqual(expected);
    }
  });

  test("what is no snapshot of this machine is refused in one message", async () => {
    const { machine } = await load();
    const good = machine.save();
    const changed = (at: number, value: number): Uint8Array => {
      const copy = good.slice();
      copy[at] = value;
      return copy;
    };
    const message = (bytes: Uint8Array, into = machine): string => {
      try {
        into.restore(bytes);
        return "restored";
      } catch (error) {
        expect(error).toBeInstanceOf(DiagnosticError);
        return (error as DiagnosticError).message;
      }
    };
    expect(message(good)).toBe("restored");
    expect(message(new Uint8Array())).toBe("snapshot: not a snapshot");
    expect(message(changed(0, 65))).toBe("snapshot: not a snapshot");
    expect(message(good.slice(0, 15))).toBe("snapshot: cut off: 15 bytes");
    expect(message(good.slice(0, -1))).toBe(`snapshot: cut off: ${good.length - 1} of ${good.length} bytes`); // prettier-ignore
    expect(message(changed(11, 9))).toBe("snapshot: expected version 1: 9");
    expect(message(changed(good.length >> 1, good[good.length >> 1]! ^ 1))).toMatch(/^snapshot: damaged: /); // prettier-ignore
    const other = await Machine.create({ ...machine.config, dataMiss: 20 });
    expect(message(good, other)).toBe("snapshot: of another machine: dataMiss is 14, here 20");
    // Nothing of a refused snapshot is in the machine.
    expect(other.memory.read32(0x4000)).toBe(0);
  });
});

describe("accounts", () => {
  test("by space and level, add up to the counters, cause by cause", async () => {
    const quiet = await gated();
    expect(quiet.escape()).toBe(1);
    const loaded = await gated();
    const { machine } = loaded;
    machine.keepAccounts();
    expect(loaded.escape()).toBe(1);
    expect(state(loaded)).toEqual(state(quiet));
    expect(machine.gr(5)).toBe(30);
    const accounts = machine.accounts();
    expect(accounts.map(({ space, level }) => [space, level])).toEqual([
      [0, 0],
      [0, 3],
      [9, 3],
    ]);
    const counters = machine.counters();
    for (const key of [...CYCLE_CAUSES, "cycles", "d_misses", "i_misses"] as (keyof Tally)[])
      expect([key, accounts.reduce((sum, account) => sum + account[key], 0)]).toEqual([key, counters[key]]); // prettier-ignore
    const [kernel, gate, user] = accounts as unknown as [Tally, Tally, Tally];
    // MFCTL, GATE's target: 30 times at level 0; loads and stores in space 9 only.
    expect(user.load_use).toBe(30);
    expect([kernel.load_use, gate.load_use]).toEqual([0, 0]);
    expect(gate.instructions).toBe(2 * 31);
    expect(kernel.instructions).toBe(4 + 4 * 30 + 1);
  });

  test("every cycle is in one cause: instructions counted by a tracer are the base cycles", async () => {
    const { machine, escape } = await gated();
    let traced = 0;
    machine.trace(() => void traced++);
    expect(escape()).toBe(1);
    const counters = machine.counters();
    expect(counters.instructions).toBe(traced);
    expect(CYCLE_CAUSES.reduce((sum, cause) => sum + counters[cause], 0)).toBe(counters.cycles);
  });
});
