/**
 * A process's Mach side: its task, its one thread, and the port at which it asks the server. The port
 * identifies the process (paper §3.4.3: the BSD request port); the process has a send right to it under
 * the same name in every task, so a child needs to be told nothing.
 */
import { EMULATOR } from "../../abi/osf1.ts";
import { MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Process } from "../unix/process.ts";
import {
  mach_port_allocate,
  mach_port_deallocate,
  mach_port_insert_right,
  mach_port_mod_refs,
  mach_port_move_member,
  succeed,
  task_set_special_port,
  thread_create,
} from "./mach.ts";
import type { Uthread } from "./uthread.ts";

const { MACH_PORT_RIGHT_RECEIVE } = MACH_PORT;
const { MACH_MSG_TYPE_MAKE_SEND } = MACH_MSG_TYPE;
/** TASK_EXCEPTION_PORT of task_set_special_port. */
const TASK_EXCEPTION_PORT = 3;

/** Words of a thread's state: HP700_THREAD_STATE, HP700_FLOAT_STATE. */
export interface ThreadState {
  readonly general: readonly number[];
  readonly float: readonly number[];
}

export interface MachProcess {
  /** Send rights of the server's. */
  readonly task: number;
  readonly thread: number;
  /** The server's receive right for what the process asks. */
  readonly port: number;
  /** The task's life is over, or about to be. */
  ended: boolean;
  /** Calls of the process that are under way in the server. */
  calls: number;
  /** Whether its `emulator_info` says that signals wait. */
  told: boolean;
  /** The last call was ended by a signal and may be begun again. */
  restart: boolean;
  /** The last call was one of OSF/1's own: handlers are told its numbers of signals. */
  native: boolean;
  /** Its thread is stopped in its call (the defect "stop-at-once"). */
  isHalted: boolean;
  /** Where its program was interrupted to take a signal, and where a return from a handler will lead. */
  interrupted: ThreadState | undefined;
  resumed: ThreadState | undefined;
}

/** A process's Mach side. */
export const machProcess = (process: Process): MachProcess =>
  (process.task as MachProcess | undefined) ?? panic(`osf1: process ${process.pid} has no task`);

/** The same while it has one: not while it is being made, and not when its task's life is over. */
export function livingProcess(process: Process): MachProcess | undefined {
  const own = process.task as MachProcess | undefined;
  return own?.ended === false ? own : undefined;
}

/** What every task of a process needs of the server. */
export interface TaskPorts {
  /** The host's privilege port. */
  readonly host: number;
  /** The server's own task. */
  readonly self: number;
  /** The port set that its threads serve. */
  readonly set: number;
  /** Where exceptions of processes are told of. */
  readonly exceptions: number;
}

/**
 * Makes a new task a process: the port, the right to it, the exception port, and a thread, which is
 * suspended.
 * @throws UnixError EAGAIN when the kernel has no room; the task is the caller's to end.
 */
export function* adopt(thread: Uthread, ports: TaskPorts, task: number): Work<MachProcess> {
  const { self, set, exceptions } = ports;
  const made = yield* mach_port_allocate(thread, self, MACH_PORT_RIGHT_RECEIVE);
  if (!("value" in made)) throw new UnixError("EAGAIN");
  const port = made.value;
  const child = yield* thread_create(thread, task);
  const kr =
    (yield* mach_port_insert_right(
      thread,
      task,
      EMULATOR.REQUEST_PORT,
      port,
      MACH_MSG_TYPE_MAKE_SEND,
    )) || (yield* task_set_special_port(thread, task, TASK_EXCEPTION_PORT, exceptions));
  if (kr !== 0 || !("value" in child)) {
    yield* mach_port_mod_refs(thread, self, port, MACH_PORT_RIGHT_RECEIVE, -1);
    throw new UnixError("EAGAIN");
  }
  yield* succeed("mach_port_move_member", mach_port_move_member(thread, self, port, set));
  return {
    task,
    thread: child.value,
    port,
    ended: false,
    calls: 0,
    told: false,
    restart: false,
    native: false,
    isHalted: false,
    interrupted: undefined,
    resumed: undefined,
  };
}

/** Gives the server's rights to a process that is gone back. */
export function* forget(thread: Uthread, { self }: TaskPorts, gone: MachProcess): Work<void> {
  yield* mach_port_mod_refs(thread, self, gone.port, MACH_PORT_RIGHT_RECEIVE, -1);
  yield* mach_port_deallocate(thread, self, gone.thread);
  yield* mach_port_deallocate(thread, self, gone.task);
}
