/**
 * A task's memory as its own work functions see it: by virtual address, with faults, between two
 * instructions. It costs no simulated time, so what has to be measured is moved by text instead.
 */
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { ArrayBytes, type Bytes } from "../abi/struct.ts";
import { panic } from "../diagnostic.ts";
import type { Kernel } from "./kernel.ts";

const { PAGE_SIZE } = MEMORY_MAP;

export class TaskMemory implements Bytes {
  readonly #k: Kernel;
  readonly #task: number;

  constructor(k: Kernel, task: number) {
    this.#k = k;
    this.#task = task;
  }

  read(address: number, length: number): Uint8Array {
    return this.#k.copyin(this.#task, address, length) ?? panic(`work: cannot read ${address}`);
  }
  write(address: number, bytes: Uint8Array): void {
    if (!this.#k.copyout(this.#task, address, bytes)) panic(`work: cannot write ${address}`);
  }
  read8(address: number): number {
    return this.read(address, 1)[0]!;
  }
  read16(address: number): number {
    return this.#words(address, 2).read16(0);
  }
  read32(address: number): number {
    return this.#words(address, 4).read32(0);
  }
  write8(address: number, value: number): void {
    this.write(address, Uint8Array.of(value));
  }
  write16(address: number, value: number): void {
    this.write(address, Uint8Array.of(value >>> 8, value));
  }
  write32(address: number, value: number): void {
    this.write(address, Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }
  #words(address: number, length: number): ArrayBytes {
    return new ArrayBytes(this.read(address, length));
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
