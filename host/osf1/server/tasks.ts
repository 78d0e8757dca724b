/**
 * Processes as Mach tasks: what Unix asks for (`Tasks`), done by Mach calls on the task's and thread's
 * ports. A process has one thread. What each family needs stands in a file of its own: fork and the
 * first process here, execve in exec.ts, memory in process-memory.ts.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { EMULATOR } from "../../abi/osf1.ts";
import { panic } from "../../diagnostic.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call, Image, Mapping, Program, Tasks } from "../unix/call.ts";
import type { Process } from "../unix/process.ts";
import { signalWaits } from "../unix/signals/pending.ts";
import type { ServerCall } from "./call.ts";
import { adoptEmulator, exec } from "./exec.ts";
import type { InformationPages } from "./information.ts";
import * as mach from "./mach.ts";
import {
  adopt,
  forget,
  livingProcess,
  type MachProcess,
  machProcess,
  type TaskPorts,
} from "./mach-process.ts";
import type { ServerMemory } from "./memory.ts";
import { notify } from "./notify.ts";
import { perform } from "./perform.ts";
import { copyPages, map, protect, unmap, wire } from "./process-memory.ts";
import type { Uthread } from "./uthread.ts";
import type { VnodePager } from "./vnode-pager.ts";

export class MachTasks implements Tasks {
  readonly ports: TaskPorts;
  readonly memory: ServerMemory;
  readonly pager: VnodePager;
  readonly information: InformationPages;
  /** Which emulator processes get. */
  readonly calls: "trap" | "message";
  readonly emulatorSymbols: ReadonlyMap<string, number>;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly halt?: (process: Process) => Blocking<void>;
  readonly resume?: (process: Process) => Blocking<void>;
  /** Processes by the port at which they ask. */
  readonly #byPort = new Map<number, Process>();
  /** The same by task port. */
  readonly #byTask = new Map<number, Process>();

  constructor(
    given: Pick<
      MachTasks,
      | "ports"
      | "memory"
      | "pager"
      | "information"
      | "emulatorSymbols"
      | "calls"
      | "randomBytes"
      | "halt"
      | "resume"
    >,
  ) {
    this.ports = given.ports;
    this.memory = given.memory;
    this.pager = given.pager;
    this.information = given.information;
    this.emulatorSymbols = given.emulatorSymbols;
    this.calls = given.calls;
    this.randomBytes = given.randomBytes;
    if (given.halt) this.halt = given.halt;
    if (given.resume) this.resume = given.resume;
  }

  /** Whose request port a name is. */
  byPort(port: number): Process | undefined {
    return this.#byPort.get(port);
  }
  byTask(task: number): Process | undefined {
    return this.#byTask.get(task);
  }

  /** Address of one of the emulator's symbols. */
  emulator(name: string): number {
    return this.emulatorSymbols.get(name) ?? panic(`osf1: the emulator has no ${name}`);
  }

  /** Whether an address of the emulator's is in one of the procedures that take a program's pointers. */
  copiesForProgram(pc: number): boolean {
    let [name, best] = ["", 0];
    for (const [symbol, address] of this.emulatorSymbols)
      if (address <= pc && address > best) [name, best] = [symbol, address];
    return /^(?:bcopy|strlen|probe)/.test(name);
  }

  /**
   * Makes the first process's task: nothing is in it but the emulator. It is forked off the server's own,
   * as OSF/1's is, and never touches what it inherits (paper §3.2).
   */
  *first(thread: Uthread, process: Process): Work<void> {
    const { self } = this.ports;
    const task = yield* mach.must("task_create", mach.task_create(thread, self, true));
    yield* mach.succeed("vm_deallocate", mach.vm_deallocate(thread, task, 0, MEMORY_MAP.GATEWAY));
    yield* adoptEmulator(thread, task, this.calls);
    yield* this.information.give(thread, task, process);
    this.#register(process, yield* adopt(thread, this.ports, task));
  }

  *fork(call: Call, child: Process): Blocking<void> {
    const parent = machProcess(call.process);
    const { state } = call as ServerCall;
    const made = yield* perform((thread) => this.#fork(thread, parent, child, state));
    this.#register(child, made);
    // What its group has been sent meanwhile.
    if (signalWaits(child)) yield* this.notify(child);
    yield* this.begin(child);
  }

  *#fork(thread: Uthread, parent: MachProcess, child: Process, state: number): Work<MachProcess> {
    const task = yield* mach.task_create(thread, parent.task, true);
    if (!("value" in task)) throw new UnixError("ENOMEM");
    try {
      const made = yield* adopt(thread, this.ports, task.value);
      made.native = parent.native;
      yield* this.information.give(thread, made.task, child);
      // The child begins in the emulator, where the parent saved its registers, and returns 0.
      yield* mach.succeed(
        "thread_set_state",
        mach.setRegisters(thread, made.thread, {
          iioq_head: this.emulator("emulator_child"),
          r26: state,
          r30: EMULATOR.EMULATOR_STACK + 64,
        }),
      );
      return made;
    } catch (error) {
      yield* mach.task_terminate(thread, task.value);
      throw error;
    }
  }

  /** Lets a new process run. */
  *begin(process: Process): Blocking<void> {
    const { thread: target } = machProcess(process);
    yield* perform((thread) => mach.succeed("thread_resume", mach.thread_resume(thread, target)));
  }

  exec(call: Call, program: Program): Blocking<Image> {
    return exec(this, call as ServerCall, program);
  }

  *terminate(process: Process): Blocking<void> {
    const gone = machProcess(process);
    if (gone.ended) return;
    gone.ended = true;
    this.#byPort.delete(gone.port);
    this.#byTask.delete(gone.task);
    const { ports } = this;
    yield* perform(function* (thread): Work<void> {
      // A thread that is in the server by a trap ends when it is back in its task.
      yield* mach.task_terminate(thread, gone.task);
      yield* forget(thread, ports, gone);
    });
    this.information.take(process);
  }

  notify(process: Process): Blocking<void> {
    return notify(this, process);
  }
  map(process: Process, mapping: Mapping): Blocking<number> {
    return map(this, process, mapping);
  }
  unmap(process: Process, address: number, length: number): Blocking<void> {
    return unmap(process, address, length);
  }
  protect(process: Process, address: number, length: number, protection: number): Blocking<void> {
    return protect(process, address, length, protection);
  }
  wire(process: Process, address: number, length: number, wires: boolean): Blocking<void> {
    return wire(this.ports.host, process, address, length, wires);
  }
  copy(process: Process, from: number, length: number, to: number): Blocking<void> {
    return copyPages(process, from, length, to);
  }

  *times(process: Process): Blocking<{ readonly user: number; readonly system: number }> {
    const own = livingProcess(process);
    // One that is being made has used nothing.
    if (!own) return { user: 0, system: 0 };
    return yield* perform((thread) => mach.taskTimes(thread, own.task));
  }

  #register(process: Process, made: MachProcess): void {
    process.task = made;
    this.#byPort.set(made.port, process);
    this.#byTask.set(made.task, process);
  }
}
