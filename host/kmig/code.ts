/**
 * Writes one procedure of PA-RISC assembly text: instructions are collected, scheduled block by
 * block, and printed with their labels, delay slots and comments.
 *
 * The text is GNU as compatible (HP syntax). Labels are numeric local ones, so that no symbol
 * but the procedures' own enters an image's symbol table. r1 is the writer's own scratch register for
 * far addresses.
 */
import { type Instruction, type MemoryUse, ordered, schedule } from "./schedule.ts";

/** A place to jump to; printed as `7:`, `7b` or `7f`. */
export interface Label {
  readonly number: number;
}

type Line =
  | { readonly kind: "instruction"; readonly instruction: Instruction; readonly slot: boolean }
  | { readonly kind: "label"; readonly label: Label }
  | { readonly kind: "heading"; readonly text: string }
  | { readonly kind: "probe"; readonly name: string }
  | { readonly kind: "jump"; readonly instruction: Instruction; readonly target: Label };

const NOTHING: Instruction = {
  opcode: "nop",
  operands: "",
  comment: "",
  reads: [],
  writes: [],
  memory: undefined,
};

/** Whether a displacement fits the 14-bit field of loads, stores and LDO. */
export function fits14(value: number): boolean {
  return value >= -8192 && value <= 8191;
}

/** A number as the text shows it: ids and sizes decimal, bit patterns as unsigned hexadecimal. */
export function literal(value: number): string {
  return Math.abs(value) < 1 << 24 ? String(value) : `0x${(value >>> 0).toString(16)}`;
}

export class Code {
  private readonly lines: Line[] = [];
  private block: Instruction[] = [];
  private labels = 0;
  private readonly deferred: (() => void)[] = [];

  /** A comment line before the step that follows. */
  step(text: string): void {
    this.flush();
    this.lines.push({ kind: "heading", text });
  }

  /** Marks the place for a measurement, if `name` is given; emits no instruction. */
  probe(name: string | undefined): void {
    if (name === undefined) return;
    this.flush();
    this.lines.push({ kind: "probe", name });
  }

  newLabel(): Label {
    return { number: ++this.labels };
  }

  place(label: Label): void {
    this.flush();
    this.lines.push({ kind: "label", label });
  }

  /** Code for the end of the procedure: what is rarely run. */
  later(write: () => void): void {
    this.deferred.push(write);
  }

  /** Any instruction; the scheduler goes by what it reads and writes. */
  emit(
    opcode: string,
    operands: string,
    reads: readonly string[],
    writes: readonly string[],
    comment = "",
    memory?: MemoryUse,
  ): void {
    const zero = (register: string): boolean => register !== "%r0";
    this.block.push({
      opcode,
      operands,
      comment,
      reads: reads.filter(zero),
      writes: writes.filter(zero),
      memory,
    });
  }

  /** `register = value`. */
  constant(register: string, value: number, comment = ""): void {
    const signed = value | 0;
    const text = literal(signed);
    if (fits14(signed)) this.emit("ldi", `${text},${register}`, [], [register], comment);
    else {
      this.emit("ldil", `L%${text},${register}`, [], [register], comment);
      if ((signed & 0x7ff) !== 0)
        this.emit("ldo", `R%${text}(${register}),${register}`, [register], [register]);
    }
  }

  /** `register = address of symbol`. */
  symbol(register: string, name: string, comment = ""): void {
    this.emit("ldil", `L%${name},${register}`, [], [register], comment);
    this.emit("ldo", `R%${name}(${register}),${register}`, [register], [register]);
  }

  move(to: string, from: string, comment = ""): void {
    if (to !== from) this.emit("copy", `${from},${to}`, [from], [to], comment);
  }

  /** `to = base + offset`. */
  address(to: string, base: string, offset: number, comment = ""): void {
    if (offset === 0) return this.move(to, base, comment);
    const near = this.reach(base, offset);
    this.emit("ldo", `${near.text},${to}`, [near.base], [to], comment);
  }

  load(
    opcode: string,
    register: string,
    base: string,
    offset: number,
    area: string,
    at: number | undefined,
    comment = "",
  ): void {
    const near = this.reach(base, offset);
    const memory: MemoryUse = { kind: "load", area, at, size: width(opcode) };
    this.emit(opcode, `${near.text},${register}`, [near.base], [register], comment, memory);
  }

  store(
    opcode: string,
    register: string,
    base: string,
    offset: number,
    area: string,
    at: number | undefined,
    comment = "",
  ): void {
    const near = this.reach(base, offset);
    const memory: MemoryUse = { kind: "store", area, at, size: width(opcode) };
    this.emit(opcode, `${register},${near.text}`, [register, near.base], [], comment, memory);
  }

  /** A base register and displacement for `base + offset`, through r1 if it is far. */
  reach(base: string, offset: number): { base: string; text: string } {
    if (fits14(offset)) return { base, text: `${offset}(${base})` };
    const text = literal(offset);
    this.emit("addil", `L%${text},${base}`, [base], ["%r1"]);
    return { base: "%r1", text: `R%${text}(%r1)` };
  }

