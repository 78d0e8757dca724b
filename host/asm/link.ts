/**
 * The linker: object files to one static image.
 *
 * Text goes to one segment (code first, then constants), data to another (zeros last); sections of
 * one name stay together, in the order of the objects. No libraries, no stubs, no dynamic linking.
 */
import { DiagnosticError, type Diagnostic } from "../diagnostic.ts";
import { makeImage, type Image, type Segment, type SourceLine } from "./image.ts";
import {
  isTemporary,
  type ObjectFile,
  type ObjectSection,
  type ObjectSymbol,
  type Relocation,
} from "./object.ts";
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

/** OR r0,r0,r0. */
const NOP = [0x08, 0x00, 0x02, 0x40] as const;

/** What `addil L%x-$global$,%dp` counts from. */
const DATA_POINTER = "$global$";

/** A section of an object with the address it got. */
interface Placed {
  readonly object: ObjectFile;
  readonly section: ObjectSection;
  readonly address: number;
}

interface Definition {
  readonly address: number;
  readonly isCode: boolean;
  readonly binding: ObjectSymbol["binding"];
  readonly file: string;
}

/** Sections that belong together, and the alignment of what will follow them. */
interface Group {
  readonly belongs: (flags: ObjectSection["flags"]) => boolean;
  readonly align: number;
}

interface Placement {
  readonly start: number;
  readonly end: number;
  readonly placed: readonly Placed[];
}

interface CommonBlock {
  readonly size: number;
  readonly align: number;
  readonly file: string;
}

function alignUp(address: number, align: number): number {
  return Math.ceil(address / align) * align;
}

class Linker {
  private readonly diagnostics: Diagnostic[] = [];
  private readonly globals = new Map<string, Definition>();
  private readonly places = new Map<ObjectSection, Placed>();
  private readonly objects: readonly ObjectFile[];
  private readonly layout: Layout;

  constructor(objects: readonly ObjectFile[], layout: Layout) {
    this.objects = objects;
    this.layout = layout;
  }

  private report(message: string, file = "", line = 0): void {
    this.diagnostics.push({ file, line, column: 0, message });
  }

  run(): Image {
    const text = this.place(this.layout.text, [
      { belongs: (flags) => flags.execute, align: 1 },
      { belongs: (flags) => !flags.execute && !flags.write, align: 1 },
    ]);
    const dataStart = this.layout.data ?? alignUp(text.end, PAGE);
    const commons = this.commonBlocks();
    const commonAlign = Math.max(1, ...[...commons.values()].map(({ align }) => align));
    const data = this.place(dataStart, [
      { belongs: (flags) => flags.write && !flags.zero, align: 1 },
      { belongs: (flags) => flags.write && flags.zero, align: commonAlign },
    ]);
    const commonEnd = this.defineAll(data.end, commons);
    if (
      text.start < commonEnd &&
      dataStart < text.end &&
      commonEnd > dataStart &&
      text.end > text.start
    )
      this.report(
        `segments overlap: text ends at 0x${text.end.toString(16)}, data starts at 0x${dataStart.toString(16)}`,
      );
    const dataPointer = this.globals.get(DATA_POINTER)?.address ?? dataStart;
    const segments = [
      this.segment("text", text.start, text.end, text.placed, false),
      this.segment("data", dataStart, commonEnd, data.placed, true),
    ].filter(({ size }) => size > 0);
    for (const object of this.objects) this.relocateObject(object, segments, dataPointer);
    const entry = this.layout.entry === undefined ? undefined : this.globals.get(this.layout.entry);
    if (this.layout.entry !== undefined && entry === undefined)
      this.report(`undefined symbol: ${this.layout.entry}`);
    if (this.diagnostics.length > 0) throw new DiagnosticError(this.diagnostics);
    return makeImage({ segments, entry: entry?.address, ...this.tables() });
  }

  /** Gives addresses to sections: groups one after the other, one name after the other. */
  private place(start: number, groups: readonly Group[]): Placement {
    const placed: Placed[] = [];
    let end = start;
    for (const { belongs, align } of groups) {
      const chosen = this.objects.flatMap((object) =>
        object.sections
          .filter(({ flags, size }) => flags.allocate && belongs(flags) && size > 0)
          .map((section) => ({ object, section })),
      );
      for (const name of new Set(chosen.map(({ section }) => section.name))) {
        const members = chosen.filter(({ section }) => section.name === name);
        // Only the first name may start at an address that does not suit all its members.
        const strictest = Math.max(align, ...members.map(({ section }) => section.align));
        if (placed.length > 0) end = alignUp(end, strictest);
        for (const { object, section } of members) {
          const address = alignUp(end, section.align);
          const entry: Placed = { object, section, address };
          placed.push(entry);
          this.places.set(section, entry);
          end = address + section.size;
        }
      }
    }
    if (end > 2 ** 32) this.report(`segment past the end of memory: 0x${start.toString(16)}`);
    return { start, end, placed };
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
    const found = object.sections.find(({ name }) => name === section)!;
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
    const filled = placed.filter(({ section }) => !section.flags.zero).at(-1);
    const length = filled === undefined ? 0 : filled.address + filled.section.size - address;
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
      const section = object.sections.find(({ name }) => name === relocation.section)!;
      const placed = this.places.get(section);
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
      const target = { address: definition.address, isCode: definition.isCode, addend };
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
    return { address: 0, isCode: true, binding: "weak", file: object.file };
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
        if (definition === undefined || isTemporary(symbol.name)) continue;
        const address = definition.address >>> 0;
        if (symbol.binding !== "local" || !this.globals.has(symbol.name))
          symbols.set(symbol.name, address);
        if (symbol.place !== "absolute") labels.push({ address, value: symbol.name });
      }
    const placed = [...this.places.values()];
    const addressOf = (object: ObjectFile, section: string, offset: number): number | undefined => {
      const found = placed.find(
        (entry) => entry.object === object && entry.section.name === section,
      );
      return found === undefined ? undefined : found.address + offset;
    };
    const probes = this.objects.flatMap((object) =>
      object.probes.flatMap(({ name, section, offset }) => {
        const address = addressOf(object, section, offset);
        return address === undefined ? [] : [{ name, address }];
      }),
    );
    const lines: { address: number; value: SourceLine | undefined }[] = placed.map(
      ({ address }) => ({ address, value: undefined }),
    );
    for (const object of this.objects)
      for (const { section, offset, line } of object.lines) {
        const address = addressOf(object, section, offset);
        if (address !== undefined) lines.push({ address, value: { file: object.file, line } });
      }
    const ascending = (a: { address: number }, b: { address: number }): number =>
      a.address - b.address;
    return { symbols, probes, labels: labels.sort(ascending), lines: lines.sort(ascending) };
  }
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
