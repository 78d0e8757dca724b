/**
 * From the instructions that a machine runs to calls: who is in which routine, called by whom.
 *
 * PA-RISC has no call instruction of one form: a branch that leaves a link is one, and arriving at what a
 * link named is the return. Anything else that leads to another label is a tail call. An interruption is
 * a call, and RFI its return. Every cycle is told once: the walk adds up to the machine's cycles. For
 * systems, where threads change stacks under the walk, it can be flat: program, then label.
 */
import type { Located, Symbols } from "./symbols.ts";

/** Told of a walk as it goes. */
export interface WalkListener {
  enter(frame: Located, cycle: number): void;
  leave(cycle: number): void;
  /** Cycles of one instruction, or of what it nullified or waited for, in the innermost frame. */
  spend(cycles: number): void;
}

/** Where a walk is, as far as the next arrival needs to know. */
interface Position {
  /** The last instruction: its address, and the last branch, which may still be on its way. */
  readonly last: number;
  readonly branch: number;
  /** Its link; -1 when it leaves none, or when that is used. */
  readonly link: number;
  /** Instructions since: 0 is its slot, then its target. */
  readonly since: number;
}

interface Active {
  readonly frame: Located;
  readonly space: number;
  /** Where its return leads; -1 for a frame without one. */
  readonly back: number;
  /** Of an interruption: where the walk was. */
  readonly interrupted?: Position;
}

/** Where no branch is on its way. */
const LONG_AGO = 9;

/** Deeper stacks go on as if by tail calls. */
const DEEPEST = 400;

const [OP_BE, OP_BLE, OP_BL] = [0x38, 0x39, 0x3a];
const BV = 6;
const RFI_WORDS = [0x00000c00, 0x00000ca0];
/** Bytes of the vector table, and of a vector. */
const [VECTORS, VECTOR] = [1024, 32];

const kindOf = (word: number): number => (word >>> 13) & 7;

/** Whether a branch may be a return: BV or BE. */
function returns(word: number): boolean {
  const op = word >>> 26;
  return op === OP_BE || (op === OP_BL && kindOf(word) === BV);
}

/** Whether a branch leaves a link that a return may use: BL, BLR and GATE do in `t`, BLE always. */
function links(word: number): boolean {
  const op = word >>> 26;
  if (op === OP_BLE) return true;
  return op === OP_BL && kindOf(word) !== BV && ((word >>> 21) & 31) !== 0;
}

/** Whether a word may branch at all. */
function branches(word: number): boolean {
  const op = word >>> 26;
  return (op >= 0x20 && op <= 0x23) || (op >= 0x28 && op <= 0x2b) || (op >= 0x30 && op <= 0x33) || (op >= 0x38 && op <= 0x3a); // prettier-ignore
}

export interface WalkOptions {
  /** By program and label only, without callers; for systems, whose threads change stacks. */
  readonly flat?: boolean;
  /** Physical address of the interruption vectors, CR14. */
  readonly vectors: number;
  /** Cycle at which the walk begins; what comes before the first instruction is that one's. */
  readonly since?: number;
}

export class CallWalk {
  readonly #symbols: Symbols;
  readonly #listener: WalkListener;
  readonly #flat: boolean;
  readonly #vectors: number;
  readonly #stack: Active[] = [];
  readonly #since: number | undefined;
  #cycle = 0;
  #word = 0;
  #position: Position = { last: -1, branch: 0, link: -1, since: LONG_AGO };

  constructor(
    symbols: Symbols,
    listener: WalkListener,
    { flat = false, vectors, since }: WalkOptions,
  ) {
    this.#since = since;
    this.#symbols = symbols;
    this.#listener = listener;
    this.#flat = flat;
    this.#vectors = vectors;
  }

