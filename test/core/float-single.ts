/**
 * Runs single floating-point instructions on a machine and compares what they leave with exact rational
 * arithmetic (float-reference.ts): results, all five flags, traps and what they leave, any NaN.
 */
import { disassemble } from "../../host/asm/disassemble.ts";
import { encode, instruction } from "../../host/isa/instructions.ts";
import type { Random } from "../asm/random.ts";
import { program } from "../support/program.ts";
import * as exact from "./float-reference.ts";
import { DOUBLE, fixedBits, floatBits, type Format, pattern, SINGLE } from "./float-values.ts";

/** An instruction, its operands, and what it should leave. */
interface Case {
  readonly word: number;
  readonly status: number;
  /** Registers before, and after where they are written: number, right half or 2 for whole, bits. */
  readonly before: readonly Place[];
  readonly after: readonly Place[];
  readonly statusAfter: number;
  /** Exception register 1, when a trap is armed. */
  readonly exception?: number;
}
type Place = readonly [register: number, half: 0 | 1 | 2, bits: bigint];

const T = 0x40;
const C = 0x04000000;
const CQ = 0x003ff800;

const whole = (format: Format): 0 | 2 => (format === DOUBLE ? 2 : 0);

/** Also NaNs that nobody made, and what an earlier operation may have left. */
function operand(random: Random, format: Format): bigint {
  if (random.below(8) !== 0) return floatBits(random, format);
  const low = BigInt(random.word()) << BigInt(random.below(format.fraction - 31 > 0 ? 21 : 1));
  const fraction = BigInt.asUintN(format.fraction, low || 1n);
  return pattern(format, random.below(2) === 0, 2 * format.bias + 1, fraction);
}

/** Close to another number, so that differences and quotients are interesting. */
function near(random: Random, format: Format, bits: bigint): bigint {
  return random.below(3) === 0
    ? BigInt.asUintN(format.bits, bits + BigInt(random.below(7) - 3)) ^
        (random.below(2) === 0 ? 1n << BigInt(format.bits - 1) : 0n)
    : operand(random, format);
}

/** What the status becomes, and whether the target is written, when `raised` was found. */
function finish(
  status: number,
  raised: number,
  word: number,
): Pick<Case, "statusAfter" | "exception"> & { written: boolean } {
  const trapping = raised & status & 31;
  const flagged = (status | ((raised & ~trapping) << 27)) >>> 0;
  const written = (trapping & (exact.V | exact.Z)) === 0;
  return trapping === 0
    ? { statusAfter: flagged, written }
    : { statusAfter: (flagged | T) >>> 0, written, exception: ((trapping << 27) | (word & 0x03ffffff)) >>> 0 }; // prettier-ignore
}

const BINARY = { FADD: exact.add, FSUB: exact.subtract, FMPY: exact.multiply, FDIV: exact.divide };
const UNARY = { FSQRT: exact.squareRoot, FRND: exact.round };

function arithmetic(random: Random, status: number, mode: exact.Mode): Case {
  const format = random.pick(exact.FORMATS);
  const fmt = Number(format === DOUBLE);
  const a = operand(random, format);
  const b = near(random, format, a);
  const before: Place[] = [[4, whole(format), a], [5, whole(format), b], [6, 2, 0n]]; // prettier-ignore
  const name = random.pick([...Object.keys(BINARY), ...Object.keys(UNARY), "FADD", "FMPY"]);
  const binary = name in BINARY;
  const word = encode(instruction(name), { fa: 4, ft: 6, fmt, ...(binary && { fb: 5 }) });
  const { bits, raised } = binary
    ? BINARY[name as keyof typeof BINARY](format, a, b, mode)
    : UNARY[name as keyof typeof UNARY](format, a, mode);
  const { written, ...rest } = finish(status, raised, word);
  return { word, status, before, after: written ? [[6, whole(format), bits]] : [[6, 2, 0n]], ...rest }; // prettier-ignore
}

function conversion(random: Random, status: number, mode: exact.Mode): Case {
  const [fmt, df] = [random.below(2), random.below(2)];
  const name = random.pick(["FCNVFF", "FCNVXF", "FCNVFX", "FCNVFXT"].slice(fmt === df ? 1 : 0));
  const [from, to] = [exact.FORMATS[fmt]!, exact.FORMATS[df]!];
  const a = name === "FCNVXF" ? fixedBits(random, from.bits) : operand(random, from);
  const result = {
    FCNVFF: () => exact.toFloat(from, to, a, mode),
    FCNVXF: () => exact.fixedToFloat(from.bits, to, a, mode),
    FCNVFX: () => exact.floatToFixed(from, to.bits, a, mode),
    FCNVFXT: () => exact.floatToFixed(from, to.bits, a, { ...mode, rounding: 1 }),
  }[name]!();
  const word = encode(instruction(name), { fa: 4, ft: 6, fmt, df });
  const { written, ...rest } = finish(status, result.raised, word);
  return {
    word, status, before: [[4, whole(from), a], [6, 2, 0n]],
    after: written ? [[6, whole(to), result.bits]] : [[6, 2, 0n]], ...rest,
  }; // prettier-ignore
}

