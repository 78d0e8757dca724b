/**
 * Numbers that Unix calls are made of, in this server's own numbering: Berkeley's, which OSF/1
 * shares. Binary interfaces with other numbers translate at their edge. Sources: 4.3BSD and OSF/1
 * `<sys/fcntl.h>`, `<sys/signal.h>`; flags that came later have free bits.
 */

export const OPEN = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_ACCMODE: 3,
  O_NONBLOCK: 0x4,
  O_APPEND: 0x8,
  O_ASYNC: 0x40,
  O_CREAT: 0x200,
  O_TRUNC: 0x400,
  O_EXCL: 0x800,
  O_NOCTTY: 0x1000,
  O_SYNC: 0x4000,
  O_NOFOLLOW: 0x10000,
  O_DIRECTORY: 0x20000,
  O_CLOEXEC: 0x40000,
  O_PATH: 0x80000,
  O_NOATIME: 0x100000,
} as const;

/** What F_SETFL may change. */
export const STATUS_FLAGS = OPEN.O_NONBLOCK | OPEN.O_APPEND | OPEN.O_ASYNC | OPEN.O_NOATIME;

/** The directory descriptor that means the working directory. */
export const AT_FDCWD = -100;

export const SIGNAL = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGEMT: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGBUS: 10,
  SIGSEGV: 11,
  SIGSYS: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGURG: 16,
  SIGSTOP: 17,
  SIGTSTP: 18,
  SIGCONT: 19,
  SIGCHLD: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGIO: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGINFO: 29,
  SIGUSR1: 30,
  SIGUSR2: 31,
} as const;
export type SignalName = keyof typeof SIGNAL;

/** From here on a signal that is sent twice arrives twice. */
export const FIRST_QUEUED_SIGNAL = 33;
export const LAST_SIGNAL = 64;

/** A set of signals: signal n is bit n − 1. */
export type SignalSet = bigint;
export const signalBit = (signal: number): SignalSet => 1n << BigInt(signal - 1);
export const signalSet = (...names: SignalName[]): SignalSet =>
  names.reduce((set, name) => set | signalBit(SIGNAL[name]), 0n);

export const PAGE_SIZE = 4096;
/** Bytes of the whole pages that so many bytes take. */
export const pageUp = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
export const PATH_MAX = 1024;
/** A write of at most so many bytes to a pipe stays in one piece. */
export const PIPE_BUF = 4096;
/** Links followed in one path. */
export const SYMLOOP_MAX = 8;
/** Bytes of arguments and environment, pointers included. */
export const ARG_MAX = 128 * 1024;
export const NGROUPS_MAX = 32;
export const IOV_MAX = 1024;
/** Descriptors that a process may have at all. */
export const OPEN_MAX = 256;
/** In a second. */
export const NANOSECONDS = 1_000_000_000;
