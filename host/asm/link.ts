/**
 * The linker: object files to one static image.
 *
 * Text goes to one segment (code first, then constants), data to another (zeros last); sections of
 * one name stay together, in the order of the objects. No libraries, no stubs, no dynamic linking.
 */
import { DiagnosticError, type Diagnostic } from "../diagnostic.ts";
import {
  makeImage,
  type Image,
  type ImageSection,
  type Segment,
  type SourceLine,
} from "./image.ts";
import {
  isTemporary,
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  type Relocation,
  type SectionFlags,
} from "./object.ts";
import {
  alignUp,
  place,
  type Group,
  type Placed,
  type Placement,
  type Range,
} from "./placement.ts";
import { providedSymbols } from "./provided.ts";
import { relocate } from "./relocate.ts";

export interface Layout {
  /** Address of the text segment. */
  readonly text: number;
  /** Address of the data segment; the page after the text when not given. */
  readonly data?: number;
  /** Symbol to start at. */
  readonly entry?: string;
}

/** Data starts on a page of its own unless the layout says otherwise. */
const PAGE = 4096;

/** Largest segment in bytes, gaps included; the machine has 32 MB. */
const MAX_SEGMENT = 1 << 26;

/** OR r0,r0,r0. */
const NOP = [0x08, 0x00, 0x02, 0x40] as const;

/** What `addil L%x-$global$,%dp` counts from. */
const DATA_POINTER = "$global$";

interface Definition {
  readonly address: number;
  readonly isCode: boolean;
  /** Weak, and defined by nobody. */
  readonly isAbsent?: boolean;
  readonly binding: ObjectSymbol["binding"];
  readonly file: string;
}

interface CommonBlock {
  readonly size: number;
  readonly align: number;
  readonly file: string;
}

/** Code, then constants. */
const TEXT_GROUPS: readonly Group[] = [
  { name: ".text", belongs: ({ execute }) => execute, align: 1 },
  { name: ".rodata", belongs: ({ execute, write }) => !execute && !write, align: 1 },
];

/** What has bytes, then zeros, which suit the common blocks that follow them. */
function dataGroups(commonAlign: number): readonly Group[] {
  const isData = ({ execute, write }: SectionFlags): boolean => write && !execute;
  return [
    { name: ".data", belongs: (flags) => isData(flags) && !flags.zero, align: 1 },
    { name: ".bss", belongs: (flags) => isData(flags) && flags.zero, align: commonAlign },
  ];
}

class Linker {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly globals = new Map<string, Definition>();
  private readonly places = new Map<ObjectSection, Placed>();
  private readonly sections = new Map<ObjectFile, ReadonlyMap<string, ObjectSection>>();
  private readonly objects: readonly ObjectFile[];
  private readonly layout: Layout;

  constructor(objects: readonly ObjectFile[], layout: Layout) {
    this.objects = objects;
    this.layout = layout;
    for (const object of objects)
      this.sections.set(object, new Map(object.sections.map((section) => [section.name, section])));
  }

  private sectionOf(object: ObjectFile, name: string): ObjectSection {
    return this.sections.get(object)!.get(name)!;
  }

  private report(message: string, file = "link", line = 0): void {
    this.diagnostics.push({ file, line, column: 0, message });
  }

  run(): Image {
    const text = this.place(this.layout.text, TEXT_GROUPS);
    const dataStart = this.layout.data ?? alignUp(text.end, PAGE);
    const commons = this.commonBlocks();
    const commonAlign = [...commons.values()].reduce((most, { align }) => Math.max(most, align), 1);
    const data = this.place(dataStart, dataGroups(commonAlign));
    const end = this.defineAll(data.end, commons);
    if (text.start < end && dataStart < text.end && end > dataStart && text.end > text.start)
      this.report(
        `segments overlap: text ends at 0x${text.end.toString(16)}, data starts at 0x${dataStart.toString(16)}`,
      );
    const dataPointer = this.globals.get(DATA_POINTER)?.address ?? dataStart;
    for (const [name, address] of providedSymbols({ text, data, end, dataPointer }))
      if (!this.globals.has(name)) this.globals.set(name, { address, isCode: false, binding: "global", file: "" }); // prettier-ignore
    this.refuseLarge(text, text.end);
    this.refuseLarge(data, end);
    const segments = [
      this.segment("text", text.start, text.end, text.placed, false),
      this.segment("data", dataStart, end, data.placed, true),
    ].filter(({ size }) => size > 0);
    for (const object of this.objects) this.relocateObject(object, segments, dataPointer);
    const entry = this.layout.entry === undefined ? undefined : this.globals.get(this.layout.entry);
    if (this.layout.entry !== undefined && entry === undefined)
      this.report(`undefined symbol: ${this.layout.entry}`);
    this.stopOnErrors();
    const [initialised, zeros] = data.ranges;
    const ranges = [...text.ranges, initialised!, { ...zeros!, end }];
    return makeImage({
      segments,
      sections: ranges.filter((range) => range.end > range.start).map(imageSection),
      entry: entry?.address,
      ...this.tables(),
    });
  }

