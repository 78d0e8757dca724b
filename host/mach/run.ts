/**
 * The run loop: the machine executes text until it escapes or the clock reaches the next interrupt;
 * slow paths run between two instructions. Nothing here costs simulated cycles but the text that is
 * entered: `switch_context` to another thread, the exits, and the idle loop, which the next
 * interrupt ends.
 */
import { PSW_SETTINGS } from "../abi/hp700.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { CR, PSW } from "../abi/pa.ts";
import { type Continued, handleEscape, settle } from "./escape.ts";
import { contained, damage } from "./faults/contain.ts";
import type { Kernel } from "./kernel.ts";
import { runNext } from "./kern/continuation.ts";
import { runnableThreads } from "./kern/sched.ts";
import type { Resumption } from "./kern/state.ts";
import { addTimes } from "./kern/timers.ts";
import { threadAt } from "./kern/views.ts";
import { stopped } from "./panic.ts";

const { KERNEL_PID, KERNEL_SPACE } = MEMORY_MAP;
const { KERNEL_PSW } = PSW_SETTINGS;
/** EIEM with every interrupt let through. */
const SPL0 = 0xffffffff;

/**
 * Runs until no thread can run and no interrupt will come before the end ("idle"), or for so many
 * cycles ("limit").
 * @throws GuestStopped when kernel text faults, or a thread has an exception and the kernel was told
 *   to stop there.
 */
export function runKernel(k: Kernel, cycles: number): "idle" | "limit" {
  try {
    return run(k, cycles);
  } catch (error) {
    throw contained(k, error);
  }
}

function run(k: Kernel, cycles: number): "idle" | "limit" {
  const { machine, interrupts } = k;
  const { devicePages: pages } = k.pagers;
  const end = machine.cycles + cycles;
  let before = k.cpu.active_thread;
  const goesOn = before !== 0 || k.idling;
  let next: Continued = goesOn ? "running" : settle(k, runNext(k));
  for (;;) {
    if (k.halted) return "idle";
    if (next === "idle") {
      if (interrupts.next > end) return "idle";
      idle(k);
    } else if (next !== "running") resume(k, next, before);
    interrupts.raise();
    const now = machine.cycles;
    if (now >= k.clock.load.due) k.clock.load.pass(now, runnableThreads(k));
    if (now >= pages.due) pages.show();
    if (now >= end) return "limit";
    const stop = machine.run({ cycles: Math.min(end, interrupts.next, pages.due) - now });
    charge(k, k.cpu.active_thread);
    if (stop.reason === "halt") throw stopped(k.guestState(stop.interruption));
    if (stop.reason === "breakpoint") k.communication?.pass();
    before = k.cpu.active_thread;
    next = stop.reason === "escape" ? leave(k, stop.number) : "running";
    charge(k, before);
  }
}

function leave(k: Kernel, number: number): Continued {
  k.idling = false;
  if (k.containment.damaged) damage(k);
  k.escapes.set(number, (k.escapes.get(number) ?? 0) + 1);
  return handleEscape(k, number);
}

/**
 * Charges what has passed since the last time: to the thread that has the processor when text comes to an
 * end, and to whom a slow path worked for. What another spent before it handed over is charged to the
 * thread that has it then: kernel text takes no time stamps, as in Mach without exact timers.
 */
function charge(k: Kernel, thread: number): void {
  const { machine, charged } = k;
  const { cycles } = machine;
  if (cycles === charged.cycles) return;
  const user = machine.userCycles();
  const view = threadAt(k, thread);
  if (thread !== 0 && view.pcb !== 0) addTimes(view, cycles - charged.cycles, user - charged.user);
  charged.cycles = cycles;
  charged.user = user;
}

/** Kernel text runs with its own spaces and protection ids. */
function enterKernel({ machine }: Kernel, psw: number): void {
  for (let sr = 4; sr <= 7; sr++) machine.setSr(sr, KERNEL_SPACE);
  for (const pidr of [CR.CR_PIDR2, CR.CR_PIDR3, CR.CR_PIDR4]) machine.setCr(pidr, KERNEL_PID);
  machine.setCr(CR.CR_EIEM, SPL0);
  machine.psw = psw;
}

/** Enters text so that `resumption` happens there; by way of the switch if it is another thread. */
function resume(k: Kernel, resumption: Exclude<Resumption, "idle">, before: number): void {
  const { machine } = k;
  const returns = resumption.kind === "return";
  const exit = returns ? "thread_syscall_return" : "thread_exception_return";
  const result = returns ? resumption.returnCode : 0;
  if (resumption.thread === before) {
    // Text came here by this thread's own call or interruption: the machine is the kernel's already.
    machine.setGr(26, result);
    return k.jump(exit);
  }
  enterKernel(k, returns ? KERNEL_PSW | PSW.PSW_I : KERNEL_PSW);
  machine.setGr(26, resumption.thread);
  machine.setGr(25, k.symbol(exit));
  machine.setGr(24, result);
  k.jump("switch_context");
}

/** Lets cycles pass that nobody uses. */
export function letPass(k: Kernel, cycles: number): void {
  k.machine.idle(cycles);
  k.charged.cycles += cycles;
}

/** Lets time pass to the next interrupt, which then finds the idle loop running. */
function idle(k: Kernel): void {
  const { machine, interrupts } = k;
  letPass(k, Math.max(0, interrupts.next - machine.cycles));
  if (machine.cycles >= k.clock.load.due) k.clock.load.pass(machine.cycles, 0);
  k.idling = true;
  enterKernel(k, KERNEL_PSW | PSW.PSW_I);
  k.jump("idle_loop");
}
