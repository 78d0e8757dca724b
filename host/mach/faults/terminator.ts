/**
 * Somebody who ends a task from outside, as whoever has its port may at any time: a thread of the
 * kernel's own that waits to be told, at interrupt level, and then calls `task_terminate`. It takes the
 * processor as any woken thread of its priority does, so what it ends is in a state that it may be in.
 */
import type { Kernel } from "../kernel.ts";
import { INTERRUPT_BIT } from "../kern/interrupts.ts";
import { kernel_thread } from "../kern/kernel-thread.ts";
import { type Procedure, thread_wakeup } from "../kern/procedure.ts";
import { task_terminate } from "../kern/task.ts";
import { panic } from "../../diagnostic.ts";

export interface Terminator {
  /** Ends the task at a cycle, or now if that is over. */
  at(cycle: number): void;
}

/**
 * Makes a terminator. `task` says whom, when the time has come: undefined if there is nobody.
 * `done` is told whether there was somebody to end.
 */
export function makeTerminator(
  k: Kernel,
  task: () => number | undefined,
  done: (ended: boolean) => void,
): Terminator {
  const event = { terminator: true };
  function* wait(): Procedure<void> {
    yield { event, interruptible: false };
    const found = task();
    if (found !== undefined) task_terminate(k, found);
    done(found !== undefined);
  }
  if (kernel_thread(k, k.kernelTask, wait()) === 0) panic("terminator: no memory for a thread");
  return {
    at: (cycle) => {
      const when = Math.max(cycle, k.machine.cycles);
      k.interrupts.schedule(when, INTERRUPT_BIT.clock, () => thread_wakeup(k, event));
    },
  };
}
