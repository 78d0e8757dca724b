/**
 * Named bit fields of PA-RISC 1.1 instructions, both ways.
 *
 * This is the only file that knows how the architecture scrambles immediates. A row of the table
 * names a field in one or several pieces (`w17:5 … w17:11 n:1 w17:1`); the pieces, joined from left
 * to right, are the field's raw bits; `FIELD_KINDS` says how raw bits become the value that is
 * written in assembly text. Source: PA-RISC 1.1 Architecture and Instruction Set Reference Manual,
 * third edition, appendix C (assemble_3, assemble_12, assemble_17, assemble_21, low_sign_ext).
 */

/** How the raw bits of a field make its value: permute, sign-extend, shift, reflect. */
export interface FieldKind {
  readonly width: number;
  /** Slices `[first bit, length]` of the raw bits (bit 0 is leftmost), most significant first. */
  readonly order: readonly (readonly [number, number])[];
  readonly signed: boolean;
  /** The value is shifted left by this many bits (branch displacements 2, left parts 11). */
  readonly scale: number;
  /** When present the value is `reflect` minus the bits: `cp` is 31 − bits, `len` is 32 − bits. */
  readonly reflect?: number;
}

function plain(width: number): FieldKind {
  return { width, order: [[0, width]], signed: false, scale: 0 };
}

/** low_sign_ext: the sign stands in the rightmost bit. */
function lowSign(width: number): FieldKind {
  return { width, order: [[width - 1, 1], [0, width - 1]], signed: true, scale: 0 }; // prettier-ignore
}

const REGISTER = plain(5);
const BIT = plain(1);

/** Every field name that a row may use. What a name means is the same in all rows. */
export const FIELD_KINDS = {
  // General registers: base or second source, first source, index, stored or moved, target.
  b: REGISTER,
  a: REGISTER,
  x: REGISTER,
  r: REGISTER,
  t: REGISTER,
  // Floating-point registers and the halves (0 left, 1 right) that extend them.
  fa: REGISTER,
  fb: REGISTER,
  fr: REGISTER,
  ft: REGISTER,
  ha: BIT,
  hb: BIT,
  hr: BIT,
  ht: BIT,
  // FMPYADD, FMPYSUB: factors, product target, addend, sum target.
  rm1: REGISTER,
  rm2: REGISTER,
  tm: REGISTER,
  ra: REGISTER,
  ta: REGISTER,
  // Control register; space register 0–7; space selector (0: by the base's upper bits).
  cr: REGISTER,
  sr: { width: 3, order: [[2, 1], [0, 2]], signed: false, scale: 0 }, // prettier-ignore
  s: plain(2),
  // Conditions: number and negation; floating-point comparison.
  c: plain(3),
  f: BIT,
  fc: REGISTER,
  // Formats: two bits, one bit (0E rows), destination of conversions; FMPYADD (1 is single).
  fmt: plain(2),
  fmt1: BIT,
  df: plain(2),
  sgl: BIT,
  // Completers: nullify, modify base, scale index, before (STBYS: end), cache control hint.
  n: BIT,
  m: BIT,
  u: BIT,
  ab: BIT,
  cc: plain(2),
  // Shift of SHxADD and constants that tell rows of one family apart.
  sa: plain(2),
  // Bit positions as written in text: position, 31 − bits, length = 32 − bits.
  p: plain(5),
  cp: { ...plain(5), reflect: 31 },
  len: { ...plain(5), reflect: 32 },
  // Immediates: `im` signed, `u` unsigned.
  im5: lowSign(5),
  im11: lowSign(11),
  im14: lowSign(14),
  im21: { width: 21, order: [[20, 1], [9, 11], [5, 2], [0, 5], [7, 2]], signed: true, scale: 11 }, // prettier-ignore
  u5: plain(5),
  u13: plain(13),
  u26: plain(26),
  // Branch displacements in bytes, relative to the branch's address plus 8 (BE, BLE: to the base).
  w12: { width: 12, order: [[11, 1], [10, 1], [0, 10]], signed: true, scale: 2 }, // prettier-ignore
  w17: { width: 17, order: [[16, 1], [0, 5], [15, 1], [5, 10]], signed: true, scale: 2 }, // prettier-ignore
  // Special function units and coprocessors: unit number, operation.
  uid: plain(3),
  sop10: plain(10),
  sop15: plain(15),
  sop20: plain(20),
  sop22: plain(22),
} as const satisfies Record<string, FieldKind>;

export type FieldName = keyof typeof FIELD_KINDS;

/** Copy of `width` bits: from bit `from` of the word to bit `to` of the value (bit 0 is the LSB). */
export interface Move {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** One field of one row: where its value's bits stand in the instruction word. */
export interface Field {
  readonly name: FieldName;
  readonly kind: FieldKind;
  /** Shifts are already in `to`; sign extension and reflection are not. */
  readonly moves: readonly Move[];
  /** Fixed by the row's pattern (`f=1`), not free. */
  readonly constant: boolean;
}

/** Width of the value with its shift, in bits: the sign stands in bit `valueWidth − 1`. */
export function valueWidth({ width, scale }: FieldKind): number {
  return width + scale;
}

/**
 * Joins a field's pieces (`from` = position of the piece's lowest bit in the word, LSB 0) and
 * applies the kind's permutation. Adjacent moves are merged, so most fields have one.
 * @throws Error when the pieces' widths do not add up to the kind's width.
 */
export function fieldOf(
  name: FieldName,
  pieces: readonly { from: number; width: number }[],
  constant: boolean,
): Field {
  const kind: FieldKind = FIELD_KINDS[name];
  const places: number[] = []; // word bit of each raw bit, leftmost raw bit first
  for (const { from, width } of pieces)
    for (let bit = width - 1; bit >= 0; bit--) places.push(from + bit);
  if (places.length !== kind.width)
    throw new Error(`${name}: ${places.length} bits, must be ${kind.width}`);
  const ordered = kind.order
    .flatMap(([first, length]) => places.slice(first, first + length))
    .reverse();
  const moves: Move[] = [];
  for (const [index, from] of ordered.entries()) {
    const to = index + kind.scale;
    const last = moves.at(-1);
    if (last !== undefined && last.from + last.width === from)
      moves[moves.length - 1] = { ...last, width: last.width + 1 };
    else moves.push({ from, to, width: 1 });
  }
  return { name, kind, moves, constant };
}

/** The field's value in an instruction word, as assembly text would write it. */
export function readField({ kind, moves }: Field, word: number): number {
  let value = 0;
  for (const { from, to, width } of moves) value |= ((word >>> from) & ((1 << width) - 1)) << to;
  if (kind.signed) {
    const unused = 32 - valueWidth(kind);
    value = (value << unused) >> unused;
  }
  return kind.reflect === undefined ? value : kind.reflect - value;
}

/** Whether `value` can stand in a field of this kind: in range, and a multiple of its unit. */
export function fits(kind: FieldKind, value: number): boolean {
  if (!Number.isInteger(value)) return false;
  const bits = kind.reflect === undefined ? value : kind.reflect - value;
  const unit = 2 ** kind.scale;
  const span = unit * 2 ** kind.width;
  const lowest = kind.signed ? -span / 2 : 0;
  return bits % unit === 0 && bits >= lowest && bits < lowest + span;
}

/** The bits that put `value` into an instruction word; the caller has checked that it fits. */
export function writeField({ kind, moves }: Field, value: number): number {
  const bits = kind.reflect === undefined ? value : kind.reflect - value;
  let word = 0;
  for (const { from, to, width } of moves) word |= ((bits >> to) & ((1 << width) - 1)) << from;
  return word >>> 0;
}
