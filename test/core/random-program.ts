/**
 * Random user-mode programs for a differential run: blocks of random words of the instruction table,
 * each between a load of all registers and a store of all registers.
 *
 * The words are encoded by the table, not by an assembler, so that the oracle decodes them for itself.
 * Left out is what known-deviations.txt names. Trapping forms stand at a block's start, where their
 * operands are known not to make them trap.
 */
import {
  encode,
  instruction,
  INSTRUCTIONS,
  type Instruction,
} from "../../host/isa/instructions.ts";
import type { Random } from "../asm/random.ts";
import { randomValue } from "./random-value.ts";
import { conditionsLeftOut, isFormLeftOut, isLeftOut } from "./deviations.ts";

/** Registers with a fixed meaning; the others are random. */
const BRANCH_BASE = 23;
const STEP = 24; // 0 or 1: index of BLR
const COUNTER = 25;
const POINTER = 27; // moved by address modification
const INDEX = 28; // a small multiple of 8
const SCRATCH = 29;
const OUTPUT = 30;
const FREE = [...Array(23).keys(), 31].filter((register) => register > 0);

export const SCRATCH_BYTES = 12288;
/** Registers that a block stores, in this order. */
export const STORED = Array.from({ length: 29 }, (_, index) => index + 1)
  .filter((r) => r < 29)
  .concat(31);
export const BLOCK_WORDS = STORED.length + 1;

export interface RandomBlock {
  /** Values of `STORED`, in order, and the scratch pointer's start is in POINTER. */
  readonly registers: readonly number[];
  readonly shiftAmount: number;
  readonly words: readonly number[];
}

const COMPUTE = INSTRUCTIONS.filter(
  ({ kind, name }) =>
    (kind === "compute" || kind === "nullify") && !isLeftOut(name) && !isTrapping(name),
);
/** Those that trap on overflow or on their condition, unless they are left out altogether. */
const TRAPPING = INSTRUCTIONS.filter(({ name }) => isTrapping(name) && !isLeftOut(name));
const MEMORY = INSTRUCTIONS.filter(
  ({ kind, name, clause }) =>
    (kind === "load" || kind === "store") && !isLeftOut(name) && !/Float|Coprocessor/.test(clause),
);
const CONDITIONAL = INSTRUCTIONS.filter(({ kind }) => kind === "branch-condition");

type Values = Record<string, number>;

function target(random: Random): number {
  return random.below(12) === 0 ? 0 : random.pick(FREE);
}
function source(random: Random): number {
  return random.below(10) === 0 ? 0 : random.pick([...FREE, INDEX, SCRATCH]);
}

function computeFields(row: Instruction, random: Random, shiftAmount: number): Values {
  const values: Values = {};
  for (const { name, kind, constant } of row.fields) {
    if (constant) continue;
    if (name === "t") values[name] = target(random);
    else if (["a", "b", "x", "r"].includes(name)) values[name] = source(random);
    else if (name === "c")
      values[name] = random.below(2) === 0 ? 0 : random.pick(conditionsOf(row));
    else if (name === "len") continue;
    else if (kind.signed) {
      const span = 2 ** kind.width;
      values[name] = (random.below(span) - span / 2) * 2 ** kind.scale;
    } else
      values[name] =
        kind.reflect === undefined
          ? random.below(2 ** kind.width)
          : kind.reflect - random.below(2 ** kind.width);
  }
  if (row.fields.some(({ name }) => name === "len") && isFormLeftOut(row.name, "len > p + 1"))
    values["len"] = 1 + random.below((values["p"] ?? values["cp"] ?? shiftAmount) + 1);
  if (isFormLeftOut(row.name, "t = 0") && values["t"] === 0) values["t"] = 1;
  if (isFormLeftOut(row.name, "t = b") && values["t"] === values["b"]) values["t"] = 0;
  return values;
}

function conditionsOf({ name }: Instruction): readonly number[] {
  const out = conditionsLeftOut(name);
  return [0, 1, 2, 3, 4, 5, 6, 7].filter((c) => !out.includes(c));
}

