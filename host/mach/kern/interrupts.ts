/**
 * The simulated clock's future: what will interrupt the processor, and when. An event says which bit
 * of EIRR it raises; its work is done by the interrupt's handler, when text has taken the
 * interruption and saved what it stopped. At interrupt level work may wake threads and schedule
 * events, nothing else: text that it stopped may be in the middle of a message.
 *
 * Events of one cycle come in the order in which they were scheduled.
 */
import { CR } from "../../abi/pa.ts";
import { panic } from "../../diagnostic.ts";
import type { Machine } from "../../machine/machine.ts";

/** EIRR bits: 0 is the interval timer's. Those of devices are this machine's own choice. */
export const INTERRUPT_BIT = { clock: 0, disk: 8, console: 16 } as const;

interface Event {
  readonly cycle: number;
  readonly bit: number;
  readonly work: () => void;
}

/** Names a scheduled event, for `cancel`. */
export type EventId = number;

export class Interrupts {
  readonly #machine: Machine;
  /** In the order of their cycles. */
  readonly #future = new Map<EventId, Event>();
  /** Raised, and not handled yet. */
  readonly #raised: Event[] = [];
  #nextId: EventId = 1;
  #next = Number.POSITIVE_INFINITY;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Lets `work` be done at interrupt level of `bit`, when the clock reaches `cycle`. */
  schedule(cycle: number, bit: number, work: () => void): EventId {
    const id = this.#nextId++;
    this.#future.set(id, { cycle, bit, work });
    this.#next = Math.min(this.#next, cycle);
    return id;
  }

  /** Takes an event back; nothing happens when its time has come already. */
  cancel(id: EventId): void {
    if (this.#future.delete(id)) this.#next = this.#earliest();
  }

  /** The cycle of the next event; infinite when there is none. */
  get next(): number {
    return this.#next;
  }

  /** Requests the interrupts of all events whose time has come. */
  raise(): void {
    const now = this.#machine.cycles;
    if (this.#next > now) return;
    const due = [...this.#future].filter(([, { cycle }]) => cycle <= now);
    for (const [id, event] of due.toSorted(([, a], [, b]) => a.cycle - b.cycle)) {
      this.#future.delete(id);
      this.#raised.push(event);
      this.#machine.interrupt(event.bit);
    }
    this.#next = this.#earliest();
  }

  /** Does the work of all requested interrupts, best bit first: the handler's body. */
  handle(): void {
    const requests = this.#machine.cr(CR.CR_EIRR);
    this.#machine.setCr(CR.CR_EIRR, 0);
    const unknown = this.#raised.reduce((bits, { bit }) => bits & ~(0x80000000 >>> bit), requests);
    if (unknown !== 0) panic(`interrupt: nobody requested ${(unknown >>> 0).toString(16)}`);
    const work = this.#raised.splice(0).toSorted((a, b) => a.bit - b.bit);
    for (const event of work) event.work();
  }

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { cycle } of this.#future.values()) earliest = Math.min(earliest, cycle);
    return earliest;
  }
}
