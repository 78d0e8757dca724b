/**
 * A static ELF executable as `execve` sees it: header and program headers, read from a file that is not
 * in memory. Judges what may be loaded: anything else is ENOEXEC. (host/asm/elf takes whole files
 * apart, for people; it names what is wrong.)
 */
import {
  EHDR_SIZE,
  ELFCLASS32,
  ELFDATA2MSB,
  EM_PARISC,
  ET_EXEC,
  MAGIC,
  PF_R,
  PF_W,
  PF_X,
  PHDR_SIZE,
  PT_INTERP,
  PT_LOAD,
} from "../../asm/elf/format.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { VM_PROT } from "../../abi/mach.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Mappable } from "../unix/call.ts";

const { PAGE_SIZE } = MEMORY_MAP;

/** A PT_LOAD: where its bytes go, and where they are. */
export interface Segment {
  readonly address: number;
  /** Bytes that the file has; up to `size` they are zero. */
  readonly fileSize: number;
  readonly size: number;
  readonly offset: number;
  readonly protection: number;
}

export interface Executable {
  readonly entry: number;
  readonly segments: readonly Segment[];
  /** Address of the program headers in memory, 0 when no segment has them; how many. */
  readonly headers: number;
  readonly headerCount: number;
}

/** Most program headers that are looked at. */
const MOST_HEADERS = 64;

/**
 * Reads and checks the headers.
 * @param limit first address that programs may not use
 * @throws UnixError ENOEXEC, or what reading fails with.
 */
export function* readExecutable(object: Mappable, limit: number): Blocking<Executable> {
  const header = yield* read(object, 0, EHDR_SIZE);
  const good =
    header.read32(0) === MAGIC &&
    header.read8(4) === ELFCLASS32 &&
    header.read8(5) === ELFDATA2MSB &&
    header.read16(16) === ET_EXEC &&
    header.read16(18) === EM_PARISC &&
    header.read16(42) === PHDR_SIZE;
  const [entry, offset, count] = [header.read32(24), header.read32(28), header.read16(44)];
  if (!good || count === 0 || count > MOST_HEADERS || entry % 4 !== 0) return refuse();
  const table = yield* read(object, offset, count * PHDR_SIZE);
  const segments: Segment[] = [];
  for (let at = 0; at < count * PHDR_SIZE; at += PHDR_SIZE) {
    const type = table.read32(at);
    if (type === PT_INTERP) return refuse();
    if (type !== PT_LOAD) continue;
    const flags = table.read32(at + 24);
    const segment = {
      offset: table.read32(at + 4),
      address: table.read32(at + 8),
      fileSize: table.read32(at + 16),
      size: table.read32(at + 20),
      protection:
        ((flags & PF_R) !== 0 ? VM_PROT.VM_PROT_READ : 0) |
        ((flags & PF_W) !== 0 ? VM_PROT.VM_PROT_WRITE : 0) |
        ((flags & PF_X) !== 0 ? VM_PROT.VM_PROT_EXECUTE : 0),
    };
    if (segment.size === 0) continue;
    const inside = segment.address >= PAGE_SIZE && segment.address + segment.size <= limit;
    const whole = segment.offset + segment.fileSize <= object.size;
    if (!inside || !whole || segment.fileSize > segment.size) return refuse();
    segments.push(segment);
  }
  segments.sort((a, b) => a.address - b.address);
  const apart = segments.every(
    ({ address }, i) => i === 0 || address >= segments[i - 1]!.address + segments[i - 1]!.size,
  );
  if (segments.length === 0 || !apart) return refuse();
  const holder = segments.find(
    (segment) => offset >= segment.offset && offset < segment.offset + segment.fileSize,
  );
  return {
    entry,
    segments,
    headers: holder ? holder.address + offset - holder.offset : 0,
    headerCount: count,
  };
}

function refuse(): never {
  throw new UnixError("ENOEXEC");
}

function* read(object: Mappable, offset: number, length: number): Blocking<ArrayBytes> {
  if (offset + length > object.size) return refuse();
  const bytes = new Uint8Array(length);
  yield* object.read(offset, bytes);
  return new ArrayBytes(bytes);
}
