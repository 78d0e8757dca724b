/**
 * Servers whose work functions are TypeScript. Their text comes to `host_work` (lib/work.s) like to
 * any procedure; the escape there starts a generator on behalf of the thread, which goes on as the
 * generator says: it calls procedures of the server's text, charges declared cycles, and returns.
 * So Mach calls of such a server are its own executed traps and messages, its threads wait and are
 * preempted like any others, and the same image runs in or out of the kernel.
 *
 * Between two yields a generator runs alone, between two instructions. It touches the server's own
 * memory only (`TaskMemory`); clients' memory is copied by text.
 */
import { KERN_RETURN, VM_PROT } from "../abi/mach.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import type { Image } from "../asm/image.ts";
import { panic } from "../diagnostic.ts";
import type { CostRow } from "../machine/costs.ts";
import { damage } from "./faults/contain.ts";
import type { Kernel, Program } from "./kernel.ts";
import { task_terminate } from "./kern/task.ts";
import { taskAt, threadAt } from "./kern/views.ts";
import { TaskMemory } from "./task-memory.ts";
import { vm_wire } from "./vm/vm-user.ts";

const { PAGE_SIZE } = MEMORY_MAP;

/** What a work function yields: a procedure of the server's text to call, or declared cycles. */
export type WorkStep =
  | {
      readonly kind: "call";
      /** Entry point; the call's result, r28, is what the `yield` returns. */
      readonly address: number;
      readonly arguments: readonly number[];
    }
  | { readonly kind: "charge"; readonly row: CostRow; readonly times: number };

export type Work<T> = Generator<WorkStep, T, number>;

/** A thread's arrival in `host_work`. */
export interface WorkEntry {
  /** r22: which work function. */
  readonly routine: number;
  /** The caller's stack pointer; it says which of the server's stacks the thread is on. */
  readonly stack: number;
  /** Argument word `index` of the call, as the calling convention has it. */
  argument(index: number): number;
}

/** A server as its work functions see it. */
export interface WorkServer {
  readonly task: number;
  readonly memory: TaskMemory;
  /** Address of one of its symbols. */
  symbol(name: string): number;
  /** Cycles since boot. */
  cycles(): number;
  readonly clockMHz: number;
}

export type StartWork = (entry: WorkEntry) => Work<number>;

interface Server extends WorkServer {
  readonly start: StartWork;
}

interface Activation {
  readonly thread: number;
  readonly work: Work<number>;
}

/** Words of `host_work`'s frame; those of its caller's arguments lie below it. */
const FRAME = 128;
/** Most argument words of a call out of a work function: what fits the frame. */
const MOST_ARGUMENTS = 16;

const argumentOffset = (index: number): number => 52 + 4 * (index - 4);

/** All such servers of a kernel. */
export class Works {
  readonly #k: Kernel;
  readonly #servers = new Map<number, Server>();
  /** Work under way, by the place of its frame. */
  readonly #activations = new Map<string, Activation>();

  constructor(k: Kernel) {
    this.#k = k;
  }

  /**
   * Makes a loaded program such a server: its text at `host_work` is wired, as the escape is bound to
   * the frame, and so is what it asks for.
   */
  attach(
    { task }: Program,
    image: Image,
    start: (server: WorkServer) => StartWork,
    wired: readonly { readonly from: string; readonly to: string }[] = [],
  ): void {
    const k = this.#k;
    const symbol = (name: string): number =>
      image.symbols.get(name) ?? panic(`work: the server has no ${name}`);
    const first = symbol("host_work");
    this.#wire(task, first, symbol("host_work_end") - first, VM_PROT.VM_PROT_READ);
    for (const { from, to } of wired) {
      const length = symbol(to) - symbol(from);
      this.#wire(task, symbol(from), length, VM_PROT.VM_PROT_READ | VM_PROT.VM_PROT_WRITE);
    }
    for (const name of ["host_work_enter", "host_work_returned"])
      k.machine.registerEscape(
        k.physical(k.spaceOf(task), symbol(name)) ?? panic("work: not resident"),
      );
    const server: WorkServer = {
      task,
      memory: new TaskMemory(k, task),
      symbol,
      cycles: () => k.machine.cycles,
      clockMHz: k.machine.config.clockMHz,
    };
    this.#servers.set(task, { ...server, start: start(server) });
  }