function memoryFields(row: Instruction, random: Random): Values {
  const { name, bytes, mode } = row;
  const unaligned = name === "STBYS";
  const semaphore = isFormLeftOut(name, "not aligned to 16");
  const values: Values = {
    [row.kind === "load" ? "t" : "r"]: row.kind === "load" ? target(random) : source(random),
  };
  const has = (field: string): boolean =>
    row.fields.some((candidate) => candidate.name === field && !candidate.constant);
  const modify = mode === "modify" || (has("m") && random.below(3) === 0);
  values["b"] = modify ? POINTER : random.pick([SCRATCH, POINTER, SCRATCH]);
  if (has("m")) values["m"] = Number(modify);
  if (has("ab")) values["ab"] = random.below(2);
  if (has("u")) values["u"] = random.below(2);
  // All spaces are one in user mode; which register is named must not matter.
  if (has("s") && random.below(6) === 0) values["s"] = 1 + random.below(3);
  const unit = semaphore ? 16 : modify && !unaligned ? 4 : unaligned ? 1 : bytes!;
  if (semaphore) {
    // Semaphores must be 16-byte aligned, which only the base register is.
    values["b"] = SCRATCH;
    if (has("m")) values["m"] = 0;
    if (mode === "index") values["x"] = 0;
    else values["im5"] = random.pick([0, -16]);
    return values;
  }
  if (mode === "index") values["x"] = random.pick([0, INDEX]);
  else if (mode === "short") values["im5"] = Math.trunc((random.below(32) - 16) / unit) * unit;
  else
    values["im14"] =
      Math.trunc((random.below(modify ? 128 : 2048) - (modify ? 64 : 1024)) / unit) * unit;
  return values;
}

/** System instructions that user programs have: spaces are all 0, caches are no matter. */
function systemWord(random: Random): number {
  const t = target(random);
  switch (random.below(6)) {
    case 0: return encode(instruction("LDSID"), { b: source(random), s: random.below(4), t });
    case 1: return encode(instruction("MFSP"), { sr: random.below(8), t });
    case 2: return encode(instruction("MFCTL"), { cr: 11, t });
    case 3: return encode(instruction("SYNC"), {});
    case 4: return encode(instruction("FDC"), { b: SCRATCH, x: INDEX, s: random.below(4), m: 0 });
    default: return encode(instruction("MTSP"), { r: 0, sr: random.below(5) });
  } // prettier-ignore
}

function plainWord(random: Random, shiftAmount: number): number {
  if (random.below(60) === 0) return systemWord(random);
  if (random.below(3) === 0) {
    const row = random.pick(MEMORY);
    return encode(row, memoryFields(row, random));
  }
  const row = random.pick(COMPUTE);
  return encode(row, computeFields(row, random, shiftAmount));
}

function conditionalWord(random: Random, displacement: number): number {
  const row = random.pick(CONDITIONAL);
  const values = computeFields(row, random, 31);
  const writes = /^(ADDI?B|MOVI?B)/.test(row.name)
    ? row.name.startsWith("MOV")
      ? "t"
      : "b"
    : undefined;
  if (writes !== undefined) values[writes] = target(random);
  return encode(row, {
    ...values,
    w12: displacement,
    n: random.below(2),
    ...("c" in values && { c: random.below(8) }),
  });
}

/** Words that form a branch of some kind and everything it needs; what comes before may nullify the first. */
function branchWords(random: Random, shiftAmount: number): number[] {
  const plain = (): number => plainWord(random, shiftAmount);
  const n = random.below(2);
  const gap = random.below(4);
  const skipped = Array.from({ length: gap }, plain);
  switch (random.below(8)) {
    case 0:
    case 1:
      return [conditionalWord(random, 4 * gap), plain(), ...skipped];
    case 2:
      return [
        encode(instruction("BL"), { t: target(random), w17: 4 * gap, n }),
        plain(),
        ...skipped,
      ];
    case 3:
      // A counted loop: the body runs two to four times.
      return [
        NOP,
        encode(instruction("LDO"), { b: 0, t: COUNTER, im14: 1 + random.below(3) }),
        ...skipped,
        plain(),
        encode(instruction("ADDIBT"), { im5: -1, b: COUNTER, c: 1, w12: 0, n: 0 }), // never in practice: fills the slot
        plain(),
        encode(instruction("ADDIBF"), { im5: -1, b: COUNTER, c: 3, w12: -4 * (gap + 5), n }),
        plain(),
      ];
    case 6:
    case 7:
      return branchInSlot(random, shiftAmount);
    case 4:
      return [
        encode(instruction("BLR"), { x: STEP, t: target(random), n }),
        plain(),
        plain(),
        plain(),
        plain(),
      ];
    default: {
      const jump = random.pick([
        encode(instruction("BV"), { b: BRANCH_BASE, x: 0, n }),
        encode(instruction("BE"), { b: BRANCH_BASE, sr: 4, w17: 0, n }),
        encode(instruction("BLE"), { b: BRANCH_BASE, sr: 4, w17: 0, n }),
      ]);
      // BL .+8 leaves the address after its slot; the target is `gap` words after the jump's slot.
      return [
        NOP,
        encode(instruction("BL"), { t: BRANCH_BASE, w17: 0, n: 0 }),
        encode(instruction("LDO"), { b: 0, t: COUNTER, im14: 1 }),
        encode(instruction("LDO"), { b: BRANCH_BASE, t: BRANCH_BASE, im14: 4 * (3 + gap) }),
        jump,
        plain(),
        ...skipped,
      ];
    }
  }
}

