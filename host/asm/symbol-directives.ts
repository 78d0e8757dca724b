/**
 * Directives about sections and symbols, and those of HP's assembler that only inform a linker we
 * do not have (`.callinfo`, `.proc`, unwind and debugging information): these are read over.
 */
import { registerNamed } from "../isa/registers.ts";
import { SyntaxFailure, type Cursor } from "./cursor.ts";
import { readString, type Directive } from "./data-directives.ts";
import type { SectionFlags } from "./object.ts";
import { defaultFlags, type Unit } from "./unit.ts";

function ignore(_unit: Unit, cursor: Cursor): void {
  cursor.rest();
}

/** A symbol or section name, quotes allowed. */
function quotedName(cursor: Cursor, what: string): string {
  if (cursor.peek() === '"') return String.fromCharCode(...readString(cursor).slice(0, 256));
  return cursor.take(/[\w.$-]+/y)?.[0] ?? cursor.expectName(what);
}

function parseFlags(letters: string, zero: boolean, position: number): SectionFlags {
  const unknown = /[^awxMSGTo?e\d]/.exec(letters);
  if (unknown !== null) throw new SyntaxFailure(`unknown section flag: ${unknown[0]}`, position);
  return {
    allocate: letters.includes("a"),
    write: letters.includes("w"),
    execute: letters.includes("x"),
    zero,
    threadLocal: letters.includes("T"),
  };
}

/** `NAME[,"flags"[,@type[,entry size]]]`; flags count only where the section is new. */
function namedSection(unit: Unit, cursor: Cursor): void {
  const name = quotedName(cursor, "a section name");
  let letters: string | undefined;
  let zero = defaultFlags(name).zero;
  const position = (cursor.peek(), cursor.position);
  if (cursor.accept(",")) {
    letters = String.fromCharCode(...readString(cursor));
    if (cursor.accept(",")) {
      const type = cursor.take(/[@%](\w+)/y)?.[1];
      if (type === undefined) throw cursor.failure("expected a section type");
      zero = type === "nobits";
      cursor.rest();
    }
  }
  const flags = letters === undefined ? defaultFlags(name) : parseFlags(letters, zero, position);
  const align = flags.execute && name === ".text" ? 4 : 1;
  unit.enter(unit.sections.get(name) ?? unit.sectionNamed(name, flags, align));
}

function fixedSection(name: string): Directive {
  return (unit, cursor) => {
    // A subsection number; zero is the section itself.
    if (!cursor.atEnd() && unit.constant(cursor) !== 0)
      throw new SyntaxFailure("subsections are not supported", 0);
    unit.enter(unit.sectionNamed(name));
  };
}

function pushSection(unit: Unit, cursor: Cursor): void {
  const { section, previous } = unit;
  namedSection(unit, cursor);
  unit.sectionStack.push({ section, previous });
}

function popSection(unit: Unit): void {
  const saved = unit.sectionStack.pop();
  if (saved === undefined) throw new SyntaxFailure(".popsection without .pushsection", 0);
  unit.section = saved.section;
  unit.previous = saved.previous;
}

function previousSection(unit: Unit): void {
  unit.enter(unit.previous);
}

function binding(to: "global" | "weak" | "local"): Directive {
  return (unit, cursor) => {
    do {
      const position = (cursor.peek(), cursor.position);
      const symbol = unit.symbol(cursor.expectName("a symbol"));
      if (symbol.predefined)
        throw new SyntaxFailure(`symbol already defined: ${symbol.name}`, position);
      symbol.binding = to;
      symbol.keptLocal = to === "local";
    } while (cursor.accept(","));
  };
}

/** `.export NAME,ENTRY,…`: argument locations do not matter to a static linker. */
function exportSymbol(unit: Unit, cursor: Cursor): void {
  const symbol = unit.symbol(cursor.expectName("a symbol"));
  symbol.binding = "global";
  if (cursor.accept(",")) {
    const kind = cursor.expectName("a symbol type").toLowerCase();
    if (["entry", "code", "millicode", "pri_prog", "sec_prog"].includes(kind))
      symbol.type = "function";
    if (kind === "data") symbol.type = "object";
  }
  cursor.rest();
}

function importSymbol(unit: Unit, cursor: Cursor): void {
  unit.symbol(cursor.expectName("a symbol"));
  cursor.rest();
}

