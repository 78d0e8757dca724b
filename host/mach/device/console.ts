/**
 * The console, and other lines of characters like it: what programs write goes to the host's listener at
 * once, what the host types waits in a queue for readers. Input comes with an interrupt; a reader gets what
 * is there, and waits while nothing is, until the line is closed. After Mach's device/chario.c, without line
 * discipline.
 */
import { type Interrupts, INTERRUPT_BIT } from "../kern/interrupts.ts";
import { type Procedure, thread_wakeup } from "../kern/procedure.ts";
import type { KernelState } from "../kern/state.ts";
import { D, type Device, D_NOWAIT, DEV_GET_SIZE } from "./device.ts";

/** The longest line of input that is kept for readers; more is dropped, as a terminal does. */
const INPUT_LIMIT = 4096;

export class Console implements Device {
  readonly name: string;
  readonly #k: KernelState;
  readonly #interrupts: Interrupts;
  readonly #now: () => number;
  readonly #input: number[] = [];
  #readers = 0;
  #closings = 0;
  #ended = false;
  /** Told of every piece of output; set by whoever shows the console. */
  onOutput: (bytes: Uint8Array) => void = () => {};

  constructor(k: KernelState, interrupts: Interrupts, now: () => number, name = "console") {
    this.name = name;
    this.#k = k;
    this.#interrupts = interrupts;
    this.#now = now;
  }

  /** Somebody types: the characters interrupt the processor now. */
  type(bytes: Uint8Array): void {
    this.#interrupts.schedule(this.#now(), INTERRUPT_BIT.console, () => {
      this.#input.push(...bytes.subarray(0, INPUT_LIMIT - this.#input.length));
      thread_wakeup(this.#k, this);
    });
  }

  /** Nobody will type any more: who reads gets nothing, once all is read. */
  end(): void {
    this.#interrupts.schedule(this.#now(), INTERRUPT_BIT.console, () => {
      this.#ended = true;
      thread_wakeup(this.#k, this);
    });
  }

  /** Nobody has the line open any more: whoever still waits for input is told. */
  close(): void {
    this.#closings += 1;
    thread_wakeup(this.#k, this);
  }

  /** Whether a program waits for input. */
  get isRead(): boolean {
    return this.#readers > 0;
  }

  *read(mode: number, _recnum: number, bytes: number): Procedure<Uint8Array | number> {
    this.#readers += 1;
    const closings = this.#closings;
    try {
      while (this.#input.length === 0 && !this.#ended) {
        if ((mode & D_NOWAIT) !== 0) return D.D_WOULD_BLOCK;
        yield { event: this, interruptible: false };
        if (closings !== this.#closings) return D.D_DEVICE_DOWN;
      }
    } finally {
      this.#readers -= 1;
    }
    return Uint8Array.from(this.#input.splice(0, bytes));
  }

  // oxlint-disable-next-line require-yield -- a device's write may wait; the console's need not
  *write(
    _mode: number,
    _recnum: number,
    data: Uint8Array,
  ): Procedure<number | { readonly code: number }> {
    this.onOutput(data);
    return data.length;
  }

  getStatus(flavor: number): readonly number[] | number {
    return flavor === DEV_GET_SIZE ? [0, 1] : D.D_INVALID_OPERATION;
  }
  setStatus(): number {
    return D.D_INVALID_OPERATION;
  }
}
