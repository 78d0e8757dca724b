/**
 * A VM without a machine: page tables and frames in an array of bytes, maps that "tasks" read and
 * write by the page tables as a processor would, faults run to their end on the spot.
 */
import { mapping } from "../../../host/abi/hp700.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import type { Procedure } from "../../../host/mach/kern/procedure.ts";
import { pmap_bootstrap } from "../../../host/mach/vm/pmap.ts";
import { eachPage } from "../../../host/mach/vm/user-memory.ts";
import type { VmMap } from "../../../host/mach/vm/vm-map.ts";
import type { VmObject } from "../../../host/mach/vm/vm-object.ts";
import type { PageMemory } from "../../../host/mach/vm/vm-page.ts";
import { Vm, type VmHost } from "../../../host/mach/vm/vm.ts";

const { EQUIVALENT_END, KERNEL_HEAP, PAGE_SIZE } = MEMORY_MAP;
const ELEMENT = 64;

class Frames implements PageMemory {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }
  read8 = (address: number): number => this.#view.getUint8(address);
  read16 = (address: number): number => this.#view.getUint16(address);
  read32 = (address: number): number => this.#view.getUint32(address);
  write8 = (address: number, value: number): void => this.#view.setUint8(address, value);
  write16 = (address: number, value: number): void => this.#view.setUint16(address, value);
  write32 = (address: number, value: number): void => this.#view.setUint32(address, value);
  bytes = (address: number, length: number): Uint8Array =>
    this.#bytes.slice(address, address + length);
  copyIn = (address: number, bytes: Uint8Array): void => this.#bytes.set(bytes, address);
  fill(address: number, length: number, value = 0): void {
    this.#bytes.fill(value, address, address + length);
  }
}

export class VmWorld {
  readonly vm: Vm;
  /** Elements in use, of all zones. */
  readonly live = new Set<number>();
  /** Called when a procedure waits for an event; makes it happen. */
  onWait: (event: unknown) => void = (event) => {
    throw new Error(`nobody will ever do what is waited for: ${String(event)}`);
  };
  readonly #free: number[] = [];

  constructor(frames: number, pagingPages = 4096) {
    const memory = new Frames(EQUIVALENT_END + frames * PAGE_SIZE);
    for (let at = EQUIVALENT_END - ELEMENT; at >= KERNEL_HEAP; at -= ELEMENT) this.#free.push(at);
    pmap_bootstrap({ memory });
    const host: VmHost = {
      memory,
      zalloc: () => {
        const element = this.#free.pop()!;
        this.live.add(element);
        return element;
      },
      zfree: (_zone, element) => {
        if (!this.live.delete(element)) throw new Error(`freed twice: ${element}`);
        this.#free.push(element);
      },
      purgePage: () => {},
      flushPage: () => {},
      colour: (space, offset) => ((offset >>> 12) ^ space) & 3,
      zeroPage: (frame) => memory.fill(frame, PAGE_SIZE, 0),
      copyPage: (from, to) => memory.copyIn(to, memory.bytes(from, PAGE_SIZE)),
      charge: () => {},
      wakeup: () => {},
      panic: (why) => {
        throw new Error(why);
      },
      unmapKernel: () => {},
    };
    const limit = EQUIVALENT_END + frames * PAGE_SIZE;
    this.vm = new Vm(host, { base: EQUIVALENT_END, limit, pagingPages });
  }

  /** Runs a procedure to its end; time passes, events happen. */
  run<T>(procedure: Procedure<T>): T {
    for (let step = procedure.next("awakened"); ;) {
      if (step.done) return step.value;
      const { milliseconds, event } = step.value;
      if (milliseconds === undefined) this.onWait(event);
      step = procedure.next(milliseconds === undefined ? "awakened" : "timed-out");
    }
  }

  read(map: VmMap, address: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    const range = { address, length, access: "read" } as const;
    const whole = eachPage(
      this.vm,
      map,
      range,
      () => {},
      (physical, offset, count) => bytes.set(this.vm.memory.bytes(physical, count), offset),
    );
    return whole ? bytes : undefined;
  }
  write(map: VmMap, address: number, bytes: Uint8Array): boolean {
    const range = { address, length: bytes.length, access: "write" } as const;
    return eachPage(
      this.vm,
      map,
      range,
      () => {},
      (physical, offset, count) =>
        this.vm.memory.copyIn(physical, bytes.subarray(offset, offset + count)),
    );
  }

  /** What is wrong with the VM's own bookkeeping; nothing, if all is well. */
  check(): string[] {
    const { vm } = this;
    const wrong: string[] = [];
    const references = new Map<VmObject, number>();
    const count = (object: VmObject | undefined): void => {
      if (object) references.set(object, (references.get(object) ?? 0) + 1);
    };
    for (const map of vm.maps.values()) {
      let end = map.min;
      for (const entry of map.entries) {
        if (entry.start < end || entry.end <= entry.start) wrong.push(`entry at ${entry.start}`);
        end = entry.end;
        count(entry.object);
      }
    }
    for (const copy of vm.copies.values()) for (const { object } of copy.parts) count(object);
    for (const object of vm.objects) count(object.shadow);
    for (const object of vm.objects) {
      const found = references.get(object) ?? 0;
      if (found !== object.references)
        wrong.push(`object ${object.id} has ${object.references} references, found ${found}`);
      if (object.copy && object.copy.shadow !== object)
        wrong.push(`object ${object.id}: its copy shadows another`);
    }
    for (const object of references.keys())
      if (!vm.objects.has(object)) wrong.push(`object ${object.id} is gone, and referred to`);
    const mapped = new Map<number, number>();
    for (const page of vm.pages.all()) {
      const { object, offset, queue } = page;
      if ((queue === "free") !== (object === undefined)) wrong.push(`page ${page.frame}: ${queue}`);
      if (object && object.pages.get(offset) !== page)
        wrong.push(`page ${page.frame} is not there`);
      for (let node = page.mappings; node !== 0;) {
        mapped.set(node, page.frame);
        const entry = mapping.at(vm.memory, node);
        if ((entry.page << 7) >>> 0 !== page.frame) wrong.push(`mapping ${node}`);
        node = entry.phys_next;
      }
    }
    const elements = mapped.size + 2 * vm.maps.size;
    if (elements !== this.live.size)
      wrong.push(`${this.live.size} elements live, ${elements} found`);
    const paged = [...vm.objects].reduce((sum, object) => sum + object.paged.size, 0);
    if (paged !== vm.paging.used) wrong.push(`paging space: ${vm.paging.used}, found ${paged}`);
    return wrong;
  }

  /** What is left when everything should be gone. */
  leaks(): string[] {
    const { vm } = this;
    return [
      ...this.check(),
      ...[...vm.objects].map(({ id }) => `object ${id}`),
      ...[...vm.copies.keys()].map((handle) => `copy ${handle}`),
      ...(vm.pages.freeCount === vm.pages.count
        ? []
        : [`${vm.pages.count - vm.pages.freeCount} pages`]),
    ];
  }
}
