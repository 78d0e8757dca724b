/**
 * Linux on PA-RISC: its own numbers for errors, signals and flags, as far as the personality uses
 * them. Names and values are those of the kernel's exported headers (asm/errno.h, asm/signal.h,
 * asm/fcntl.h, asm/mman.h, …); test/bare compares each with the cross compiler's headers.
 */

export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ENOTTY: 25,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
  EOVERFLOW: 72,
  ETIMEDOUT: 238,
  ENAMETOOLONG: 248,
  ELOOP: 249,
  ENOSYS: 251,
} as const;

export type Errno = (typeof ERRNO)[keyof typeof ERRNO];

/**
 * A system call's failure on its way to the program: the dispatcher makes it −errno in r28. It never
 * leaves host/bare.
 */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly errno: Errno;
  constructor(errno: Errno) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

/** Ends the current system call with an errno. */
export function fail(name: keyof typeof ERRNO): never {
  throw new CallFailed(ERRNO[name]);
}

export const SIGNAL = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGSTKFLT: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGBUS: 10,
  SIGSEGV: 11,
  SIGXCPU: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGUSR1: 16,
  SIGUSR2: 17,
  SIGCHLD: 18,
  SIGPWR: 19,
  SIGVTALRM: 20,
  SIGPROF: 21,
  SIGIO: 22,
  SIGWINCH: 23,
  SIGSTOP: 24,
  SIGTSTP: 25,
  SIGCONT: 26,
  SIGTTIN: 27,
  SIGTTOU: 28,
  SIGURG: 29,
  SIGXFSZ: 30,
  SIGSYS: 31,
} as const;

/** Signals are 1 to 64; a set of them is 64 bits, signal 1 the lowest. */
export const LAST_SIGNAL = 64;

export const SIGNAL_ACTION = {
  SA_ONSTACK: 0x01,
  SA_RESETHAND: 0x04,
  SA_SIGINFO: 0x10,
  SA_NODEFER: 0x20,
  SA_RESTART: 0x40,
} as const;

/** si_code. */
export const CODE = {
  SI_USER: 0,
  SI_KERNEL: 0x80,
  SI_QUEUE: -1,
  SI_TKILL: -6,
  ILL_ILLOPC: 1,
  ILL_PRVOPC: 5,
  ILL_PRVREG: 6,
  ILL_COPROC: 7,
  FPE_INTOVF: 2,
  FPE_FLTDIV: 3,
  FPE_FLTOVF: 4,
  FPE_FLTUND: 5,
  FPE_FLTRES: 6,
  FPE_FLTINV: 7,
  FPE_FLTUNK: 14,
  FPE_CONDTRAP: 15,
  SEGV_MAPERR: 1,
  SEGV_ACCERR: 2,
  BUS_ADRALN: 1,
  TRAP_BRKPT: 1,
} as const;

export const OPEN = {
  O_ACCMODE: 0o3,
  O_APPEND: 0o10,
  O_NOFOLLOW: 0o200,
  O_CREAT: 0o400,
  O_TRUNC: 0o1000,
  O_EXCL: 0o2000,
  O_LARGEFILE: 0o4000,
  O_DIRECTORY: 0o10000,
  O_NONBLOCK: 0o200000,
  O_CLOEXEC: 0o10000000,
  O_PATH: 0o20000000,
} as const;

export const AT = {
  AT_FDCWD: -100,
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_EMPTY_PATH: 0x1000,
} as const;

export const MODE = {
  S_IFMT: 0o170000,
  S_IFIFO: 0o010000,
  S_IFCHR: 0o020000,
  S_IFDIR: 0o040000,
  S_IFBLK: 0o060000,
  S_IFREG: 0o100000,
  S_IFLNK: 0o120000,
  S_IFSOCK: 0o140000,
} as const;

export const MEMORY = {
  PROT_READ: 1,
  PROT_WRITE: 2,
  PROT_EXEC: 4,
  MAP_SHARED: 0x01,
  MAP_PRIVATE: 0x02,
  MAP_FIXED: 0x04,
  MAP_ANONYMOUS: 0x10,
  MAP_TYPE: 0x2b,
  MAP_NORESERVE: 0x4000,
  MAP_FIXED_NOREPLACE: 0x100000,
  MREMAP_MAYMOVE: 1,
  MREMAP_FIXED: 2,
  MADV_DONTNEED: 4,
} as const;

export const CLOCK = {
  CLOCK_REALTIME: 0,
  CLOCK_MONOTONIC: 1,
  CLOCK_PROCESS_CPUTIME_ID: 2,
  CLOCK_THREAD_CPUTIME_ID: 3,
  CLOCK_MONOTONIC_RAW: 4,
  CLOCK_REALTIME_COARSE: 5,
  CLOCK_MONOTONIC_COARSE: 6,
  CLOCK_BOOTTIME: 7,
} as const;

export const AUXILIARY = {
  AT_NULL: 0,
  AT_PHDR: 3,
  AT_PHENT: 4,
  AT_PHNUM: 5,
  AT_PAGESZ: 6,
  AT_BASE: 7,
  AT_FLAGS: 8,
  AT_ENTRY: 9,
  AT_UID: 11,
  AT_EUID: 12,
  AT_GID: 13,
  AT_EGID: 14,
  AT_PLATFORM: 15,
  AT_HWCAP: 16,
  AT_CLKTCK: 17,
  AT_SECURE: 23,
  AT_RANDOM: 25,
  AT_EXECFN: 31,
} as const;

/** The longest path, with its zero, and the longest name in it. */
export const PATH_MAX = 4096;
export const NAME_MAX = 255;
