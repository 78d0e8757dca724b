// The two software-filled TLBs: 96 + 96 fully associative entries replaced first in, first out, and
// four block entries each, as the PA-7000 has them (paper §4.2; block entries: PDC_BLOCK_TLB).
//
// This file holds the exact contents; the fronts (context.ts) hold what was proved from them, so
// every change here makes the fronts forget the page. Hits do not change the order of replacement,
// which is why a front in between cannot be seen by the guest. A hash of chains finds entries.
//
// `side` is the address of a TLB's entries: I_TLB or D_TLB.
import { forgetData, forgetFetch } from "./context";
import {
  BLOCK_ENTRIES, CORE_CR, CORE_DTLB_NEXT, CORE_ITLB_NEXT, CR_PIDR1, CR_PIDR2, CR_PIDR3, CR_PIDR4,
  D_HEADS, D_TLB, I_HEADS, I_TLB, TIME_DTLB_ENTRIES, TIME_ITLB_ENTRIES, SIZEOF_TLB_ENTRY,
  TLBE_MASK, TLBE_NEXT, TLBE_PAGE, TLBE_PHYSICAL, TLBE_PROTECTION, TLBE_SPACE, TLBE_STATE,
  TLB_ACCESS_ID, TLB_CAPACITY, TLB_PL1_SHIFT, TLB_PL2_SHIFT, TLB_TYPE_SHIFT,
} from "./generated/abi";

/** States of an entry: free, address without protection, usable. */
const ADDRESS: u32 = 1;
const USABLE: u32 = 2;

const PAGE_MASK: u32 = 0xfffff000;

/** What an access wants; bit numbers of the answer of rights(). */
export const READ: u32 = 1;
export const WRITE: u32 = 2;
export const EXECUTE: u32 = 4;

function head(side: u32, space: u32, address: u32): u32 {
  const index = ((address >>> 12) ^ space) & 255;
  return (side == I_TLB ? I_HEADS : D_HEADS) + (index << 2);
}

function forget(side: u32, space: u32, address: u32): void {
  if (side == I_TLB) forgetFetch(space, address); else forgetData(space, address);
}

/** The entry whose page is exactly this one, whatever its state; 0 when there is none. */
function findPage(side: u32, space: u32, page: u32): u32 {
  let entry = load<u32>(head(side, space, page));
  while (entry) {
    if (load<u32>(entry, TLBE_PAGE) == page && load<u32>(entry, TLBE_SPACE) == space) return entry;
    entry = load<u32>(entry, TLBE_NEXT);
  }
  return 0;
}

/** The usable entry that translates an address, page or block; 0 is a TLB miss. */
export function tlbFind(side: u32, space: u32, address: u32): u32 {
  const page = findPage(side, space, address & PAGE_MASK);
  if (page && load<u32>(page, TLBE_STATE) == USABLE) return page;
  for (let i: u32 = 0; i < BLOCK_ENTRIES; i++) {
    const block = side + (TLB_CAPACITY + i) * SIZEOF_TLB_ENTRY;
    if (load<u32>(block, TLBE_STATE) == USABLE && load<u32>(block, TLBE_SPACE) == space &&
        (address & load<u32>(block, TLBE_MASK)) == load<u32>(block, TLBE_PAGE)) return block;
  }
  return 0;
}

/** Physical address of an address that an entry translates. */
export function tlbPhysical(entry: u32, address: u32): u32 {
  return load<u32>(entry, TLBE_PHYSICAL) | (address & ~load<u32>(entry, TLBE_MASK));
}

/** Takes an entry out of its chain and makes it free. */
function release(side: u32, entry: u32): void {
  const space = load<u32>(entry, TLBE_SPACE), page = load<u32>(entry, TLBE_PAGE);
  let link = head(side, space, page);
  while (load<u32>(link) != entry) link = load<u32>(link) + TLBE_NEXT;
  store<u32>(link, load<u32>(entry, TLBE_NEXT));
  store<u32>(entry, 0, TLBE_STATE);
  forget(side, space, page);
}

