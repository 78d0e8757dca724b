/**
 * Linux/hppa's signals: numbers, flags of an action, codes of `siginfo` (asm/signal.h,
 * asm-generic/siginfo.h). test/abi compares each with the cross compiler's headers.
 */

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
  SA_NOCLDSTOP: 0x08,
  SA_SIGINFO: 0x10,
  SA_NODEFER: 0x20,
  SA_RESTART: 0x40,
  SA_NOCLDWAIT: 0x80,
} as const;

/** Of sigprocmask. */
export const SIGNAL_MASK = { SIG_BLOCK: 0, SIG_UNBLOCK: 1, SIG_SETMASK: 2 } as const;

/** si_code. */
export const CODE = {
  SI_USER: 0,
  SI_KERNEL: 0x80,
  SI_QUEUE: -1,
  SI_TIMER: -2,
  SI_TKILL: -6,
  ILL_ILLOPC: 1,
  ILL_PRVOPC: 5,
  ILL_PRVREG: 6,
  ILL_COPROC: 7,
  FPE_INTDIV: 1,
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
  BUS_ADRERR: 2,
  TRAP_BRKPT: 1,
  TRAP_TRACE: 2,
  CLD_EXITED: 1,
  CLD_KILLED: 2,
  CLD_DUMPED: 3,
  CLD_STOPPED: 5,
  CLD_CONTINUED: 6,
} as const;

/** `ss_flags` of an alternate stack. */
export const SIGNAL_STACK = { SS_ONSTACK: 1, SS_DISABLE: 2 } as const;

/** The least that the kernel takes as an alternate stack, bytes. */
export const MINSIGSTKSZ = 2048;
