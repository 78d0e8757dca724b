/**
 * Random floating-point programs for a differential run, in blocks: registers and status are loaded,
 * some random words of the instruction table run, registers and status are stored.
 *
 * Every register holds one kind of value throughout, so that no bits are read as a NaN that nobody
 * made. Left out is what known-deviations.txt names (float.both.test.ts has FMPYADD and FMPYSUB), and
 * quads, which are software.
 */
import { encode, instruction } from "../../host/isa/instructions.ts";
import type { Random } from "../asm/random.ts";
import { isFormLeftOut } from "./deviations.ts";
import { DOUBLE, fixedBits, floatBits, SINGLE } from "./float-values.ts";

type Kind = "double" | "single" | "word" | "doubleWord";

/** Registers of each kind; singles and words are halves. */
const REGISTERS: Readonly<Record<Kind, readonly [first: number, last: number]>> = {
  double: [4, 12],
  single: [13, 21],
  word: [22, 26],
  doubleWord: [27, 31],
};
const KINDS = ["double", "single", "word", "doubleWord"] as const;
const FIRST = 4;
const LAST = 31;
/** Double words that a block loads and stores: the status and the registers. */
export const BLOCK_DOUBLES = 1 + LAST - FIRST + 1;

/** Bytes of the memory that loads and stores of one kind reach. */
const AREA = 2048;
/** General registers: the middle of each kind's area, fixed and moved by modification; an index. */
const BASE: Readonly<Record<Kind, number>> = { double: 3, single: 4, word: 5, doubleWord: 6 };
const POINTER: Readonly<Record<Kind, number>> = { double: 7, single: 8, word: 9, doubleWord: 10 };
const INDEX = 11;

const size = (kind: Kind): 4 | 8 => (kind === "double" || kind === "doubleWord" ? 8 : 4);

function valueOf(kind: Kind, random: Random): bigint {
  switch (kind) {
    case "double": return floatBits(random, DOUBLE);
    case "single": return floatBits(random, SINGLE);
    case "word": return fixedBits(random, 32);
    case "doubleWord": return fixedBits(random, 64);
  } // prettier-ignore
}

/** Eight bytes of a kind. */
function doubleWordOf(kind: Kind, random: Random): bigint {
  return size(kind) === 8
    ? valueOf(kind, random)
    : (valueOf(kind, random) << 32n) | valueOf(kind, random);
}

interface Register {
  readonly number: number;
  /** 1 is the right half. */
  readonly half: number;
}

function register(kind: Kind, random: Random, zero = false): Register {
  const [first, last] = REGISTERS[kind];
  if (zero && random.below(12) === 0) return { number: 0, half: 0 };
  return {
    number: first + random.below(last - first + 1),
    half: size(kind) === 4 ? random.below(2) : 0,
  };
}

type Values = Record<string, number>;

/** An operation of major opcode 0C, or of 0E where halves need it. */
function operation(name: string, values: Values, halves: Values, random: Random): number {
  const needed = Object.values(halves).some((half) => half !== 0);
  if (!needed && random.below(2) === 0) return encode(instruction(name), values);
  const row = instruction(`${name}_LR`);
  const fields: Values = { ...values, ...halves };
  if (row.fields.some((field) => field.name === "fmt1")) {
    fields["fmt1"] = values["fmt"]!;
    delete fields["fmt"];
  }
  return encode(row, fields);
}

function arithmetic(random: Random): number {
  const kind = random.pick(["double", "single"] as const);
  const fmt = Number(kind === "double");
  const [a, b, t] = [
    register(kind, random, true),
    register(kind, random, true),
    register(kind, random),
  ];
  const name = random.pick(["FADD", "FSUB", "FMPY", "FDIV", "FADD", "FSUB", "FMPY", "FDIV", "FSQRT", "FRND", "FCPY", "FABS", "FCMP"]); // prettier-ignore
  const unary = /FSQRT|FRND|FCPY|FABS/.test(name);
  const fields: Values = { fa: a.number, fmt };
  const halves: Values = { ha: a.half };
  if (!unary) {
    fields["fb"] = b.number;
    halves["hb"] = b.half;
  }
  if (name === "FCMP") fields["fc"] = random.below(32);
  else {
    fields["ft"] = t.number;
    halves["ht"] = t.half;
  }
  return operation(name, fields, halves, random);
}

function conversion(random: Random): number {
  const [name, from, to] = random.pick([
    ["FCNVFF", "float", "other"],
    ["FCNVXF", "fixed", "float"],
    ["FCNVFX", "float", "fixed"],
    ["FCNVFXT", "float", "fixed"],
  ] as const);
  const fmt = random.below(2);
  const df = to === "other" ? 1 - fmt : random.below(2);
  const kindOf = (what: "float" | "fixed" | "other", long: number): Kind =>
    what === "fixed" ? (long ? "doubleWord" : "word") : long ? "double" : "single";
  const wrong = fmt === 1 && df === 0 && isFormLeftOut(name, "fa = 0, double to single");
  const a = register(kindOf(from, fmt), random, !wrong);
  const t = register(kindOf(to, df), random);
  return operation(
    name,
    { fa: a.number, ft: t.number, fmt, df },
    { ha: a.half, ht: t.half },
    random,
  );
}