/** IxTLBA: a page's physical address; the entry is not used before its protection is inserted. */
export function tlbInsertAddress(side: u32, space: u32, address: u32, word: u32): void {
  const page = address & PAGE_MASK;
  let entry = findPage(side, space, page);
  if (entry) {
    forget(side, space, page);
  } else {
    const next = side == I_TLB ? CORE_ITLB_NEXT : CORE_DTLB_NEXT;
    const count = load<u32>(side == I_TLB ? TIME_ITLB_ENTRIES : TIME_DTLB_ENTRIES);
    const victim = load<u32>(next);
    store<u32>(next, victim + 1 < count ? victim + 1 : 0);
    entry = side + victim * SIZEOF_TLB_ENTRY;
    if (load<u32>(entry, TLBE_STATE)) release(side, entry);
    const chain = head(side, space, page);
    store<u32>(entry, space, TLBE_SPACE);
    store<u32>(entry, page, TLBE_PAGE);
    store<u32>(entry, PAGE_MASK, TLBE_MASK);
    store<u32>(entry, load<u32>(chain), TLBE_NEXT);
    store<u32>(chain, entry);
  }
  store<u32>(entry, (word << 7) & PAGE_MASK, TLBE_PHYSICAL);
  store<u32>(entry, ADDRESS, TLBE_STATE);
}

/** IxTLBP: protection of a page whose address is there; without it, nothing happens. */
export function tlbInsertProtection(side: u32, space: u32, address: u32, word: u32): void {
  const page = address & PAGE_MASK;
  const entry = findPage(side, space, page);
  if (!entry) return;
  store<u32>(entry, word, TLBE_PROTECTION);
  store<u32>(entry, USABLE, TLBE_STATE);
  forget(side, space, page);
}

/** PxTLB: drops the page's entry; block entries stay, only firmware changes them. */
export function tlbPurge(side: u32, space: u32, address: u32): void {
  const entry = findPage(side, space, address & PAGE_MASK);
  if (entry) release(side, entry);
}

/** PxTLBE: the manual lets it purge more than the entry that is named; it purges all but blocks. */
export function tlbPurgeAll(side: u32): void {
  for (let i: u32 = 0; i < TLB_CAPACITY; i++) {
    const entry = side + i * SIZEOF_TLB_ENTRY;
    if (load<u32>(entry, TLBE_STATE)) release(side, entry);
  }
}

/**
 * Which of READ, WRITE, EXECUTE an entry's access rights allow at a privilege level. Types 0 to 3
 * are data, data, code, code that is written; 4 to 7 are gateways (manual, table of access rights).
 */
export function rights(protection: u32, privilege: u32): u32 {
  const type = (protection >>> TLB_TYPE_SHIFT) & 7;
  const pl1 = (protection >>> TLB_PL1_SHIFT) & 3, pl2 = (protection >>> TLB_PL2_SHIFT) & 3;
  let allowed: u32 = 0;
  if (type < 4 && privilege <= pl1) allowed |= READ;
  if ((type == 1 || type == 3) && privilege <= pl2) allowed |= WRITE;
  if (type >= 2 && pl2 <= privilege && privilege <= pl1) allowed |= EXECUTE;
  return allowed;
}

function matches(protection: u32, number: u32, allowed: u32): u32 {
  const id = load<u32>(number << 2, CORE_CR);
  if ((id ^ protection) & TLB_ACCESS_ID) return 0;
  return id & 1 ? allowed & ~WRITE : allowed;
}

/** What is left of `allowed` by the four protection identifiers; access id 0 is public. */
export function protectionIds(protection: u32, allowed: u32): u32 {
  if (!(protection & TLB_ACCESS_ID)) return allowed;
  return matches(protection, CR_PIDR1, allowed) | matches(protection, CR_PIDR2, allowed) |
    matches(protection, CR_PIDR3, allowed) | matches(protection, CR_PIDR4, allowed);
}
