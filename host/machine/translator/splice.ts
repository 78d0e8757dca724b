/**
 * Copies a template into the function that is being made, for one position.
 *
 * Instruction by instruction, with a stack of what is known of the values on WebAssembly's own. What is
 * known, and was put there by the last code, is folded: operands (they stand in records), parameters of the
 * machine, what they are compared with; and code that is not reached then is left out.
 */
import { panic } from "../../diagnostic.ts";
import { type Body, CARRIES, GR, LONG_AGO, NOWHERE } from "./body.ts";
import { type Mark, PARAMETERS, type Template } from "./templates.ts";
import { I32, I64, type Instruction, OP, taken, VOID, type Writer } from "./wasm.ts";

/** A value on the stack that is known, and the range of the code that puts it there. */
interface Known {
  readonly value: number;
  readonly at: number;
  readonly end: number;
}

/** A block, or an `if`, of the template. */
interface Construct {
  readonly height: number;
  readonly results: number;
  /** Locals set in it: what they hold is not known behind it. */
  readonly assigned: Set<number>;
  /** Whether an `if` has its condition known: only one arm is there. */
  readonly folded: boolean;
}

/** Folds an instruction over known 32-bit operands; undefined when it is none that is folded. */
function fold(op: number, x: number, y: number): number | undefined {
  const [a, b] = [x >>> 0, y >>> 0];
  switch (op) {
    case 0x46: return Number(a === b);
    case 0x47: return Number(a !== b);
    case 0x48: return Number((x | 0) < (y | 0));
    case 0x49: return Number(a < b);
    case 0x4a: return Number((x | 0) > (y | 0));
    case 0x4b: return Number(a > b);
    case 0x4c: return Number((x | 0) <= (y | 0));
    case 0x4d: return Number(a <= b);
    case 0x4e: return Number((x | 0) >= (y | 0));
    case 0x4f: return Number(a >= b);
    case 0x6a: return (x + y) | 0;
    case 0x6b: return (x - y) | 0;
    case 0x71: return x & y;
    case 0x72: return x | y;
    case 0x73: return x ^ y;
    case 0x74: return x << y;
    case 0x75: return x >> y;
    case 0x76: return (x >>> y) | 0;
    default: return undefined;
  } // prettier-ignore
}

/** What turns a cell's local into what an instruction would load: of it, or of the high half of it. */
function readingOf(op: number, type: number, high: boolean): number[] {
  if (type === I64 && !high && op === OP.i64Load) return [];
  if (type === I64 && high && op === OP.i32Load)
    return [OP.i64Const, 32, OP.i64ShiftRight, OP.i32WrapI64];
  if (type === I32) {
    if (op === OP.i32Load) return [];
    if (op === OP.i64Load32) return [OP.i64ExtendI32];
    if (op === OP.i64Load32Signed) return [OP.i64ExtendSignedI32];
    if (op === OP.i32Load8) return [OP.i32Const, 0xff, 0x01, OP.i32And];
    if (op === OP.i32Load16) return [OP.i32Const, 0xff, 0xff, 0x03, OP.i32And];
  }
  return panic(`translator: a cell is read by 0x${op.toString(16)}`);
}

/** A register that is not known would be missed: it may be in a local. */
function refuseRegisters(offset: number): void {
  if (offset >= GR && offset <= NOWHERE) panic("translator: a register's number is not known");
}

/** Where a copy goes on: depths of constructs, for its marks and for its returns. */
export type Labels = Partial<Record<Mark, number>> & { readonly exit: number };

/** Copies `template` for a position to the end of a function. */
export function splice(
  to: Body,
  template: Template,
  position: readonly [number, number],
  labels: Labels,
): void {
  new Copy(to, template, position, labels).run();
}

class Copy {
  readonly #to: Body;
  readonly #out: Writer;
  readonly #template: Template;
  readonly #labels: Labels;
  readonly #locals: readonly number[];
  readonly #values: (number | undefined)[];
  readonly #stack: (Known | undefined)[] = [];
  readonly #constructs: Construct[] = [];
  /** Constructs of the template that are open in code that is left out, when some is: else -1. */
  #skipped = -1;

