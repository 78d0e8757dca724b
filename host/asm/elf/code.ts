/**
 * The instructions in an ELF file: its executable sections, in the file's order, and how to name a
 * branch target. Without a section table: its executable segments.
 */
import { DiagnosticError } from "../../diagnostic.ts";
import { SHT_NOBITS } from "./format.ts";
import type { ElfFile } from "./read.ts";
import type { ElfSymbol } from "./sections.ts";

export interface CodePart {
  /** Where it stands in memory; 0 in an object. */
  readonly address: number;
  /** A whole number of words. */
  readonly bytes: Uint8Array;
  /** `symbol` or `symbol+0xoffset` of an address, as objdump writes it; undefined when none is before it. */
  readonly symbolize: (address: number) => string | undefined;
}

/** @throws DiagnosticError when a part does not consist of words */
export function codeOf(elf: ElfFile): CodePart[] {
  const { file, sections, segments } = elf;
  if (sections.length === 0)
    return segments
      .filter(({ executable }) => executable)
      .map(({ address, bytes }) => ({
        address,
        // Constants may end a segment anywhere.
        bytes: bytes.subarray(0, bytes.length & ~3),
        symbolize: () => undefined,
      }));
  return sections.flatMap(({ execute, type, address, bytes, headerOffset }, number) => {
    if (!execute || type === SHT_NOBITS || bytes.length === 0) return [];
    const whole = wholeWords(file, headerOffset + 20, bytes);
    return [{ address, bytes: whole, symbolize: symbolizer(elf, number) }];
  });
}

function wholeWords(file: string, offset: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length % 4 === 0) return bytes;
  const message = `offset 0x${offset.toString(16)}: not a whole number of words: ${bytes.length} bytes`;
  throw new DiagnosticError([{ file, line: 0, column: 0, message }]);
}

/** Names addresses in a section by the symbols of that section, in a program by those of all. */
function symbolizer(elf: ElfFile, section: number): CodePart["symbolize"] {
  const candidates = elf.symbols
    .filter(
      ({ name, type, section: place }) =>
        name !== "" &&
        type !== "file" &&
        type !== "section" &&
        typeof place === "number" &&
        (elf.kind !== "relocatable" || place === section),
    )
    .toSorted(inObjdumpOrder);
  return (address) => {
    let low = 0;
    let high = candidates.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (candidates[middle]!.value <= address) low = middle + 1;
      else high = middle;
    }
    const last = candidates[low - 1];
    if (last === undefined) return undefined;
    while (low > 1 && candidates[low - 2]!.value === last.value) low--;
    const { name, value } = candidates[low - 1]!;
    return address === value ? name : `${name}+0x${(address - value).toString(16)}`;
  };
}

/** By address; of several at one address the first is shown. */
function inObjdumpOrder(a: ElfSymbol, b: ElfSymbol): number {
  return a.value - b.value || rank(a) - rank(b) || b.size - a.size || (a.name < b.name ? -1 : 1);
}

function rank({ name, type, binding }: ElfSymbol): number {
  const byType = type === "object" ? 0 : type === "function" ? 1 : 2;
  const byBinding = binding === "global" ? 0 : binding === "local" ? 2 : 1;
  return 10 * byType + 2 * byBinding + (name.startsWith(".") ? 1 : 0);
}
