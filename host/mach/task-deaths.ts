/**
 * How tasks end, for who follows one from outside the machine: the owner of a boot wants to know what
 * became of its server. Mach itself tells nobody but by a dead name; this costs the guest nothing.
 */
import { pcb, savedState } from "../abi/hp700.ts";
import { EXC, KERN_RETURN } from "../abi/mach.ts";
import type { Kernel } from "./kernel.ts";
import { threadAt } from "./kern/views.ts";

/** An exception that nobody handled: what `exception_raise` would have said, and where it was. */
export interface Uncaught {
  readonly exception: number;
  readonly code: number;
  readonly subcode: number;
  /** Where the thread was, by symbol if one is known. */
  readonly at: string;
}

export interface TaskDeath {
  /** Cycles since boot. */
  readonly cycle: number;
  /** What it died of; neither: `task_terminate`, its own or somebody else's. */
  readonly uncaught?: Uncaught;
  /** What a server has found wrong with itself. */
  readonly panic?: string;
}

export class TaskDeaths {
  readonly #watched = new Map<number, (death: TaskDeath) => void>();
  readonly #k: Kernel;
  #last: ({ readonly task: number } & Omit<TaskDeath, "cycle">) | undefined;

  constructor(k: Kernel) {
    this.#k = k;
  }

  /** Tells of the end of a task that lives now. */
  watch(task: number, ended: (death: TaskDeath) => void): void {
    this.#watched.set(task, ended);
  }

  /** The current thread has an exception that nobody handles: its task ends next. */
  uncaught(exception: number, code: number, subcode: number): void {
    const k = this.#k;
    const { task, pcb: block } = threadAt(k, k.cpu.active_thread);
    const { iisq_head, iioq_head } = savedState.at(k.memory, block + pcb.offset.ss);
    const at = k.locate(iisq_head, iioq_head) ?? `0x${((iioq_head & ~3) >>> 0).toString(16)}`;
    this.#last = { task, uncaught: { exception, code, subcode, at } };
  }

  /** A server panics: its task ends next. */
  panicked(task: number, panic: string): void {
    this.#last = { task, panic };
  }

  /** A task ends. */
  ended(task: number): void {
    this.#k.works.taskEnded(task);
    const last = this.#last;
    this.#last = undefined;
    const told = this.#watched.get(task);
    if (!told) return;
    this.#watched.delete(task);
    const { task: _, ...cause } = last?.task === task ? last : { task };
    told({ cycle: this.#k.machine.cycles, ...cause });
  }
}

/** What `vm_fault` says. */
const CODES = new Map(Object.entries(KERN_RETURN).map(([name, number]) => [number, name]));
const NAMES = new Map(Object.entries(EXC).map(([name, number]) => [number, name]));

/** What a task died of, in a few words. */
export function deathText({ cycle, uncaught, panic }: TaskDeath): string {
  if (panic !== undefined) return `panicked at cycle ${cycle}: ${panic}`;
  if (!uncaught) return `terminated at cycle ${cycle}`;
  const { exception, code, subcode, at } = uncaught;
  const name = NAMES.get(exception) ?? `exception ${exception}`;
  const meaning = exception === EXC.EXC_BAD_ACCESS ? CODES.get(code) : undefined;
  return `${name} (${meaning ?? `code ${code}`}, 0x${subcode.toString(16)}) at ${at}, cycle ${cycle}`;
}
