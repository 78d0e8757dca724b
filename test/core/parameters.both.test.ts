/**
 * The configuration: every field may be swept within its range and is refused outside, every cost
 * reaches the cycle count, and the presets are what their sources say.
 */
import { describe, expect, test } from "vitest";
import { REGION } from "../../host/abi/machine.ts";
import { INTERRUPTION, PSW } from "../../host/abi/pa.ts";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { HP9000_730, toMachineConfig, withoutTiming } from "../../host/machine/config.ts";
import { type MachineConfig, PARAMETERS } from "../../host/machine/parameters.ts";
import { PRESETS } from "../../host/machine/presets.ts";
import { DATA, INTERRUPTED, program } from "../support/program.ts";

type Key = keyof MachineConfig;
const KEYS = Object.keys(PARAMETERS) as Key[];

/** What toMachineConfig says of a value; undefined when it takes it. */
function refusal(key: Key, value: unknown): string | undefined {
  try {
    toMachineConfig({ [key]: value });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(DiagnosticError);
    return (error as DiagnosticError).message;
  }
}

describe("ranges", () => {
  test("are of every field, and hold at both ends", () => {
    expect(KEYS).toEqual(Object.keys(HP9000_730));
    for (const key of KEYS) {
      const { range, source } = PARAMETERS[key];
      expect(source).not.toBe("");
      if (!range) continue;
      const [lowest, highest] = range;
      expect([key, refusal(key, lowest), refusal(key, highest)]).toEqual([
        key,
        undefined,
        undefined,
      ]);
      for (const value of [lowest - 1, highest + 1, Number.NaN, Number.POSITIVE_INFINITY, "7"])
        expect(refusal(key, value)).toMatch(
          new RegExp(`^${key}: expected .*from ${lowest} to ${highest}: `),
        );
    }
  });

  test("whole numbers, powers of two, switches, names that are none", () => {
    expect(refusal("dataMiss", 1.5)).toBe("dataMiss: expected an integer from 0 to 1000: 1.5");
    expect(refusal("clockMHz", 66.67)).toBeUndefined();
    expect(refusal("dataCacheBytes", 12_288)).toBe(
      "dataCacheBytes: expected a power of two: 12288",
    );
    expect(refusal("memoryBytes", 2 ** 21 + 1)).toMatch(/a multiple of 4096: 2097153$/);
    expect(refusal("dataSpaceHash", 1)).toBe("dataSpaceHash: expected true or false: 1");
    expect(refusal("dataMis" as Key, 1)).toBe("dataMis: no parameter of a machine: 1");
  });
});

/** Something of everything that costs. */
const EVERYTHING = `	mfctl %cr24,%r2
	mtctl %r2,%cr24
	mfsp %sr1,%r2
	mtsp %r2,%sr1
	ldsid (%r1),%r2
	rsm 1,%r0
	ssm 1,%r0
	mtsm %r20
	.word 0x14001a00
	.word 0x14201600
	ldil L%vectored,%r2
	ldo R%vectored(%r2),%r2
	bv %r0(%r2)
	nop
vectored:	ldil L%external,%r4
	be R%external(%sr4,%r4)
	nop
external:	ldil L%far,%r4
	ble R%far(%sr4,%r4)
	nop
	gate gated,%r5
	nop
gated:	rfi
	nop
back:	prober (%r1),%r0,%r2
	idtlba %r2,(%r1)
	idtlbp %r2,(%r1)
	pdtlb %r0(%r1)
	sync
	stw %r2,0(%r1)
	ldw 0(%r1),%r2
	addi 1,%r2,%r2
	fdc %r0(%r1)
	fdc %r0(%r1)
	ldcws 0(%r1),%r2
	nop
	ldil L%0x40000,%r4
	addl %r1,%r4,%r4
	stw %r2,0(%r1)
	stw %r2,0(%r4)
	comb,= %r0,%r0,forward
	nop
	nop
forward:	fldds 0(%r1),%fr4
	fstds %fr4,8(%r1)
	fldds 0(%r1),%fr5
	fadd,dbl %fr5,%fr5,%fr6
	fadd,dbl %fr6,%fr6,%fr7
	fadd,dbl %fr4,%fr4,%fr8
	fmpy,dbl %fr4,%fr4,%fr8
	fstds %fr8,8(%r1)
	fcmp,dbl,= %fr4,%fr5
	ftest
	nop
	fdiv,sgl %fr4,%fr5,%fr9
	fadd,sgl %fr9,%fr9,%fr9
	fdiv,dbl %fr4,%fr5,%fr9
	fadd,dbl %fr9,%fr9,%fr9
	fsqrt,sgl %fr4,%fr9
	fadd,sgl %fr9,%fr9,%fr9
	fsqrt,dbl %fr4,%fr9
	fadd,dbl %fr9,%fr9,%fr9
	break 0,0
	.align 4096
far:	be 0(%sr4,%r31)
	nop`;

