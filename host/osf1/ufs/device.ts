/**
 * What the file system needs of the world: a disk, a clock, and a way to wait. The server gives it
 * the Mach device interface and its own threads; tools and tests a disk in memory. Procedures are
 * generators: what they yield is between the disk (or `sleep`) and whoever drives them, and passes
 * through here unseen.
 */
import type { CostId } from "../costs.ts";
import type { UnixError } from "../errno.ts";

/** A procedure during which its thread may wait. */
export type Blocking<T> = Generator<unknown, T, unknown>;

/** Told that a transfer is over, or has failed; takes no time. */
export type Done = (error?: UnixError) => void;

export interface BlockDevice {
  /** Size, in sectors of 512 bytes. */
  readonly sectors: number;
  /** Fills `bytes` (whole sectors) from the disk. @throws UnixError EIO. */
  read(sector: number, bytes: Uint8Array): Blocking<void>;
  /** Returns when the bytes are on the disk. @throws UnixError EIO. */
  write(sector: number, bytes: Uint8Array): Blocking<void>;
  /**
   * Begin a transfer that nobody waits for: `bytes` are its own until `done`. A device without these makes
   * everybody wait, and nothing is read ahead from it.
   */
  beginRead?(sector: number, bytes: Uint8Array, done: Done): Blocking<void>;
  beginWrite?(sector: number, bytes: Uint8Array, done: Done): Blocking<void>;
}

export interface TimeOfDay {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface Environment {
  readonly device: BlockDevice;
  /** Time since 1970, from the simulated clock. */
  now(): TimeOfDay;
  /** Waits until `wakeup` of the same channel; may also return early. */
  sleep(channel: object): Blocking<unknown>;
  wakeup(channel: object): void;
  /** Declares work of the server's (osf1/costs.ts); tools that keep no time have none. */
  charge?(cost: CostId, times?: number): Blocking<void>;
}

/** Declares work, where time is kept. */
export function* charge(environment: Environment, cost: CostId, times = 1): Blocking<void> {
  if (environment.charge !== undefined && times > 0) yield* environment.charge(cost, times);
}

/** A disk that is an array of bytes and never makes anyone wait. */
export class MemoryDisk implements BlockDevice {
  readonly sectors: number;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    if (bytes.length % 512 !== 0) throw new RangeError(`not whole sectors: ${bytes.length} bytes`);
    this.bytes = bytes;
    this.sectors = bytes.length / 512;
  }
  // oxlint-disable-next-line require-yield
  *read(sector: number, bytes: Uint8Array): Blocking<void> {
    bytes.set(this.bytes.subarray(sector * 512, sector * 512 + bytes.length));
  }
  // oxlint-disable-next-line require-yield
  *write(sector: number, bytes: Uint8Array): Blocking<void> {
    this.bytes.set(bytes, sector * 512);
  }
}

/**
 * Runs a procedure that has nobody to wait for.
 * @throws Error when it waits all the same.
 */
export function runToEnd<T>(procedure: Blocking<T>): T {
  const step = procedure.next();
  if (!step.done) throw new Error("runToEnd: the procedure waits for another");
  return step.value;
}
