/**
 * A thread's registers as others see and set them: the HP 700 port's flavors. What a program may not
 * decide (spaces, protection ids, privilege, most of the PSW) is not taken from what it sets. After
 * the port's status.c; a thread inside a system call has its program counter in r31, and of the
 * registers that a call does not keep, nothing is known.
 */
import { pcb, savedState, SS } from "../../abi/hp700.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { PSW } from "../../abi/pa.ts";
import type { KernelState } from "./state.ts";
import { taskAt, threadAt } from "./views.ts";

const { KERN_SUCCESS, KERN_INVALID_ARGUMENT, KERN_FAILURE } = KERN_RETURN;

export const HP700_THREAD_STATE = 1;
export const HP700_FLOAT_STATE = 2;
export const THREAD_SYSCALL_STATE = 6;

type State = ReturnType<typeof savedState.at>;
type Field = Exclude<keyof State, "address" | "addressOf">;

/** Words of THREAD_SYSCALL_STATE, in order. */
const SYSCALL_FIELDS: readonly Field[] = [
  ...(["r1", "r2", "r3", "r22", "r23", "r24", "r25", "r26", "r27", "r28", "r29", "r30"] as const),
  ...(["iioq_head", "iioq_tail"] as const),
];
const STATE_FIELDS = Object.keys(savedState.offset) as Field[];

/** PSW bits that are the program's own: carries, V, N, B, X, and what traps on request. */
const USER_PSW = PSW.PSW_CB | PSW.PSW_V | PSW.PSW_N | PSW.PSW_B | PSW.PSW_X | PSW.PSW_T;
const BASE_PSW = PSW.PSW_C | PSW.PSW_Q | PSW.PSW_P | PSW.PSW_D | PSW.PSW_I;

/** Fields of the state that a program may set. */
const SETTABLE: readonly Field[] = STATE_FIELDS.filter(
  (field) => /^r\d+$/.test(field) || ["sar", "iioq_head", "iioq_tail"].includes(field),
);

/** What the FPU's registers are, wherever they are. */
export interface FloatRegisters {
  /** Brings the registers of the PCB's owner into it. */
  flush(pcb: number): void;
  /** Forgets that the FPU holds the PCB's registers. */
  discard(pcb: number): void;
}

const firstState = (k: KernelState, thread: number): State =>
  savedState.at(k.memory, threadAt(k, thread).pcb + pcb.offset.ss);

/**
 * Where a thread's state is: in the second saved state while a thread of a server in the kernel is in a
 * call or interrupted there. Of a client's thread that is in a server, the client's is its state.
 */
function stateOf(k: KernelState, thread: number): State {
  const { pcb: block, task, inks_task } = threadAt(k, thread);
  const second = savedState.at(k.memory, block + pcb.offset.kss);
  const isServers = taskAt(k, task).kernel_loaded !== 0 && inks_task === 0;
  return isServers && second.flags !== 0 ? second : firstState(k, thread);
}

/** The same, in the first saved state, from which a thread resumes with what is set there. */
function movedState(k: KernelState, thread: number): State {
  const from = stateOf(k, thread);
  const to = firstState(k, thread);
  if (from.address === to.address) return to;
  for (let i = 0; i < savedState.size; i += 4)
    k.memory.write32(to.address + i, k.memory.read32(from.address + i));
  from.flags = 0;
  return to;
}

/**
 * Purpose: reads a thread's state.
 * Returns: its words, or KERN_INVALID_ARGUMENT (the flavor, or `room` too small), KERN_FAILURE (the
 * thread is terminated).
 */
export function thread_getstatus(
  k: KernelState,
  thread: number,
  flavor: number,
  room: number,
): readonly number[] | number {
  const { pcb: block } = threadAt(k, thread);
  if (block === 0) return KERN_FAILURE;
  const words = statusWords(k, thread, flavor);
  if (words === undefined || words.length > room) return KERN_INVALID_ARGUMENT;
  return words;
}

function statusWords(k: KernelState, thread: number, flavor: number): number[] | undefined {
  const ss = stateOf(k, thread);
  const inCall = (ss.flags & SS.SS_INSYSCALL) !== 0;
  const value = (field: Field): number => {
    if (inCall && field === "iioq_head") return ss.r31;
    if (inCall && field === "iioq_tail") return ss.r31 + 4;
    if (inCall && (field === "iisq_head" || field === "iisq_tail")) return ss.sr0;
    return ss[field] as number;
  };
  if (flavor === HP700_THREAD_STATE) return STATE_FIELDS.map(value);
  if (flavor === THREAD_SYSCALL_STATE) return SYSCALL_FIELDS.map(value);
  if (flavor !== HP700_FLOAT_STATE) return undefined;
  const { pcb: block } = threadAt(k, thread);
  k.float_registers.flush(block);
  const at = block + pcb.offset.sf;
  return Array.from({ length: 64 }, (_, i) => k.memory.read32(at + 4 * i));
}

/**
 * Purpose: sets a thread's state; it resumes with it, whatever it was doing.
 * Conditions: the thread is not current.
 * Returns: KERN_SUCCESS, KERN_INVALID_ARGUMENT (the flavor, or too few words), KERN_FAILURE.
 */
