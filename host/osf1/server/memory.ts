/**
 * The server's own memory as its work functions hold it: the blocks of the buffer cache, and pages for
 * pipes, are wired guest memory seen as bytes, so that executed text copies them to and from clients.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import type { WorkServer } from "../../mach/interface.ts";
import { UFS } from "../ufs/layout.ts";
import { BUFFER_COUNT } from "./image.ts";

const { PAGE_SIZE } = MEMORY_MAP;

/** Symbols around what `WorkServerFile.wired` has to wire. */
export const WIRED = [{ from: "buffers", to: "buffers_end" }] as const;

/** A wired range, and the bytes that it is. */
interface Pool {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export class ServerMemory {
  readonly #pool: Pool;
  readonly #pages: number[];

  constructor({ memory, symbol }: WorkServer) {
    const address = symbol("buffers");
    const length = symbol("buffers_end") - address;
    const bytes = memory.view(address, length);
    if (!bytes) panic("osf1: the buffers' frames do not lie together");
    this.#pool = { address, bytes };
    const first = BUFFER_COUNT * UFS.BLOCK_SIZE;
    this.#pages = Array.from(
      { length: (length - first) / PAGE_SIZE },
      (_, i) => first + i * PAGE_SIZE,
    );
    this.#pages.reverse();
  }

  /** All of it, in the server's address space. */
  get range(): { readonly address: number; readonly length: number } {
    return { address: this.#pool.address, length: this.#pool.bytes.length };
  }

  /** Block `index` of the buffer cache. */
  block(index: number): Uint8Array {
    const at = index * UFS.BLOCK_SIZE;
    return this.#pool.bytes.subarray(at, at + UFS.BLOCK_SIZE);
  }

  /** A page for a pipe; the host's memory when there is none left. */
  allocate(length: number): Uint8Array {
    const at = length <= PAGE_SIZE ? this.#pages.pop() : undefined;
    return at === undefined ? new Uint8Array(length) : this.#pool.bytes.subarray(at, at + length);
  }
  free(bytes: Uint8Array): void {
    const at = this.addressOf(bytes);
    if (at !== undefined) this.#pages.push(at - this.#pool.address);
  }

  /** Where bytes lie in the server's address space; undefined for the host's own. */
  addressOf(bytes: Uint8Array): number | undefined {
    const { address, bytes: all } = this.#pool;
    if (bytes.buffer !== all.buffer) return undefined;
    const offset = bytes.byteOffset - all.byteOffset;
    return offset >= 0 && offset + bytes.length <= all.length ? address + offset : undefined;
  }
}
