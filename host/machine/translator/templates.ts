/**
 * The templates that translated code is made of: bodies of the functions of
 * assembly/translation.template.ts, as the compiler left them. build/core.wasm carries their module.
 */
import { panic } from "../../diagnostic.ts";
import { type Instruction, OP, Reader } from "./wasm.ts";

/** Where a template may go on, besides returning; see the head of its source. */
export type Mark = "next" | "skip" | "taken" | "takenSkipping";

/**
 * What a template's name ends in: a branch to where a register says, which returns; an access to the data
 * cache, which waits while the cache is busy with a store.
 */
export type Kind = "register" | "load" | "store";

/** Parameters of every template: the position, or what stands for it. */
export const PARAMETERS = 2;

export interface Template {
  /** Types of its locals, parameters included. */
  readonly locals: readonly number[];
  readonly body: readonly Instruction[];
  /** Marks that it calls, and which of its calls is which. */
  readonly marks: readonly Mark[];
  readonly called: ReadonlyMap<Instruction, Mark>;
  readonly kind: Kind | undefined;
  /** Locals that are set. */
  readonly assigned: ReadonlySet<number>;
  /** Locals that are set in a loop, by the instruction that begins it. */
  readonly loops: ReadonlyMap<Instruction, readonly number[]>;
  /** Locals that hold 0 until they are set, or might. */
  readonly zeroed: readonly number[];
}

const SECTION = "translation";

/** The templates, by name. */
export type Templates = ReadonlyMap<string, Template>;

/** @throws Error when the core carries no templates: it is older than this program. */
export function readTemplates(core: WebAssembly.Module): Templates {
  const [section] = WebAssembly.Module.customSections(core, SECTION);
  if (section === undefined) panic("translator: core.wasm has no templates");
  const reader = new Reader(new Uint8Array(section));
  reader.take(8);
  const marks: Mark[] = [];
  const exports = new Map<string, number>();
  const bodies: Uint8Array[] = [];
  while (!reader.done) {
    const id = reader.byte();
    const inner = new Reader(reader.take(reader.unsigned()));
    if (id === 2) readImports(inner, marks);
    if (id === 7)
      for (let count = inner.unsigned(); count > 0; count--) {
        const name = inner.name();
        const kind = inner.byte();
        const index = inner.unsigned();
        if (kind === 0) exports.set(name, index);
      }
    if (id === 10)
      for (let count = inner.unsigned(); count > 0; count--)
        bodies.push(inner.take(inner.unsigned()));
  }
  return new Map(
    [...exports].map(([name, index]) => {
      const [operation, kind] = name.split("_") as [string, Kind | undefined];
      return [operation, { ...readTemplate(bodies[index - marks.length]!, marks), kind }];
    }),
  );
}

function readImports(reader: Reader, marks: Mark[]): void {
  for (let count = reader.unsigned(); count > 0; count--) {
    reader.name();
    const name = reader.name();
    const kind = reader.byte();
    if (kind === 0) {
      reader.unsigned();
      marks.push(name as Mark);
    } else if (kind === 2) {
      if (reader.byte() & 1) reader.unsigned();
      reader.unsigned();
    } else panic(`translator: the templates import ${name}`);
  }
}

function readTemplate(bytes: Uint8Array, marks: readonly Mark[]): Omit<Template, "kind"> {
  const reader = new Reader(bytes);
  const locals: number[] = Array.from({ length: PARAMETERS }, () => 0x7f);
  for (let groups = reader.unsigned(); groups > 0; groups--) {
    const count = reader.unsigned();
    const type = reader.byte();
    for (let i = 0; i < count; i++) locals.push(type);
  }
  const body: Instruction[] = [];
  while (!reader.done) body.push(reader.instruction());
  const called = new Map<Instruction, Mark>();
  for (const each of body)
    if (each.op === OP.call)
      called.set(each, marks[each.a] ?? panic("translator: a template calls a function"));
  const order: readonly Mark[] = ["taken", "takenSkipping", "skip", "next"];
  const sets = body.filter(({ op }) => op === OP.localSet || op === OP.localTee);
  return {
    locals,
    body,
    assigned: new Set(sets.map(({ a }) => a)),
    loops: new Map(
      body.flatMap((each, at) => (each.op === OP.loop ? [[each, assignedIn(body, at)]] : [])),
    ),
    marks: order.filter((mark) => [...called.values()].includes(mark)),
    called,
    zeroed: zeroed(body, locals),
  };
}

/** Locals that are set in the construct that begins at an index. */
function assignedIn(body: readonly Instruction[], from: number): number[] {
  const locals: number[] = [];
  let depth = 0;
  for (let at = from; ; at++) {
    const { op, a } = body[at]!;
    if (op === OP.block || op === OP.loop || op === OP.if) depth++;
    if (op === OP.localSet || op === OP.localTee) locals.push(a);
    if (op === OP.end && --depth === 0) return locals;
  }
}

/** Locals whose first mention is not that they are set, outside of any block. */
function zeroed(body: readonly Instruction[], { length }: readonly number[]): number[] {
  const safe = new Set<number>();
  const unsafe = new Set<number>();
  let depth = 0;
  for (const { op, a } of body) {
    if (op === OP.block || op === OP.loop || op === OP.if) depth++;
    if (op === OP.end) depth--;
    if (op < OP.localGet || op > OP.localTee || safe.has(a)) continue;
    if (op !== OP.localGet && depth === 0) safe.add(a);
    else unsafe.add(a);
  }
  return [...unsafe].filter((local) => local >= PARAMETERS && local < length);
}