export function thread_setstatus(
  k: KernelState,
  thread: number,
  flavor: number,
  words: readonly number[],
): number {
  const { pcb: block, task } = threadAt(k, thread);
  if (block === 0) return KERN_FAILURE;
  const privilege = taskAt(k, task).kernel_loaded === 0 ? 3 : 0;
  if (flavor === HP700_THREAD_STATE) {
    if (words.length < STATE_FIELDS.length) return KERN_INVALID_ARGUMENT;
    const ss = movedState(k, thread);
    const word = (field: Field): number => words[STATE_FIELDS.indexOf(field)]!;
    for (const field of SETTABLE) set(ss, field, word(field), privilege);
    ss.ipsw = ((word("ipsw") & USER_PSW) | BASE_PSW) >>> 0;
    return completeState(k, thread, ss);
  }
  if (flavor === THREAD_SYSCALL_STATE) {
    if (words.length < SYSCALL_FIELDS.length) return KERN_INVALID_ARGUMENT;
    const ss = movedState(k, thread);
    SYSCALL_FIELDS.forEach((field, i) => set(ss, field, words[i]!, privilege));
    return completeState(k, thread, ss);
  }
  if (flavor !== HP700_FLOAT_STATE || words.length < 64) return KERN_INVALID_ARGUMENT;
  k.float_registers.discard(block);
  words.slice(0, 64).forEach((word, i) => k.memory.write32(block + pcb.offset.sf + 4 * i, word));
  return KERN_SUCCESS;
}

function set(ss: State, field: Field, value: number, privilege: number): void {
  const queue = field === "iioq_head" || field === "iioq_tail";
  (ss as Record<string, unknown>)[field] = queue ? ((value & ~3) | privilege) >>> 0 : value;
}

/** Where short pointers of the last quadrant lead: to the gateway, in the kernel's space or the task's own. */
function lastSpace(k: KernelState, thread: number): number {
  const { task } = threadAt(k, thread);
  return taskAt(k, task).eml_dispatch === 0 ? 0 : k.address_space(task).space;
}

/** What a new thread has before anybody sets its state: its task's space, and no place to go. */
export function initialState(k: KernelState, thread: number): void {
  const ss = stateOf(k, thread);
  const { space, pid } = k.address_space(threadAt(k, thread).task);
  const privilege = taskAt(k, threadAt(k, thread).task).kernel_loaded === 0 ? 3 : 0;
  for (const register of ["sr0", "sr1", "sr2", "sr3", "sr4", "sr5", "sr6"] as const)
    ss[register] = space;
  ss.sr7 = lastSpace(k, thread);
  for (const register of ["pidr1", "pidr2", "pidr3", "pidr4"] as const) ss[register] = pid;
  for (const queue of ["iisq_head", "iisq_tail"] as const) ss[queue] = space;
  for (const queue of ["iioq_head", "iioq_tail"] as const) ss[queue] = privilege;
  ss.ipsw = BASE_PSW;
  ss.eiem = 0xffffffff;
  ss.flags = SS.SS_INTRAP | SS.SS_RFIRETURN;
}

/** Makes a system call's state one that the thread resumes from by a full return, behind its call. */
export function completeCallState(ss: State): void {
  const { sr0, r31 } = ss;
  for (const queue of ["iisq_head", "iisq_tail"] as const) ss[queue] = sr0;
  ss.iioq_head = r31;
  ss.iioq_tail = r31 + 4;
  ss.ipsw = BASE_PSW;
  ss.eiem = 0xffffffff;
  ss.flags = SS.SS_INTRAP | SS.SS_RFIRETURN;
}

/**
 * Purpose: ends a thread's system call in its saved state, result and all, so that others see it behind
 * the call.
 * Conditions: the thread is on its way out of the call. Returns false for a thread of a server in the
 * kernel, or in one: it has to go out by itself.
 */
export function completeCall(k: KernelState, thread: number, result: number): boolean {
  const { task, inks_task } = threadAt(k, thread);
  if (taskAt(k, task).kernel_loaded !== 0 || inks_task !== 0) return false;
  const ss = firstState(k, thread);
  // Without the flag somebody has set another state meanwhile: the call has no result any more.
  if ((ss.flags & SS.SS_INSYSCALL) === 0) return true;
  ss.r28 = result;
  const { space } = k.address_space(task);
  for (const register of ["sr1", "sr2"] as const) ss[register] = space;
  completeCallState(ss);
  return true;
}

/** From a system call's state to one that the thread can resume from: spaces, ids, interrupts. */
function completeState(k: KernelState, thread: number, ss: State): number {
  const { space, pid } = k.address_space(threadAt(k, thread).task);
  if ((ss.flags & SS.SS_INSYSCALL) !== 0) {
    for (const register of ["sr1", "sr2"] as const) ss[register] = space;
    ss.ipsw = ss.ipsw === 0 ? BASE_PSW : ss.ipsw;
  }
  for (const queue of ["iisq_head", "iisq_tail"] as const) ss[queue] = space;
  for (const register of ["sr4", "sr5", "sr6"] as const) ss[register] = space;
  ss.sr7 = lastSpace(k, thread);
  for (const register of ["pidr1", "pidr2", "pidr3", "pidr4"] as const) ss[register] = pid;
  ss.eiem = 0xffffffff;
  ss.flags = SS.SS_INTRAP | SS.SS_RFIRETURN;
  return KERN_SUCCESS;
}
