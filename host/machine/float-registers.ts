/**
 * The floating-point registers as the host sees them: 64 bits each, the left half first. Not their
 * meaning as numbers. Register 0 is the status with exception register 1, registers 1 to 3 are exception
 * registers 2 to 7; what the status implies is the core's business, so it is written by the core.
 */
import { floatState } from "../abi/machine.ts";
import type { Core } from "./core.ts";

/** Where the left and the right half of a register are, as indexes of words. */
function halves(number: number): [left: number, right: number] {
  const { fr, status, exception } = floatState.offset;
  return number === 0
    ? [status >>> 2, exception >>> 2]
    : [(fr >>> 2) + 2 * number + 1, (fr >>> 2) + 2 * number];
}

export function readFloat({ words }: Core, number: number): bigint {
  const [left, right] = halves(number);
  return (BigInt(words[left]!) << 32n) | BigInt(words[right]!);
}

export function writeFloat({ words, exports }: Core, number: number, bits: bigint): void {
  const [left, right] = halves(number);
  words[left] = Number((bits >> 32n) & 0xffffffffn);
  words[right] = Number(bits & 0xffffffffn);
  if (number === 0) exports.setStatus(words[left]!);
}
