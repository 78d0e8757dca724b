/**
 * A relocatable ELF file as the linker takes it: GNU as's and GNU C's objects, besides our own.
 *
 * Non-PIC code only: a relocation that needs a linkage table or a dynamic linker is a diagnostic.
 * Left out: what is not loaded (debugging information, comments) and `.PARISC.unwind`, which only
 * unwinders read that no static program of ours has. Of section groups each copy is kept.
 */
import { DiagnosticError, type Diagnostic } from "../../diagnostic.ts";
import type {
  ObjectFile,
  ObjectProbe,
  ObjectSection,
  ObjectSymbol,
  Relocation,
  RelocationType,
} from "../object.ts";
import {
  OTHER_RELOCATIONS,
  R_PARISC_NONE,
  RELOCATION_NUMBERS,
  SHT_GROUP,
  SHT_NOBITS,
  SHT_NULL,
} from "./format.ts";
import { PROBE_PREFIX } from "./probe.ts";
import type { ElfFile } from "./read.ts";
import type { ElfRelocation, ElfSection, ElfSymbol } from "./sections.ts";

const RELOCATION_TYPES: ReadonlyMap<number, RelocationType> = new Map(
  Object.entries(RELOCATION_NUMBERS).map(([name, number]) => [number, name as RelocationType]),
);

/** Most diagnostics about one file. */
const MAX_DIAGNOSTICS = 20;

/**
 * The object in a relocatable file.
 * @throws DiagnosticError when it is none, or has what a static linker for non-PIC code cannot place
 */
export function elfObject(elf: ElfFile): ObjectFile {
  return new Converter(elf).convert();
}

class Converter {
  private readonly elf: ElfFile;
  private readonly diagnostics: Diagnostic[] = [];
  /** Names of the sections that are kept, by section number; each is unique. */
  private readonly names: readonly (string | undefined)[];
  private readonly symbols: ObjectSymbol[] = [];
  private readonly probes: ObjectProbe[] = [];
  /** Symbol number to index in `symbols`. */
  private readonly indices = new Map<number, number>();

  constructor(elf: ElfFile) {
    this.elf = elf;
    this.names = uniqueNames(elf.sections);
  }

  private report(offset: number, message: string): void {
    if (this.diagnostics.length >= MAX_DIAGNOSTICS) return;
    const text = `offset 0x${offset.toString(16)}: ${message}`;
    this.diagnostics.push({ file: this.elf.file, line: 0, column: 0, message: text });
  }

  convert(): ObjectFile {
    const { file, kind, sections } = this.elf;
    if (kind !== "relocatable") this.report(16, "not a relocatable object");
    for (const [number, symbol] of this.elf.symbols.entries()) this.addSymbol(number, symbol);
    const relocations = this.elf.relocations.flatMap((entry) => this.relocation(entry) ?? []);
    if (this.diagnostics.length > 0) throw new DiagnosticError(this.diagnostics);
    return {
      file,
      sections: sections.flatMap((section, number) => {
        const name = this.names[number];
        return name === undefined ? [] : [sectionOf(section, name)];
      }),
      symbols: this.symbols,
      relocations,
      probes: this.probes,
      lines: [],
    };
  }

  private addSymbol(number: number, symbol: ElfSymbol): void {
    const { type, section: place, value, size, binding } = symbol;
    if (number === 0 || type === "file") return;
    const section = typeof place === "number" ? this.names[place] : undefined;
    if (typeof place === "number" && section === undefined) return;
    if (section !== undefined && symbol.name.startsWith(PROBE_PREFIX)) {
      this.probes.push({ name: symbol.name.slice(PROBE_PREFIX.length), section, offset: value });
      return;
    }
    const isFunction = type === "function" || type === "millicode" || type === "indirect";
    this.indices.set(number, this.symbols.length);
    this.symbols.push({
      name: type === "section" ? section! : symbol.name,
      section,
      place: typeof place === "number" ? "section" : place,
      value,
      size,
      // An undefined symbol is someone else's, whatever it says.
      binding: place === "undefined" && binding === "local" ? "global" : binding,
      type: isFunction
        ? "function"
        : type === "object" || type === "thread"
          ? "object"
          : type === "section"
            ? "section"
            : "none",
    });
  }

  private relocation(entry: ElfRelocation): Relocation | undefined {
    const { offset, addend, headerOffset } = entry;
    const section = this.names[entry.section];
    if (section === undefined || entry.type === R_PARISC_NONE) return undefined;
    const target = this.elf.sections[entry.section]!;
    const type = RELOCATION_TYPES.get(entry.type);
    if (type === undefined) {
      const name = OTHER_RELOCATIONS[entry.type] ?? String(entry.type);
      this.report(headerOffset + 4, `relocation is not of static non-PIC code: R_PARISC_${name}`);
      return undefined;
    }
    if (target.type === SHT_NOBITS || offset + 4 > target.size) {
      this.report(headerOffset, `relocation past the contents of ${section}: 0x${offset.toString(16)}`); // prettier-ignore
      return undefined;
    }
    const symbol = this.indices.get(entry.symbol) ?? this.zero(entry);
    return symbol === undefined ? undefined : { section, offset, type, symbol, addend };
  }

  /** The null symbol: relocations against it are against address 0. */
  private zero({ symbol, headerOffset }: ElfRelocation): number | undefined {
    if (symbol !== 0) {
      this.report(headerOffset + 4, `relocation against what is not loaded: symbol ${symbol}`);
      return undefined;
    }
    const index = this.symbols.length;
    const place = { section: undefined, place: "absolute", value: 0, size: 0 } as const;
    this.symbols.push({ name: ".L0", ...place, binding: "local", type: "none" });
    this.indices.set(0, index);
    return index;
  }
}

/** Names of the loaded sections; a second one of a name gets another. */
function uniqueNames(sections: readonly ElfSection[]): (string | undefined)[] {
  const taken = new Set<string>();
  return sections.map(({ name, type, allocate }, number) => {
    if (!allocate || type === SHT_NULL || type === SHT_GROUP || name.startsWith(".PARISC.unwind"))
      return undefined;
    const unique = taken.has(name) || name === "" ? `${name}#${number}` : name;
    taken.add(unique);
    return unique;
  });
}

function sectionOf(section: ElfSection, name: string): ObjectSection {
  const { align, size, bytes, write, execute, threadLocal, type } = section;
  const flags = { allocate: true, write, execute, zero: type === SHT_NOBITS, threadLocal };
  return { name, flags, align, size, bytes };
}
