/** The host's refusals, as the program sees them: an error of Node's becomes the call's errno. */
import { ERRNO } from "../abi/linux/errno.ts";
import { CallFailed, fail } from "./call-failed.ts";

/**
 * Does something with the host's files or streams.
 * @throws CallFailed with Linux/hppa's number for the host's error; EIO for one that it lacks
 */
export function asking<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof CallFailed) throw error;
    const code = codeOf(error);
    if (code === undefined) throw error;
    fail(Object.hasOwn(ERRNO, code) ? (code as keyof typeof ERRNO) : "EIO");
  }
}

/** The name of a system error; undefined for any other. */
export function codeOf(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
}
