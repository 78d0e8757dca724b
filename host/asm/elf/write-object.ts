/**
 * An object file of the assembler as a relocatable ELF file, which GNU ld links like GNU as's.
 *
 * Beyond GNU as: probes are local symbols (`probe.ts`). Less: section symbols, unwind tables, line
 * numbers.
 */
import { DiagnosticError } from "../../diagnostic.ts";
import {
  isTemporary,
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  type Relocation,
} from "../object.ts";
import {
  ET_REL,
  RELA_SIZE,
  RELOCATION_NUMBERS,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_INFO_LINK,
  SHF_TLS,
  SHF_WRITE,
  SHN_ABS,
  SHN_COMMON,
  SHN_LORESERVE,
  SHN_UNDEF,
  SHT_FINI_ARRAY,
  SHT_INIT_ARRAY,
  SHT_NOBITS,
  SHT_NOTE,
  SHT_PREINIT_ARRAY,
  SHT_PROGBITS,
  SHT_RELA,
  STB_GLOBAL,
  STB_LOCAL,
  STB_WEAK,
  STT_FUNC,
  STT_NOTYPE,
  STT_OBJECT,
  STT_SECTION,
  STT_TLS,
} from "./format.ts";
import { PROBE_PREFIX } from "./probe.ts";
import { symbolTable, words, writeElf, type OutputSection, type OutputSymbol } from "./writer.ts";

const BINDINGS = { local: STB_LOCAL, global: STB_GLOBAL, weak: STB_WEAK } as const;
const TYPES = {
  none: STT_NOTYPE,
  function: STT_FUNC,
  object: STT_OBJECT,
  section: STT_SECTION,
} as const;

/** Types of sections that are known by their names. */
const SECTION_TYPES: readonly (readonly [RegExp, number])[] = [
  [/^\.init_array(\.|$)/, SHT_INIT_ARRAY],
  [/^\.fini_array(\.|$)/, SHT_FINI_ARRAY],
  [/^\.preinit_array(\.|$)/, SHT_PREINIT_ARRAY],
  [/^\.note(\.|$)/, SHT_NOTE],
];

/**
 * The bytes of a relocatable ELF file.
 * @throws DiagnosticError when it has more sections than the format numbers
 */
export function writeObject(object: ObjectFile): Uint8Array {
  const numbers = new Map(object.sections.map(({ name }, index) => [name, index + 1]));
  if (2 * object.sections.length + 4 >= SHN_LORESERVE) {
    const message = `too many sections: ${object.sections.length}`;
    throw new DiagnosticError([{ file: object.file, line: 0, column: 0, message }]);
  }
  const contents = object.sections.map(contentsOf);
  const threadLocal = new Set(
    object.sections.filter(({ flags }) => flags.threadLocal).map(({ name }) => name),
  );
  const probes = object.probes.map(({ name, section, offset }): OutputSymbol => ({
    name: PROBE_PREFIX + name,
    value: offset,
    size: 0,
    binding: STB_LOCAL,
    type: STT_NOTYPE,
    section: numbers.get(section)!,
  }));
  const symbols = object.symbols.map((symbol) => symbolOf(symbol, numbers, threadLocal));
  const relocated = new Map<string, Relocation[]>();
  for (const entry of object.relocations) {
    const known = relocated.get(entry.section);
    if (known === undefined) relocated.set(entry.section, [entry]);
    else known.push(entry);
  }
  const index = contents.length + relocated.size + 1;
  const table = symbolTable([...symbols, ...probes], index);
  const relocations = [...relocated].map(([section, entries]): OutputSection => ({
    name: `.rela${section}`,
    type: SHT_RELA,
    flags: SHF_INFO_LINK,
    align: 4,
    bytes: words(
      entries.flatMap(({ offset, type, symbol, addend }) => [
        offset,
        (table.numberOf[symbol]! << 8) | RELOCATION_NUMBERS[type],
        addend,
      ]),
    ),
    link: index,
    info: numbers.get(section)!,
    entrySize: RELA_SIZE,
  }));
  const sections = [...contents, ...relocations, ...table.sections];
  return writeElf({ type: ET_REL, entry: 0, segments: [], sections });
}

function contentsOf({ name, flags, align, size, bytes }: ObjectSection): OutputSection {
  const known = SECTION_TYPES.find(([pattern]) => pattern.test(name))?.[1];
  return {
    name,
    type: flags.zero ? SHT_NOBITS : (known ?? SHT_PROGBITS),
    flags:
      (flags.write ? SHF_WRITE : 0) |
      (flags.allocate ? SHF_ALLOC : 0) |
      (flags.execute ? SHF_EXECINSTR : 0) |
      (flags.threadLocal ? SHF_TLS : 0),
    align,
    bytes,
    size,
  };
}

function symbolOf(
  { name, place, section, value, size, binding, type }: ObjectSymbol,
  numbers: ReadonlyMap<string, number>,
  threadLocal: ReadonlySet<string>,
): OutputSymbol {
  const isThreadLocal = section !== undefined && threadLocal.has(section);
  return {
    name: type === "section" ? "" : outsideName(name),
    value,
    size,
    binding: BINDINGS[binding],
    type: isThreadLocal && type !== "section" ? STT_TLS : TYPES[type],
    section:
      place === "section"
        ? numbers.get(section!)!
        : place === "absolute"
          ? SHN_ABS
          : place === "common"
            ? SHN_COMMON
            : SHN_UNDEF,
  };
}

/** Numeric labels have names that no text can say; others see them as compiler labels. */
function outsideName(name: string): string {
  const [number, count] = name.split("\u0001");
  return isTemporary(name) && count !== undefined ? `.L${number}.${count}` : name;
}
