/**
 * From kernel text to the slow paths: what each `escape` does, and how the guest goes on. A slow path
 * works for the current thread; its outcome is a return code, or the news that the thread waits and
 * another runs. Nothing returns to the instruction after the escape.
 */
import { FRAME, pcb, savedState, SS } from "../abi/hp700.ts";
import { ESCAPE } from "../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_RETURN, MACH_TRAP } from "../abi/mach.ts";
import { panic } from "../diagnostic.ts";
import { INKS_TRAPS } from "./inks/register.ts";
import { ipc_kmsg_put } from "./ipc/kmsg.ts";
import { slow_copyout } from "./ipc/mach-msg-receive.ts";
import type { Kernel } from "./kernel.ts";
import { runNext } from "./kern/continuation.ts";
import { procedure_call, type Ending, type Procedure } from "./kern/procedure.ts";
import { isStopped, stop } from "./kern/ast.ts";
import { completeCallState } from "./kern/thread-state.ts";
import type { Resumption } from "./kern/state.ts";
import { headerAt, threadAt } from "./kern/views.ts";
import { bringIn, sendAgain, writePostponed } from "./pager-waits.ts";
import { invalidSystemCall, kernelFault, trap } from "./trap.ts";
import { findTrap, machTrap } from "./traps.ts";

const { MACH_SEND_INVALID_DATA } = MACH_MSG_RETURN;

/** What the run loop does next: resume somewhere else, or let the guest go on where it was put. */
export type Continued = Resumption | "running";

const HANDLERS: Readonly<Record<number, (k: Kernel) => Continued>> = {
  [ESCAPE.ESCAPE_INTERRUPTION]: interruption,
  [ESCAPE.ESCAPE_TRAP]: threadTrap,
  [ESCAPE.ESCAPE_INTERRUPT]: interrupt,
  [ESCAPE.ESCAPE_MACH_TRAP]: callMachTrap,
  [ESCAPE.ESCAPE_MACH_MSG]: callMachTrap,
  [ESCAPE.ESCAPE_MACH_MSG_RECEIVE]: machMsgReceive,
  [ESCAPE.ESCAPE_MACH_MSG_PUT]: machMsgPut,
  [ESCAPE.ESCAPE_SYSCALL]: otherCall,
  [ESCAPE.ESCAPE_ZONE]: growZone,
  [ESCAPE.ESCAPE_WORK]: (k) => (k.works.enter(), afterWork(k)),
  [ESCAPE.ESCAPE_WORK_RETURNED]: (k) => (k.works.returned(), afterWork(k)),
};

/** The thread of a work function goes on, unless that has ended its task. */
const afterWork = (k: Kernel): Continued => (k.cpu.active_thread === 0 ? runNext(k) : "running");

/** Handles one escape. @throws GuestStopped when the guest cannot go on. */
export function handleEscape(k: Kernel, number: number): Continued {
  const handler = HANDLERS[number] ?? panic(`handleEscape: unknown escape ${number}`);
  return settle(k, handler(k));
}

/** Who goes on, after what its call could not write before (pager-waits.ts). */
export function settle(k: Kernel, next: Continued): Continued {
  if (next === "running" || next === "idle") return next;
  if (!k.procedures.postponed.has(next.thread)) return next;
  return settle(k, finish(k, writePostponed(k, next)));
}

/** The current thread's saved state: the server's while it calls the kernel from inside (§3.2). */
function currentState(k: Kernel) {
  const block = threadAt(k, k.cpu.active_thread).pcb;
  const nested = savedState.at(k.memory, block + pcb.offset.kss);
  return nested.flags !== 0 ? nested : savedState.at(k.memory, block + pcb.offset.ss);
}

/** Arguments of a trap: four registers, then words that entry copied to the kernel frame. */
function trapArguments(k: Kernel, count: number): number[] {
  const ss = currentState(k);
  const frame = k.cpu.active_stack + FRAME.KF_SIZE;
  const args = [ss.r26, ss.r25, ss.r24, ss.r23].slice(0, count);
  for (let i = 4; i < count; i++) args.push(k.memory.read32(frame - 52 - 4 * (i - 4)));
  return args;
}

