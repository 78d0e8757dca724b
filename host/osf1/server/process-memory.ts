/**
 * A process's memory by Mach calls on its task. Pages of a file are the pager's to bring and to take
 * back (vnode-pager.ts); those behind the last offset of a memory object are read when they are mapped.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { KERN_RETURN, VM_INHERIT, VM_PROT } from "../../abi/mach.ts";
import { EMULATOR, PROCESS_MAP } from "../../abi/osf1.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Mappable, Mapping } from "../unix/call.ts";
import type { Process } from "../unix/process.ts";
import * as mach from "./mach.ts";
import { machProcess } from "./mach-process.ts";
import { perform } from "./perform.ts";
import type { MachTasks } from "./tasks.ts";
import type { Uthread } from "./uthread.ts";
import { isPageable } from "./vnode-pager.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_NO_SPACE, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;
const { VM_INHERIT_SHARE } = VM_INHERIT;

function check(kr: number): void {
  if (kr === KERN_SUCCESS) return;
  throw new UnixError(kr === KERN_NO_SPACE ? "ENOMEM" : "EINVAL");
}

/** Whether a program may map something there: not over the emulator, nor over the page at 0 that leads to it. */
function isForPrograms(address: number, length: number): boolean {
  const end = address + length;
  const { EMULATOR_BASE, EMULATOR_END } = EMULATOR;
  const isFree = end <= EMULATOR_BASE || address >= EMULATOR_END;
  return isFree && address >= PAGE_SIZE && end <= PROCESS_MAP.PROCESS_END;
}

/** Makes memory for a mapping. Returns where. @throws UnixError ENOMEM, EINVAL */
export function* map(tasks: MachTasks, process: Process, mapping: Mapping): Blocking<number> {
  const { task } = machProcess(process);
  const { length, protection, fixed, shared, file } = mapping;
  const paged = file && isPageable(file.offset, length) ? file : undefined;
  if (file && shared && !paged) throw new UnixError("ENOMEM");
  if (fixed && !isForPrograms(mapping.address, length)) throw new UnixError("ENOMEM");
  const address = yield* perform(function* (thread): Work<number> {
    if (fixed) check(yield* mach.vm_deallocate(thread, task, mapping.address, length));
    const hint = fixed ? mapping.address : mapping.address || PROCESS_MAP.PROCESS_MAPPED;
    if (paged) {
      const { mayWrite = false } = mapping;
      const how = { anywhere: !fixed, protection, shared, mayWrite };
      const range = { address: hint, length, ...how, ...paged };
      const mapped = yield* tasks.pager.map(thread, task, range);
      if (!("value" in mapped)) throw new UnixError("ENOMEM");
      return mapped.value;
    }
    const made = yield* mach.vm_allocate_near(thread, task, hint, length, !fixed);
    if (!("value" in made)) throw new UnixError("ENOMEM");
    if (shared) yield* mach.vm_inherit(thread, task, made.value, length, VM_INHERIT_SHARE);
    return made.value;
  });
  if (paged) return address;
  if (file) yield* fill(tasks.ports.self, task, address, length, file.object, file.offset);
  if (protection !== VM_PROT.VM_PROT_DEFAULT)
    yield* perform(function* (thread): Work<void> {
      check(yield* mach.vm_protect(thread, task, address, length, protection));
    });
  return address;
}

/** Bytes that are brought to a task at a time. */
const PIECE = 16 * PAGE_SIZE;

/** Puts a file's bytes into pages of a task, by way of pages of the server's. */
function* fill(
  self: number,
  task: number,
  address: number,
  length: number,
  object: Mappable,
  offset: number,
): Blocking<void> {
  for (let done = 0; done < length; done += PIECE) {
    const bytes = new Uint8Array(Math.min(PIECE, length - done));
    yield* object.read(offset + done, bytes);
    check(yield* perform((thread) => write(thread, self, task, address + done, bytes)));
  }
}

/** Writes whole pages of a task. Returns a code. */
export function* write(
  thread: Uthread,
  self: number,
  task: number,
  address: number,
  bytes: Uint8Array,
): Work<number> {
  const room = yield* mach.vm_allocate(thread, self, 0, bytes.length, true);
  if (!("value" in room)) return room.kr;
  thread.server.memory.write(room.value, bytes);
  const kr = yield* mach.vm_write(thread, task, address, room.value, bytes.length);
  yield* mach.vm_deallocate(thread, self, room.value, bytes.length);
  return kr;
}

/** Copies whole pages within a process. @throws UnixError ENOMEM. */
export function* copyPages(
  process: Process,
  from: number,
  length: number,
  to: number,
): Blocking<void> {
  const { task } = machProcess(process);
  const kr = yield* perform((thread) => mach.vm_copy(thread, task, from, length, to));
  if (kr !== KERN_SUCCESS) throw new UnixError("ENOMEM");
}

export function* unmap(process: Process, address: number, length: number): Blocking<void> {
  const { task } = machProcess(process);
  check(yield* perform((thread) => mach.vm_deallocate(thread, task, address, length)));
}

export function* protect(
  process: Process,
  address: number,
  length: number,
  protection: number,
): Blocking<void> {
  const { task } = machProcess(process);
  check(yield* perform((thread) => mach.vm_protect(thread, task, address, length, protection)));
}

/** Keeps pages in memory, or lets them go again. @throws UnixError ENOMEM, EAGAIN */
export function* wire(
  host: number,
  process: Process,
  address: number,
  length: number,
  wires: boolean,
): Blocking<void> {
  const { task } = machProcess(process);
  const access = wires ? VM_PROT.VM_PROT_READ : VM_PROT.VM_PROT_NONE;
  const kr = yield* perform((thread) =>
    mach.vm_wire(thread, host, task, { address, length }, access),
  );
  if (kr === KERN_SUCCESS || !wires) return;
  throw new UnixError(kr === KERN_RESOURCE_SHORTAGE ? "EAGAIN" : "ENOMEM");
}
