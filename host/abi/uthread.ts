/**
 * The server's stacks. Each looks like a cthread stack: of one size, aligned to it, its self pointer
 * in the first word (`service_stack`, abi/kernel.ts); and each has its `uthread` at a constant offset
 * from its base, as in OSF/1 (paper §3.3), whether a thread of the server's runs on it or a client's
 * that has trapped. What a uthread says of a process is valid only during a call (footnote 8).
 */
import { numbers, struct, words } from "./struct.ts";

export const uthread = struct("uthread", "UTHREAD", {
  ...words(
    /** The process in whose call the stack is; 0 between calls. */
    "uu_pid",
    /** Where the thread waits while it is blocked in the server, and where replies to it come. */
    "uu_wait_port",
    "uu_reply_port",
    /** Not 0 while a client's thread is here by a trap. */
    "uu_trap",
  ),
  /** A message of a header only, to wait for and to wake with. */
  uu_message: ["u8", 64],
  /** Results of the server's own Mach calls. */
  uu_scratch: ["u8", 1536],
});

export const SERVICE_STACK = numbers("", {
  /** As OSF's in-kernel servers had (libcthreads). */
  SERVICE_STACK_SIZE: 0x8000,
  UTHREAD_OFFSET: 0x7800,
  /**
   * Stacks for trapping clients, which are registered; then those of the server's own threads: every
   * process of a full table may wait in the server by a message, and one more must find a thread.
   */
  TRAP_STACKS: 32,
  THREAD_STACKS: 144,
});

export const STRUCTS = [uthread];
export const CONSTANTS = [SERVICE_STACK];
