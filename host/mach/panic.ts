/**
 * A kernel panic of the guest: text at privilege 0, the kernel's or a server's in it, did what only a
 * user's program may do without harm. Reported with the calls that led there; the host lives, and
 * the machine stays as it was.
 */
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { GuestStopped, type GuestState } from "./fault.ts";

export class KernelPanic extends GuestStopped {
  /** `why`: what a routine of the kernel's own found wrong. */
  constructor(state: GuestState, why?: string) {
    super(state);
    this.message =
      why === undefined
        ? this.message.replace(/^guest stopped/, "kernel panic")
        : this.message.replace(/^guest stopped: .*$/m, `kernel panic: ${why}`);
  }
}

/** The error that reports a state: a panic when it is the kernel's own. */
export function stopped(state: GuestState): GuestStopped {
  const { pc, interruption } = state;
  const inKernel = pc.space === MEMORY_MAP.KERNEL_SPACE && pc.offset < MEMORY_MAP.GATEWAY;
  return inKernel && interruption !== undefined ? new KernelPanic(state) : new GuestStopped(state);
}