/** Ends what a slow path does for the current thread; a procedure may wait first. */
function finish(k: Kernel, result: Ending | Procedure<Ending>): Continued {
  const ending = procedure_call(k, result);
  if (ending === "blocked") return runNext(k);
  if (isStopped(k)) return finish(k, stop(k, ending));
  const thread = k.cpu.active_thread;
  if (ending === "resume") return { kind: "bootstrap", thread };
  return { kind: "return", thread, returnCode: ending >>> 0 };
}

function callMachTrap(k: Kernel): Continued {
  const number = currentState(k).r22 | 0;
  const inks = INKS_TRAPS.find((row) => row.number === number);
  if (inks) {
    const { task } = threadAt(k, k.cpu.active_thread);
    return finish(k, inks.handler(k, task, trapArguments(k, inks.argc), copyRoutines(k)));
  }
  const argc = findTrap(number)?.argc ?? panic(`callMachTrap: no trap ${number}`);
  const args = trapArguments(k, argc);
  const waiting = bringIn(k, number, args);
  if (waiting) return finish(k, waiting);
  const result = machTrap(k, k.cpu.active_thread, number, args);
  return finish(k, result === MACH_SEND_INVALID_DATA ? sendAgain(k, args) : result);
}

/** What a server is told at registration. */
const copyRoutines = ({ image: { symbols } }: Kernel) => ({
  copyin: symbols.get("inks_copyin") ?? 0,
  copyout: symbols.get("inks_copyout") ?? 0,
});

/** The receiver, current since the handoff, gets its message the long way. */
function machMsgReceive(k: Kernel): Continued {
  const kmsg = k.machine.gr(26);
  const { ith_msg, ith_rcv_size } = threadAt(k, k.cpu.active_thread);
  return finish(k, slow_copyout(k, ith_msg, ith_rcv_size, kmsg, 0));
}

/** The receiver's buffer cannot take its message, or not before a pager has brought a page of it. */
function machMsgPut(k: Kernel): Continued {
  const [kmsg, buffer] = [k.machine.gr(26), k.machine.gr(25)];
  return finish(k, ipc_kmsg_put(k, buffer, kmsg, headerAt(k, kmsg).msgh_size));
}

/** An interruption of a thread, whose state text has saved: arg0 = number, arg1 = state. */
function threadTrap(k: Kernel): Continued {
  return finish(k, trap(k, k.machine.gr(26), k.machine.gr(25)));
}

/** An interrupt while kernel text ran: back to it, or, if that was the idle loop, to a thread. */
function interrupt(k: Kernel): Continued {
  k.interrupts.handle();
  if (k.cpu.active_thread === 0) return runNext(k);
  k.jump("interrupt_return");
  return "running";
}

/** A fault in kernel text. */
function interruption(k: Kernel): Continued {
  kernelFault(k);
  return "running";
}

/**
 * A number that is neither a trap nor redirected to an emulator: an exception, from which the thread
 * goes on behind its call. A kernel without in-kernel servers only refuses their numbers, so that
 * the stub may send a message (paper §2.2).
 */
function otherCall(k: Kernel): Continued {
  const state = currentState(k);
  const number = state.r22 | 0;
  if (number >= MACH_TRAP.INKS_FIRST_TRAP) return finish(k, KERN_RETURN.KERN_INVALID_ARGUMENT);
  completeCallState(state);
  return finish(k, invalidSystemCall(k, number));
}

/**
 * kalloc found a zone empty: grow it, and let the text try again. Text allocates only for messages, so
 * when memory is exhausted the call starts anew on the slow path, which knows what to answer.
 */
function growZone(k: Kernel): Continued {
  if (!k.zexpand(k.machine.gr(26))) return outOfMemory(k);
  k.jump("zalloc");
  return "running";
}

/** Only `ipc_kmsg_alloc` of `mach_msg_trap` comes here; on a server's stack their frames come down. */
function outOfMemory(k: Kernel): Continued {
  const { flags, r30 } = currentState(k);
  if ((flags & SS.SS_OWNSTACK) === 0) return callMachTrap(k);
  k.machine.setGr(30, r30 + FRAME.MACH_MSG_FRAME);
  k.jump("mach_msg_slow");
  return "running";
}