function comparison(random: Random, status: number): Case {
  const format = random.pick(exact.FORMATS);
  const a = operand(random, format);
  const b = random.below(3) === 0 ? a : near(random, format, a);
  const fc = random.below(32);
  const word = encode(instruction("FCMP"), { fa: 4, fb: 5, fmt: Number(format === DOUBLE), fc });
  const { holds, raised } = exact.compare(format, a, b, fc);
  const { written, ...rest } = finish(status, raised, word);
  const queue = (((status & C) >>> 5) | ((status & CQ) >>> 1)) & CQ;
  const compared = (rest.statusAfter & ~(C | CQ)) | queue | (holds ? C : 0);
  return {
    word, status, before: [[4, whole(format), a], [5, whole(format), b]], after: [], ...rest,
    statusAfter: (written ? compared : rest.statusAfter) >>> 0,
  }; // prettier-ignore
}

/** Field of a single's register in FMPYADD: registers 16 to 31, the right half as the leftmost bit. */
const field = (register: number, half: number): number => (register & 15) | (half << 4);

function twoOperations(random: Random, status: number, mode: exact.Mode): Case {
  const format = random.pick(exact.FORMATS);
  const subtracts = random.below(2) === 0;
  const name = subtracts ? "FMPYSUB" : "FMPYADD";
  const [x, y, a] = [operand(random, format), operand(random, format), operand(random, format)];
  const b = near(random, format, a);
  const half = (): 0 | 1 | 2 => (format === DOUBLE ? 2 : (random.below(2) as 0 | 1));
  const places = [16, 17, 18, 19, 20].map((register) => [register, half()] as const);
  const [rm1, rm2, ra, ta, tm] = places.map(([register, side]) =>
    format === DOUBLE ? register : field(register, side),
  );
  const word = encode(instruction(name), {
    rm1: rm1!, rm2: rm2!, ra: ra!, ta: ta!, tm: tm!, sgl: Number(format === SINGLE),
  }); // prettier-ignore
  const product = exact.multiply(format, x, y, mode);
  const sum = (subtracts ? exact.subtract : exact.add)(format, a, b, mode);
  const raised = product.raised | sum.raised;
  const before = [x, y, b, a, 0n].map((bits, i): Place => [...places[i]!, bits]);
  // A trap leaves the instruction to software: it is unimplemented, and has done nothing.
  if (raised & status & 31)
    return {
      word, status, before, after: before, statusAfter: (status | T) >>> 0,
      exception: ((subtracts ? 0x8c000000 : 0x0c000000) | (word & 0x03ffffff)) >>> 0,
    }; // prettier-ignore
  const after = [product.bits, sum.bits].map((bits, i): Place => [...places[4 - i]!, bits]);
  return { word, status, before, after, statusAfter: (status | (raised << 27)) >>> 0 };
}

function randomCase(random: Random): Case {
  const rounding = random.below(3) === 0 ? random.below(4) : 0;
  const enabled = random.below(3) === 0 ? random.below(32) : 0;
  const flags = random.below(3) === 0 ? random.below(64) : random.pick([0, 2]);
  const status = ((flags << 26) | (random.word() & CQ) | (rounding << 9) | enabled) >>> 0;
  const mode = { rounding, enabled };
  const kind = random.below(10);
  if (kind < 5) return arithmetic(random, status, mode);
  if (kind < 7) return conversion(random, status, mode);
  return kind < 8 ? comparison(random, status) : twoOperations(random, status, mode);
}

const hex = (bits: bigint): string => bits.toString(16);

/** Runs `count` random cases; returns those that differ, as text. */
export async function compareSingles(random: Random, count: number): Promise<string[]> {
  const { machine, escape } = await program("\tnop\n\tescape 1");
  const start = machine.pcoq;
  machine.setCr(10, 0xc0);
  const put = ([register, half, bits]: Place): void => {
    const other = half === 2 ? 0n : machine.fr(register);
    machine.setFr(
      register,
      half === 2
        ? bits
        : half === 0
          ? (bits << 32n) | (other & 0xffffffffn)
          : (other & 0xffffffff00000000n) | bits,
    );
  };
  const get = ([register, half]: Place): bigint => {
    const bits = machine.fr(register);
    return half === 2 ? bits : half === 0 ? bits >> 32n : bits & 0xffffffffn;
  };
  const different: string[] = [];
  for (let i = 0; i < count && different.length < 10; i++) {
    const item = randomCase(random);
    machine.memory.write32(start.frontOffset, item.word);
    machine.setFr(0, BigInt(item.status) << 32n);
    item.before.forEach(put);
    machine.pcoq = start;
    const stop = escape();
    const wrong = item.after
      .filter((place) => get(place) !== place[2])
      .map((place) => `fr${place[0]}: expected ${hex(place[2])}, is ${hex(get(place))}`);
    const status = BigInt(item.statusAfter);
    if (machine.fr(0) >> 32n !== status)
      wrong.push(`status: expected ${hex(status)}, is ${hex(machine.fr(0) >> 32n)}`);
    if (item.exception !== undefined && (machine.fr(0) & 0xffffffffn) !== BigInt(item.exception))
      wrong.push(`exception: expected ${hex(BigInt(item.exception))}, is ${hex(machine.fr(0) & 0xffffffffn)}`); // prettier-ignore
    if (stop !== 1) wrong.push(`stopped: ${stop}`);
    if (wrong.length === 0) continue;
    const operands = item.before.map(([register, , bits]) => `fr${register}=${hex(bits)}`);
    different.push(
      [disassemble(item.word), `status ${hex(BigInt(item.status))}`, ...operands, ...wrong].join(
        ", ",
      ),
    );
  }
  return different;
}