function integerMultiply(random: Random): number {
  const [a, b, t] = [
    register("word", random),
    register("word", random),
    register("doubleWord", random),
  ];
  return encode(instruction("XMPYU"), {
    fa: a.number, fb: b.number, ft: t.number, ha: a.half, hb: b.half, ht: 0,
  }); // prettier-ignore
}

function memory(random: Random): number {
  const kind = random.pick(KINDS);
  const load = random.below(2) === 0;
  const indexed = random.below(2) === 0;
  const width = size(kind) === 8 ? "D" : "W";
  const row = instruction(`F${load ? "LD" : "ST"}${width}${indexed ? "X" : "S"}`);
  const { number, half } = register(kind, random);
  const m = random.below(2);
  const fields: Values = { b: m ? POINTER[kind] : BASE[kind], m };
  fields[load ? "ft" : "fr"] = number;
  if (width === "W") fields[load ? "ht" : "hr"] = half;
  if (random.below(8) === 0) fields["s"] = 1 + random.below(3);
  if (indexed) {
    fields["x"] = random.pick([0, INDEX]);
    fields["u"] = random.below(2);
  } else {
    fields["im5"] = random.pick([-8, 0, 8]);
    fields["ab"] = random.below(2);
  }
  return encode(row, fields);
}

export interface FloatBlock {
  /** Status and registers, as double words. */
  readonly before: readonly bigint[];
  readonly words: readonly number[];
}

export function floatBlock(random: Random, length: number): FloatBlock {
  const rounding = random.below(2) === 0 ? 0 : random.below(4);
  const inexact = random.below(2) === 0 ? 0x08000000 : 0;
  const before = [BigInt((rounding << 9) | inexact) << 32n];
  for (let number = FIRST; number <= LAST; number++) {
    const kind = KINDS.find((name) => number <= REGISTERS[name][1])!;
    before.push(doubleWordOf(kind, random));
  }
  const test = encode(instruction("FTEST"), {});
  const words = Array.from({ length }, () => {
    const choice = random.below(20);
    if (choice < 10) return arithmetic(random);
    if (choice < 14) return conversion(random);
    if (choice < 15) return integerMultiply(random);
    return choice < 18 ? memory(random) : test;
  });
  return { before, words };
}

const NOP = encode(instruction("OR"), {});
const address = (symbol: string, target: number): string[] => [
  `\tldil L%${symbol},%r${target}`,
  `\tldo R%${symbol}(%r${target}),%r${target}`,
];
const write = (symbol: string, length: number): string[] => [
  "\tldi 1,%r26", ...address(symbol, 25), `\tldil L%${length},%r24`, `\tldo R%${length}(%r24),%r24`,
  "\tble 0x100(%sr2,%r0)", "\tldi 4,%r20",
]; // prettier-ignore
const word = (value: number): string => `\t.word 0x${value.toString(16)}`;
const doubles = (values: readonly bigint[]): string =>
  `\t.word ${values.flatMap((v) => [v >> 32n, v & 0xffffffffn]).map((v) => `0x${v.toString(16)}`).join(",")}`; // prettier-ignore

/** The program as GNU as text; it writes what each block leaves, then the memory. */
export function floatProgram(blocks: readonly FloatBlock[], random: Random): string {
  const numbers = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);
  const lines = ["\t.level 1.1", "\t.text", "\t.globl _start"];
  lines.push("_start:", "\tb begin", "\tnop", "restore:", "\tfldds,ma 8(%r1),%fr0");
  for (const number of numbers) lines.push(`\tfldds,ma 8(%r1),%fr${number}`);
  for (const kind of KINDS)
    lines.push(...address(`${kind}+${AREA / 2}`, BASE[kind]), `\tcopy %r${BASE[kind]},%r${POINTER[kind]}`); // prettier-ignore
  lines.push("\tbv %r0(%r2)", "\tldi 8,%r11");
  lines.push("save:");
  for (const number of [0, ...numbers]) lines.push(`\tfstds,ma %fr${number},8(%r31)`);
  lines.push("\tbv %r0(%r2)", "\tnop", "begin:");
  lines.push(...address("table", 1), ...address("output", 31));
  for (const { words } of blocks)
    lines.push("\tbl restore,%r2", "\tnop", ...words.map(word), word(NOP), "\tbl save,%r2", "\tnop"); // prettier-ignore
  lines.push(...write("output", blocks.length * BLOCK_DOUBLES * 8));
  lines.push(...write("double", 4 * AREA));
  lines.push("\tldi 0,%r26", "\tble 0x100(%sr2,%r0)", "\tldi 1,%r20");
  lines.push("\t.data", "\t.align 8", "table:", ...blocks.map(({ before }) => doubles(before)));
  for (const kind of KINDS)
    lines.push(`${kind}:`, doubles(Array.from({ length: AREA / 8 }, () => doubleWordOf(kind, random)))); // prettier-ignore
  lines.push(`output:\t.block ${blocks.length * BLOCK_DOUBLES * 8}`, "");
  return lines.join("\n");
}