function symbolType(unit: Unit, cursor: Cursor): void {
  const symbol = unit.symbol(cursor.expectName("a symbol"));
  cursor.accept(",");
  const type = cursor.take(/[@%#"]?(?:STT_)?(\w+)"?/y)?.[1]?.toLowerCase();
  if (type === "function" || type === "func") symbol.type = "function";
  else if (type === "object") symbol.type = "object";
  else if (type !== "notype") throw new SyntaxFailure(`unknown symbol type: ${type ?? "none"}`, 0);
}

function symbolSize(unit: Unit, cursor: Cursor): void {
  const symbol = unit.symbol(cursor.expectName("a symbol"));
  cursor.expect(",");
  symbol.size = unit.expression(cursor);
}

/** `.comm NAME,SIZE[,ALIGN]`: a block that the linker places once for all files. */
function common(unit: Unit, cursor: Cursor): void {
  const block = blockOperands(unit, cursor);
  const { name, position, size, align } = block;
  const symbol = unit.symbol(name);
  if (symbol.keptLocal) {
    blockOfZeros(unit, block);
    return;
  }
  if (symbol.section !== undefined || symbol.equated !== undefined)
    throw new SyntaxFailure(`symbol already defined: ${name}`, position);
  symbol.common = {
    size: Math.max(size, symbol.common?.size ?? 0),
    align: Math.max(align, symbol.common?.align ?? 1),
  };
  symbol.binding = "global";
  symbol.type = "object";
}

function localCommon(unit: Unit, cursor: Cursor): void {
  blockOfZeros(unit, blockOperands(unit, cursor));
}

/** A named block of `.bss`, wherever the text is. */
function blockOfZeros(unit: Unit, { name, position, size, align }: Block): void {
  const { section } = unit;
  unit.section = unit.sectionNamed(".bss");
  try {
    unit.align(align, 0, align);
    unit.defineLabel(name, position).type = "object";
    unit.space(size, 0);
  } finally {
    unit.section = section;
  }
}

interface Block {
  readonly name: string;
  readonly position: number;
  readonly size: number;
  readonly align: number;
}

function blockOperands(unit: Unit, cursor: Cursor): Block {
  const position = (cursor.peek(), cursor.position);
  const name = cursor.expectName("a symbol");
  cursor.expect(",");
  const size = unit.constant(cursor);
  if (size < 0 || size >= 2 ** 31) throw new SyntaxFailure(`size out of range: ${size}`, position);
  // Without one: the block's size rounded down to a power of two, at most 8.
  const natural = size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1;
  const align = cursor.accept(",") ? unit.constant(cursor) : natural;
  if (align < 1 || align > 4096 || !Number.isInteger(Math.log2(align)))
    throw new SyntaxFailure(`alignment is not a power of two: ${align}`, position);
  return { name, position, size, align };
}

function set(unit: Unit, cursor: Cursor): void {
  const position = (cursor.peek(), cursor.position);
  const name = cursor.expectName("a symbol");
  cursor.expect(",");
  unit.equate(name, unit.expression(cursor), true, position);
}

/** `NAME: .equ EXPRESSION`, HP's form; GNU as takes no other for this machine. */
export function equ(unit: Unit, label: string | undefined, position: number, cursor: Cursor): void {
  if (label === undefined)
    throw new SyntaxFailure(".equ needs a label: write NAME: .equ VALUE or NAME = VALUE", position);
  unit.equate(label, unit.expression(cursor), false, position);
}

/** `NAME: .reg %r5`. */
export function reg(unit: Unit, label: string | undefined, position: number, cursor: Cursor): void {
  if (label === undefined)
    throw new SyntaxFailure(".reg needs a label: write NAME: .reg %REGISTER", position);
  const register = registerNamed(cursor.take(/%(\w+)/y)?.[1] ?? "");
  if (register === undefined) throw cursor.failure("expected a register");
  const symbol = unit.symbol(label);
  if (symbol.predefined || symbol.section !== undefined || symbol.equated !== undefined)
    throw new SyntaxFailure(`symbol already defined: ${label}`, position);
  symbol.register = register;
}

function level(_unit: Unit, cursor: Cursor): void {
  const text = cursor.rest();
  if (!/^1\.[01]$/.test(text)) throw new SyntaxFailure(`unsupported level: ${text}`, 0);
}

/** Ours: marks the address with a name of letters, digits and dots, and emits nothing. */
function probe(unit: Unit, cursor: Cursor): void {
  const name = cursor.take(/[\w.$]+/y)?.[0];
  if (name === undefined) throw cursor.failure("expected a probe name");
  unit.probes.push({ name, section: unit.section.name, offset: unit.section.size });
}

function error(_unit: Unit, cursor: Cursor): void {
  throw new SyntaxFailure(cursor.rest().replace(/^"|"$/g, "") || ".err", 0);
}

const IGNORED =
  ".proc .procend .callinfo .entry .exit .call .begin_brtab .end_brtab .begin_try .end_try " +
  ".ident .file .loc .version .copyright .param .hidden .internal .protected " +
  ".print .warning .list .nolist .title .sbttl .eject .psize";

export const SYMBOL_DIRECTIVES: Readonly<Record<string, Directive>> = {
  ...Object.fromEntries(IGNORED.split(" ").map((name) => [name, ignore])),
  ".text": fixedSection(".text"),
  ".code": fixedSection(".text"),
  ".data": fixedSection(".data"),
  ".bss": fixedSection(".bss"),
  ".section": namedSection,
  ".pushsection": pushSection,
  ".popsection": popSection,
  ".previous": previousSection,
  ".globl": binding("global"),
  ".global": binding("global"),
  ".weak": binding("weak"),
  ".local": binding("local"),
  ".export": exportSymbol,
  ".import": importSymbol,
  ".type": symbolType,
  ".size": symbolSize,
  ".comm": common,
  ".lcomm": localCommon,
  ".set": set,
  ".level": level,
  ".probe": probe,
  ".err": error,
  ".error": error,
};