/**
 * A branch in the delay slot of a branch, both forwards: the first one's target runs as the second one's
 * slot. Either may not be taken, link, or nullify.
 */
function branchInSlot(random: Random, shiftAmount: number): number[] {
  const plain = (): number => plainWord(random, shiftAmount);
  const branch = (distance: number): number =>
    random.below(2) === 0
      ? conditionalWord(random, 4 * distance)
      : encode(instruction("BL"), { t: target(random), w17: 4 * distance, n: random.below(2) });
  const [first, second] = [random.below(4), random.below(5)];
  return [NOP, branch(first), branch(second), ...Array.from({ length: 8 }, plain), NOP];
}

/** Whether an instruction traps on overflow or when its condition holds. */
function isTrapping(name: string): boolean {
  return isFormLeftOut(name, "overflow") || isFormLeftOut(name, "condition");
}

const signed = (value: number): bigint => BigInt(value | 0);
const inRange = (value: bigint): boolean => value === BigInt.asIntN(32, value);

/** Exact results of a trapping instruction, and of its shift: of either carry, where it adds one. */
function exactly(name: string, a: bigint, b: bigint): readonly bigint[] {
  const shift = BigInt(/^SH(\d)/.exec(name)?.[1] ?? 0);
  if (name.startsWith("SUBB")) return [a - b - 1n, a - b];
  if (name.startsWith("ADDC")) return [a + b, a + b + 1n];
  if (name.startsWith("SUB")) return [a - b];
  if (name.startsWith("UADDCM")) return [];
  return [a << shift, (a << shift) + b];
}

/**
 * A trapping word whose operands, as the block begins, do not make it trap; undefined for an unlucky
 * choice. Conditions of those that trap on them are "never", "=" and "<>", which are easily told.
 */
function trappingWord(random: Random, valueOf: (register: number) => number): number | undefined {
  const row = random.pick(TRAPPING);
  const values: Values = {};
  for (const { name, kind, constant } of row.fields) {
    if (constant) continue;
    if (name === "t") values[name] = 0;
    else if (name === "a" || name === "b") values[name] = source(random);
    else if (name === "im11") values[name] = random.below(2 ** 11) - 2 ** 10;
    else if (name === "c") values[name] = random.pick(conditionsOf(row));
    else values[name] = random.below(2 ** kind.width);
  }
  const a = "a" in values ? signed(valueOf(values["a"]!)) : BigInt(values["im11"]!);
  const b = signed(valueOf(values["b"]!));
  const results = exactly(row.name, a, b);
  if (isFormLeftOut(row.name, "overflow") && !results.every(inRange)) return undefined;
  if (isFormLeftOut(row.name, "condition")) {
    // Never, or always; and whether the result is zero.
    if (row.name === "UADDCMT") values["c"] = 0;
    else values["c"] = random.below(2);
    values["f"] = values["c"] === 1 ? Number(BigInt.asIntN(32, results.at(-1)!) === 0n) : 0;
  }
  return encode(row, values);
}

