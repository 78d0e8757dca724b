/**
 * The end of an assembly: fix-ups become bytes where everything is known, relocations elsewhere,
 * and the unit becomes an object file.
 */
import { fits, writeField, type Field } from "../isa/fields.ts";
import { isConstant } from "./expression.ts";
import { isDefined, type AsmSymbol, type Fixup, type Value } from "./model.ts";
import {
  isTemporary,
  type ObjectFile,
  type ObjectSymbol,
  type Relocation,
  type RelocationType,
} from "./object.ts";
import { isLeft, select } from "./selector.ts";
import { BASES, type Unit } from "./unit.ts";

/** What a fix-up comes to: a number to put in, a relocation to leave, or what is wrong with it. */
type Outcome =
  | { readonly value: number }
  | { readonly type: RelocationType; readonly symbol: AsmSymbol; readonly addend: number }
  | { readonly problem: string };

/** Makes the object file; problems go to the unit's diagnostics. */
export function finish(unit: Unit, file: string): ObjectFile {
  const pending: { fixup: Fixup; type: RelocationType; symbol: AsmSymbol; addend: number }[] = [];
  for (const fixup of unit.fixups) {
    const outcome = settle(unit, fixup);
    if ("problem" in outcome) unit.report(outcome.problem, fixup.statement, fixup.position);
    else if ("value" in outcome) putValue(unit, fixup, outcome.value);
    else pending.push({ fixup, ...outcome });
  }
  const { symbols, index } = symbolTable(unit, new Set(pending.map(({ symbol }) => symbol)));
  for (const section of unit.sections.values()) {
    const padding = (section.align - (section.size % section.align)) % section.align;
    section.grow(padding);
  }
  return {
    file,
    sections: [...unit.sections.values()].map((section) => ({
      name: section.name,
      flags: section.flags,
      align: section.align,
      size: section.size,
      bytes: section.bytes(),
    })),
    symbols,
    relocations: pending.map(({ fixup, type, symbol, addend }): Relocation => ({
      section: fixup.section.name,
      offset: fixup.offset,
      type,
      symbol: index.get(symbol)!,
      addend,
    })),
    probes: unit.probes,
    lines: [...unit.sections.values()].flatMap(({ name, lines }) =>
      lines.map(([offset, line]) => ({ section: name, offset, line })),
    ),
  };
}

function settle(unit: Unit, fixup: Fixup): Outcome {
  const value = unit.valueFinally(fixup.expression);
  if ("problem" in value) return value;
  if (typeof fixup.target === "number") return settleDatum(fixup, value, fixup.target);
  if (fixup.target.name === "w12" || (fixup.target.name === "w17" && !isExternalBranch(fixup)))
    return settleBranch(fixup, value, fixup.target);
  return settleImmediate(fixup, value, fixup.target);
}

/** BE and BLE: the displacement is from a base register, not from the instruction. */
function isExternalBranch({ section, offset }: Fixup): boolean {
  return section.word(offset) >>> 27 === 0x38 >> 1;
}

function describe({ add, subtract }: Value): string {
  return add === undefined
    ? `-${subtract!.name}`
    : subtract === undefined
      ? add.name
      : `${add.name}-${subtract.name}`;
}

function settleDatum(
  { section, offset, selector }: Fixup,
  value: Value,
  bytes: 1 | 2 | 4 | 8,
): Outcome {
  const { constant, add, subtract } = value;
  if (isConstant(value)) return { value: constant };
  if (bytes !== 4 || add === undefined) return { problem: `not a constant: ${describe(value)}` };
  if (subtract === undefined)
    return { type: selector === "p" ? "PLABEL32" : "DIR32", symbol: add, addend: constant };
  // From the place itself: the linker measures from the datum, eight bytes on.
  if (subtract.section === section)
    return { type: "PCREL32", symbol: add, addend: constant + offset - subtract.offset + 8 };
  return { problem: `not a constant: ${describe(value)}` };
}

function settleBranch({ section, offset }: Fixup, value: Value, { name }: Field): Outcome {
  const { constant, add, subtract } = value;
  if (add === undefined || subtract !== undefined)
    return { problem: `not a label: ${isConstant(value) ? constant : describe(value)}` };
  if (add.section === section && add.binding === "local")
    return { value: add.offset + constant - offset - 8 };
  return { type: name === "w12" ? "PCREL12F" : "PCREL17F", symbol: add, addend: constant };
}

const IMMEDIATE_TYPES: Readonly<
  Record<string, Partial<Record<"left" | "right" | "full", RelocationType>>>
> = {
  im21: { left: "DIR21L" },
  im14: { right: "DIR14R", full: "DIR14F" },
  w17: { right: "DIR17R", full: "DIR17F" },
  "im21-$global$": { left: "DPREL21L" },
  "im14-$global$": { right: "DPREL14R", full: "DPREL14F" },
  "im21-$PIC_pcrel$0": { left: "PCREL21L" },
  "im14-$PIC_pcrel$0": { right: "PCREL14R" },
  "im21-$tls_leoff$": { left: "TPREL21L" },
  "im14-$tls_leoff$": { right: "TPREL14R" },
};

