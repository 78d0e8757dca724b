/**
 * How the Unix server says that a call failed. A work function is a straight line of steps, any of
 * which can fail; as in a BSD kernel, where `u.u_error` and a long jump end the call, the first
 * failure ends it: `throw new UnixError("ENOENT")`. Only the dispatcher of calls catches it, and
 * turns the name into the number of the caller's binary interface. Nothing else is thrown for a
 * program's mistake; the server's own mistakes panic.
 */

/** Names of `<errno.h>` that the server answers with. */
export const ERRNO_NAMES = [
  "EPERM",
  "ENOENT",
  "ESRCH",
  "EINTR",
  "EIO",
  "ENXIO",
  "E2BIG",
  "ENOEXEC",
  "EBADF",
  "ECHILD",
  "EAGAIN",
  "ENOMEM",
  "EACCES",
  "EFAULT",
  "EBUSY",
  "EEXIST",
  "EXDEV",
  "ENODEV",
  "ENOTDIR",
  "EISDIR",
  "EINVAL",
  "ENFILE",
  "EMFILE",
  "ENOTTY",
  "ETXTBSY",
  "EFBIG",
  "ENOSPC",
  "ESPIPE",
  "EROFS",
  "EMLINK",
  "EPIPE",
  "EDOM",
  "ERANGE",
  "EDEADLK",
  "ENAMETOOLONG",
  "ENOLCK",
  "ENOSYS",
  "ENOTEMPTY",
  "ELOOP",
  "EOVERFLOW",
  "ENOTSOCK",
  "EOPNOTSUPP",
  "ETIMEDOUT",
] as const;
export type ErrnoName = (typeof ERRNO_NAMES)[number];

export class UnixError extends Error {
  readonly errno: ErrnoName;
  constructor(errno: ErrnoName) {
    super(errno);
    this.name = "UnixError";
    this.errno = errno;
  }
}