  /**
   * A conditional branch that is rarely taken, or one whose delay slot is nullified when taken:
   * what follows runs only if it is not.
   */
  branch(opcode: string, operands: string, reads: readonly string[], target: Label): void {
    this.flush();
    const instruction = { ...NOTHING, opcode, operands, reads };
    this.lines.push({ kind: "jump", instruction, target });
  }

  /** `b target` with its slot filled from the block, or nullified. */
  jump(target: Label): void {
    const slot = this.flushWithSlot([], []);
    const opcode = slot === undefined ? "b,n" : "b";
    this.lines.push({ kind: "jump", instruction: { ...NOTHING, opcode }, target });
    if (slot !== undefined) this.slot(slot);
  }

  /** `bl name,%r2`; arguments are in place. The slot is filled from the block. */
  call(name: string): void {
    const slot = this.flushWithSlot([], ["%r2"]);
    this.raw("bl", `${name},%r2`);
    this.slot(slot);
  }

  /** A call through a register: as compiled C does it, by the millicode $$dyncall with r22. */
  callThrough(register: string, comment: string): void {
    this.flush();
    if (register !== "%r22") this.raw("copy", `${register},%r22`);
    this.raw("bl", "$$dyncall,%r31", comment);
    this.raw("copy", "%r31,%r2", "", true);
  }

  /** Prints as is, in this place: for loops and returns, which are ordered by hand. */
  raw(opcode: string, operands: string, comment = "", slot = false): void {
    this.flush();
    const instruction = { ...NOTHING, opcode, operands, comment };
    this.lines.push({ kind: "instruction", instruction, slot });
  }

  rawJump(opcode: string, operands: string, target: Label): void {
    this.flush();
    this.lines.push({ kind: "jump", instruction: { ...NOTHING, opcode, operands }, target });
  }

  /** The text, deferred code included. */
  text(): string {
    for (let write = this.deferred.shift(); write !== undefined; write = this.deferred.shift()) {
      this.flush();
      write();
    }
    this.flush();
    const seen = new Set<number>();
    // Joined at the end: strings that grow piece by piece keep all of their pieces.
    const text: string[] = [];
    for (const line of this.lines)
      switch (line.kind) {
        case "heading":
          text.push(`; ${line.text}\n`);
          break;
        case "probe":
          text.push(`\t.probe\t${line.name}\n`);
          break;
        case "label":
          seen.add(line.label.number);
          text.push(`${line.label.number}:\n`);
          break;
        case "instruction":
          text.push(printed(line.instruction, line.instruction.operands, line.slot));
          break;
        case "jump": {
          const { instruction, target } = line;
          const name = `${target.number}${seen.has(target.number) ? "b" : "f"}`;
          const operands = instruction.operands === "" ? name : `${instruction.operands},${name}`;
          text.push(jump(instruction, operands, seen.has(target.number)));
        }
      }
    return text.join("");
  }

  private slot(instruction: Instruction | undefined): void {
    this.lines.push({ kind: "instruction", instruction: instruction ?? NOTHING, slot: true });
  }

  private flush(): void {
    if (this.block.length === 0) return;
    const block = schedule(this.block);
    this.block = [];
    for (const instruction of block)
      this.lines.push({ kind: "instruction", instruction, slot: false });
  }

  /**
   * Schedules the block and takes out an instruction that may as well run in the delay slot of a
   * branch that reads and writes these registers.
   */
  private flushWithSlot(
    reads: readonly string[],
    writes: readonly string[],
  ): Instruction | undefined {
    const order = schedule(this.block);
    this.block = order;
    const branch: Instruction = { ...NOTHING, reads, writes };
    for (let i = order.length - 1; i >= 0; i--) {
      const candidate = order[i]!;
      if (ordered(candidate, branch)) continue;
      if (order.slice(i + 1).some((later) => ordered(candidate, later))) continue;
      this.block = order.filter((one) => one !== candidate);
      this.flush();
      return candidate;
    }
    this.flush();
    return undefined;
  }
}

function width(opcode: string): number {
  if (/^(ldb|stb)/.test(opcode)) return 1;
  return /^(ldh|sth)/.test(opcode) ? 2 : 4;
}

/**
 * A conditional branch with `,n` nullifies its slot when taken forwards, but when not taken
 * backwards; a backward one gets an empty slot instead.
 */
function jump(instruction: Instruction, operands: string, backwards: boolean): string {
  const { opcode } = instruction;
  if (!backwards || opcode === "b,n" || !opcode.endsWith(",n"))
    return printed(instruction, operands, false);
  const plain = { ...instruction, opcode: opcode.slice(0, -2) };
  return printed(plain, operands, false) + printed(NOTHING, "", true);
}

/** Opcode column, operand column, comment; an instruction in a delay slot stands one space deeper. */
function printed(instruction: Instruction, operands: string, slot: boolean): string {
  const { opcode, comment } = instruction;
  const head = `\t${slot ? " " : ""}${opcode}`;
  const body = operands === "" ? head : `${head}\t${operands}`;
  return comment === "" ? `${body}\n` : `${body}\t; ${comment}\n`;
}
