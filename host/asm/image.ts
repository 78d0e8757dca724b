/**
 * What the linker makes: bytes at addresses, and what a debugger asks about them.
 *
 * An image does not know objects or relocations any more. Addresses are unsigned 32-bit.
 */

export interface Segment {
  readonly name: string;
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Bytes in memory; what `bytes` does not cover is zero. */
  readonly size: number;
  readonly executable: boolean;
  readonly writable: boolean;
}

/** A part of a segment that holds one kind of thing. */
export interface ImageSection {
  readonly name: string;
  readonly address: number;
  /** Bytes, not 0. */
  readonly size: number;
  readonly executable: boolean;
  readonly writable: boolean;
  /** Has no bytes of its own: zero at the start. */
  readonly zero: boolean;
}

/** A symbol with the place it names. */
export interface Location {
  readonly symbol: string;
  readonly offset: number;
}

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

export interface Probe {
  readonly name: string;
  readonly address: number;
}

export interface Image {
  readonly segments: readonly Segment[];
  /** What the segments consist of, by address; empty when that is not known. */
  readonly sections: readonly ImageSection[];
  /** Address of the entry symbol, when the layout names one. */
  readonly entry: number | undefined;
  readonly symbols: ReadonlyMap<string, number>;
  readonly probes: readonly Probe[];
  /** The label at or before an address of the image. */
  locate(address: number): Location | undefined;
  /** The source line that made the instruction at an address. */
  line(address: number): SourceLine | undefined;
}

/** Something that starts at an address and lasts until the next one. */
interface Mark<T> {
  readonly address: number;
  readonly value: T;
}

/** The last mark at or before an address; marks ascend. */
function lastBefore<T>(marks: readonly Mark<T>[], address: number): Mark<T> | undefined {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (marks[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return marks[low - 1];
}

export interface ImageParts {
  readonly segments: readonly Segment[];
  readonly sections: readonly ImageSection[];
  readonly entry: number | undefined;
  readonly symbols: ReadonlyMap<string, number>;
  readonly probes: readonly Probe[];
  /** Labels by address, ascending; several at one address: the last one is shown. */
  readonly labels: readonly Mark<string>[];
  /** Lines by address, ascending; undefined ends what no line made. Asked for when one is looked up. */
  lines(): readonly Mark<SourceLine | undefined>[];
}

export function makeImage(parts: ImageParts): Image {
  const { segments, sections, entry, symbols, probes, labels } = parts;
  let lines: readonly Mark<SourceLine | undefined>[] | undefined;
  const segmentOf = (address: number): Segment | undefined =>
    segments.find(
      (segment) => address >= segment.address && address < segment.address + segment.size,
    );
  return {
    segments,
    sections,
    entry,
    symbols,
    probes,
    locate(address) {
      const segment = segmentOf(address);
      const label = lastBefore(labels, address);
      if (segment === undefined || label === undefined || label.address < segment.address)
        return undefined;
      return { symbol: label.value, offset: address - label.address };
    },
    line(address) {
      if (segmentOf(address) === undefined) return undefined;
      lines ??= parts.lines();
      return lastBefore(lines, address)?.value;
    },
  };
}
