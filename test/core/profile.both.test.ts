/**
 * Profiles and traces: of a program whose calls are known, every cycle in the routine that took it, and
 * the same cycles as without.
 */
import { describe, expect, test } from "vitest";
import { PSW } from "../../host/abi/pa.ts";
import type { WalkOptions } from "../../host/machine/call-walk.ts";
import { EventTrace } from "../../host/machine/event-trace.ts";
import { Profile, type ProfileNode } from "../../host/machine/profile.ts";
import { Symbols } from "../../host/machine/symbols.ts";
import {
  chromeTrace,
  profileText,
  speedscopeProfile,
  speedscopeTrace,
  traceText,
} from "../../host/machine/trace-formats.ts";
import { DATA, program, VECTORS } from "../support/program.ts";

/**
 * main calls `twice` three times, which calls `leaf` and goes on to `tail`; `fact` calls itself; a BREAK
 * is handled by `handler`, which skips it.
 */
const TEXT = `main:	ldi 3,%r3
again:	bl twice,%r2
	nop
	addib,> -1,%r3,again
	nop
	ldi 4,%r26
	bl fact,%r2
	ldi 1,%r28
	break 0,0
	ldil L%leaf,%r1
	ble R%leaf(%sr4,%r1)
	copy %r31,%r2
	escape 1
twice:	copy %r2,%r5
	bl leaf,%r2
	nop
	b tail
	copy %r5,%r2
leaf:	bv %r0(%r2)
	addi 1,%r6,%r6
tail:	stw %r6,0(%r1)
	bv %r0(%r2)
	nop
fact:	stw %r2,0(%r30)
	comib,= 1,%r26,done
	ldo 8(%r30),%r30
	bl fact,%r2
	ldo -1(%r26),%r26
done:	ldwm -8(%r30),%r2
	bv %r0(%r2)
	nop
	.align 64
handler:	mtctl %r0,%cr18
	mfctl %cr18,%r8
	mtctl %r8,%cr18
	ldo 4(%r8),%r8
	mtctl %r8,%cr18
	rfir
	nop`;

/** A traced run, with the labels in the middle of routines left out. */
async function traced<T extends Profile | EventTrace>(
  make: (symbols: Symbols, options: WalkOptions) => T,
) {
  const loaded = await program(TEXT, {
    psw: PSW.PSW_Q,
    registers: { 1: DATA, 30: DATA + 64 },
    config: { memoryBytes: 2 ** 20, recordPages: 16 },
  });
  const { machine, symbol, image } = loaded;
  machine.memory.copyIn(VECTORS + 9 * 32, machine.memory.bytes(symbol("handler"), 28));
  const labels = ["main", "twice", "leaf", "tail", "fact", "handler"].map((name) => [symbol(name), name] as const); // prettier-ignore
  const locate = (address: number) => {
    if (address >= VECTORS && address < VECTORS + 1024) return { symbol: "vectors", offset: address - VECTORS }; // prettier-ignore
    const [start, name] = labels.findLast(([at]) => at <= address)!;
    return { symbol: name, offset: address - start };
  };
  const result = make(new Symbols([{ title: "test", space: 0, image: { ...image, locate } }]), {
    vectors: VECTORS,
  });
  machine.trace(result.tracer);
  expect(loaded.escape()).toBe(1);
  machine.trace();
  result.finish(machine.cycles);
  return { machine, result };
}

const tree = ({ symbol, calls, instructions, children }: ProfileNode): unknown => [
  `${symbol} ${calls} ${instructions}`,
  ...children.map(tree),
];

