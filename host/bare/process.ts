/**
 * The one process: its memory, files, signals and clocks, and what every system call needs of them.
 * The machine is in it, the run loop (run.ts) around it.
 */
import type { Image } from "../asm/image.ts";
import type { Machine } from "../machine/machine.ts";
import { AddressSpace } from "./address-space.ts";
import { Clock } from "./clock.ts";
import { FileTable } from "./file-table.ts";
import { PATH_MAX } from "../abi/linux/files.ts";
import { CODE } from "../abi/linux/signals.ts";
import { fail } from "./call-failed.ts";
import { SeededBytes } from "../platform/seeded-bytes.ts";
import { Signals } from "./signals.ts";
import type { Surroundings } from "./surroundings.ts";

export const PROCESS_ID = 1000;
export const PARENT_ID = 1;
/** User and group, real and effective. */
export const USER_ID = 1000;

/** How a program ends, if it does not run for ever. */
export type Ending =
  | { readonly kind: "exit"; readonly status: number }
  /** `message` is one line: why, and where. */
  | { readonly kind: "signal"; readonly signal: number; readonly message: string }
  | { readonly kind: "stopped"; readonly message: string };

/** What a system call answers: a result for r28, the news that registers were replaced, or the end. */
export type Answer = number | "resumed" | Ending;

export class Process {
  readonly machine: Machine;
  /** The text under the program. */
  readonly text: Image;
  readonly world: Surroundings;
  readonly memory: AddressSpace;
  readonly files: FileTable;
  readonly signals = new Signals();
  readonly clock: Clock;
  readonly random: SeededBytes;
  /** The program's own path in its tree, for /proc/self/exe. */
  readonly executable: string;
  /** Current directory: an absolute path of the tree. */
  directory = "/";
  fileMask = 0o22;
  /** The run ends at this cycle of the machine's. */
  readonly lastCycle: number;

  constructor(
    machine: Machine,
    text: Image,
    world: Surroundings,
    options: {
      readonly executable: string;
      readonly seed: number;
      readonly lastCycle: number;
    },
  ) {
    this.machine = machine;
    this.text = text;
    this.world = world;
    this.memory = new AddressSpace(machine);
    this.files = new FileTable(world);
    this.clock = new Clock(machine);
    this.random = new SeededBytes(options.seed);
    this.executable = options.executable;
    this.lastCycle = options.lastCycle;
  }

  // The program's memory; a wild pointer ends the call with EFAULT.

  read(address: number, length: number): Uint8Array {
    return this.memory.copyin(address, length) ?? fail("EFAULT");
  }
  write(address: number, bytes: Uint8Array): void {
    if (!this.memory.copyout(address, bytes)) fail("EFAULT");
  }
  readWord(address: number): number {
    return new DataView(this.read(address, 4).buffer).getUint32(0);
  }
  writeWord(address: number, value: number): void {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value);
    this.write(address, bytes);
  }
  /** A path: a string of bytes. */
  readPath(address: number): string {
    const bytes = this.memory.copyinString(address, PATH_MAX) ?? fail("EFAULT");
    return bytes === "too long" ? fail("ENAMETOOLONG") : String.fromCharCode(...bytes);
  }

  // Signals.

  /** The process sends itself a signal, or time does. */
  send(signal: number, code: number = CODE.SI_KERNEL): void {
    const sender = code <= 0;
    this.signals.send({
      signal,
      code,
      first: sender ? PROCESS_ID : 0,
      second: sender ? USER_ID : 0,
      value: 0,
    });
  }

  /** Timers whose time has come send their signals. */
  ring(): void {
    for (const signal of this.clock.expired()) this.send(signal);
  }

  /**
   * Lets simulated time pass until `deadline` of the clock, or until a signal is due.
   * Returns the end instead when nothing can ever wake the program.
   */
  sleep(deadline: number, what: string): "slept" | "interrupted" | Ending {
    for (;;) {
      this.ring();
      if (this.signals.due) return "interrupted";
      if (this.clock.now >= deadline) return "slept";
      if (deadline === Number.POSITIVE_INFINITY && !this.clock.willRing)
        return { kind: "stopped", message: `waits for ever: ${what}` };
      if (!this.clock.idleUntil(deadline, this.lastCycle))
        return { kind: "stopped", message: `cycle limit reached in ${what}` };
    }
  }
}
