/**
 * The clock as a device: nothing to read or write, but a page to map, which shows the time of the last
 * tick as `mapped_time_value_t`: who reads it makes no call. After Mach's timeopen and timemmap
 * (kern/mach_clock.c).
 */
import type { Clock } from "../kern/clock.ts";
import type { Procedure } from "../kern/procedure.ts";
import { D, type Device, DEV_GET_SIZE } from "./device.ts";

const MICROSECONDS = 1_000_000;

export class TimeDevice implements Device {
  readonly name = "time";
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds, microseconds, and the seconds again: whoever finds the two apart reads once more. */
  page(): readonly number[] {
    const time = this.#clock.timeOfTick;
    const seconds = Math.floor(time / MICROSECONDS);
    return [seconds, time - seconds * MICROSECONDS, seconds];
  }

  // oxlint-disable-next-line require-yield -- there is nothing to wait for
  *read(): Procedure<number> {
    return D.D_INVALID_OPERATION;
  }
  // oxlint-disable-next-line require-yield -- nor here
  *write(): Procedure<{ readonly code: number }> {
    return { code: D.D_INVALID_OPERATION };
  }
  getStatus(flavor: number): readonly number[] | number {
    return flavor === DEV_GET_SIZE ? [0, 0] : D.D_INVALID_OPERATION;
  }
  setStatus(): number {
    return D.D_INVALID_OPERATION;
  }
}
