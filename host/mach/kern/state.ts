/**
 * What the kernel's slow paths need of the machine they run on. The machine-level kernel implements
 * it over guest memory and page tables, tests implement it over an array of bytes. Nothing here
 * holds kernel data: every object lies in `memory`, so hot path, slow path and snapshots see one
 * state. Routines that a program can make wait return `"blocked"`; the caller then asks `runNext`
 * who runs.
 */
import type { HazardId } from "../inks/hazards.ts";
import type { cpuData } from "../../abi/kernel.ts";
import type { Bytes, View } from "../../abi/struct.ts";
import type { Host } from "./host.ts";
import type { DeviceWrites } from "../device/device-traps.ts";
import type { AddressSpaces } from "../vm/vm-traps.ts";
import type { Procedure, Procedures } from "./procedure.ts";
import type { FloatRegisters } from "./thread-state.ts";

/** Zones of fixed-size kernel objects, in the order in which their `zone` structures lie. */
export const ZONE_NAMES = [
  "ipc_port",
  "ipc_space",
  "task",
  "thread",
  "pcb",
  "vm_map",
  "pmap",
  "mapping",
  "ipc_pset",
] as const;
export type ZoneName = (typeof ZONE_NAMES)[number];

export interface KernelState {
  /** The paper's hazards that this kernel brings back. */
  readonly hazards?: readonly HazardId[];
  /** Kernel memory, by kernel virtual (= physical) address. */
  readonly memory: Bytes;
  readonly cpu: View<typeof cpuData.fields>;
  /** Procedures that wait. */
  readonly procedures: Procedures;
  /** Records of servers that have ended with clients inside, each with its task, which is referenced. */
  readonly inks_orphans: Map<number, number>;
  /** The host's ports and settings. */
  readonly host: Host;
  /** Where a PCB's floating-point registers are. */
  readonly float_registers: FloatRegisters;
  /** An element of a zone, not cleared; 0 when memory is exhausted. */
  zalloc(zone: ZoneName): number;
  zfree(zone: ZoneName, address: number): void;
  /**
   * Kernel memory of at least `size` bytes, not cleared; 0 when there is none (or `size` is too
   * big).
   */
  kalloc(size: number): number;
  kfree(address: number, size: number): void;
  /** Reads a task's memory; undefined when any byte is unmapped or not readable. */
  copyin(task: number, userAddress: number, length: number): Uint8Array | undefined;
  /**
   * Writes a task's memory; false, and possibly part of it written, when a byte may not be written.
   */
  copyout(task: number, userAddress: number, bytes: Uint8Array): boolean;
  /** Who follows the ends of tasks from outside. */
  readonly task_deaths?: {
    /** The current thread has an exception that nobody handles; its task ends next. */
    uncaught(exception: number, code: number, subcode: number): void;
    ended(task: number): void;
  };
  /** Arranges for `thread_timeout(thread)` after so many milliseconds, unless reset before. */
  set_timeout(thread: number, milliseconds: number): void;
  reset_timeout(thread: number): void;
  /** Drops what a thread that ends was doing in work functions that are TypeScript (work.ts). */
  abandon_work?(thread: number): void;
  /** Begins a quantum if none is running (`contended`), or ends it. */
  set_quantum(contended: boolean): void;
  /** Arranges for `thread_undepress(thread)` after so many milliseconds, unless reset before. */
  set_depression(thread: number, milliseconds: number): void;
  reset_depression(thread: number): void;
  /** The space and the protection id of a task's addresses. */
  address_space(task: number): { readonly space: number; readonly pid: number };
  /** Puts the gateway's page into a map's own space too. */
  share_gateway?(map: number): void;
  /** Bytes of an address map: what is allocated, and what of that is in memory. */
  map_sizes(map: number): { readonly virtual: number; readonly resident: number };
  /** Memory out of line in messages; a kernel without it refuses such messages. */
  readonly memory_copies?: MemoryCopies;
  /** Address maps, for the traps that change them. */
  readonly address_spaces?: AddressSpaces;
  /** Open devices, for the traps that write to them. */
  readonly device_writes?: DeviceWrites;
  /** A port of a task's has died: pagers' ports matter to the VM. */
  port_destroyed?(port: number): void;
  /** A port has no send rights any more, and nobody asked to be told: it may be a kernel object's. */
  no_senders?(port: number): void;
  /** Processor cycles of a millisecond. */
  readonly cycles_per_millisecond: number;
  /**
   * Drops the reference that a task, now gone, held for its address map; from the kernel's, which stays,
   * what the task had there goes.
   */
  vm_map_deallocate(map: number, task: number): void;
  /**
   * Serves a message sent to a kernel object: reads the kmsg `request`, fills in the kmsg `reply`
   * (of 32 bytes until then) and returns true; false when no routine has that `msgh_id`.
   */
  kobjectServer(request: number, reply: number): boolean | Procedure<boolean>;
  /** The most bytes of the reply to a message with this id. */
  kobjectReplySize(id: number): number;
}

/** Memory on its way in messages: handles stand in the pointer words of a kernel's message. */
export interface MemoryCopies {
  /** Copies a task's memory, which `deallocates` takes from it. Returns a handle, or a code. */
  copyin(
    task: number,
    address: number,
    length: number,
    deallocates: boolean,
  ): { readonly copy: number } | { readonly kr: number };
  /** A copy of the kernel's own bytes; or KERN_RESOURCE_SHORTAGE. */
  ofBytes(bytes: Uint8Array): { readonly copy: number } | { readonly kr: number };
  /** Takes memory that was copied in from its task. */
  deallocate(task: number, address: number, length: number): void;
  /** Enters a copy into a task's map. Returns where, or KERN_NO_SPACE; the copy is still there then. */
  copyout(task: number, copy: number): { readonly address: number } | { readonly kr: number };
  discard(copy: number): void;
}

/** A return code for the calling thread, or the news that it waits. */
export type TrapResult = number | "blocked";

/** Which thread enters user mode next, and how. */
export type Resumption =
  /** Finish the thread's system call with this value. */
  | { readonly kind: "return"; readonly thread: number; readonly returnCode: number }
  /** Load the thread's whole saved state: it has not run yet, or was interrupted. */
  | { readonly kind: "bootstrap"; readonly thread: number }
  | "idle";