  /** Takes the next instruction, as a machine's tracer is told of it. */
  readonly instruction = (address: number, space: number, cycle: number, word: number): void => {
    const at = (address & ~3) >>> 0;
    const frame = this.#symbols.locate(space, at);
    if (this.#stack.length === 0) {
      this.#cycle = this.#since ?? cycle;
      this.#enter({ frame, space, back: -1 }, this.#cycle);
    } else {
      this.#listener.spend(cycle - this.#cycle);
      this.#cycle = cycle;
      if (this.#flat) this.#moveFlat(frame, space, cycle);
      else if (at !== this.#position.last + 4 || !sameRoutine(frame, this.#top.frame))
        this.#move(frame, space, at, cycle);
    }
    this.#note(at, word);
  };

  /** Ends the walk: the last instruction's cycles are known, and all frames are left. */
  finish(cycle: number): void {
    if (this.#stack.length > 0) this.#listener.spend(cycle - this.#cycle);
    while (this.#stack.length > 0) this.#leave(cycle);
  }

  get #top(): Active {
    return this.#stack.at(-1)!;
  }

  /** Keeps what the next arrival needs to know of this instruction. */
  #note(at: number, word: number): void {
    const { branch, link, since } = this.#position;
    this.#position = branches(word)
      ? { last: at, branch: word, link: links(word) ? at + 8 : -1, since: 0 }
      : { last: at, branch, link, since: Math.min(since + 1, LONG_AGO) };
    this.#word = word;
  }

  #moveFlat(frame: Located, space: number, cycle: number): void {
    if (sameRoutine(frame, this.#top.frame)) return;
    this.#leave(cycle);
    this.#enter({ frame, space, back: -1 }, cycle);
  }

  #move(frame: Located, space: number, at: number, cycle: number): void {
    const vector = at - this.#vectors;
    if (
      space === 0 &&
      vector >= 0 &&
      vector < VECTORS &&
      vector % VECTOR === 0 &&
      at !== this.#position.last + 4
    ) {
      // prettier-ignore
      this.#enter({ frame, space, back: -1, interrupted: this.#position }, cycle);
      return;
    }
    if (RFI_WORDS.includes(this.#word)) {
      const index = this.#stack.findLastIndex(({ interrupted }) => interrupted !== undefined);
      if (index > 0) {
        this.#position = this.#stack[index]!.interrupted!;
        while (this.#stack.length > index) this.#leave(cycle);
        // The instruction that was interrupted, or the next, goes on; else a branch was on its way.
        const ahead = at - this.#position.last;
        if ((ahead === 0 || ahead === 4) && sameRoutine(frame, this.#top.frame)) return;
      }
    }
    this.#arrive(frame, space, at, cycle);
  }

  #arrive(frame: Located, space: number, at: number, cycle: number): void {
    const stack = this.#stack;
    const { branch, link, since } = this.#position;
    const arrived = since <= 1;
    const returned = arrived && returns(branch) ? stack.findLastIndex(({ back }) => back === at) : -1; // prettier-ignore
    // What was called returns: to its caller, or past it when that made a tail call of it.
    if (returned > 0 && sameRoutine(frame, stack[returned - 1]!.frame))
      while (stack.length > returned) this.#leave(cycle);
    else if (arrived && link >= 0 && (frame.offset === 0 || !sameRoutine(frame, this.#top.frame))) {
      this.#position = { ...this.#position, link: -1 };
      this.#enter({ frame, space, back: link }, cycle);
    } else if (!sameRoutine(frame, this.#top.frame)) {
      const replaced = this.#top;
      this.#leave(cycle);
      this.#enter({ ...replaced, frame, space }, cycle);
    }
  }

  #enter(active: Active, cycle: number): void {
    if (this.#stack.length >= DEEPEST) this.#leave(cycle);
    this.#stack.push(active);
    this.#listener.enter(active.frame, cycle);
  }

  #leave(cycle: number): void {
    this.#stack.pop();
    this.#listener.leave(cycle);
  }
}

function sameRoutine(a: Located, b: Located): boolean {
  return a.symbol === b.symbol && a.title === b.title;
}
