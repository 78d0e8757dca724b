/**
 * Where everything lies. The kernel's low region is mapped equivalently (virtual = physical, space
 * 0) by block TLB entries, so kernel core text and data take no TLB misses; an in-kernel server is
 * mapped by pages in the same space and does (facts of the HP 700 port, paper §3.1, §4.2).
 *
 *     physical                          space 0 (kernel)             a user task's space
 *     0x00000000 page zero              0x00000000 ┐ equivalent      0x00010000 text
 *     0x00001000 vectors, text                     │ (block TLB)     0x1fe08000 server, when out
 *     0x000c0000 data, kernel stack                │
 *     0x00100000 hashed page table                 │                 0x40000000 data
 *     0x00110000 chain heads                       │                 0x68ff3000 stack, grows up
 *     0x00120000 zones, stacks          0x00400000 ┘
 *     0x00400000 page frames            0x1fe08000 in-kernel servers 0xc0000000 gateway (all spaces)
 */
import { numbers } from "./struct.ts";

export const MEMORY_MAP = numbers("", {
  PAGE_SIZE: 4096,
  /** In page zero: where an instrumented kernel keeps time stamps (mach/asm/macros.s). */
  STAMP_WORDS: 0x00000800,
  KERNEL_TEXT: 0x00001000,
  /** Where data lie behind a text of the real kernel's size. */
  KERNEL_DATA: 0x000c0000,
  HPT_BASE: 0x00100000,
  HPT_ENTRIES: 4096,
  VTOP_BASE: 0x00110000,
  KERNEL_HEAP: 0x00120000,
  EQUIVALENT_END: 0x00400000,
  /** Addresses so far apart are in one place of the HP 9000/730's data cache. */
  DATA_COLOURS: 0x00040000,
  /** "Statically linked at an address that doesn't conflict with any allocated kernel space." */
  SERVER_BASE: 0x1fe08000,
  USER_TEXT: 0x00010000,
  USER_DATA: 0x40000000,
  USER_STACK: 0x68ff3000,
  GATEWAY: 0xc0000000,
  /** In the gateway page: sets the thread pointer, cr27. */
  GATEWAY_THREAD_POINTER: 0x40,
  KERNEL_SPACE: 0,
  KERNEL_PID: 2,
  FIRST_USER_SPACE: 4,
});

export const STRUCTS = [];
export const CONSTANTS = [MEMORY_MAP];
