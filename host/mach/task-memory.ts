/**
 * A task's memory as its own work functions see it: by virtual address, with faults, between two
 * instructions. It costs no simulated time, so what has to be measured is moved by text instead.
 */
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { ArrayBytes, type Bytes } from "../abi/struct.ts";
import { panic } from "../diagnostic.ts";
import type { Kernel } from "./kernel.ts";
import { placeNow, type UserAccess } from "./vm/user-memory.ts";

const { PAGE_SIZE } = MEMORY_MAP;

export class TaskMemory implements Bytes {
  readonly #k: Kernel;
  readonly #task: number;
  /** Where pages lie that were used so, as long as no mapping changes. */
  readonly #places = { read: new Map<number, number>(), write: new Map<number, number>() };
  #changes = 0;

  constructor(k: Kernel, task: number) {
    this.#k = k;
    this.#task = task;
  }

  read(address: number, length: number): Uint8Array {
    const place = this.#place(address, length, "read");
    if (place !== undefined) return this.#k.memory.bytes(place, length);
    return this.#k.copyin(this.#task, address, length) ?? panic(`work: cannot read ${address}`);
  }
  write(address: number, bytes: Uint8Array): void {
    const place = this.#place(address, bytes.length, "write");
    if (place !== undefined) this.#k.memory.copyIn(place, bytes);
    else if (!this.#k.copyout(this.#task, address, bytes)) panic(`work: cannot write ${address}`);
  }
  read8(address: number): number {
    return this.read(address, 1)[0]!;
  }
  read16(address: number): number {
    return new ArrayBytes(this.read(address, 2)).read16(0);
  }
  read32(address: number): number {
    const place = this.#place(address, 4, "read");
    if (place !== undefined) return this.#k.memory.read32(place);
    return new ArrayBytes(this.read(address, 4)).read32(0);
  }
  write8(address: number, value: number): void {
    this.write(address, Uint8Array.of(value));
  }
  write16(address: number, value: number): void {
    this.write(address, Uint8Array.of(value >>> 8, value));
  }
  write32(address: number, value: number): void {
    const place = this.#place(address, 4, "write");
    if (place !== undefined) this.#k.memory.write32(place, value);
    else this.write(address, Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }

  /** Where a range lies in memory, if it is in one page that can be used so without a fault. */
  #place(address: number, length: number, access: UserAccess): number | undefined {
    const k = this.#k;
    const inPage = address % PAGE_SIZE;
    // Without a task of its own, where the server's addresses are depends on who asks.
    if (inPage + length > PAGE_SIZE || k.taskless) return undefined;
    if (this.#changes !== k.vm.mappingChanges) {
      this.#places.read.clear();
      this.#places.write.clear();
      this.#changes = k.vm.mappingChanges;
    }
    const known = this.#places[access].get(address - inPage);
    if (known !== undefined) return known + inPage;
    const place = placeNow(k.vm, k.vmMapOf(this.#task), address, access);
    if (place !== undefined) this.#places[access].set(address - inPage, place - inPage);
    return place;
  }

  /**
   * The bytes themselves of a wired range whose frames lie one after another; undefined when they
   * do not.
   */
  view(address: number, length: number): Uint8Array | undefined {
    const space = this.#k.spaceOf(this.#task);
    const first = this.#k.physical(space, address);
    if (first === undefined) return undefined;
    for (let offset = PAGE_SIZE - (address % PAGE_SIZE); offset < length; offset += PAGE_SIZE)
      if (this.#k.physical(space, address + offset) !== first + offset) return undefined;
    return this.#k.memory.view(first, length);
  }
}
