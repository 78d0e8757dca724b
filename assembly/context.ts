// Protection contexts and their fronts: what makes a translated access cheap.
//
// A context is (privilege, PSW C, D and P, the four protection identifiers). Each has a D front of
// 256 direct-mapped entries and an I front of 64. A D front entry says: in this context this page of
// this space may be read (read tag) or written (write tag) with no trap; its bytes are at address +
// delta; its cache lines have this hash and tag. So one 64-bit comparison proves translation, rights,
// protection identifier and alignment (an unaligned address does not equal any tag). Switching to and
// from the kernel selects a front; nothing is flushed (measured reason: docs of speed, 2 % against
// 10 % for one front that must be cleared).
//
// Pages that have predecoded records never get a write tag: stores to them take the slow path, which
// makes the records stale. Invariant: a front entry implies the exact TLB contents of tlb.ts.
import {
  CONTEXTS, CONTEXT_COUNT, CORE_CONTEXT, CORE_CR, CORE_FETCH_FRONT, CORE_FRONT, CORE_NEXT_CONTEXT,
  CORE_PRIVILEGE, CORE_PSW, CR_PIDR1, CR_PIDR2, CR_PIDR3, CR_PIDR4, FETCH_FRONTS,
  FETCH_FRONT_BYTES, FRONTS, FRONT_BYTES, FRONT_LINE_TAG, FRONT_READ_TAG, FRONT_WRITE_TAG, MEMBERS,
  NO_FRONT, PSW_C, PSW_D, PSW_P,
} from "./generated/abi";

/** A tag that no aligned access can equal. */
export const NO_TAG: u64 = 0x800;
const FRONT_ENTRIES: u32 = 256;

/** The D front entry of an address. */
// @ts-ignore: decorator
@inline export function frontEntry(front: u32, address: u32): u32 { return front + ((address >>> 7) & 0x1fe0); }

/** The tag that an aligned access of `size` bytes must meet. */
// @ts-ignore: decorator
@inline export function accessTag(space: u32, address: u32, size: u32): u64 {
  return (<u64>space << 32) | <u64>(address & (0xfffff000 | (size - 1)));
}

// @ts-ignore: decorator
@inline function contextKey(): u64 {
  return (<u64>load<u16>(CR_PIDR1 << 2, CORE_CR) << 48) | (<u64>load<u16>(CR_PIDR2 << 2, CORE_CR) << 32) |
    (<u64>load<u16>(CR_PIDR3 << 2, CORE_CR) << 16) | <u64>load<u16>(CR_PIDR4 << 2, CORE_CR);
}

function clearFront(front: u32): void {
  for (let i: u32 = 0; i < FRONT_ENTRIES; i++) {
    store<u64>(front + (i << 5), NO_TAG, FRONT_READ_TAG);
    store<u64>(front + (i << 5), NO_TAG, FRONT_WRITE_TAG);
  }
}

/** Forgets all contexts; for a new machine and when the cache index function changes. */
export function resetContexts(): void {
  memory.fill(CONTEXTS, 0, CONTEXT_COUNT << 4);
  memory.fill(MEMBERS, 0, FRONT_ENTRIES << 2);
  memory.fill(FETCH_FRONTS, 0, CONTEXT_COUNT * FETCH_FRONT_BYTES);
  clearFront(NO_FRONT);
  dropContext();
}

/** Called when anything that selects the context changes; the next slow access looks it up. */
// @ts-ignore: decorator
@inline export function dropContext(): void {
  store<u32>(0, NO_FRONT, CORE_FRONT);
  store<u32>(0, 0, CORE_FETCH_FRONT);
}

