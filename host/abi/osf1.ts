/**
 * What the OSF/1 server, its emulator and programs agree on: a process's address space, the numbers of
 * calls, the page by which the server tells the emulator what it may answer itself, and the generic
 * call (LITES's, of which the paper's "hand-rolled generic RPC stub" is the forerunner, §3.3).
 */
import { numbers, struct, words } from "./struct.ts";

/** A process's address space, as on the HP 700 (LITES include/parisc). */
export const PROCESS_MAP = numbers("", {
  /** Grows up. */
  PROCESS_STACK: 0x68ff3000,
  /** First address after the largest stack. */
  PROCESS_STACK_END: 0x6a000000,
  /** Files and other memory that a program maps somewhere. */
  PROCESS_MAPPED: 0x90300000,
  /** First address that a program may not use. */
  PROCESS_END: 0xc0000000,
});

export const EMULATOR = numbers("", {
  EMULATOR_BASE: 0x90100000,
  EMULATOR_END: 0x90200000,
  /** The page that the server fills and a process may only read: `emulator_info`. */
  EMULATOR_INFO: 0x901fe000,
  /** Memory for the emulator while a process has no stack: during execve. */
  EMULATOR_STACK: 0x901ff000,
  /** The send right by which every process asks the server; the same name in each. */
  REQUEST_PORT: 0x00000f03,
  /** Numbers of Linux/hppa calls as traps: so much is added, and Mach's emulation vector redirects them. */
  LINUX_CALLS: 400,
  LINUX_CALL_COUNT: 460,
  /** OSF/1's own calls are those from 0 on. */
  NATIVE_CALL_COUNT: 300,
});

/** What the emulator may read of its process. */
export const emulatorInfo = struct(
  "emulator_info",
  "INFO",
  words(
    "pid",
    "ppid",
    /** Not 0 when the server wants to be asked for a signal (take_signal). */
    "signals",
  ),
);

/** The generic call: one message for all calls that have no routine of their own. */
export const GENERIC = numbers("", {
  GENERIC_ID: 100000,
  GENERIC_REPLY_ID: 100100,
  /** Words of the request's body: {rval2, syscode, arg[10]}. */
  GENERIC_WORDS: 12,
  GENERIC_ARGUMENTS: 10,
});

export const genericRequest = struct("generic_request", "GREQ", {
  header: ["u32", 6],
  descriptor: "u32",
  rval2: "u32",
  syscode: "u32",
  arguments: ["u32", 10],
});

/** Followed by records {address descriptor, user address, long data descriptor (3 words), data}. */
export const genericReply = struct("generic_reply", "GREP", {
  header: ["u32", 6],
  descriptor: "u32",
  rval: ["u32", 2],
  retcode: "u32",
  interrupt: "u32",
});

export const STRUCTS = [emulatorInfo, genericRequest, genericReply];
export const CONSTANTS = [PROCESS_MAP, EMULATOR, GENERIC];
