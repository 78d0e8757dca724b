/**
 * A static ELF program as an image: what a loader puts into memory, and names for its addresses.
 *
 * Copies no bytes and sets up no process: stack, arguments and start-up registers are the loader's.
 */
import { DiagnosticError } from "../../diagnostic.ts";
import { makeImage, type Image, type ImageSection, type Probe, type Segment } from "../image.ts";
import { isTemporary } from "../object.ts";
import { SHT_NOBITS } from "./format.ts";
import { PROBE_PREFIX } from "./probe.ts";
import type { ElfFile, ElfSegment } from "./read.ts";
import type { ElfSymbol } from "./sections.ts";

/**
 * The image of a static executable.
 * @throws DiagnosticError when it is an object, wants a dynamic linker, has nothing to load, or does
 * not start in code
 */
export function elfImage(elf: ElfFile): Image {
  const fail = (message: string): never => {
    throw new DiagnosticError([{ file: elf.file, line: 0, column: 0, message }]);
  };
  const { segments, entry } = elf;
  if (elf.kind === "relocatable")
    fail("offset 0x10: not a program: a relocatable object, which must be linked first");
  if (elf.dynamic)
    fail("offset 0x10: not a static program: it wants a dynamic linker (link with -static)");
  if (segments.length === 0) fail("offset 0x2c: nothing to load");
  const start = segments.find(({ address, size }) => entry >= address && entry < address + size);
  if (start?.executable !== true)
    fail(`offset 0x18: entry is not in an executable segment: 0x${entry.toString(16)}`);
  return makeImage({
    segments: segments.map(segmentOf),
    sections: imageSections(elf),
    entry,
    ...tables(elf),
    lines: () => [],
  });
}

/** The sections that occupy memory; a thread's zeros (`.tbss`) occupy none here. */
function imageSections({ sections }: ElfFile): ImageSection[] {
  return sections
    .filter(
      ({ allocate, size, type, threadLocal }) =>
        allocate && size > 0 && !(threadLocal && type === SHT_NOBITS),
    ) // prettier-ignore
    .map(({ name, address, size, execute, write, type }) => ({
      name,
      address,
      size,
      executable: execute,
      writable: write,
      zero: type === SHT_NOBITS,
    }))
    .sort((a, b) => a.address - b.address);
}

function segmentOf({ address, bytes, size, executable, writable }: ElfSegment): Segment {
  const name = writable ? "data" : executable ? "text" : "rodata";
  return { name, address, bytes, size, executable, writable };
}

/** Of several names for one address, the one with the highest rank is shown. */
function rank({ type, binding, name }: ElfSymbol): number {
  const byType = type === "function" || type === "millicode" ? 2 : type === "object" ? 1 : 0;
  const byBinding = binding === "global" ? 2 : binding === "weak" ? 1 : 0;
  return 9 * byType + 3 * byBinding + (name.startsWith("__") ? 0 : name.startsWith("_") ? 1 : 2);
}

function tables({ symbols, sections }: ElfFile): {
  readonly symbols: ReadonlyMap<string, number>;
  readonly probes: readonly Probe[];
  readonly labels: readonly { readonly address: number; readonly value: string }[];
} {
  const named = symbols.filter(
    ({ name, type, section }) =>
      name !== "" &&
      !["section", "file", "thread"].includes(type) &&
      (section === "absolute" || (typeof section === "number" && sections[section]!.allocate)),
  );
  const probes = named.filter(({ name }) => name.startsWith(PROBE_PREFIX));
  const labels = named.filter(({ name }) => !name.startsWith(PROBE_PREFIX) && !isTemporary(name));
  const addresses = new Map<string, number>();
  // A global name wins over local ones, and a later local one over earlier ones.
  for (const isLocal of [true, false])
    for (const { name, value, binding } of labels)
      if ((binding === "local") === isLocal) addresses.set(name, value);
  return {
    symbols: addresses,
    probes: probes.map(({ name, value }) => ({
      name: name.slice(PROBE_PREFIX.length),
      address: value,
    })),
    labels: labels
      .filter(({ section }) => section !== "absolute")
      .sort((a, b) => a.value - b.value || rank(a) - rank(b))
      .map(({ name, value }) => ({ address: value, value: name })),
  };
}