function settleImmediate({ selector }: Fixup, value: Value, { name }: Field): Outcome {
  const { constant, add, subtract } = value;
  if (isConstant(value)) {
    const part = select(selector, constant, 0);
    return { value: name === "im21" ? part * 2 ** 11 : part };
  }
  if (add === undefined || (subtract !== undefined && !BASES.has(subtract.name)))
    return { problem: `not a constant: ${describe(value)}` };
  const part = isLeft(selector) ? "left" : selector === "f" || selector === "n" ? "full" : "right";
  const key = subtract === undefined ? name : `${name}-${subtract.name}`;
  const type = selector === "p" ? undefined : IMMEDIATE_TYPES[key]?.[part];
  if (type === undefined)
    return {
      problem: `field cannot hold ${part === "full" ? "a whole address" : `the ${part} part`}: ${describe(value)}`,
    };
  return { type, symbol: add, addend: constant };
}

function putValue(unit: Unit, fixup: Fixup, value: number): void {
  const { section, offset, target, statement, position } = fixup;
  if (typeof target === "number") {
    if (!fitsDatum(value, target)) unit.report(`value out of range: ${value}`, statement, position);
    else section.write(offset, value, target);
    return;
  }
  if (!fits(target.kind, value)) {
    const what = target.name === "im11" ? "immediate" : "displacement";
    unit.report(`${what} out of range: ${value}`, statement, position);
    return;
  }
  section.setWord(offset, (section.word(offset) | writeField(target, value)) >>> 0);
}

/** Whether a number fits a datum, signed or unsigned. */
export function fitsDatum(value: number, bytes: 1 | 2 | 4 | 8): boolean {
  const span = 2 ** (8 * bytes);
  return value >= -span / 2 && value < span;
}

function symbolTable(
  unit: Unit,
  referenced: ReadonlySet<AsmSymbol>,
): { symbols: ObjectSymbol[]; index: Map<AsmSymbol, number> } {
  const symbols: ObjectSymbol[] = [];
  const index = new Map<AsmSymbol, number>();
  for (const symbol of new Set([...unit.symbols.values(), ...referenced])) {
    const needed = referenced.has(symbol);
    if (symbol.predefined || symbol.register !== undefined) continue;
    if (!needed && (!isDefined(symbol) || isTemporary(symbol.name))) continue;
    if (!isDefined(symbol) && isTemporary(symbol.name)) {
      unit.report(`undefined label: ${shownName(symbol)}`, symbol.firstUse);
      continue;
    }
    const entry = symbolEntry(unit, symbol);
    if (entry === undefined) continue;
    index.set(symbol, symbols.length);
    symbols.push(entry);
  }
  return { symbols, index };
}

/** A numeric label's internal name is its number and which of them it is. */
function shownName({ name }: AsmSymbol): string {
  const [number, count] = name.split("\u0001");
  return count === undefined ? name : `${number}f`;
}

function symbolEntry(unit: Unit, symbol: AsmSymbol): ObjectSymbol | undefined {
  const { name, binding, type } = symbol;
  const size = sizeOf(unit, symbol);
  const common = { name, size, binding, type };
  if (symbol.common !== undefined)
    return {
      ...common,
      section: undefined,
      place: "common",
      value: symbol.common.align,
      size: symbol.common.size,
    };
  if (symbol.section !== undefined)
    return { ...common, section: symbol.section.name, place: "section", value: symbol.offset };
  if (symbol.equated === undefined) {
    const outside = binding === "local" ? "global" : binding;
    return { ...common, section: undefined, place: "undefined", value: 0, binding: outside };
  }
  const value = unit.valueFinally(symbol.equated);
  if ("problem" in value) {
    // Where a local one is used, that is reported.
    if (binding !== "local") unit.report(value.problem, symbol.firstUse);
    return undefined;
  }
  if (isConstant(value))
    return { ...common, section: undefined, place: "absolute", value: value.constant >>> 0 };
  if (value.subtract === undefined && value.add?.section !== undefined)
    return {
      name,
      binding,
      section: value.add.section.name,
      place: "section",
      value: value.add.offset + value.constant,
      // Another name is for the same thing, unless it says otherwise.
      type: type === "none" ? value.add.type : type,
      size: symbol.size === undefined ? sizeOf(unit, value.add) : size,
    };
  if (binding !== "local") unit.report(`not a constant: ${describe(value)}`, symbol.firstUse);
  return undefined;
}

function sizeOf(unit: Unit, symbol: AsmSymbol): number {
  if (symbol.size === undefined) return 0;
  const value = unit.valueFinally(symbol.size);
  if (!("problem" in value) && isConstant(value)) return value.constant >>> 0;
  unit.report(`size is not a constant: ${symbol.name}`, symbol.firstUse);
  return 0;
}
