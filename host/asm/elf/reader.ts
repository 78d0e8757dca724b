/**
 * Bytes of a file that nobody vouches for: numbers, ranges, strings, each checked before it is read.
 *
 * Every failure is one `DiagnosticError` that names the file and the offset of the number that is
 * wrong. Nothing is allocated beyond a small multiple of the file's size. All big-endian.
 */
import { DiagnosticError } from "../../diagnostic.ts";

/** How many times its own size the names of a string table may amount to; endings are shared. */
const SHARING = 64;

export class Reader {
  readonly file: string;
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(file: string, bytes: Uint8Array) {
    this.file = file;
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get length(): number {
    return this.bytes.length;
  }

  /** @throws DiagnosticError always */
  fail(offset: number, message: string): never {
    const text = `offset 0x${offset.toString(16)}: ${message}`;
    throw new DiagnosticError([{ file: this.file, line: 0, column: 0, message: text }]);
  }

  u8(offset: number): number {
    return this.bytes[offset] ?? this.fail(offset, "file ends too early");
  }

  u16(offset: number): number {
    if (offset + 2 > this.length) this.fail(offset, "file ends too early");
    return this.view.getUint16(offset);
  }

  u32(offset: number): number {
    if (offset + 4 > this.length) this.fail(offset, "file ends too early");
    return this.view.getUint32(offset);
  }

  /**
   * Bytes of the file, not copied.
   * @param at where the number stands that says so, for the message
   */
  range(offset: number, size: number, what: string, at: number): Uint8Array {
    if (offset + size > this.length)
      this.fail(at, `${what} past the end of the file: 0x${(offset + size).toString(16)}`);
    return this.bytes.subarray(offset, offset + size);
  }
}

/** A string table: zero-terminated names by offset. Bytes become characters one to one. */
export class StringTable {
  private readonly reader: Reader;
  private readonly start: number;
  private readonly text: string;
  private readonly ends: readonly number[];
  private readonly known = new Map<number, string>();
  private budget: number;

  /** @param start offset of the table in the file, for messages */
  constructor(reader: Reader, start: number, bytes: Uint8Array) {
    this.reader = reader;
    this.start = start;
    this.text = latin1(bytes);
    this.budget = SHARING * bytes.length;
    const ends: number[] = [];
    for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) ends.push(at);
    this.ends = ends;
  }

  /**
   * @param at where the number stands that asks for the name, for the message
   * @throws DiagnosticError
   */
  name(offset: number, at: number): string {
    const known = this.known.get(offset);
    if (known !== undefined) return known;
    if (offset === 0 && this.text === "") return "";
    const end = this.endAfter(offset);
    if (end === undefined) this.reader.fail(at, `name past the end of its string table: ${offset}`);
    this.budget -= end - offset;
    if (this.budget < 0) this.reader.fail(this.start, "names overlap too much");
    const name = this.text.slice(offset, end);
    this.known.set(offset, name);
    return name;
  }

  /** The first zero at or after an offset. */
  private endAfter(offset: number): number | undefined {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle]! < offset) low = middle + 1;
      else high = middle;
    }
    return this.ends[low];
  }
}

/** Characters with the bytes' numbers. */
function latin1(bytes: Uint8Array): string {
  const PIECE = 8192;
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE)
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return text;
}