  constructor(to: Body, template: Template, position: readonly [number, number], labels: Labels) {
    this.#to = to;
    this.#out = to.out;
    this.#template = template;
    this.#labels = labels;
    this.#values = [...position];
    const ordinals = new Map<number, number>();
    this.#locals = template.locals.map((type) => {
      const ordinal = ordinals.get(type) ?? 0;
      ordinals.set(type, ordinal + 1);
      return to.scratch(type, ordinal);
    });
  }

  run(): void {
    const { body, assigned, zeroed } = this.#template;
    for (let i = 0; i < PARAMETERS; i++)
      if (assigned.has(i)) this.#out.constant(this.#values[i]!).op(OP.localSet, this.#locals[i]!);
    for (const local of zeroed) {
      const type = this.#template.locals[local];
      if (type === I32) this.#out.byte(OP.i32Const, 0);
      else if (type === I64) this.#out.byte(OP.i64Const, 0);
      else if (type === 0x7d) this.#out.byte(OP.f32Const, 0, 0, 0, 0);
      else this.#out.byte(OP.f64Const, 0, 0, 0, 0, 0, 0, 0, 0);
      this.#out.op(OP.localSet, this.#locals[local]!);
    }
    for (const instruction of body) {
      if (this.#skipped < 0) this.#copy(instruction);
      else this.#skip(instruction);
    }
  }

  /** Passes over code that cannot be reached. */
  #skip(instruction: Instruction): void {
    const { op } = instruction;
    if (op === OP.block || op === OP.loop || op === OP.if) this.#skipped++;
    else if (op === OP.end && this.#skipped > 0) this.#skipped--;
    else if (op === OP.end) {
      this.#skipped = -1;
      if (this.#constructs.length > 0) this.#end();
    } else if (op === OP.else && this.#skipped === 0) {
      const construct = this.#constructs.at(-1)!;
      if (construct.folded) {
        // The other arm was taken, if it was not this one that is skipped: see #if.
        if (construct.assigned.has(THEN)) return;
        this.#skipped = -1;
        return;
      }
      this.#skipped = -1;
      this.#else();
    }
  }

  #push(known?: number): void {
    if (known === undefined) this.#stack.push(undefined);
    else {
      const at = this.#out.length;
      const end = this.#out.constant(known).length;
      this.#stack.push({ value: known | 0, at, end });
    }
  }
  #pop(): Known | undefined {
    return this.#stack.pop();
  }
  /** A known value that can be taken back: its code is the last. */
  #popLast(): Known | undefined {
    const known = this.#stack.pop();
    return known?.end === this.#out.length ? known : undefined;
  }
  #undo({ at }: Known): void {
    this.#out.length = at;
  }

  #copy(instruction: Instruction): void {
    const { op, a, b, bytes } = instruction;
    switch (op) {
      case OP.block:
      case OP.loop:
        if (op === OP.loop) this.#forget(this.#template.loops.get(instruction)!);
        this.#open(a, false);
        this.#out.raw(bytes);
        return;
      case OP.if: return this.#if(a);
      case OP.else: return this.#else();
      case OP.end:
        if (this.#constructs.length > 0) return this.#end();
        return this.#return();
      case OP.return: return this.#return();
      case OP.br: return this.#branch(a);
      case OP.brIf: return this.#branchIf(a, bytes);
      case OP.brTable: return this.#branchTable(instruction.labels!, bytes);
      case OP.call: return this.#mark(this.#template.called.get(instruction)!);
      case OP.localGet: {
        const value = this.#values[a];
        if (value === undefined) this.#out.op(op, this.#locals[a]!);
        return this.#push(value);
      }
      case OP.localSet:
      case OP.localTee: return this.#set(op, a);
      case OP.i32Const: return this.#push(a);
      case OP.unreachable:
        this.#out.raw(bytes);
        this.#skipped = 0;
        return;
    } // prettier-ignore
    if (op >= OP.i32Load && op < OP.i32Store) return this.#load(instruction, b);
    if (op >= OP.i32Store && op <= OP.lastMemory) return this.#store(instruction, b);
    this.#compute(instruction);
  }

  #open(type: number, folded: boolean): void {
    this.#constructs.push({
      height: this.#stack.length,
      results: type === VOID ? 0 : 1,
      assigned: new Set(),
      folded,
    });
  }

  #if(type: number): void {
    const condition = this.#popLast();
    if (condition === undefined) {
      this.#open(type, false);
      this.#out.byte(OP.if, type);
      return;
    }
    this.#undo(condition);
    this.#open(type, true);
    this.#out.byte(OP.block, type);
    if (condition.value === 0) this.#skipped = 0;
    else this.#constructs.at(-1)!.assigned.add(THEN);
  }

  #else(): void {
    const construct = this.#constructs.at(-1)!;
    this.#stack.length = construct.height;
    this.#forget(construct.assigned);
    if (construct.folded) this.#skipped = 0;
    else this.#out.byte(OP.else);
  }

  #end(): void {
    const { height, results, assigned } = this.#constructs.pop()!;
    this.#out.byte(OP.end);
    this.#stack.length = height;
    for (let i = 0; i < results; i++) this.#push();
    this.#forget(assigned);
  }

  #forget(locals: Iterable<number>): void {
    for (const local of locals) if (local >= 0) this.#assign(local, undefined);
  }

  /** A local holds a value from now on, in all constructs that are open perhaps. */
  #assign(local: number, value: number | undefined): void {
    this.#values[local] = value;
    for (const { assigned } of this.#constructs) assigned.add(local);
  }

  #label(to: number): void {
    this.#out.op(OP.br, this.#to.depth + this.#constructs.length - to - 1);
    this.#skipped = 0;
  }
  #return(): void {
    this.#pop();
    this.#out.op(OP.localSet, 0);
    this.#label(this.#labels.exit);
  }
  #mark(mark: Mark): void {
    this.#label(this.#labels[mark] ?? panic(`translator: nowhere to go on at ${mark}`));
  }

  #branch(to: number): void {
    if (to === this.#constructs.length) return this.#return();
    this.#out.op(OP.br, to);
    this.#skipped = 0;
  }

  #branchTable(labels: readonly number[], bytes: Uint8Array): void {
    const index = this.#popLast();
    if (index !== undefined) {
      this.#undo(index);
      return this.#branch(labels[index.value >>> 0] ?? labels.at(-1)!);
    }
    if (labels.includes(this.#constructs.length))
      panic("translator: a template returns by a table");
    this.#out.raw(bytes);
    this.#skipped = 0;
  }

  #branchIf(to: number, bytes: Uint8Array): void {
    if (to === this.#constructs.length) panic("translator: a template returns on a condition");
    const condition = this.#popLast();
    if (condition === undefined) {
      this.#out.raw(bytes);
      return;
    }
    this.#undo(condition);
    if (condition.value !== 0) this.#branch(to);
  }

  #set(op: number, local: number): void {
    const known = this.#pop();
    this.#out.op(known === undefined ? op : OP.localSet, this.#locals[local]!);
    this.#assign(local, known?.value);
    if (op === OP.localTee) this.#push(known?.value);
  }

  #load({ op, bytes }: Instruction, offset: number): void {
    const base = this.#popLast();
    if (base === undefined) {
      refuseRegisters(offset);
      this.#out.raw(bytes);
      return this.#push();
    }
    const address = (base.value + offset) >>> 0;
    const fixed = this.#to.fixed(op, address);
    if (fixed !== undefined) {
      this.#undo(base);
      return this.#push(fixed);
    }
    const high = address === CARRIES + 4;
    const cell = this.#to.cell(high ? CARRIES : address);
    if (cell === undefined) this.#out.raw(bytes);
    else {
      this.#undo(base);
      this.#out.op(OP.localGet, cell.local).byte(...readingOf(op, cell.type, high));
    }
    this.#push();
  }

  #store({ op, bytes }: Instruction, offset: number): void {
    this.#pop();
    const base = this.#pop();
    if (base === undefined) refuseRegisters(offset);
    const address = base === undefined ? -1 : (base.value + offset) >>> 0;
    if (address === NOWHERE) {
      this.#out.byte(OP.drop, OP.drop);
      return;
    }
    const cell = this.#to.cell(address);
    if (cell === undefined) {
      this.#out.raw(bytes);
      return;
    }
    cell.written = true;
    if (op === OP.i64Store32 && cell.type === I32) this.#out.byte(OP.i32WrapI64);
    else if (op !== (cell.type === I64 ? OP.i64Store : OP.i32Store))
      panic(`translator: a cell is written by 0x${op.toString(16)}`);
    this.#out.op(OP.localSet, cell.local).byte(OP.drop);
  }

  #compute({ op, bytes }: Instruction): void {
    const count = taken(op);
    const operands = count === 0 ? [] : this.#stack.splice(-count, count);
    const [x, y] = operands;
    if (op === OP.i32Eqz && x?.end === this.#out.length) {
      this.#undo(x);
      return this.#push(Number(x.value === 0));
    }
    if (count === 2 && x && y && x.end === y.at && y.end === this.#out.length) {
      const value = fold(op, x.value, y.value);
      if (value !== undefined) {
        this.#undo(x);
        return this.#push(value);
      }
    }
    if (op === OP.i32LessSigned && y?.value === LONG_AGO && y.end === this.#out.length) {
      this.#undo(y);
      this.#out.byte(OP.drop);
      return this.#push(0);
    }
    this.#out.raw(bytes);
    if (op !== OP.drop && op !== 0x01) this.#push();
  }
}

/** Among the locals that a construct sets: its first arm is the one that is there. */
const THEN = -1;
