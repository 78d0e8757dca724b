/**
 * How a run ends when the program does not end it: one line each, with the place in the program, by
 * the symbols of its file.
 */
import type { Image } from "../asm/image.ts";
import type { Machine } from "../machine/machine.ts";
import { type Context, queueAt } from "./context.ts";
import { hex, type Mistake } from "./fault.ts";
import { BARE } from "./layout.ts";
import { SIGNAL } from "../abi/linux/signals.ts";
import type { Ending } from "./process.ts";
import { type SignalInformation, signalName } from "./signals.ts";

type Queue = Context["queue"];

const addressOf = ({ frontOffset }: Queue): number => (frontOffset & ~3) >>> 0;

export class Reports {
  readonly #machine: Machine;
  readonly #image: Image;
  readonly #text: Image;

  /** @param text what lies under the program: the gateway page is in its space 0 */
  constructor(machine: Machine, image: Image, text: Image) {
    this.#machine = machine;
    this.#image = image;
    this.#text = text;
  }

  #symbol(queue: Queue): string | undefined {
    const image = queue.frontSpace === BARE.BARE_SPACE ? this.#image : this.#text;
    const found = image.locate(addressOf(queue));
    if (found === undefined || found.offset === 0) return found?.symbol;
    return `${found.symbol}+0x${found.offset.toString(16)}`;
  }

  /** `main+0x10 (0x00010234)`; without a symbol, the address alone. */
  #place(queue: Queue): string {
    const symbol = this.#symbol(queue);
    const address = hex(addressOf(queue));
    return symbol === undefined ? address : `${symbol} (${address})`;
  }

  /** Where the program is; while text works for it, where it will go on. */
  here(): string {
    const { pcoq, interruptionQueue, psw } = this.#machine;
    if (pcoq.frontSpace === BARE.BARE_SPACE) return this.#place(pcoq);
    // Handlers run in real mode, the gateway page does not.
    return this.#place(psw === 0 ? interruptionQueue : queueAt(this.#machine.gr(31)));
  }

  /** A signal ended the program; `mistake` is what was wrong if it was one of the program's own. */
  death(
    { signal, code }: SignalInformation,
    { queue, registers }: Context,
    mistake?: Mistake,
  ): Ending {
    const place = this.#place(queue);
    // A signal that was only sent may be dealt with before the one of the mistake.
    if (mistake === undefined || code <= 0 || signal !== mistake.signal)
      return { kind: "signal", signal, message: `killed by ${signalName(signal)} at ${place}` };
    const wild = mistake.address === addressOf(queue) && this.#symbol(queue) === undefined;
    const caller = wild ? `, returning to ${this.#place(queueAt(registers[2]!))}` : "";
    const message = `${mistake.name} at ${place}: ${mistake.detail}${caller}`;
    return { kind: "signal", signal, message };
  }

  noStack({ signal }: SignalInformation, { queue }: Context): Ending {
    const what = `no stack for the handler of ${signalName(signal)}`;
    const message = `segmentation fault at ${this.#place(queue)}: ${what}`;
    return { kind: "signal", signal: SIGNAL.SIGSEGV, message };
  }

  cycleLimit(cycles: number): Ending {
    return { kind: "stopped", message: `cycle limit reached at ${this.here()}: ${cycles} cycles` };
  }

  /** The user has had enough, as a signal from the keyboard would say. */
  interrupted(): Ending {
    const message = `interrupted at ${this.here()}: ${this.#machine.cycles} cycles`;
    return { kind: "signal", signal: SIGNAL.SIGINT, message };
  }

  outOfMemory(): Ending {
    const megabytes = this.#machine.memory.size / 2 ** 20;
    const message = `out of memory at ${this.here()}: all ${megabytes} MB are used`;
    return { kind: "signal", signal: SIGNAL.SIGKILL, message };
  }
}
