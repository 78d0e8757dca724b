/**
 * A transfer between a call's memory and the server's: the pieces of the caller's memory that a read
 * fills or a write empties, and how far it has come. Bytes move by `move` only, one copy each.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { IOV_MAX } from "../constants.ts";

export interface Segment {
  readonly address: number;
  /** Bytes. */
  readonly length: number;
}

/** What one call moves at most, bytes: a count must fit the result. */
export const MOST = 0x7ffff000;

export class Uio {
  readonly call: Call;
  /** "out": to the caller (read); "in": from it (write). */
  readonly direction: "in" | "out";
  /** Bytes yet to move, and moved. */
  remaining: number;
  done = 0;
  readonly segments: readonly Segment[];
  #segment = 0;
  #within = 0;

  /** @throws UnixError EINVAL for too many pieces, or too many bytes in all. */
  constructor(call: Call, direction: "in" | "out", segments: readonly Segment[]) {
    if (segments.length > IOV_MAX) throw new UnixError("EINVAL");
    let total = 0;
    for (const { length } of segments) {
      if (length < 0 || length > 0x7fffffff) throw new UnixError("EINVAL");
      total += length;
    }
    if (segments.length > 1 && total > 0x7fffffff) throw new UnixError("EINVAL");
    this.call = call;
    this.direction = direction;
    this.segments = segments;
    this.remaining = Math.min(total, MOST);
  }

  /** Moves bytes between the server's memory and the caller's next ones. @throws UnixError EFAULT */
  *move(bytes: Uint8Array): Blocking<void> {
    let at = 0;
    while (at < bytes.length) {
      const { address, length } = this.segments[this.#segment]!;
      const count = Math.min(length - this.#within, bytes.length - at);
      if (count > 0) {
        const piece = bytes.subarray(at, at + count);
        const where = address + this.#within;
        if (this.direction === "out") yield* this.call.copyout(piece, where);
        else yield* this.call.copyin(where, piece);
        at += count;
        this.done += count;
        this.remaining -= count;
        this.#within += count;
      }
      if (this.#within === length) {
        this.#segment++;
        this.#within = 0;
      }
    }
  }
}

/** A transfer from or to bytes of the server's own. */
export function serverUio(call: Call, direction: "in" | "out", bytes: Uint8Array): Uio {
  const own: Call = {
    process: call.process,
    charge: (cost, times) => call.charge(cost, times),
    copyinstr: (address, most) => call.copyinstr(address, most),
    // oxlint-disable-next-line require-yield
    *copyin(address, into) {
      into.set(bytes.subarray(address, address + into.length));
    },
    // oxlint-disable-next-line require-yield
    *copyout(from, address) {
      bytes.set(from, address);
    },
  };
  return new Uio(own, direction, [{ address: 0, length: bytes.length }]);
}

/**
 * Ends a transfer that failed: what was moved before counts, and the failure is forgotten.
 * @throws the failure, when nothing was moved
 */
export function* moved(uio: Uio, transfer: () => Blocking<void>): Blocking<number> {
  const before = uio.done;
  try {
    yield* transfer();
  } catch (error) {
    if (uio.done === before || !(error instanceof UnixError)) throw error;
  }
  return uio.done - before;
}