  /** Handles ESCAPE_WORK: the thread has arrived. */
  enter(): void {
    const { machine, cpu } = this.#k;
    const thread = cpu.active_thread;
    const server = this.#server(thread);
    if (!server) return this.#refuse();
    const stack = machine.gr(30) - FRAME;
    const registers = [26, 25, 24, 23].map((number) => machine.gr(number));
    const work = server.start({
      routine: machine.gr(22),
      stack,
      argument: (index) => registers[index] ?? server.memory.read32(stack - argumentOffset(index)),
    });
    this.#step(server, thread, work, 0);
  }

  /** Handles ESCAPE_WORK_RETURNED: a call that a work function made is over. */
  returned(): void {
    const { machine, cpu } = this.#k;
    const thread = cpu.active_thread;
    const server = this.#server(thread);
    const key = server && this.#key(server);
    const activation = key === undefined ? undefined : this.#activations.get(key);
    if (!server || !activation || activation.thread !== thread) return this.#refuse();
    this.#activations.delete(key!);
    this.#step(server, thread, activation.work, machine.gr(28));
  }

  /** A thread ends: what it was at does not go on. `finally` blocks run; they may not yield. */
  abandon(thread: number): void {
    for (const [key, activation] of this.#activations) {
      if (activation.thread !== thread) continue;
      this.#activations.delete(key);
      if (!activation.work.return(0).done) panic("work: a finally block yields");
    }
  }

  /**
   * A server ends. One in the kernel may still have clients' threads in its text, whose calls go on
   * there.
   */
  taskEnded(task: number): void {
    if (taskAt(this.#k, task).kernel_loaded === 0) this.#servers.delete(task);
    else if (this.#servers.has(task)) damage(this.#k);
  }

  /** How many calls are under way. */
  get active(): number {
    return this.#activations.size;
  }

  #server(thread: number): Server | undefined {
    return this.#servers.get(threadAt(this.#k, thread).task);
  }
  #key({ task }: Server): string {
    return `${task} ${this.#k.machine.gr(30)}`;
  }

  #step(server: Server, thread: number, work: Work<number>, result: number): void {
    const { machine } = this.#k;
    for (let value = result; ;) {
      const step = this.#next(server, work, value);
      if (step === undefined) return;
      if (step.done) {
        machine.setGr(28, step.value >>> 0);
        return this.#go(server.symbol("host_work_leave"));
      }
      const wanted = step.value;
      if (wanted.kind === "call") {
        this.#activations.set(this.#key(server), { thread, work });
        return this.#call(server, wanted.address, wanted.arguments);
      }
      machine.charge(wanted.row, wanted.times);
      value = 0;
    }
  }

  /**
   * The next step of a server's work; undefined when that has ended the server. Where somebody has stored
   * what he should not have, a server that finds out panics, and out of the kernel only its task ends.
   */
  #next(server: Server, work: Work<number>, value: number) {
    const k = this.#k;
    try {
      return work.next(value);
    } catch (error) {
      const alone = k.containment.damaged && taskAt(k, server.task).kernel_loaded === 0;
      if (!alone || !(error instanceof Error)) throw error;
      k.task_deaths.panicked(server.task, error.message.replace(/^panic: /, ""));
      task_terminate(k, server.task);
      return undefined;
    }
  }

  #call(server: Server, address: number, values: readonly number[]): void {
    const { machine } = this.#k;
    if (values.length > MOST_ARGUMENTS) panic(`work: ${values.length} arguments`);
    const sp = machine.gr(30);
    values.forEach((value, index) => {
      if (index < 4) machine.setGr(26 - index, value >>> 0);
      else server.memory.write32(sp - argumentOffset(index), value >>> 0);
    });
    machine.setGr(22, address);
    this.#go(server.symbol("host_work_call"));
  }

  /** Goes on at an address of the server's text, at the privilege at which it runs. */
  #go(address: number): void {
    const { machine } = this.#k;
    const { frontSpace, frontOffset } = machine.pcoq;
    machine.jump(frontSpace, address | (frontOffset & 3));
  }

  /** Somebody else has come to a server's text: the procedure fails for him. */
  #refuse(): void {
    const { machine } = this.#k;
    const { frontSpace, frontOffset } = machine.pcoq;
    machine.setGr(28, KERN_RETURN.KERN_FAILURE);
    machine.jump(frontSpace, frontOffset + 4);
  }

  #wire(task: number, address: number, length: number, access: number): void {
    const k = this.#k;
    const start = address - (address % PAGE_SIZE);
    const kr = k.runNow(vm_wire(k.vm, k.vmMapOf(task), start, address + length - start, access));
    if (kr !== KERN_RETURN.KERN_SUCCESS) panic(`work: vm_wire returned ${kr}`);
  }
}