/** Selects the fronts of the present context, taking the oldest ones when it is new. */
export function selectContext(): void {
  if (load<u32>(0, CORE_FETCH_FRONT)) return;
  const psw = load<u32>(0, CORE_PSW) & (PSW_C | PSW_D | PSW_P);
  const mode = psw | 0x80000000 | (load<u32>(0, CORE_PRIVILEGE) << 8);
  const key = psw & PSW_P ? contextKey() : 0;
  let index: u32 = 0;
  for (; index < CONTEXT_COUNT; index++)
    if (load<u64>(CONTEXTS + (index << 4)) == key && load<u32>(CONTEXTS + (index << 4), 8) == mode) break;
  if (index == CONTEXT_COUNT) {
    index = load<u32>(0, CORE_NEXT_CONTEXT);
    store<u32>(0, (index + 1) % CONTEXT_COUNT, CORE_NEXT_CONTEXT);
    store<u64>(CONTEXTS + (index << 4), key);
    store<u32>(CONTEXTS + (index << 4), mode, 8);
    clearFront(FRONTS + index * FRONT_BYTES);
    memory.fill(FETCH_FRONTS + index * FETCH_FRONT_BYTES, 0, FETCH_FRONT_BYTES);
  }
  store<u32>(0, index, CORE_CONTEXT);
  store<u32>(0, FRONTS + index * FRONT_BYTES, CORE_FRONT);
  store<u32>(0, FETCH_FRONTS + index * FETCH_FRONT_BYTES, CORE_FETCH_FRONT);
}

/** Notes that the present context has an entry for this address. */
export function noteMember(address: u32): void {
  const slot = MEMBERS + (((address >>> 12) & 255) << 2);
  store<u32>(slot, load<u32>(slot) | (1 << load<u32>(0, CORE_CONTEXT)));
}

/** Drops a data page from the fronts of all contexts. */
export function forgetData(space: u32, address: u32): void {
  const tag = (<u64>space << 32) | <u64>(address & 0xfffff000);
  const slot = MEMBERS + (((address >>> 12) & 255) << 2);
  let members = load<u32>(slot);
  while (members) {
    const index = ctz(members);
    members &= members - 1;
    const entry = frontEntry(FRONTS + index * FRONT_BYTES, address);
    if (load<u64>(entry, FRONT_READ_TAG) == tag) store<u64>(entry, NO_TAG, FRONT_READ_TAG);
    if (load<u64>(entry, FRONT_WRITE_TAG) == tag) store<u64>(entry, NO_TAG, FRONT_WRITE_TAG);
  }
}

/** Drops every write tag of a physical page: from now on it has records. `lineTag`: see cache.ts. */
export function forgetWrites(lineTag: u32): void {
  for (let i: u32 = 0; i < CONTEXT_COUNT * FRONT_ENTRIES; i++) {
    const entry = FRONTS + (i << 5);
    if (load<u32>(entry, FRONT_LINE_TAG) == lineTag) store<u64>(entry, NO_TAG, FRONT_WRITE_TAG);
  }
}

/** The I front entry of an address: {u64 tag, u32 records, u32 physical page}. */
// @ts-ignore: decorator
@inline export function fetchEntry(front: u32, address: u32): u32 { return front + ((address >>> 8) & 0x3f0); }

/** Tag of an I front entry; never 0. */
// @ts-ignore: decorator
@inline export function fetchTag(space: u32, address: u32): u64 { return (<u64>space << 32) | <u64>((address & 0xfffff000) | 1); }

/** Drops a code page from the fronts of all contexts. */
export function forgetFetch(space: u32, address: u32): void {
  const tag = fetchTag(space, address);
  for (let index: u32 = 0; index < CONTEXT_COUNT; index++) {
    const entry = fetchEntry(FETCH_FRONTS + index * FETCH_FRONT_BYTES, address);
    if (load<u64>(entry) == tag) store<u64>(entry, 0);
  }
}

/** Drops all code pages: record pages were taken away. */
export function forgetAllFetches(): void {
  memory.fill(FETCH_FRONTS, 0, CONTEXT_COUNT * FETCH_FRONT_BYTES);
}