  /** Stops before bytes are made for a segment that no machine holds. */
  private refuseLarge({ start, placed }: Placement, end: number): void {
    const size = filledEnd(placed, start) - start;
    if (size > MAX_SEGMENT) this.report(`segment too large: ${size} bytes`);
    else if (end > 2 ** 32) this.report(`segment past the end of memory: 0x${start.toString(16)}`);
    else return;
    this.stopOnErrors();
  }

  private stopOnErrors(): void {
    if (this.diagnostics.length > 0) throw new DiagnosticError(this.diagnostics);
  }

  private place(start: number, groups: readonly Group[]): Placement {
    const placement = place(this.objects, start, groups);
    for (const placed of placement.placed) this.places.set(placed.section, placed);
    return placement;
  }

  /** Common blocks by name: the largest size and alignment that any object asks for. */
  private commonBlocks(): ReadonlyMap<string, CommonBlock> {
    const commons = new Map<string, CommonBlock>();
    for (const object of this.objects)
      for (const { place, name, size, value } of object.symbols) {
        if (place !== "common") continue;
        const known = commons.get(name);
        commons.set(name, {
          size: Math.max(size, known?.size ?? 0),
          align: Math.max(value, known?.align ?? 1),
          file: object.file,
        });
      }
    return commons;
  }

  /** Defines global symbols and places common blocks; returns where the data end. */
  private defineAll(dataEnd: number, commons: ReadonlyMap<string, CommonBlock>): number {
    for (const object of this.objects)
      for (const symbol of object.symbols)
        if (symbol.place !== "common" && symbol.binding !== "local")
          this.defineGlobal(object, symbol);
    let end = dataEnd;
    for (const [name, { size, align, file }] of commons) {
      const known = this.globals.get(name);
      if (known !== undefined && known.binding !== "weak") continue;
      const address = alignUp(end, align);
      this.globals.set(name, { address, isCode: false, binding: "global", file });
      end = address + size;
    }
    return end;
  }

  private defineGlobal(object: ObjectFile, symbol: ObjectSymbol): void {
    const definition = this.definition(object, symbol);
    if (definition === undefined) return;
    const known = this.globals.get(symbol.name);
    if (known !== undefined && known.binding !== "weak" && symbol.binding !== "weak")
      this.report(`symbol already defined in ${known.file}: ${symbol.name}`, object.file);
    if (known === undefined || (known.binding === "weak" && symbol.binding !== "weak"))
      this.globals.set(symbol.name, definition);
  }

  /** What a symbol's own object says of it; undefined when it is defined elsewhere. */
  private definition(
    object: ObjectFile,
    { place, section, value, binding }: ObjectSymbol,
  ): Definition | undefined {
    if (place === "absolute") return { address: value, isCode: true, binding, file: object.file };
    if (place !== "section") return undefined;
    const found = this.sectionOf(object, section!);
    // A label in an empty section still has an address: where the section would have been.
    const address = this.places.get(found)?.address ?? this.emptySectionAddress(found);
    return { address: address + value, isCode: found.flags.execute, binding, file: object.file };
  }

  private emptySectionAddress({ flags }: ObjectSection): number {
    return flags.write ? (this.layout.data ?? this.layout.text) : this.layout.text;
  }

  private segment(
    name: string,
    address: number,
    end: number,
    placed: readonly Placed[],
    writable: boolean,
  ): Segment {
    const length = filledEnd(placed, address) - address;
    const bytes = new Uint8Array(length);
    // Gaps between pieces of code are NOPs, as GNU ld leaves them.
    if (!writable) for (let at = 0; at < length; at++) bytes[at] = NOP[at % 4]!;
    for (const { section, address: at } of placed)
      if (!section.flags.zero) bytes.set(section.bytes, at - address);
    return { name, address, bytes, size: end - address, executable: !writable, writable };
  }

