/**
 * Object files that were assembled ahead, as text: what would otherwise be most of the time until the first
 * measured call, or a program's first instruction. Packing and unpacking are here together; who packs is the
 * build, from the same texts by the same assembler, so that what is unpacked is what would be assembled.
 */
import type { ObjectFile, ObjectSection } from "./object.ts";

export type ObjectLists = Readonly<Record<string, readonly ObjectFile[]>>;

/** Rows as columns, of which most are the same or ascend by the same step. */
type Columns = readonly (readonly (string | number)[])[];

interface PackedObject {
  readonly file: string;
  readonly sections: readonly (Omit<ObjectSection, "bytes"> & { readonly bytes: string })[];
  readonly symbols: ObjectFile["symbols"];
  readonly relocations: Columns;
  readonly probes: ObjectFile["probes"];
  readonly lines: Columns;
}

interface Packed {
  /** Each different object once. */
  readonly objects: readonly PackedObject[];
  /** Indices of objects. */
  readonly lists: Readonly<Record<string, readonly number[]>>;
}

export function packObjects(lists: ObjectLists): string {
  const objects = new Map<string, number>();
  const indices = Object.entries(lists).map(([name, list]) => {
    const packed = list.map((object) => JSON.stringify(packObject(object)));
    for (const text of packed) if (!objects.has(text)) objects.set(text, objects.size);
    return `${JSON.stringify(name)}:${JSON.stringify(packed.map((text) => objects.get(text)))}`;
  });
  return `{"objects":[${[...objects.keys()].join()}],"lists":{${indices.join()}}}`;
}

/** The lists that were packed; the same objects, not copies, where two lists have them. */
export function unpackObjects(text: string): ObjectLists {
  const { objects, lists } = JSON.parse(text) as Packed;
  const unpacked = objects.map(unpackObject);
  return Object.fromEntries(
    Object.entries(lists).map(([name, list]) => [name, list.map((index) => unpacked[index]!)]),
  );
}

/** What finds a list of objects by its name, if it was assembled ahead; unpacks when first asked. */
export function readyLists(
  packed: string | undefined,
): (name: string) => readonly ObjectFile[] | undefined {
  let lists: ObjectLists | undefined;
  return (name) => {
    if (packed === undefined) return undefined;
    lists ??= unpackObjects(packed);
    return lists[name];
  };
}

function packObject({ relocations, lines, sections, ...rest }: ObjectFile): PackedObject {
  return {
    ...rest,
    sections: sections.map((section) => ({ ...section, bytes: toLetters(section.bytes) })),
    relocations: [
      relocations.map(({ section }) => section),
      steps(relocations.map(({ offset }) => offset)),
      relocations.map(({ type }) => type),
      relocations.map(({ symbol }) => symbol),
      relocations.map(({ addend }) => addend),
    ],
    lines: [
      lines.map(({ section }) => section),
      steps(lines.map(({ offset }) => offset)),
      steps(lines.map(({ line }) => line)),
    ],
  };
}

function unpackObject({ relocations, lines, sections, ...rest }: PackedObject): ObjectFile {
  const [section = [], offsets = [], type = [], symbol = [], addend = []] = relocations;
  const offset = sums(offsets as number[]);
  let unpacked: ObjectFile["lines"] | undefined;
  return {
    ...rest,
    sections: sections.map((each) => ({ ...each, bytes: fromLetters(each.bytes) })),
    relocations: section.map((name, i) => ({
      section: name as string,
      offset: offset[i]!,
      type: type[i] as ObjectFile["relocations"][number]["type"],
      symbol: symbol[i] as number,
      addend: addend[i] as number,
    })),
    // Only reports ask for these.
    get lines() {
      return (unpacked ??= unpackLines(lines));
    },
  };
}

function unpackLines([where = [], at = [], line = []]: Columns): ObjectFile["lines"] {
  const [start, number] = [sums(at as number[]), sums(line as number[])];
  return where.map((name, i) => ({
    section: name as string,
    offset: start[i]!,
    line: number[i]!,
  }));
}

/** Each number less the one before it. */
function steps(numbers: readonly number[]): number[] {
  return numbers.map((number, i) => number - (numbers[i - 1] ?? 0));
}
function sums(differences: readonly number[]): number[] {
  let sum = 0;
  return differences.map((each) => (sum += each));
}

/** Bytes in base64. */
function toLetters(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
function fromLetters(letters: string): Uint8Array {
  const text = atob(letters);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
