/**
 * Putting a linked image into a task: frames, mappings, bytes, and a stack. The same image loads into
 * its own address space or into the kernel's (paper §3.1); only the access rights differ.
 */
import { pcb, savedState } from "../abi/hp700.ts";
import { task, thread, vmMap } from "../abi/kernel.ts";
import { KERN_RETURN, VM_PROT } from "../abi/mach.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { PSW } from "../abi/pa.ts";
import type { Image } from "../asm/image.ts";
import { DiagnosticError, panic } from "../diagnostic.ts";
import type { Kernel, Program } from "./kernel.ts";
import { clearWords, threadAt } from "./kern/views.ts";
import { findPhysical } from "./vm/pmap.ts";
import { vm_fault_now } from "./vm/user-memory.ts";
import { entryIndex, vm_map_enter, vm_map_lookup_entry } from "./vm/vm-map.ts";

const { PAGE_SIZE, SERVER_BASE, USER_STACK } = MEMORY_MAP;
const pageOf = (address: number): number => address - (address % PAGE_SIZE);
const pagesUp = (length: number): number => Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;

/**
 * Loads `image` into a task.
 * @throws DiagnosticError when a segment lies over memory that the task has already, or over the
 *   kernel's; nothing has been loaded then.
 */
export function loadImage(k: Kernel, owner: number, image: Image, name: string): void {
  const taken = image.segments.filter(({ address, size }) => overlaps(k, owner, address, size));
  if (taken.length > 0)
    throw new DiagnosticError(
      taken.map((segment) => ({
        file: name,
        line: 0,
        column: 0,
        message: `load address is in use: ${segment.name} at 0x${segment.address.toString(16)}`,
      })),
    );
  for (const { address, size, executable, bytes } of image.segments) {
    const use = executable ? "userText" : "userData";
    mapPages(k, owner, address, size, use, bytes.length);
    k.writeTask(owner, address, bytes);
  }
}

/**
 * Loads a program into a task and lets its thread, which is suspended, begin at `_start`, on a stack at
 * `stack` or at the usual place.
 * @throws DiagnosticError as `loadImage` does.
 */
export function loadProgram(
  k: Kernel,
  program: Program,
  image: Image,
  name: string,
  stack?: number,
): Program {
  const entry = image.entry ?? image.symbols.get("_start") ?? panic(`load: ${name} has no _start`);
  const { task: owner, thread: who } = program;
  loadImage(k, owner, image, name);
  const base = mapStack(k, owner, image, stack);
  k.loaded.push({ space: k.spaceOf(owner), image });
  setStart(k, who, { entry, stack: base, args: [] });
  return program;
}

/** What a loaded page is for. */
export type PageUse = "userText" | "userData" | "userAll";

const USES: Readonly<Record<PageUse, number>> = {
  userText: VM_PROT.VM_PROT_READ | VM_PROT.VM_PROT_EXECUTE,
  userData: VM_PROT.VM_PROT_DEFAULT,
  userAll: VM_PROT.VM_PROT_ALL,
};

/**
 * Maps fresh zeroed pages over a range; what is there already stays as it is. The first `resident` bytes'
 * are there from the start, as after a read of the file, and go to the paging space when memory is short;
 * the others come when they are touched.
 */
export function mapPages(
  k: Kernel,
  owner: number,
  address: number,
  length: number,
  use: PageUse,
  resident = length,
): void {
  const map = k.vmMapOf(owner);
  const kernelLoaded = task.at(k.memory, owner).kernel_loaded !== 0;
  const protection = kernelLoaded ? VM_PROT.VM_PROT_ALL : USES[use];
  const access = protection & VM_PROT.VM_PROT_DEFAULT;
  for (let start = pageOf(address); start < address + length;) {
    let end = start;
    while (end < address + length && !vm_map_lookup_entry(map, end)) end += PAGE_SIZE;
    if (
      end > start &&
      vm_map_enter(map, start, end, { protection, owner }) !== KERN_RETURN.KERN_SUCCESS
    )
      panic(`mapPages: outside the map: ${start}`);
    for (let page = start; page < Math.min(end, address + resident); page += PAGE_SIZE) {
      const kr = vm_fault_now(k.vm, map, page, access, () => {});
      if (kr !== KERN_RETURN.KERN_SUCCESS) panic(`mapPages: memory is exhausted: ${kr}`);
      keepContents(k, owner, page);
    }
    start = Math.max(end, start + PAGE_SIZE);
  }
}

