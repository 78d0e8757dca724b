/**
 * Who hears of the calls that the server serves: for traces of a program's run. Takes no simulated time,
 * and changes nothing.
 */
import type { ErrnoName } from "../errno.ts";

/** What a caller asked for, in the words of its own binary interface. */
export interface AskedCall {
  readonly name: string;
  /** Argument words, unsigned. */
  readonly arguments: readonly number[];
  /** Whether it came by the generic call, or by a routine of its own in bsd_1.defs. */
  readonly stub: "generic" | "routine";
}

export interface CallObserver {
  enters(pid: number, asked: AskedCall, trapping: boolean): void;
  /** A string of the caller's that the call reads: a path, mostly. */
  reads(pid: number, address: number, string: Uint8Array): void;
  /** What the call fails with; `leaves` follows. */
  fails(pid: number, errno: ErrnoName): void;
  leaves(pid: number, values: readonly number[]): void;
}