describe("a profile", () => {
  test("has every routine under its callers, instructions counted", async () => {
    const { result } = await traced((symbols, options) => new Profile(symbols, options));
    expect(result.roots.map(tree)).toEqual([
      [
        "main 1 21",
        // BL and its slot, B and its slot, COPY; the tail call returns to main.
        ["twice 3 15", ["leaf 3 6"]],
        ["tail 3 9"],
        ["fact 1 8", ["fact 1 8", ["fact 1 8", ["fact 1 6"]]]],
        ["vectors 1 6"],
        ["leaf 1 2"],
      ],
    ]);
  });

  test("adds up to the machine's cycles, which are those of a plain run", async () => {
    const { result, machine } = await traced((symbols, options) => new Profile(symbols, options));
    expect(result.cycles).toBe(machine.cycles);
    const flat = await traced(
      (symbols, options) => new Profile(symbols, { ...options, flat: true }),
    );
    expect(flat.result.cycles).toBe(machine.cycles);
    expect(flat.machine.counters()).toEqual(machine.counters());
    const sums = ({ result: profile }: { result: Profile }) =>
      profile.rows().map(({ symbol, cycles, instructions }) => [symbol, cycles, instructions]);
    expect(sums(flat)).toEqual(sums({ result }));
  });

  test("as text and for speedscope", async () => {
    const { result, machine } = await traced((symbols, options) => new Profile(symbols, options));
    const text = profileText(result, 2).split("\n");
    expect(text).toHaveLength(5);
    expect(text[0]).toMatch(/^ +cycles +share +instructions +CPI +entered {2}routine$/);
    expect(text.at(-1)).toMatch(new RegExp(`^ +${machine.cycles} +cycles in all$`));
    const file = speedscopeProfile(result, "test", "x") as {
      shared: { frames: { name: string }[] };
      profiles: { type: string; samples: number[][]; weights: number[]; endValue: number }[];
    };
    const [{ type, samples, weights, endValue }] = file.profiles as [(typeof file.profiles)[0]];
    expect([type, endValue]).toEqual(["sampled", machine.cycles]);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(endValue);
    const names = samples.map((stack) => stack.map((frame) => file.shared.frames[frame]!.name).join(">")); // prettier-ignore
    expect(names).toContain("main>fact>fact>fact>fact");
    expect(names).toHaveLength(weights.length);
  });
});

describe("a trace", () => {
  test("has calls and returns in order, properly nested", async () => {
    const { result, machine } = await traced(
      (symbols, options) => new EventTrace(symbols, { ...options, limit: 100 }),
    );
    const order = result.events.map((event) => (event.kind === "enter" ? event.symbol : "-"));
    expect(order.join(" ")).toBe(
      "main twice leaf - - tail - twice leaf - - tail - twice leaf - - tail - fact fact fact fact - - - - vectors - leaf - -",
    );
    const cycles = result.events.map(({ cycle }) => cycle);
    expect(cycles).toEqual(cycles.toSorted((a, b) => a - b));
    expect(cycles.at(-1)).toBe(machine.cycles);
    const lines = traceText(result).split("\n");
    expect(lines).toHaveLength(17);
    expect(lines[1]).toMatch(new RegExp(`^ +0 +${machine.cycles}  main \\(test\\)$`));
  });

  test("is bounded: what comes too late is counted", async () => {
    const { result } = await traced(
      (symbols, options) => new EventTrace(symbols, { ...options, limit: 4 }),
    );
    expect(result.events.filter(({ kind }) => kind === "enter")).toHaveLength(4);
    expect(result.events.filter(({ kind }) => kind === "leave")).toHaveLength(4);
    expect(result.dropped).toBe(12);
    expect(traceText(result)).toMatch(/\n… and 12 more$/);
  });

  test("for Perfetto and speedscope", async () => {
    const { result, machine } = await traced(
      (symbols, options) => new EventTrace(symbols, { ...options, limit: 100 }),
    );
    const chrome = chromeTrace(result, { clockMHz: 50, version: "0" }) as {
      traceEvents: { ph: string; name: string; ts?: number; dur?: number; args: object }[];
      otherData: object;
    };
    expect(chrome.otherData).toEqual({ version: "0", clockMHz: 50, dropped: 0 });
    const [thread, main] = chrome.traceEvents;
    expect(thread).toMatchObject({ ph: "M", name: "thread_name", args: { name: "test" } });
    expect(main).toMatchObject({ ph: "X", name: "main", ts: 0, dur: machine.cycles / 50, args: { cycle: 0, cycles: machine.cycles } }); // prettier-ignore
    const speedscope = speedscopeTrace(result, "test", "x") as {
      profiles: { type: string; endValue: number; events: { type: string; frame: number; at: number }[] }[]; // prettier-ignore
    };
    const [{ type, events, endValue }] = speedscope.profiles as [(typeof speedscope.profiles)[0]];
    expect([type, endValue, events.length]).toEqual(["evented", machine.cycles, 32]);
    // Each closes the frame that is open.
    const open: number[] = [];
    for (const event of events)
      if (event.type === "O") open.push(event.frame);
      else expect(open.pop()).toBe(event.frame);
    expect(open).toEqual([]);
  });
});
