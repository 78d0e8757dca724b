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
  /**
   * Its text, where no line of it meets one of the kernel's or of an in-kernel server's in the instruction
   * cache: the index is the address within 128 KB, a space's number laid over bits 12 to 16; the
   * kernel's text is in pages 1 to 5 of those 32, the server's in 8 to 19, and the first programs of a
   * boot, in spaces 4 and 6, have this in 26 to 31 (paper §4.6: where a server is linked is chosen so).
   */
  EMULATOR_TEXT: 0x90118000,
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
  /** The two calls of the paper's Table 4 that do nothing: answered by the emulator, by the server. */
  NATIVE_NOP_EMULATOR: 298,
  NATIVE_NOP_SERVER: 299,
  /** Most bytes that a native read carries out of line; what is longer goes by the generic call. */
  LONG_MOST: 0x10000,
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
 * What a generic call answers to the emulator, in the order of its reply: two results, the call's code,
 * which a trap returns in its register, and whether a signal is to be taken at the call's end.
 */
export const genericResults = struct(
  "generic_results",
  "GRES",
  words("rval", "rval2", "code", "interrupt"),
);

/**
 * Of a native call, at the foot of the emulator's frame (the HP 700 emulator's record of 7 words, and
 * one). The arguments run down from `arguments`, as on a stack.
 */
export const emulatorRecord = struct(
  "emulator_record",
  "REC",
  words(
    ...["arguments", "flags", "rp", "number", "dp", "return_offset", "return_space"],
    /** Not 0 when the call's results say that a signal is to be taken. */
    "interrupt",
  ),
);

/**
 * Of a Linux call, there: what Linux keeps and the emulator uses. The page at 0 stores the first three,
 * which the kernel's redirection does not keep.
 */
export const linuxFrame = struct(
  "linux_frame",
  "LF",
  words(
    "r19",
    "r21",
    "r22",
    "r23",
    "r24",
    "r25",
    "r26",
    "rp",
    "dp",
    "return",
    "number",
    "rval",
    "rval2",
    "code",
    "interrupt",
    "sar",
  ),
);

/** Bytes of the emulator's frames on a program's stack; where it keeps what is its own. */
export const EMULATOR_FRAME = numbers("", {
  NATIVE_FRAME: 128,
  LINUX_FRAME: 192,
  /**
   * Its own words, zero at first: state, reply port, buffer of the generic call. Not at a multiple of
   * the data cache's 256 KB, where programs' data begin.
   */
  EMULATOR_DATA: 0x9014c000,
  EMULATOR_DATA_END: 0x90150000,
});

/** The system call's entry in the page at 0 of a Linux program. */
export const LINUX_PAGE = numbers("", {
  LINUX_PAGE_CALL: 0x100,
});

/**
 * A program's registers, where the emulator and the server exchange them: of a call that forks, begins
 * a program, takes a signal or returns from one.
 */
export const emulatorState = struct("emulator_state", "STATE", {
  /** r0 is not used. */
  gr: ["u32", 32],
  /** fr0–fr31, two words each; doubles, so the whole is aligned to 8. */
  fr: ["u32", 64],
  sar: "u32",
  pc: "u32",
  pc_back: "u32",
  psw: "u32",
  /** Bits of `EMULATOR_STATE`. */
  flags: "u32",
  unused: "u32",
});

export const EMULATOR_STATE = numbers("", {
  /** The program was interrupted between two instructions: the server knows where. */
  STATE_ASYNCHRONOUS: 1,
  /** `fr` is valid. */
  STATE_FLOAT: 2,
  /** Answers to TAKE_SIGNAL and sigreturn: go on; go on with the state given; the server will set it. */
  STATE_UNCHANGED: 0,
  STATE_LOAD: 1,
  STATE_RESUME: 2,
});

/** The generic call: one message for all calls that have no routine of their own. */
export const GENERIC = numbers("", {
  GENERIC_ID: 100000,
  /** Added to the number of a Linux call. */
  GENERIC_LINUX: 0x10000,
  /** Calls of the emulator itself: which signal to take; the server is to set the thread's state. */
  TAKE_SIGNAL: 0x20000,
  RESUME: 0x20001,
  /** Index of the argument that is the address of an `emulator_state`; the last that a trap carries. */
  GENERIC_STATE: 8,
  /** Most bytes of records behind a reply: 8 KB of data and a few short structures. */
  GENERIC_REPLY_DATA: 8192 + 64,
  /** Error codes of calls: so much and the errno (Mach's unix_err). */
  UNIX_ERROR: 0xc000,
  GENERIC_REPLY_ID: 100100,
  /** Of the request's header: a send right copied, a send-once right made for the reply. */
  GENERIC_BITS: 0x1513,
  /** Type descriptors: 12 integers, 4 integers; in a record 1 integer, and bytes in the long form. */
  GENERIC_DESCRIPTOR: 0x022000c8,
  GENERIC_REPLY_DESCRIPTOR: 0x02200048,
  GENERIC_RECORD_ADDRESS: 0x02200018,
  GENERIC_RECORD_DATA: 0x0000000c,
  GENERIC_RECORD_DATA_TYPE: 0x00090008,
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

/** A record behind a generic reply; its data follow, in whole words. */
export const genericRecord = struct(
  "generic_record",
  "RECORD",
  words("address_descriptor", "address", "data_descriptor", "data_type", "size"),
);

export const STRUCTS = [
  emulatorInfo,
  genericResults,
  emulatorRecord,
  linuxFrame,
  emulatorState,
  genericRequest,
  genericReply,
  genericRecord,
];
export const CONSTANTS = [
  PROCESS_MAP,
  EMULATOR,
  EMULATOR_FRAME,
  LINUX_PAGE,
  EMULATOR_STATE,
  GENERIC,
];
