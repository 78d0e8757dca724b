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
  /** Where the emulator's frames and messages are while a process has no stack: during execve. */
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

/**
 * A program's registers, as the emulator's trampoline has them on the program's stack during a call; the
 * generic call's arguments[6] is its address. What a call keeps is in it from the start; floating-point
 * registers only for fork, take_signal and sigreturn. A child of fork begins at `emulator_child` with
 * r30 = the frame: it returns 0 from the call with these registers. And a reply may ask the emulator to
 * go on with a frame that the server has written (see `interrupt`): r31 and r1 are not kept then.
 */
export const emulatorFrame = struct("emulator_frame", "EFRAME", {
  /** r0 … r31, r0's place for flags: EFRAME_FLOATS. */
  gr: ["u32", 32],
  sar: "u32",
  /** Where it goes on: for a call, behind it. */
  pc: "u32",
  fr: ["u32", 64],
});

/**
 * The generic call: one message for all calls that have no routine of their own. As a trap its arguments
 * are (request port, syscode, arguments, reply): the addresses of `arguments` and of the reply's words
 * from `rval` on, both in the program's memory; the result is a code, as of any trap. execve and
 * take_signal are always called with frame, message and reply on EMULATOR_STACK, as the program's stack
 * goes, or gets a handler's frame where the emulator's would be; sigreturn always by message, since the
 * server sets the whole state of the calling thread.
 */
export const GENERIC = numbers("", {
  GENERIC_ID: 100000,
  GENERIC_REPLY_ID: 100100,
  /** Words of the request's body: {rval2, syscode, arg[10]}. */
  GENERIC_WORDS: 12,
  GENERIC_ARGUMENTS: 10,
  /** Argument that is the frame's address; 0 to 5 are the call's own. */
  GENERIC_FRAME: 6,
  /** syscode of a Linux call: this and its number. */
  GENERIC_LINUX: 400,
  /** syscode by which the emulator asks for a signal to take; its answer is a frame. */
  GENERIC_TAKE_SIGNAL: 2000,
  /** Longest reply with its records; that on EMULATOR_STACK. */
  GENERIC_REPLY_MOST: 8704,
  GENERIC_SHORT_REPLY_MOST: 1536,
  /** `flags` of a frame: `fr` counts. */
  EFRAME_FLOATS: 1,
});

/** `interrupt` of the generic call's reply. */
export const INTERRUPT = numbers("", {
  INTERRUPT_NONE: 0,
  /** There is a signal: ask for it (GENERIC_TAKE_SIGNAL) before the program goes on. */
  INTERRUPT_SIGNAL: 1,
  /** From here on it is the address of a frame to go on with: after execve, or in a handler. */
  INTERRUPT_FRAME: 4096,
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

export const STRUCTS = [emulatorInfo, emulatorFrame, genericRequest, genericReply];
export const CONSTANTS = [PROCESS_MAP, EMULATOR, GENERIC, INTERRUPT];