/** Instructions that random blocks have: all that user programs may have, without what is left out. */
export function expectedInstructions(): string[] {
  const system = ["LDSID", "MFSP", "MFCTL", "MTSP", "SYNC", "FDC"];
  const jumps = INSTRUCTIONS.filter(({ kind }) => ["branch", "branch-register", "branch-external"].includes(kind)); // prettier-ignore
  return [...COMPUTE, ...TRAPPING, ...MEMORY, ...CONDITIONAL, ...jumps]
    .map(({ name }) => name)
    .concat(system);
}

export function randomBlock(random: Random, length: number, scratch: number): RandomBlock {
  const shiftAmount = random.below(32);
  const registers = STORED.map((register) => {
    if (register === STEP) return random.below(2);
    if (register === POINTER) return scratch + SCRATCH_BYTES / 2;
    if (register === INDEX) return 8 * random.below(4);
    return randomValue(random);
  });
  const valueOf = (register: number): number =>
    register === SCRATCH ? scratch + SCRATCH_BYTES / 2 : (registers[STORED.indexOf(register)] ?? 0);
  // Nothing before may nullify them: then the oracle traps all the same.
  const words = Array.from({ length: random.below(3) }, () => [
    trappingWord(random, valueOf) ?? NOP,
    NOP,
  ]).flat();
  while (words.length < length)
    words.push(
      ...(random.below(6) === 0
        ? branchWords(random, shiftAmount)
        : [plainWord(random, shiftAmount)]),
    );
  // A block may end in something that nullifies; it may not take a store of the epilogue with it.
  words.push(NOP, NOP);
  return { registers, shiftAmount, words };
}

const NOP = encode(instruction("OR"), {});
export { OUTPUT, POINTER, SCRATCH };

/**
 * A program as GNU as text: for each block the registers are loaded from a table, the block runs, the
 * registers and the carry are stored; at the end everything stored, and the scratch memory, are
 * written to the standard output by system call 4.
 */
export function programText(blocks: readonly RandomBlock[]): string {
  const lines = ["\t.level 1.1", "\t.text", "\t.globl _start", "_start:"];
  lines.push(
    ...loadAddress("scratch", SCRATCH),
    `\tldo ${SCRATCH_BYTES / 2}(%r29),%r29`,
    ...loadAddress("output", OUTPUT),
  );
  blocks.forEach(({ shiftAmount, words }, index) => {
    lines.push(
      ...loadAddress(`table+${index * 4 * STORED.length}`, 1),
      `\tldi ${shiftAmount},%r2`,
      "\tmtctl %r2,%cr11",
    );
    lines.push("\tds %r0,%r0,%r0", "\tadd %r0,%r0,%r0");
    const order = [...STORED.keys()].filter((i) => STORED[i] !== 1);
    for (const i of order) lines.push(`\tldw ${4 * i}(%r1),%r${STORED[i]}`);
    lines.push("\tldw 0(%r1),%r1");
    for (const word of words) lines.push(`\t.word 0x${word.toString(16)}`);
    for (const register of STORED) lines.push(`\tstwm %r${register},4(%r30)`);
    lines.push("\taddc %r0,%r0,%r1", "\tstwm %r1,4(%r30)");
  });
  lines.push(
    ...systemCall("output", blocks.length * BLOCK_WORDS * 4),
    ...systemCall("scratch", SCRATCH_BYTES),
  );
  lines.push("\tldi 0,%r26", "\tble 0x100(%sr2,%r0)", "\tldi 1,%r20");
  lines.push("\t.data", "\t.align 4096", "table:");
  for (const { registers } of blocks) lines.push(`\t.word ${registers.join(",")}`);
  lines.push(
    "\t.align 16",
    `scratch:\t.block ${SCRATCH_BYTES}`,
    `output:\t.block ${blocks.length * BLOCK_WORDS * 4}`,
    "",
  );
  return lines.join("\n");
}

function loadAddress(symbol: string, register: number): string[] {
  return [`\tldil L%${symbol},%r${register}`, `\tldo R%${symbol}(%r${register}),%r${register}`];
}

function systemCall(symbol: string, length: number): string[] {
  return [
    "\tldi 1,%r26", ...loadAddress(symbol, 25), `\tldil L%${length},%r24`, `\tldo R%${length}(%r24),%r24`,
    "\tble 0x100(%sr2,%r0)", "\tldi 4,%r20",
  ]; // prettier-ignore
}
