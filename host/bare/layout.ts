/**
 * Where everything of a bare program's machine lies, and what its text says to the host.
 *
 *     physical                              virtual
 *     0x00000000 gateway page               space 0      0x00000000 gateway (block TLB entry)
 *     0x00001000 vectors, TLB handlers      the program  0x00010000 segments of its file
 *     0x00002000 page frames: page tables,               … break
 *                the program's memory                    0x40000000 mappings, upwards
 *                                                        0xfa000000 stack, grows up
 *                                                        0xfb000000 return from handlers
 *
 * Page tables have two levels: a directory of 1024 words, each 0 or the address of a table of 1024
 * entries; an entry is the two words that a TLB insert takes, and a protection word of 0 is no page.
 */
import { numbers, struct } from "../abi/struct.ts";

export const BARE = numbers("", {
  BARE_VECTORS: 0x00001000,
  BARE_FRAMES: 0x00002000,
  /** Space identifier of the program; 0 has nothing but the gateway page. */
  BARE_SPACE: 4,
  BARE_MMAP_BASE: 0x40000000,
  BARE_STACK: 0xfa000000,
  /** Bytes that the stack may grow to; what follows is never mapped. */
  BARE_STACK_LIMIT: 0x00800000,
  /** One page of text that every program has: where signal handlers may return to. */
  BARE_SIGRETURN: 0xfb000000,
  /** End of the program's addresses, as Linux has it. */
  BARE_TASK_SIZE: 0xfff00000,
});

/** Numbers of `escape` in gateway.s and vectors.s. */
export const BARE_ESCAPE = numbers("", {
  /** Linux system call: number in r20, return address in r31. */
  BARE_SYSCALL: 1,
  /** An interruption without a handler in text; the address tells which. */
  BARE_INTERRUPTION: 2,
  /** TLB misses without a page: of an instruction, of data, of an address that is not accessed. */
  BARE_NO_INSTRUCTION: 3,
  BARE_NO_DATA: 4,
  BARE_NO_PROBE: 5,
});

/** An entry of a page table: TLB address word and protection word. */
export const pageEntry = struct("page_entry", "PTE", { page: "u32", protection: "u32" });

export const PAGE_SIZE = 4096;
export const PAGE_MASK = 0xfff;

/** First address of the page of `address`. */
export function pageOf(address: number): number {
  return address - (address % PAGE_SIZE);
}

/** `length` rounded up to whole pages. */
export function pagesUp(length: number): number {
  return Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
}
