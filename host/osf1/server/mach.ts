/**
 * The server's Mach calls. Each runs the stub in the server's text: a trap where Mach has one, else
 * KMIG's message stub; so it costs what it costs, in and out of the kernel. Codes are returned as in
 * C; a call that the server cannot do without says so by `must`.
 */
import { savedState } from "../../abi/hp700.ts";
import { KERN_RETURN, VM_INHERIT, VM_PROT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { Work } from "../../mach/interface.ts";
import type { Uthread } from "./uthread.ts";

const { KERN_SUCCESS } = KERN_RETURN;
const { VM_INHERIT_COPY } = VM_INHERIT;

/** Flavor of a thread's whole state: the port's saved state. */
export const HP700_THREAD_STATE = 1;
/** Its floating-point registers, two words each. */
export const HP700_FLOAT_STATE = 2;
/** Words of `mach_port_status_t`, and which of them is `mps_msgcount`. */
const PORT_STATUS_WORDS = 9;
const MPS_MSGCOUNT = 4;
const STATE_FIELDS = Object.keys(savedState.offset);
/** Which word of the state a register is. */
export const field = (name: keyof typeof savedState.offset): number => STATE_FIELDS.indexOf(name);
export type Registers = Readonly<Record<string, number>>;

/** A result, or the code of the failure. */
export type Answer<T> = { readonly kr: 0; readonly value: T } | { readonly kr: number };

/** A Mach call of the server's for itself that does not fail. */
export function* must<T>(what: string, work: Work<Answer<T>>): Work<T> {
  const answer = yield* work;
  if (!("value" in answer)) return panic(`osf1: ${what} returned ${answer.kr}`);
  return answer.value;
}

/** As `must`, for calls with nothing but a code. */
export function* succeed(what: string, work: Work<number>): Work<void> {
  const kr = yield* work;
  if (kr !== KERN_SUCCESS) panic(`osf1: ${what} returned ${kr}`);
}

/** A call with one word of result, whose address is the argument at `at`. */
export function* wordOf(
  thread: Uthread,
  procedure: string,
  values: (result: number) => readonly number[],
  initial = 0,
): Work<Answer<number>> {
  return yield* thread.scratch(4, function* (result): Work<Answer<number>> {
    thread.server.memory.write32(result, initial);
    const kr = yield* thread.call(procedure, ...values(result));
    return kr === KERN_SUCCESS ? { kr: 0, value: thread.word(result) } : { kr };
  });
}

export const mach_task_self = (thread: Uthread): Work<number> => thread.call("mach_task_self");

// Ports (mach_port.defs).

export const mach_port_allocate = (
  thread: Uthread,
  task: number,
  right: number,
): Work<Answer<number>> => wordOf(thread, "mach_port_allocate", (name) => [task, right, name]);

export const mach_port_deallocate = (thread: Uthread, task: number, name: number): Work<number> =>
  thread.call("mach_port_deallocate", task, name);

/** Messages that wait at a port of the server's (`mach_port_get_receive_status`). */
export function* messagesAt(thread: Uthread, task: number, port: number): Work<number> {
  return yield* thread.scratch(4 * PORT_STATUS_WORDS, function* (status): Work<number> {
    yield* succeed(
      "mach_port_get_receive_status",
      thread.call("r_mach_port_get_receive_status", task, port, status),
    );
    return thread.word(status + 4 * MPS_MSGCOUNT);
  });
}

export const mach_port_insert_right = (
  thread: Uthread,
  task: number,
  name: number,
  right: number,
  disposition: number,
): Work<number> => thread.call("mach_port_insert_right", task, name, right, disposition);

export const mach_port_move_member = (
  thread: Uthread,
  task: number,
  member: number,
  set: number,
): Work<number> => thread.call("r_mach_port_move_member", task, member, set);

export const mach_port_mod_refs = (
  thread: Uthread,
  task: number,
  name: number,
  right: number,
  delta: number,
): Work<number> => thread.call("r_mach_port_mod_refs", task, name, right, delta);

export const mach_port_destroy = (thread: Uthread, task: number, name: number): Work<number> =>
  thread.call("r_mach_port_destroy", task, name);

// Tasks and threads (mach.defs).

export const task_create = (
  thread: Uthread,
  parent: number,
  inherit: boolean,
): Work<Answer<number>> =>
  wordOf(thread, "task_create", (child) => [parent, Number(inherit), child]);

export const task_terminate = (thread: Uthread, task: number): Work<number> =>
  thread.call("task_terminate", task);

export const task_suspend = (thread: Uthread, task: number): Work<number> =>
  thread.call("task_suspend", task);
export const task_resume = (thread: Uthread, task: number): Work<number> =>
  thread.call("r_task_resume", task);

export const task_set_special_port = (
  thread: Uthread,
  task: number,
  which: number,
  port: number,
): Work<number> => thread.call("task_set_special_port", task, which, port);

export const thread_create = (thread: Uthread, task: number): Work<Answer<number>> =>
  wordOf(thread, "r_thread_create", (child) => [task, child]);

export const thread_terminate = (thread: Uthread, target: number): Work<number> =>
  thread.call("r_thread_terminate", target);
export const thread_suspend = (thread: Uthread, target: number): Work<number> =>
  thread.call("r_thread_suspend", target);
export const thread_resume = (thread: Uthread, target: number): Work<number> =>
  thread.call("r_thread_resume", target);
export const thread_abort = (thread: Uthread, target: number): Work<number> =>
  thread.call("r_thread_abort", target);

/** @returns the words of a flavor of a thread's state */
export function* thread_get_state(
  thread: Uthread,
  target: number,
  flavor: number,
  most: number,
): Work<Answer<number[]>> {
  return yield* thread.scratch(4 + 4 * most, function* (count): Work<Answer<number[]>> {
    thread.server.memory.write32(count, most);
    const kr = yield* thread.call("r_thread_get_state", target, flavor, count + 4, count);
    if (kr !== KERN_SUCCESS) return { kr };
    const length = thread.word(count);
    return {
      kr: 0,
      value: Array.from({ length }, (_, i) => thread.word(count + 4 + 4 * i)),
    };
  });
}

/** Sets registers of a thread that has run no instruction yet, by name; the others are 0. */
export function setRegisters(thread: Uthread, target: number, registers: Registers): Work<number> {
  const words = stateWords({ ...registers, iioq_tail: (registers["iioq_head"] ?? 0) + 4 });
  return thread_set_state(thread, target, HP700_THREAD_STATE, words);
}

/** The words of HP700_THREAD_STATE with registers by name; the others are 0. */
export const stateWords = (registers: Registers): number[] =>
  STATE_FIELDS.map((name) => registers[name] ?? 0);

export function* thread_set_state(
  thread: Uthread,
  target: number,
  flavor: number,
  words: readonly number[],
): Work<number> {
  return yield* thread.scratch(4 * words.length, function* (state): Work<number> {
    words.forEach((word, i) => thread.server.memory.write32(state + 4 * i, word));
    return yield* thread.call("r_thread_set_state", target, flavor, state, words.length);
  });
}

// Memory (mach.defs).

export const vm_allocate = (
  thread: Uthread,
  task: number,
  address: number,
  size: number,
  anywhere: boolean,
): Work<Answer<number>> =>
  wordOf(thread, "vm_allocate", (place) => [task, place, size, Number(anywhere)], address);

/** As vm_allocate; but `anywhere` means the first room at or after the address, as vm_map has it. */
export const vm_allocate_near = (
  thread: Uthread,
  task: number,
  address: number,
  size: number,
  anywhere: boolean,
): Work<Answer<number>> =>
  wordOf(
    thread,
    "vm_map",
    (place) => [
      ...[task, place, size, 0, Number(anywhere), 0, 0, 0],
      ...[VM_PROT.VM_PROT_DEFAULT, VM_PROT.VM_PROT_ALL, VM_INHERIT_COPY],
    ],
    address,
  );

export const vm_copy = (
  thread: Uthread,
  task: number,
  from: number,
  size: number,
  to: number,
): Work<number> => thread.call("r_vm_copy", task, from, size, to);

export const vm_deallocate = (
  thread: Uthread,
  task: number,
  address: number,
  size: number,
): Work<number> => thread.call("vm_deallocate", task, address, size);

export const vm_protect = (
  thread: Uthread,
  task: number,
  address: number,
  size: number,
  protection: number,
): Work<number> => thread.call("r_vm_protect", task, address, size, 0, protection);

/** Keeps pages in memory for an access; without one lets them go again (mach_host.defs). */
export const vm_wire = (
  thread: Uthread,
  host: number,
  task: number,
  range: { readonly address: number; readonly length: number },
  access: number,
): Work<number> => thread.call("vm_wire", host, task, range.address, range.length, access);

export const vm_inherit = (
  thread: Uthread,
  task: number,
  address: number,
  size: number,
  inheritance: number,
): Work<number> => thread.call("r_vm_inherit", task, address, size, inheritance);

/** Writes whole pages of another task from the server's memory. */
export const vm_write = (
  thread: Uthread,
  task: number,
  address: number,
  data: number,
  size: number,
): Work<number> => thread.call("r_vm_write", task, address, data, size);

/** Reads whole pages of another task: they appear somewhere in the server's memory. */
export function* vm_read(
  thread: Uthread,
  task: number,
  address: number,
  size: number,
): Work<Answer<{ readonly data: number; readonly size: number }>> {
  return yield* thread.scratch(8, function* (result): Work<
    Answer<{ readonly data: number; readonly size: number }>
  > {
    const kr = yield* thread.call("r_vm_read", task, address, size, result, result + 4);
    if (kr !== KERN_SUCCESS) return { kr };
    return { kr: 0, value: { data: thread.word(result), size: thread.word(result + 4) } };
  });
}

/** Words of a task's basic information (task_basic_info). */
const TASK_BASIC_INFO = 1;
const TASK_THREAD_TIMES_INFO = 3;
const TASK_INFO_WORDS = 8;

/** Processor time of a task's ended threads and of its living ones, nanoseconds. */
export function* taskTimes(thread: Uthread, task: number): Work<TaskTimes> {
  const ended = yield* timesOf(thread, task, TASK_BASIC_INFO, 4);
  const living = yield* timesOf(thread, task, TASK_THREAD_TIMES_INFO, 0);
  return { user: ended.user + living.user, system: ended.system + living.system };
}

interface TaskTimes {
  readonly user: number;
  readonly system: number;
}

/** User and system time of a flavor of `task_info`, from a word of it on. */
function* timesOf(thread: Uthread, task: number, flavor: number, first: number): Work<TaskTimes> {
  return yield* thread.scratch(4 + 4 * TASK_INFO_WORDS, function* (room): Work<TaskTimes> {
    thread.server.memory.write32(room, TASK_INFO_WORDS);
    const kr = yield* thread.call("r_task_info", task, flavor, room + 4, room);
    if (kr !== KERN_SUCCESS) return { user: 0, system: 0 };
    const time = (word: number): number =>
      thread.word(room + 4 + 4 * word) * 1e9 + thread.word(room + 8 + 4 * word) * 1000;
    return { user: time(first), system: time(first + 2) };
  });
}
