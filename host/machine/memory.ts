/**
 * The guest's physical memory, big-endian, as the host sees it. The only byte order outside the core.
 *
 * Every write makes predecoded code at that place stale, so the host may load programs and move
 * pages at any time. Reading and writing here takes no simulated time and does not touch the caches.
 */
import { REGION } from "../abi/machine.ts";
import type { Bytes } from "../abi/struct.ts";
import { panic } from "../diagnostic.ts";
import type { Core } from "./core.ts";

const PAGE_SHIFT = 12;
/** How far reads are counted when they are not limited: a small integer. */
const COUNTED = 2 ** 30 - 1;

export class GuestMemory implements Bytes {
  /** Bytes of memory. */
  readonly size: number;
  readonly #core: Core;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #pageMap: Uint32Array;
  #reads = 0;
  #mostReads = COUNTED;

  constructor(core: Core, size: number) {
    this.size = size;
    this.#core = core;
    this.#view = new DataView(core.buffer, REGION.RAM, size);
    this.#bytes = new Uint8Array(core.buffer, REGION.RAM, size);
    this.#pageMap = new Uint32Array(core.buffer, REGION.PAGE_MAP, size >>> PAGE_SHIFT);
  }

  read8(address: number): number {
    return this.#view.getUint8(address);
  }
  read16(address: number): number {
    return this.#view.getUint16(address);
  }
  read32(address: number): number {
    if (++this.#reads > this.#mostReads) this.#tooMany();
    return this.#view.getUint32(address);
  }
  write8(address: number, value: number): void {
    this.#view.setUint8(address, value);
    this.#stale(address, 1);
  }
  write16(address: number, value: number): void {
    this.#view.setUint16(address, value);
    this.#stale(address, 2);
  }
  write32(address: number, value: number): void {
    this.#view.setUint32(address, value);
    this.#stale(address, 4);
  }

  /**
   * From now on, more than so many words read until the next call of this are an error: whoever follows
   * pointers that may be wrong does not do so for ever.
   */
  limitReads(most: number): void {
    this.#reads = 0;
    this.#mostReads = most;
  }
  #tooMany(): void {
    const isLimited = this.#mostReads < COUNTED;
    this.#reads = 0;
    if (isLimited) panic("guest memory: pointers lead round in circles");
  }

  /** A copy of `length` bytes. */
  bytes(address: number, length: number): Uint8Array {
    this.#check(address, length);
    return this.#bytes.slice(address, address + length);
  }
  /**
   * The bytes themselves, for as long as the machine lives. For data only: what is written here,
   * instructions that were decoded before do not see.
   */
  view(address: number, length: number): Uint8Array {
    this.#check(address, length);
    return this.#bytes.subarray(address, address + length);
  }
  copyIn(address: number, bytes: Uint8Array): void {
    this.#check(address, bytes.length);
    this.#bytes.set(bytes, address);
    this.#stale(address, bytes.length);
  }
  fill(address: number, length: number, value = 0): void {
    this.#check(address, length);
    this.#bytes.fill(value, address, address + length);
    this.#stale(address, length);
  }

  #check(address: number, length: number): void {
    if (address < 0 || address + length > this.size)
      panic(`guest memory: outside: 0x${address.toString(16)}, ${length} bytes`);
  }

  #stale(address: number, length: number): void {
    const last = (address + length - 1) >>> PAGE_SHIFT;
    for (let page = address >>> PAGE_SHIFT; page <= last; page++) {
      if (this.#pageMap[page] === 0) continue;
      const from = Math.max(address, page << PAGE_SHIFT);
      const to = Math.min(address + length, (page + 1) << PAGE_SHIFT);
      this.#core.exports.staleRecords(from, to - from);
    }
  }
}
