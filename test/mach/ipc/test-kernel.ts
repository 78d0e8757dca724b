/**
 * A kernel without a machine: the slow paths over four megabytes of bytes. User memory is one
 * window per task, USER_DATA … + 64 KB, of which the last page is readable only; everything else
 * faults. Freed memory is poisoned, so that a use after free shows.
 */
import { cpuData, KALLOC, zone } from "../../../host/abi/kernel.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { ArrayBytes, type View } from "../../../host/abi/struct.ts";
import type { InspectableKernel } from "../../../host/mach/ipc/census.ts";
import { ipc_space_create_special } from "../../../host/mach/ipc/space.ts";
import { Host } from "../../../host/mach/kern/host.ts";
import { Procedures } from "../../../host/mach/kern/procedure.ts";
import { thread_timeout } from "../../../host/mach/kern/sched.ts";
import type { ZoneName } from "../../../host/mach/kern/state.ts";
import { task_create } from "../../../host/mach/kern/task.ts";
import { taskAt } from "../../../host/mach/kern/views.ts";
import { zone_bootstrap, type ZoneAllocator, type ZoneKey } from "../../../host/mach/kern/zone.ts";

export const USER_BASE = MEMORY_MAP.USER_DATA;
export const USER_SIZE = 0x10000;
/** First byte of the page that tasks may read and not write. */
export const READ_ONLY = USER_BASE + USER_SIZE - MEMORY_MAP.PAGE_SIZE;
/** An address where nothing is. */
export const UNMAPPED = 0x00000800;

const MEMORY_SIZE = 0x400000;
const CPU_DATA = 0x1000;
const KALLOC_ZONES = 0x1100;
const ZONES = KALLOC_ZONES + KALLOC.KALLOC_ZONES * zone.size;
const HEAP = 0x1f00;
const POISON = 0xdeadbeef;

/** Kernel memory, cleared. */
export const kernelMemory = (): ArrayBytes => new ArrayBytes(new Uint8Array(MEMORY_SIZE));

export class TestKernel implements InspectableKernel {
  readonly memory = kernelMemory();
  readonly cpu: View<typeof cpuData.fields> = cpuData.at(this.memory, CPU_DATA);
  readonly procedures = new Procedures();
  readonly inks_orphans = new Map<number, number>();
  readonly host = new Host(this);
  get kernelPorts(): readonly number[] {
    return this.host.ports();
  }
  /** Timers that run, by thread, in milliseconds. */
  readonly timers = new Map<number, number>();
  /** Maps given back, in order. */
  readonly mapsGone: number[] = [];
  /** Replaced by tests of messages to kernel objects. */
  serve: (request: number, reply: number) => boolean = () => false;
  readonly #zones: ZoneAllocator;
  readonly #user = new Map<number, Uint8Array>();
  #nextMap = 0x100;

  /** `limit` is where kernel memory ends; a low one makes it run out. */
  constructor(limit: number = MEMORY_MAP.EQUIVALENT_END) {
    this.#zones = zone_bootstrap(
      this.memory,
      { kallocZones: KALLOC_ZONES, zones: ZONES, heap: HEAP },
      { base: MEMORY_MAP.KERNEL_HEAP, limit },
    );
    this.cpu.active_stack = 0x2000;
    this.cpu.ipc_space_kernel = ipc_space_create_special(this);
  }

  /** A new task with its own window of user memory. */
  createTask(parent = 0): number {
    const map = this.#nextMap++;
    const task = task_create(this, map, parent);
    if (task !== 0) this.#user.set(map, new Uint8Array(USER_SIZE));
    return task;
  }

  /** Lets a thread's timer run out. */
  expire(thread: number): void {
    this.timers.delete(thread);
    thread_timeout(this, thread);
  }

  zalloc(name: ZoneName): number {
    return this.#zones.zalloc(name);
  }
  zfree(name: ZoneName, address: number): void {
    this.#zones.zfree(name, address);
    // The first word links the free list.
    this.#poison(address, this.#zones.elementSize(name));
  }
  kalloc(size: number): number {
    return this.#zones.kalloc(size);
  }
  kfree(address: number, size: number): void {
    this.#zones.kfree(address, size);
    this.#poison(address, size - (size % 4));
  }
  #poison(address: number, size: number): void {
    for (let i = 4; i < size; i += 4) this.memory.write32(address + i, POISON);
  }
  liveElements(key: ZoneKey): number[] {
    return this.#zones.liveElements(key);
  }

  copyin(task: number, address: number, length: number): Uint8Array | undefined {
    return this.#window(task, address, length, USER_SIZE)?.slice();
  }
  copyout(task: number, address: number, bytes: Uint8Array): boolean {
    const window = this.#window(task, address, bytes.length, READ_ONLY - USER_BASE);
    window?.set(bytes);
    return window !== undefined;
  }
  #window(task: number, address: number, length: number, end: number): Uint8Array | undefined {
    const start = address - USER_BASE;
    if (start < 0 || start + length > end) return undefined;
    return this.#user.get(taskAt(this, task).map)?.subarray(start, start + length);
  }

  set_timeout(thread: number, milliseconds: number): void {
    this.timers.set(thread, milliseconds);
  }
  reset_timeout(thread: number): void {
    this.timers.delete(thread);
  }
  readonly float_registers = { flush: (): void => {}, discard: (): void => {} };
  address_space(task: number): { space: number; pid: number } {
    return { space: task, pid: task };
  }
  readonly cycles_per_millisecond = 66_667;
  map_sizes(): { virtual: number; resident: number } {
    return { virtual: 0, resident: 0 };
  }
  /** Quanta and depressions end in tests of the machine. */
  set_quantum(): void {}
  set_depression(): void {}
  reset_depression(): void {}
  vm_map_deallocate(map: number): void {
    this.mapsGone.push(map);
    this.#user.delete(map);
  }
  kobjectReplySize(): number {
    return 0;
  }
  kobjectServer(request: number, reply: number): boolean {
    return this.serve(request, reply);
  }
}
