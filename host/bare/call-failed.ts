/**
 * A system call's failure on its way to the program: the dispatcher makes it −errno in r28. It never
 * leaves host/bare.
 */
import { ERRNO, type Errno, type ErrnoName } from "../abi/linux/errno.ts";

export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly errno: Errno;
  constructor(errno: Errno) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

/** Ends the current system call with an errno. */
export function fail(name: ErrnoName): never {
  throw new CallFailed(ERRNO[name]);
}