/** The loader writes past the protection: only the paging space has what it wrote. */
function keepContents(k: Kernel, owner: number, address: number): void {
  const physical = findPhysical(k.memory, k.spaceOf(owner), address);
  const page = physical === undefined ? undefined : k.vm.pageAt(physical);
  if (page) page.dirty = true;
}

/** A task's pmap. */
export function mapOf(k: Kernel, owner: number): number {
  return vmMap.at(k.memory, task.at(k.memory, owner).map).pmap;
}

function overlaps(k: Kernel, owner: number, address: number, size: number): boolean {
  const map = k.vmMapOf(owner);
  if (address < map.min || address + size > map.max) return true;
  const next = map.entries[entryIndex(map, pageOf(address))];
  return next !== undefined && next.start < address + size;
}

/** Where a thread begins: its first instruction, its stack, and up to four arguments. */
export interface Start {
  readonly entry: number;
  readonly stack: number;
  readonly args: readonly number[];
}

/** A program's first frame: the marker and room for twelve argument words, as any caller leaves. */
const FIRST_FRAME = 128;

/** Bytes of a program's stack, mapped at load. */
export const STACK_BYTES = 65536;

/** Where a program's stack usually is: above a server's image, far from a user program's. */
export function usualStack({ segments }: Image): number {
  const end = Math.max(...segments.map(({ address, size }) => address + size));
  const inServerWindow = segments.some(
    ({ address }) => address >= SERVER_BASE && address < 0x40000000,
  );
  return inServerWindow ? pagesUp(end) + PAGE_SIZE : USER_STACK;
}

/** Maps a stack for a program, at `base`. */
export function mapStack(k: Kernel, owner: number, image: Image, base = usualStack(image)): number {
  mapPages(k, owner, base, STACK_BYTES, "userData");
  return base;
}

/** Fills in the saved state that a new thread starts from. */
export function setStart(k: Kernel, who: number, { entry, stack, args }: Start): void {
  const { task: owner, pcb: block } = threadAt(k, who);
  const kernelLoaded = task.at(k.memory, owner).kernel_loaded !== 0;
  const { space, pid } = k.pmapView(mapOf(k, owner));
  const privilege = kernelLoaded ? 0 : 3;
  clearWords(k.memory, block, pcb.size);
  const ss = savedState.at(k.memory, block + pcb.offset.ss);
  ss.iisq_head = space;
  ss.iisq_tail = space;
  ss.iioq_head = entry | privilege;
  ss.iioq_tail = (entry + 4) | privilege;
  ss.eiem = 0xffffffff;
  ss.ipsw = PSW.PSW_C | PSW.PSW_Q | PSW.PSW_P | PSW.PSW_D | PSW.PSW_I;
  for (const register of ["sr0", "sr1", "sr2", "sr3", "sr4", "sr5", "sr6"] as const)
    ss[register] = space;
  ss.sr7 = MEMORY_MAP.KERNEL_SPACE;
  for (const register of ["pidr1", "pidr2", "pidr3", "pidr4"] as const) ss[register] = pid;
  ss.r30 = stack + FIRST_FRAME;
  const [arg0 = 0, arg1 = 0, arg2 = 0, arg3 = 0] = args;
  ss.r26 = arg0;
  ss.r25 = arg1;
  ss.r24 = arg2;
  ss.r23 = arg3;
  thread.at(k.memory, who).recover = 0;
}
