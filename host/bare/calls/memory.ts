/** System calls on the program's own memory. */
import { MEMORY } from "../../abi/linux/constants.ts";
import { OPEN } from "../../abi/linux/files.ts";
import { fail } from "../call-failed.ts";
import type { Backing } from "../areas.ts";
import { BARE, PAGE_MASK, PAGE_SIZE, pagesUp } from "../layout.ts";
import type { Access } from "../page-table.ts";
import type { Process } from "../process.ts";
import type { CallTable } from "./call.ts";

const { BARE_MMAP_BASE, BARE_STACK, BARE_TASK_SIZE } = BARE;
const { MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_PRIVATE, MAP_SHARED, MAP_TYPE } = MEMORY;
const { MREMAP_FIXED, MREMAP_MAYMOVE, PROT_EXEC, PROT_READ, PROT_WRITE } = MEMORY;
/** Below this nothing can be mapped: null pointers must fault. */
const LOWEST = 0x10000;

function accessOf(protection: number): Access {
  return {
    read: (protection & (PROT_READ | PROT_WRITE | PROT_EXEC)) !== 0,
    write: (protection & PROT_WRITE) !== 0,
    execute: (protection & PROT_EXEC) !== 0,
  };
}

/** A length in whole pages, if the program's addresses have so many at all. */
function wholePages(length: number): number {
  if (length === 0) fail("EINVAL");
  const bytes = pagesUp(length);
  return bytes > BARE_TASK_SIZE ? fail("ENOMEM") : bytes;
}

/** The end of a range of whole pages that a call names. */
function endOf(start: number, length: number): number {
  if (start & PAGE_MASK) fail("EINVAL");
  const end = start + pagesUp(length);
  return end > BARE_TASK_SIZE ? fail("ENOMEM") : end;
}

function place(p: Process, wanted: number, length: number, flags: number): number {
  if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
    if (wanted & PAGE_MASK) fail("EINVAL");
    if (wanted < LOWEST) fail("EPERM");
    const end = endOf(wanted, length);
    if (flags & MAP_FIXED_NOREPLACE && !p.memory.areas.isFree(wanted, end)) fail("EEXIST");
    return wanted;
  }
  const hint = wanted - (wanted & PAGE_MASK);
  if (hint >= LOWEST && hint + length <= BARE_STACK && p.memory.areas.isFree(hint, hint + length))
    return hint;
  const { areas } = p.memory;
  return (
    areas.findFree(length, BARE_MMAP_BASE, BARE_STACK) ??
    areas.findFree(length, LOWEST, BARE_MMAP_BASE) ??
    fail("ENOMEM")
  );
}

/** What a file has; it is read when a page comes. */
function fileBacking(p: Process, descriptor: number, protection: number, shared: boolean): Backing {
  const file = p.files.get(descriptor);
  const { kind } = file.attributes();
  if (file.flags & OPEN.O_PATH) fail("EBADF");
  if (kind !== "file") fail(kind === "directory" ? "ENODEV" : "EACCES");
  if (shared && protection & PROT_WRITE) fail("EACCES");
  p.files.keep(file);
  return { read: (position, length) => file.readAt(position, length) };
}

function map(
  p: Process,
  wanted: number,
  size: number,
  protection: number,
  flags: number,
  descriptor: number,
  pages: number,
): number {
  const length = wholePages(size);
  const type = flags & MAP_TYPE;
  if (type !== MAP_PRIVATE && type !== MAP_SHARED) fail("EINVAL");
  if (protection & PROT_WRITE && length > p.memory.limit) fail("ENOMEM");
  if (p.memory.full) fail("ENOMEM");
  const backing =
    flags & MAP_ANONYMOUS ? undefined : fileBacking(p, descriptor, protection, type === MAP_SHARED);
  const start = place(p, wanted, length, flags);
  p.memory.map({
    start,
    end: start + length,
    access: accessOf(protection),
    position: pages * PAGE_SIZE,
    ...(backing && { backing }),
  });
  return start;
}

function unmap(p: Process, start: number, length: number): number {
  if (length === 0) fail("EINVAL");
  if (start + length > BARE_TASK_SIZE) fail("EINVAL");
  p.memory.unmap(start, endOf(start, length));
  return 0;
}

function protect(p: Process, start: number, length: number, protection: number): number {
  const end = endOf(start, length);
  if (!p.memory.areas.covers(start, end)) fail("ENOMEM");
  if (p.memory.full) fail("ENOMEM");
  p.memory.protect(start, end, accessOf(protection));
  return 0;
}

function remap(
  p: Process,
  start: number,
  oldSize: number,
  newSize: number,
  flags: number,
  target: number,
): number {
  const { areas } = p.memory;
  if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) fail("EINVAL");
  if (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE)) fail("EINVAL");
  if (oldSize === 0) fail("EINVAL");
  const [end, length] = [endOf(start, oldSize), wholePages(newSize)];
  const [area] = areas.within(start, end);
  if (area === undefined || area.start !== start || area.end !== end) fail("EFAULT");
  if (area.access.write && length > p.memory.limit) fail("ENOMEM");
  if (p.memory.full) fail("ENOMEM");
  const newEnd = start + length;
  if (!(flags & MREMAP_FIXED)) {
    if (newEnd <= end) {
      if (newEnd < end) p.memory.unmap(newEnd, end);
      return start;
    }
    if (newEnd <= BARE_TASK_SIZE && areas.isFree(end, newEnd)) {
      areas.insert({ ...area, end: newEnd });
      return start;
    }
    if (!(flags & MREMAP_MAYMOVE)) fail("ENOMEM");
  }
  const to = place(
    p,
    flags & MREMAP_FIXED ? target : 0,
    length,
    flags & MREMAP_FIXED ? MAP_FIXED : 0,
  );
  if (to < end && to + length > start) fail("EINVAL");
  p.memory.unmap(to, to + length);
  if (newEnd < end) p.memory.unmap(newEnd, end);
  p.memory.move(start, Math.min(end, newEnd), to);
  areas.insert({ ...area, start: to, end: to + length });
  return to;
}

function advise(p: Process, start: number, length: number, advice: number): number {
  const end = endOf(start, length);
  if (!p.memory.areas.covers(start, end)) fail("ENOMEM");
  if (advice === MEMORY.MADV_DONTNEED) p.memory.discard(start, end);
  return 0;
}

export const MEMORY_CALLS: CallTable = {
  brk: (p, address) => p.memory.moveBreak(address),
  mmap2: map,
  mmap: (p, wanted, size, protection, flags, descriptor, offset) =>
    offset & PAGE_MASK
      ? fail("EINVAL")
      : map(p, wanted, size, protection, flags, descriptor, offset / PAGE_SIZE),
  munmap: unmap,
  madvise: advise,
  mprotect: protect,
  mremap: remap,
};
