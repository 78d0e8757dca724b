/**
 * A trace: the calls and returns of a stretch of a run, in order, with cycles. Bounded: what comes when
 * it is full is counted and left out, so that the part that is there is whole.
 */
import { CallWalk, type WalkListener, type WalkOptions } from "./call-walk.ts";
import type { Tracer } from "./machine.ts";
import type { Located, Symbols } from "./symbols.ts";

/** A routine is entered, or the innermost one left. */
export type TraceEvent =
  | {
      readonly kind: "enter";
      readonly title: string;
      readonly symbol: string;
      readonly cycle: number;
    }
  | { readonly kind: "leave"; readonly cycle: number };

export class EventTrace implements WalkListener {
  readonly events: TraceEvent[] = [];
  /** Routines that were entered when the trace was full. */
  dropped = 0;
  readonly #walk: CallWalk;
  readonly #limit: number;
  /** Frames of the events' open routines that were entered too late to be in them. */
  #hidden = 0;
  #open = 0;

  /** @param limit how many routines are entered at most */
  constructor(symbols: Symbols, options: WalkOptions & { readonly limit: number }) {
    this.#limit = options.limit;
    this.#walk = new CallWalk(symbols, this, options);
  }

  /** To be given to `Machine.trace`. */
  get tracer(): Tracer {
    return this.#walk.instruction;
  }

  finish(cycle: number): void {
    this.#walk.finish(cycle);
  }

  enter({ title, symbol }: Located, cycle: number): void {
    if (this.#hidden > 0 || this.#open >= this.#limit) {
      this.#hidden++;
      this.dropped++;
      return;
    }
    this.#open++;
    this.events.push({ kind: "enter", title, symbol, cycle });
  }
  leave(cycle: number): void {
    if (this.#hidden > 0) this.#hidden--;
    else this.events.push({ kind: "leave", cycle });
  }
  spend(): void {}
}
