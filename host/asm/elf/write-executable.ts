/**
 * A linked image as a static ELF program, with a symbol table.
 *
 * Each segment is one PT_LOAD; sections are those that the linker made. All symbols are written as
 * global ones: an image no longer knows which were local.
 */
import type { Image } from "../image.ts";
import {
  ET_EXEC,
  PF_R,
  PF_W,
  PF_X,
  SHF_ALLOC,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHN_ABS,
  SHT_NOBITS,
  SHT_PROGBITS,
  STB_GLOBAL,
  STB_LOCAL,
  STT_NOTYPE,
} from "./format.ts";
import { PROBE_PREFIX } from "./probe.ts";
import { symbolTable, writeElf, type OutputSection, type OutputSymbol } from "./writer.ts";

/**
 * The bytes of a static executable.
 * @param entry where it starts, for an image that does not say
 */
export function writeExecutable(image: Image, entry: number): Uint8Array {
  const segments = image.segments.map(({ address, bytes, size, executable, writable }) => ({
    address,
    bytes,
    size,
    flags: PF_R | (executable ? PF_X : 0) | (writable ? PF_W : 0),
  }));
  const sections = image.sections.map((section): OutputSection => {
    const { name, address, size, executable, writable, zero } = section;
    return {
      name,
      type: zero ? SHT_NOBITS : SHT_PROGBITS,
      flags: SHF_ALLOC | (writable ? SHF_WRITE : 0) | (executable ? SHF_EXECINSTR : 0),
      address,
      align: alignmentOf(address),
      bytes: new Uint8Array(0),
      size,
      ...segmentAt(segments, address),
    };
  });
  // By address, as a reader of the table would have it, whatever order the objects had.
  const ordered = [...image.symbols].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  const named = ordered.map(([name, value]) => symbolOf(image, name, value, STB_GLOBAL));
  const probes = image.probes.map(({ name, address }) =>
    symbolOf(image, PROBE_PREFIX + name, address, STB_LOCAL),
  );
  const table = symbolTable([...named, ...probes], sections.length + 1);
  return writeElf({
    type: ET_EXEC,
    entry: image.entry ?? entry,
    segments,
    sections: [...sections, ...table.sections],
  });
}

function segmentAt<S extends { readonly address: number; readonly size: number }>(
  segments: readonly S[],
  address: number,
): { readonly segment?: S } {
  const segment = segments.find(
    (one) => address >= one.address && address < one.address + one.size,
  );
  return segment === undefined ? {} : { segment };
}

/** The most that a section may claim: what its address has, at most 16. */
function alignmentOf(address: number): number {
  return [16, 8, 4, 2].find((align) => address % align === 0) ?? 1;
}

function symbolOf({ sections }: Image, name: string, value: number, binding: number): OutputSymbol {
  const inside = sections.findIndex(({ address, size }) => value >= address && value < address + size); // prettier-ignore
  // A label at the end of a section still belongs to it.
  const after = sections.findIndex(({ address, size }) => value === address + size);
  const section = inside >= 0 ? inside + 1 : after >= 0 ? after + 1 : SHN_ABS;
  return { name, value, size: 0, binding, type: STT_NOTYPE, section };
}
