/**
 * OSF/1's system calls: numbers, how many arguments, and the emulator's routine for those that do not
 * simply go to the server by the generic call. Numbers are 4.3BSD's, from which OSF/1 took its own.
 */
import { EMULATOR } from "../../abi/osf1.ts";

export interface NativeCall {
  readonly number: number;
  readonly name: string;
  readonly arguments: number;
  /** Of the emulator; `e_generic` when there is none. */
  readonly routine?: string;
}

const call = (number: number, name: string, count: number, routine?: string): NativeCall => ({
  number,
  name,
  arguments: count,
  ...(routine !== undefined && { routine }),
});

export const NATIVE_CALLS: readonly NativeCall[] = [
  call(1, "exit", 1),
  call(2, "fork", 0, "e_fork"),
  call(3, "read", 3, "e_read"),
  call(4, "write", 3),
  call(6, "close", 1),
  call(7, "wait4", 4),
  call(8, "creat", 2, "e_creat"),
  call(9, "link", 2, "e_link"),
  call(10, "unlink", 1, "e_unlink"),
  call(12, "chdir", 1, "e_chdir"),
  call(13, "fchdir", 1),
  call(14, "mknod", 3, "e_mknod"),
  call(15, "chmod", 2),
  call(16, "chown", 3),
  call(17, "brk", 1),
  call(19, "lseek", 3),
  call(20, "getpid", 0, "e_getpid"),
  call(23, "setuid", 1),
  call(24, "getuid", 0),
  call(25, "geteuid", 0),
  call(33, "access", 2, "e_access"),
  call(36, "sync", 0),
  call(37, "kill", 2),
  call(39, "getppid", 0),
  call(41, "dup", 1),
  call(42, "pipe", 0),
  call(43, "getegid", 0),
  call(45, "open", 3, "e_open"),
  call(47, "getgid", 0),
  call(48, "sigprocmask", 2),
  call(54, "ioctl", 3),
  call(57, "symlink", 2, "e_symlink"),
  call(58, "readlink", 3, "e_readlink"),
  call(59, "execve", 3, "e_execve"),
  call(60, "umask", 1),
  call(61, "chroot", 1, "e_chroot"),
  call(63, "getpgrp", 0),
  call(64, "getpagesize", 0, "e_getpagesize"),
  call(66, "vfork", 0, "e_fork"),
  call(67, "stat", 2),
  call(68, "lstat", 2),
  call(71, "mmap", 6),
  call(73, "munmap", 2),
  call(74, "mprotect", 3),
  call(79, "getgroups", 2),
  call(80, "setgroups", 2),
  call(82, "setpgid", 2),
  call(83, "setitimer", 3),
  call(86, "getitimer", 2),
  call(87, "gethostname", 2),
  call(88, "sethostname", 2),
  call(89, "getdtablesize", 0),
  call(90, "dup2", 2),
  call(91, "fstat", 2),
  call(92, "fcntl", 3),
  call(93, "select", 5, "e_select"),
  call(95, "fsync", 1),
  call(96, "setpriority", 3),
  call(100, "getpriority", 2),
  call(103, "sigreturn", 1, "e_sigreturn"),
  call(111, "sigsuspend", 1),
  call(116, "gettimeofday", 2),
  call(117, "getrusage", 2, "e_getrusage"),
  call(120, "readv", 3),
  call(121, "writev", 3),
  call(122, "settimeofday", 2),
  call(123, "fchown", 3),
  call(124, "fchmod", 2),
  call(128, "rename", 2, "e_rename"),
  call(129, "truncate", 2),
  call(130, "ftruncate", 2),
  call(131, "flock", 2),
  call(132, "setgid", 1),
  call(136, "mkdir", 2, "e_mkdir"),
  call(137, "rmdir", 1, "e_rmdir"),
  call(138, "utimes", 2, "e_utimes"),
  call(144, "getrlimit", 2),
  call(145, "setrlimit", 2, "e_setrlimit"),
  call(147, "setsid", 0),
  call(156, "sigaction", 3),
  call(159, "getdirentries", 4),
  call(EMULATOR.NATIVE_NOP_EMULATOR, "nop_emulator", 0, "e_nop"),
  call(EMULATOR.NATIVE_NOP_SERVER, "nop_server", 0),
];

/** Number of a call by its name. */
export const NATIVE_NUMBER: ReadonlyMap<string, number> = new Map(
  NATIVE_CALLS.map(({ name, number }) => [name, number]),
);
