/**
 * A program's open files: descriptors, and what they lead to. Descriptors that dup() made share one
 * open file, its position included. Nothing can be written but the two output streams and /dev/null.
 */
import { MODE, OPEN } from "../abi/linux/files.ts";
import { fail } from "./call-failed.ts";
import type {
  Attributes,
  DirectoryEntry,
  FileKind,
  OpenedFile,
  Surroundings,
  TreeFile,
} from "./surroundings.ts";

/** As many descriptors as RLIMIT_NOFILE says. */
export const MOST_DESCRIPTORS = 1024;

/** What a descriptor leads to. Methods end the call with an errno where they make no sense. */
export abstract class OpenFile {
  /** Descriptors that lead here. */
  references = 0;
  /** Access mode and status flags. */
  flags: number;
  position = 0;

  constructor(flags: number) {
    this.flags = flags;
  }
  abstract attributes(): Attributes;
  /** In the tree: an absolute path; a directory's is where names relative to it begin. */
  get path(): string | undefined {
    return undefined;
  }
  read(_length: number): Uint8Array {
    return fail("EINVAL");
  }
  readAt(_position: number, _length: number): Uint8Array {
    return fail("ESPIPE");
  }
  write(_bytes: Uint8Array): void {
    fail("EBADF");
  }
  /** lseek: the new position. */
  seek(_offset: number, _whence: number): number {
    return fail("ESPIPE");
  }
  entries(): readonly DirectoryEntry[] {
    return fail("ENOTDIR");
  }
  close(): void {}
}

const DEVICE: Omit<Attributes, "kind" | "inode"> = {
  permissions: 0o600,
  links: 1,
  size: 0,
  modified: 0n,
  changed: 0n,
  accessed: 0n,
};

/** Standard input, output or error: a pipe, as far as the program can tell. */
export class Stream extends OpenFile {
  readonly #number: 0 | 1 | 2;
  readonly #world: Surroundings;

