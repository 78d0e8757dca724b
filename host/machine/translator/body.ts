/**
 * The function that is being made: its code so far, its locals, and what is known of the core's memory.
 *
 * *Cells*, words of the core's state that code uses all the time, are in locals while the function runs:
 * that is the invariant. Known are the records of its page and the machine's parameters. Nothing here or
 * in splice.ts knows an instruction of PA-RISC.
 */
import { coreState, REGION, timing } from "../../abi/machine.ts";
import type { Core } from "../core.ts";
import { I32, I64, OP, VOID, Writer } from "./wasm.ts";

/** A word of the core's state that is in a local. */
export interface Cell {
  readonly address: number;
  readonly type: number;
  readonly local: number;
  written: boolean;
}

export const GR = coreState.offset.gr;
/** What is written to register 0 goes there. */
export const NOWHERE = GR + 128;
export const CARRIES = coreState.offset.carries;
const { bias, busy, front, line_base, line_tag } = coreState.offset;
const CELLS: readonly number[] = [bias, busy, front, line_base, line_tag];
/** A cycle before all others. */
export const LONG_AGO = -0x80000000;
/** Parameters that the guest may change. */
const CHANGING: readonly number[] = [timing.offset.i_hash, timing.offset.d_hash];

export class Body {
  readonly out = new Writer();
  readonly cells = new Map<number, Cell>();
  /** Types of the function's locals, the first of which holds its result. */
  readonly locals: number[] = [I32];
  /** Whether the data cache is known not to be busy at the access that is copied now. */
  isQuiet = false;
  /** Constructs that are open around what is written next. */
  depth = 0;
  readonly #core: Core;
  readonly #page: number;
  readonly #scratch = new Map<number, number[]>();

  /** `page` is where the records of the page begin. */
  constructor(core: Core, page: number) {
    this.#core = core;
    this.#page = page;
  }

  /** Opens a construct; the depth by which `branch` finds it. */
  open(op: number): number {
    this.out.byte(op, VOID);
    return this.depth++;
  }
  close(): void {
    this.out.byte(OP.end);
    this.depth--;
  }
  branch(to: number, op: number = OP.br): void {
    this.out.op(op, this.depth - to - 1);
  }

  /** The local of this number of a template's, by type. */
  scratch(type: number, ordinal: number): number {
    const known = this.#scratch.get(type) ?? [];
    this.#scratch.set(type, known);
    while (known.length <= ordinal) known.push(this.#local(type));
    return known[ordinal]!;
  }
  #local(type: number): number {
    return this.locals.push(type) - 1;
  }

  /** The cell at an address, made when it is the first use; undefined when it is none. */
  cell(address: number): Cell | undefined {
    const known = this.cells.get(address);
    if (known) return known;
    const isGr = address > GR && address < NOWHERE && (address & 3) === 0;
    if (!isGr && !CELLS.includes(address) && address !== CARRIES) return undefined;
    const type = address === CARRIES ? I64 : I32;
    const cell = { address, type, local: this.#local(type), written: false };
    this.cells.set(address, cell);
    return cell;
  }

  /** The value at an address that does not change while this code is valid; undefined when it may. */
  fixed(op: number, address: number): number | undefined {
    const record = address >= this.#page && address < this.#page + REGION.RECORD_PAGE_BYTES;
    const first = timing.offset.load_use;
    const parameter =
      address >= first && address <= timing.offset.margin && !CHANGING.includes(address);
    if (this.isQuiet && address === busy) return LONG_AGO;
    if (!record && !parameter) return address === GR && op === OP.i32Load ? 0 : undefined;
    const view = new DataView(this.#core.buffer);
    switch (op) {
      case OP.i32Load: return view.getInt32(address, true);
      case OP.i32Load8: return view.getUint8(address);
      case OP.i32Load8Signed: return view.getInt8(address);
      case OP.i32Load16: return view.getUint16(address, true);
      default: return undefined;
    } // prettier-ignore
  }
}