async function cycles(config: Partial<MachineConfig>): Promise<number> {
  const { machine, escape, symbol } = await program(EVERYTHING, {
    psw: PSW.PSW_Q,
    registers: { 1: DATA, 20: PSW.PSW_Q },
    config,
  });
  machine.setCr(10, 0xc0);
  machine.setFr(4, 0x3ff0000000000000n);
  machine.setCr(22, PSW.PSW_Q);
  const to = symbol("back");
  machine.setInterruptionQueue({
    frontSpace: 0,
    frontOffset: to,
    backSpace: 0,
    backOffset: to + 4,
  });
  expect(escape()).toBe(INTERRUPTED + INTERRUPTION.I_BREAK);
  return machine.cycles;
}

describe("costs", () => {
  const costs = KEYS.filter((key) => PARAMETERS[key].kind === "cycles");

  test.each(costs)("%s reaches the cycle count", async (key) => {
    // A write-back, and a taken forward branch, cost nothing by default.
    const base = { writeBack: 1, floatDistance: 3, floatBypass: 0 };
    const more = { ...base, [key]: (key in base ? base[key as "writeBack"] : (HP9000_730[key] as number)) + 1 }; // prettier-ignore
    expect(await cycles(more)).not.toBe(await cycles(base));
  });

  test("without timing, cycles count instructions, and what runs is the same", async () => {
    const config = withoutTiming(HP9000_730);
    expect(costs.map((key) => config[key])).toEqual(costs.map((key) => (key === "interruption" ? 1 : 0))); // prettier-ignore
    const { interruption, name } = config;
    expect([interruption, name]).toEqual([1, "HP 9000/730"]);
    expect(await cycles(config)).toBeLessThan((await cycles({})) / 2);
  });
});

test("a machine with 32 MB costs less than 64 MB", () => {
  const { memoryBytes, recordPages } = HP9000_730;
  expect(memoryBytes).toBe(32 * 2 ** 20);
  expect(REGION.RAM + memoryBytes + recordPages * REGION.RECORD_PAGE_BYTES).toBeLessThan(64e6);
});

describe("presets", () => {
  test("have a source for everything in which they differ from the paper's machine", () => {
    for (const [name, { config, sources }] of Object.entries(PRESETS)) {
      const differing = KEYS.filter((key) => key !== "name" && config[key] !== HP9000_730[key]);
      expect([name, differing.filter((key) => !sources[key])]).toEqual([name, []]);
      expect(toMachineConfig(config)).toEqual(config);
    }
  });

  // Of openbsd's intro(4) and cpu(4): clock, caches in KB, TLB, block entries, split TLB.
  test.each([
    ["HP9000_705", 35, 32, 64, 96, 4],
    ["HP9000_710", 50, 32, 64, 96, 4],
    ["HP9000_720", 50, 128, 256, 96, 4],
    ["HP9000_730", 67, 128, 256, 96, 4],
    ["HP9000_750", 66, 256, 256, 96, 4],
    ["HP9000_715_33", 33, 64, 64, 120, 16],
    ["HP9000_715_50", 50, 64, 64, 120, 16],
    ["HP9000_735", 99, 256, 256, 120, 16],
    ["HP9000_755", 99, 256, 256, 120, 16],
    ["HP9000_735_125", 125, 256, 256, 120, 16],
    ["HP9000_712_60", 60, 32, 32, 64, 8],
    ["HP9000_712_80", 80, 128, 128, 64, 8],
    ["HP9000_712_100", 100, 128, 128, 64, 8],
  ])("%s: %i MHz, %i + %i KB, %i TLB entries, %i blocks", (name, clock, i, d, tlb, blocks) => {
    const { config } = PRESETS[name]!;
    expect([
      config.clockMHz,
      config.instructionCacheBytes / 1024,
      config.dataCacheBytes / 1024,
      config.dataTlbEntries,
      config.blockTlbEntries,
      config.unifiedTlb,
    ]).toEqual([clock, i, d, tlb, blocks, tlb !== 96]);
  });
});