  constructor(number: 0 | 1 | 2, world: Surroundings) {
    super(number === 0 ? 0 : 1);
    this.#number = number;
    this.#world = world;
  }
  get isInput(): boolean {
    return this.#number === 0;
  }
  attributes(): Attributes {
    return { ...DEVICE, kind: "pipe", inode: 2 + this.#number };
  }
  override read(length: number): Uint8Array {
    if (this.#number !== 0) fail("EBADF");
    return length === 0 ? new Uint8Array() : this.#world.readInput(length);
  }
  override write(bytes: Uint8Array): void {
    if (this.#number === 0) fail("EBADF");
    this.#world.write(this.#number, bytes);
  }
}

/** /dev/null. */
export class NullDevice extends OpenFile {
  attributes(): Attributes {
    return { ...DEVICE, permissions: 0o666, kind: "character device", inode: 5 };
  }
  override read(): Uint8Array {
    if ((this.flags & OPEN.O_ACCMODE) === 1) fail("EBADF");
    return new Uint8Array();
  }
  override readAt(): Uint8Array {
    return this.read();
  }
  override write(): void {
    if ((this.flags & OPEN.O_ACCMODE) === 0) fail("EBADF");
  }
  override seek(): number {
    return 0;
  }
}

const SEEK_SET = 0;
const SEEK_CUR = 1;
const SEEK_END = 2;

/** A regular file or a directory of the tree. */
export class TreeOpenFile extends OpenFile {
  readonly #file: TreeFile;
  readonly #opened: OpenedFile | undefined;
  #entries: readonly DirectoryEntry[] | undefined;

  constructor(file: TreeFile, kind: FileKind, flags: number) {
    super(flags);
    this.#file = file;
    const named = (flags & OPEN.O_PATH) !== 0;
    this.#opened = kind === "directory" || named ? undefined : file.open();
  }
  override get path(): string {
    return this.#file.path;
  }
  attributes(): Attributes {
    return this.#file.attributes();
  }
  override read(length: number): Uint8Array {
    const bytes = this.readAt(this.position, length);
    this.position += bytes.length;
    return bytes;
  }
  override readAt(position: number, length: number): Uint8Array {
    if (this.flags & OPEN.O_PATH) fail("EBADF");
    if (this.#opened === undefined) fail("EISDIR");
    return this.#opened.read(position, length);
  }
  override seek(offset: number, whence: number): number {
    if (this.flags & OPEN.O_PATH) fail("EBADF");
    const bases: Record<number, () => number> = {
      [SEEK_SET]: () => 0,
      [SEEK_CUR]: () => this.position,
      [SEEK_END]: () => this.attributes().size,
    };
    const position = (bases[whence] ?? (() => fail("EINVAL")))() + offset;
    if (position < 0 || position > Number.MAX_SAFE_INTEGER) fail("EINVAL");
    if (position === 0) this.#entries = undefined;
    return (this.position = position);
  }
  /** As it was at the first look since the start. */
  override entries(): readonly DirectoryEntry[] {
    if (this.#opened !== undefined) fail("ENOTDIR");
    if (this.#entries !== undefined) return this.#entries;
    const { inode } = this.attributes();
    const dots = [".", ".."].map((name) => ({ name, kind: "directory" as const, inode }));
    return (this.#entries = [...dots, ...this.#file.entries()]);
  }
  override close(): void {
    this.#opened?.close();
  }
}

interface Descriptor {
  readonly file: OpenFile;
  closeOnExec: boolean;
}

export class FileTable {
  readonly #descriptors = new Map<number, Descriptor>();
  readonly #kept: OpenFile[] = [];

  constructor(world: Surroundings) {
    for (const number of [0, 1, 2] as const) this.add(new Stream(number, world), number);
  }

  #descriptor(number: number): Descriptor {
    return this.#descriptors.get(number) ?? fail("EBADF");
  }

  /** The open file of a descriptor; EBADF ends the call when there is none. */
  get(number: number): OpenFile {
    return this.#descriptor(number).file;
  }

  /** Whether a descriptor leads to standard input, for whose reader somebody outside may be waited for. */
  isInput(number: number): boolean {
    const file = this.#descriptors.get(number)?.file;
    return file instanceof Stream && file.isInput;
  }

  /** Gives a file the lowest free descriptor from `lowest` on. */
  add(file: OpenFile, lowest = 0, closeOnExec = false): number {
    let number = lowest;
    while (this.#descriptors.has(number)) number++;
    if (number >= MOST_DESCRIPTORS) fail("EMFILE");
    this.#set(number, file, closeOnExec);
    return number;
  }

  /** dup2: makes `number` lead to the file, closing what it led to. */
  replace(number: number, file: OpenFile, closeOnExec: boolean): void {
    if (number >= MOST_DESCRIPTORS) fail("EBADF");
    if (this.#descriptors.has(number)) this.close(number);
    this.#set(number, file, closeOnExec);
  }

  #set(number: number, file: OpenFile, closeOnExec: boolean): void {
    file.references++;
    this.#descriptors.set(number, { file, closeOnExec });
  }

  close(number: number): void {
    const { file } = this.#descriptor(number);
    this.#descriptors.delete(number);
    if (--file.references === 0) file.close();
  }

  closesOnExec(number: number): boolean {
    return this.#descriptor(number).closeOnExec;
  }
  setCloseOnExec(number: number, value: boolean): void {
    this.#descriptor(number).closeOnExec = value;
  }

  /** Keeps a file open to the end: it is mapped. */
  keep(file: OpenFile): void {
    file.references++;
    this.#kept.push(file);
  }

  closeAll(): void {
    for (const file of this.#kept.splice(0)) if (--file.references === 0) file.close();
    for (const number of [...this.#descriptors.keys()]) this.close(number);
  }
}

const FORMATS: Readonly<Record<FileKind, number>> = {
  file: MODE.S_IFREG,
  directory: MODE.S_IFDIR,
  link: MODE.S_IFLNK,
  pipe: MODE.S_IFIFO,
  socket: MODE.S_IFSOCK,
  "character device": MODE.S_IFCHR,
  "block device": MODE.S_IFBLK,
};

/** st_mode: the kind and the permissions. */
export function modeOf({ kind, permissions }: Attributes): number {
  return FORMATS[kind] | permissions;
}

/** d_type of a directory entry is the kind's bits of st_mode, shifted. */
export function entryType(kind: FileKind): number {
  return FORMATS[kind] >> 12;
}