  private relocateObject(
    object: ObjectFile,
    segments: readonly Segment[],
    dataPointer: number,
  ): void {
    const undefinedNames = new Set<string>();
    for (const relocation of object.relocations) {
      const placed = this.places.get(this.sectionOf(object, relocation.section));
      // Notes that are not loaded do not matter.
      if (placed === undefined) continue;
      const symbol = object.symbols[relocation.symbol]!;
      const definition = this.resolve(object, symbol);
      if (definition === undefined) {
        if (!undefinedNames.has(symbol.name))
          this.report(`undefined symbol: ${symbol.name}`, object.file, lineOf(object, relocation));
        undefinedNames.add(symbol.name);
        continue;
      }
      const address = placed.address + relocation.offset;
      const segment = segments.find(
        (candidate) => address >= candidate.address && address < candidate.address + candidate.size,
      )!;
      const view = new DataView(segment.bytes.buffer, address - segment.address, 4);
      const { addend, type } = relocation;
      const { address: to, isCode, isAbsent = false } = definition;
      const target = { address: to, isCode, isAbsent, addend };
      const result = relocate(view.getUint32(0), type, symbol.name, target, {
        address,
        dataPointer,
      });
      if (typeof result === "number") view.setUint32(0, result);
      else this.report(result, object.file, lineOf(object, relocation));
    }
  }

  private resolve(object: ObjectFile, symbol: ObjectSymbol): Definition | undefined {
    if (symbol.binding === "local") return this.definition(object, symbol);
    const found = this.globals.get(symbol.name);
    if (found !== undefined || symbol.binding !== "weak") return found;
    return { address: 0, isCode: true, isAbsent: true, binding: "weak", file: object.file };
  }

  private tables(): Pick<
    Parameters<typeof makeImage>[0],
    "symbols" | "probes" | "labels" | "lines"
  > {
    const symbols = new Map<string, number>();
    const labels: { address: number; value: string }[] = [];
    for (const object of this.objects)
      for (const symbol of object.symbols) {
        const definition = symbol.place === "undefined" ? undefined : this.resolve(object, symbol);
        if (definition === undefined || isTemporary(symbol.name) || symbol.type === "section")
          continue;
        const address = definition.address >>> 0;
        if (symbol.binding !== "local" || !this.globals.has(symbol.name))
          symbols.set(symbol.name, address);
        if (symbol.place !== "absolute") labels.push({ address, value: symbol.name });
      }
    const placed = [...this.places.values()];
    const addressOf = (object: ObjectFile, section: string, offset: number): number | undefined => {
      const found = this.places.get(this.sectionOf(object, section));
      return found === undefined ? undefined : found.address + offset;
    };
    const probes = this.objects.flatMap((object) =>
      object.probes.flatMap(({ name, section, offset }) => {
        const address = addressOf(object, section, offset);
        return address === undefined ? [] : [{ name, address }];
      }),
    );
    const lines = (): { address: number; value: SourceLine | undefined }[] => {
      const found: ReturnType<typeof lines> = placed.map(({ address }) => ({
        address,
        value: undefined,
      }));
      for (const object of this.objects)
        for (const { section, offset, line } of object.lines) {
          const address = addressOf(object, section, offset);
          if (address !== undefined) found.push({ address, value: { file: object.file, line } });
        }
      return found.sort(ascending);
    };
    const ascending = (a: { address: number }, b: { address: number }): number =>
      a.address - b.address;
    return { symbols, probes, labels: labels.sort(ascending), lines };
  }
}

/** End of the last section that has bytes. */
function filledEnd(placed: readonly Placed[], start: number): number {
  const last = placed.findLast(({ section }) => !section.flags.zero);
  return last === undefined ? start : last.address + last.section.size;
}

function imageSection({ name, start, end }: Range): ImageSection {
  const zero = name === ".bss";
  const executable = name === ".text";
  const writable = zero || name === ".data";
  return { name, address: start, size: end - start, executable, writable, zero };
}

/** The line of a relocation's instruction; 0 when unknown. */
function lineOf(object: ObjectFile, { section, offset }: Relocation): number {
  return (
    object.lines.findLast((mark) => mark.section === section && mark.offset <= offset)?.line ?? 0
  );
}

/**
 * Links objects at fixed addresses.
 * @throws DiagnosticError for undefined and duplicate symbols, overlapping segments, branches and
 * displacements that do not reach
 */
export function link(objects: readonly ObjectFile[], layout: Layout): Image {
  return new Linker(objects, layout).run();
}
