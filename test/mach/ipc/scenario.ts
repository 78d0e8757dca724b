/**
 * Scenarios of Mach calls as data, so that one list can be run by the slow paths alone and by real
 * guest programs on the machine, hot and slow. A thread is a list of steps; a step is a trap with
 * its argument words and the words to put at the message buffer before, and what must come back:
 * the return code and words in memory. Names are written out: the kernel gives them in a known
 * order.
 *
 * A thread runs until it blocks; threads start in the order listed, and a thread whose steps are
 * done terminates itself. A thread that is to wait for ever at its last step has `waits: true`
 * there. A driver must give every thread a data area of `DATA_SIZE` bytes, translate `at` and
 * `readOnly` arguments to addresses, leave page zero unmapped, and set up the rights of `setup` in
 * order.
 */
import {
  MACH_MSG_OPTION,
  MACH_MSG_RETURN,
  MACH_MSG_TYPE,
  MACH_TRAP,
  machMsgHeader,
} from "../../../host/abi/mach.ts";

/** Bytes of a thread's data area. Messages begin at offset 0. */
export const DATA_SIZE = 0x3000;
/** Offset of a word for results, behind the largest message. */
export const WORD = 0x2ff0;

/**
 * An argument word: a number, an address in the thread's data area, or one in a page without write
 * access.
 */
export type Arg = number | { readonly at: number } | { readonly readOnly: number };
export const at = (offset: number): Arg => ({ at: offset });
export const readOnly = (offset: number): Arg => ({ readOnly: offset });
/** An address where no task has memory. */
export const UNMAPPED = 0x00000800;

/** Words expected in the data area; undefined ones do not matter. */
export interface Expected {
  readonly at: number;
  readonly words: readonly (number | undefined)[];
}

export interface Step {
  /** As in r22; negative. */
  readonly trap: number;
  readonly args: readonly Arg[];
  /** Words put at offset 0 before the call. */
  readonly message?: readonly number[];
  /** What the call must return. */
  readonly code: number;
  readonly expect?: Expected;
  /** The call never returns. */
  readonly waits?: boolean;
}

export interface ThreadProgram {
  readonly steps: readonly Step[];
}

export interface TaskProgram {
  readonly name: string;
  readonly threads: readonly ThreadProgram[];
}

/** A right that a task has before any thread runs; the kernel must give it the name `name`. */
export type Grant =
  /** A port of the task's own. */
  | { readonly task: string; readonly name: number; readonly right: "receive" }
  /** A port set of the task's own, with members whose names came before. */
  | {
      readonly task: string;
      readonly name: number;
      readonly right: "set";
      readonly members: readonly number[];
    }
  /** A send right, made from another task's receive right `port`. */
  | {
      readonly task: string;
      readonly name: number;
      readonly right: "send";
      readonly from: string;
      readonly port: number;
    };

export interface Scenario {
  readonly name: string;
  readonly setup: readonly Grant[];
  readonly tasks: readonly TaskProgram[];
}

const { MACH_MSG_SUCCESS } = MACH_MSG_RETURN;
const { MACH_SEND_MSG, MACH_RCV_MSG } = MACH_MSG_OPTION;
export const SEND = MACH_SEND_MSG;
export const RCV = MACH_RCV_MSG;

/** The name with this index; a fresh entry has generation 0. */
export const port = (index: number, generation = 0): number => (index << 8) | generation;

/** Message bits by disposition. */
export const bits = (remote: number, local = 0): number => remote | (local << 8);

export const MOVE_SEND = MACH_MSG_TYPE.MACH_MSG_TYPE_MOVE_SEND;
export const MOVE_SEND_ONCE = MACH_MSG_TYPE.MACH_MSG_TYPE_MOVE_SEND_ONCE;
export const COPY_SEND = MACH_MSG_TYPE.MACH_MSG_TYPE_COPY_SEND;
export const MAKE_SEND = MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND;
export const MAKE_SEND_ONCE = MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND_ONCE;
export const PORT_SEND = MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND;
export const PORT_SEND_ONCE = MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND_ONCE;
export const REQUEST = bits(COPY_SEND, MAKE_SEND_ONCE);
export const REPLY = bits(MOVE_SEND_ONCE);
export const RECEIVED_REQUEST = bits(PORT_SEND_ONCE, PORT_SEND);
export const RECEIVED_REPLY = bits(0, PORT_SEND_ONCE);

/** A message as words; `msgh_size` and `msgh_seqno` are the kernel's to fill in. */
export function message(
  msgh_bits: number,
  remote: number,
  local: number,
  msgh_id: number,
  ...body: readonly number[]
): number[] {
  return [msgh_bits, 0, remote, local, 0, msgh_id, ...body];
}

/** The words of a received message, size and all. */
export function received(
  msgh_bits: number,
  remote: number,
  local: number,
  seqno: number,
  msgh_id: number,
  ...body: readonly number[]
): Expected {
  const size = machMsgHeader.size + 4 * body.length;
  return { at: 0, words: [msgh_bits, size, remote, local, seqno, msgh_id, ...body] };
}

export interface MachMsg {
  readonly option: number;
  readonly message?: readonly number[];
  /** The message's own size unless given. */
  readonly send_size?: number;
  /** DATA_SIZE unless given. */
  readonly rcv_size?: number;
  readonly rcv_name?: number;
  readonly time_out?: number;
  readonly notify?: number;
  /** Offset 0 of the data area unless given. */
  readonly msg?: Arg;
  readonly code?: number;
  readonly expect?: Expected;
  readonly waits?: boolean;
}

/** A step that calls `mach_msg_trap`. */
export function machMsg(call: MachMsg): Step {
  const { message: words } = call;
  return {
    trap: MACH_TRAP.TRAP_MACH_MSG | 0,
    args: [
      call.msg ?? at(0),
      call.option,
      call.send_size ?? 4 * (words?.length ?? 0),
      call.rcv_size ?? DATA_SIZE,
      call.rcv_name ?? 0,
      call.time_out ?? 0,
      call.notify ?? 0,
    ],
    ...(words && { message: words }),
    code: call.code ?? MACH_MSG_SUCCESS,
    ...(call.expect && { expect: call.expect }),
    ...(call.waits && { waits: true }),
  };
}

/** A step that calls another trap. */
export function trap(number: number, args: readonly Arg[], code: number, expect?: Expected): Step {
  return { trap: number | 0, args, code, ...(expect && { expect }) };
}

export const machReplyPort = (name: number): Step => trap(MACH_TRAP.TRAP_MACH_REPLY_PORT, [], name);
export const machTaskSelf = (name: number): Step => trap(MACH_TRAP.TRAP_MACH_TASK_SELF, [], name);
export const taskTerminate = (name: number, code: number): Step =>
  trap(MACH_TRAP.TRAP_TASK_TERMINATE, [name], code);
