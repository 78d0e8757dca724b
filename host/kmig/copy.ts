/**
 * Copies of fixed size between C arguments and messages.
 *
 * MIG copies an array by assigning a structure with one char array in it. What a compiler made of
 * that is the paper's aside in §4.4: a byte loop (5 cycles a byte: 3 instructions and the wait
 * after each store), a word loop (4 loads and 4 stores, 9 instructions and 16 cycles for 16 bytes),
 * or a call to bcopy. Arrays of chars or shorts may lie at odd addresses; the word copy then looks
 * first and falls back to bytes.
 */
import type { Code } from "./code.ts";

export type StructCopy = "word" | "byte" | "bcopy";

export interface Pointer {
  readonly base: string;
  readonly offset: number;
  /** The memory area for the scheduler, and the offset in it where that is known. */
  readonly area: string;
  readonly at: number | undefined;
}

const SOURCE = "%r31";
const DESTINATION = "%r29";
const COUNT = "%r1";
const DATA = ["%r19", "%r20", "%r21", "%r22"] as const;
/** Up to here a copy is a row of loads and stores. */
const STRAIGHT = 16;

/** Whether a copy of this mode is a call, which costs all caller-saved registers. */
export function copyCalls(mode: StructCopy): boolean {
  return mode === "bcopy";
}

/**
 * Copies `size` bytes. Uses r1, r19–r22, r29, r31; a call besides r23–r26, r28 and r2.
 * @param aligned - both ends are known to be word aligned.
 */
export function copyBytes(
  code: Code,
  from: Pointer,
  to: Pointer,
  size: number,
  aligned: boolean,
  mode: StructCopy,
): void {
  if (size === 0) return;
  if (mode === "bcopy") return copyByCall(code, from, to, size);
  if (mode === "word" && aligned && size <= STRAIGHT) return copyStraight(code, from, to, size);
  code.address(SOURCE, from.base, from.offset);
  code.address(DESTINATION, to.base, to.offset);
  if (mode === "byte") return copyByteLoop(code, size);
  if (aligned) return copyWordLoop(code, size);
  const odd = code.newLabel();
  const done = code.newLabel();
  code.emit("or", `${SOURCE},${DESTINATION},%r19`, [SOURCE, DESTINATION], ["%r19"]);
  code.emit("extru", "%r19,31,2,%r19", ["%r19"], ["%r19"], "word aligned?");
  code.branch("comib,<>,n", "0,%r19", ["%r19"], odd);
  copyWordLoop(code, size);
  code.place(done);
  code.later(() => {
    code.place(odd);
    copyByteLoop(code, size);
    code.rawJump("b,n", "", done);
  });
}

function copyByCall(code: Code, from: Pointer, to: Pointer, size: number): void {
  // The source may stand in r25 and the destination in r26: neither is overwritten too early.
  code.address(SOURCE, from.base, from.offset);
  code.address("%r25", to.base, to.offset);
  code.move("%r26", SOURCE);
  code.constant("%r24", size);
  code.call("bcopy");
}

function copyStraight(code: Code, from: Pointer, to: Pointer, size: number): void {
  const at = (pointer: Pointer, i: number): number | undefined =>
    pointer.at === undefined ? undefined : pointer.at + i;
  const one = (load: string, store: string, i: number, n: number): void => {
    const data = DATA[n]!;
    code.load(load, data, from.base, from.offset + i, from.area, at(from, i));
    code.store(store, data, to.base, to.offset + i, to.area, at(to, i));
  };
  let n = 0;
  let i = 0;
  for (; i + 4 <= size; i += 4) one("ldw", "stw", i, n++);
  if (i + 2 <= size) {
    one("ldh", "sth", i, n++ % 4);
    i += 2;
  }
  if (i < size) one("ldb", "stb", i, n % 4);
}

function copyByteLoop(code: Code, size: number): void {
  const loop = code.newLabel();
  code.constant(COUNT, size - 1);
  code.place(loop);
  code.raw("ldbs,ma", `1(${SOURCE}),%r19`);
  code.rawJump("addib,>=", `-1,${COUNT}`, loop);
  code.raw("stbs,ma", `%r19,1(${DESTINATION})`, "", true);
}

function copyWordLoop(code: Code, size: number): void {
  const bulk = size - (size % 16);
  if (bulk > 0) {
    const loop = code.newLabel();
    code.constant(COUNT, bulk - 16);
    code.place(loop);
    for (const data of DATA) code.raw("ldws,ma", `4(${SOURCE}),${data}`);
    for (const data of DATA.slice(0, 3)) code.raw("stws,ma", `${data},4(${DESTINATION})`);
    code.rawJump("addib,>=", `-16,${COUNT}`, loop);
    code.raw("stws,ma", `${DATA[3]},4(${DESTINATION})`, "", true);
  }
  const rest = (base: string): Pointer => ({ base, offset: 0, area: "copy", at: undefined });
  copyStraight(code, { ...rest(SOURCE), area: "from" }, { ...rest(DESTINATION), at: 0 }, size % 16);
}
