// The two software-filled TLBs: 96 + 96 fully associative entries replaced first in, first out, and
// four block entries each, as the PA-7000 has them (paper §4.2; block entries: PDC_BLOCK_TLB). Later
// processors have one TLB for both: `unified`, which then is the D-TLB.
//
// This file holds the exact contents; the fronts (context.ts) hold what was proved from them, so
// every change here makes the fronts forget the page. Hits do not change the order of replacement,
// which is why a front in between cannot be seen by the guest. A hash of chains finds entries.
//
// Block entries are inserted as in the S-chip's (PCX-S) kernels: diagnose register 8 (D) or 9 (I)
// chooses one, IxTLBA and IxTLBP then write it, and register 24 to 27 its size.
//
// `side` is the address of a TLB's entries: I_TLB or D_TLB.
import { forgetData, forgetFetch, resetContexts } from "./context";
import {
  CORE_BLOCK_CHOSEN, CORE_CR, CORE_DR, CORE_DTLB_NEXT, CORE_ITLB_NEXT, CR_PIDR1, CR_PIDR2, CR_PIDR3, CR_PIDR4,
  D_HEADS, D_TLB, I_HEADS, I_TLB, TIME_BLOCK_ENTRIES, TIME_DTLB_ENTRIES, TIME_ITLB_ENTRIES, TIME_UNIFIED_TLB, SIZEOF_TLB_ENTRY,
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
  const both = load<u32>(0, TIME_UNIFIED_TLB) != 0;
  if (both || side == I_TLB) forgetFetch(space, address);
  if (both || side == D_TLB) forgetData(space, address);
}

/** The TLB that a side has. */
function tlbOf(side: u32): u32 { return load<u32>(0, TIME_UNIFIED_TLB) ? D_TLB : side; }

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
export function tlbFind(wanted: u32, space: u32, address: u32): u32 {
  const side = tlbOf(wanted);
  const page = findPage(side, space, address & PAGE_MASK);
  if (page && load<u32>(page, TLBE_STATE) == USABLE) return page;
  const blocks = load<u32>(0, TIME_BLOCK_ENTRIES);
  for (let i: u32 = 0; i < blocks; i++) {
    const block = blockEntry(side, i);
    if (load<u32>(block, TLBE_STATE) == USABLE && load<u32>(block, TLBE_SPACE) == space &&
        (address & load<u32>(block, TLBE_MASK)) == load<u32>(block, TLBE_PAGE)) return block;
  }
  return 0;
}

function blockEntry(side: u32, index: u32): u32 { return side + (TLB_CAPACITY + index) * SIZEOF_TLB_ENTRY; }

/** Bits of diagnose registers 8 and 9: lock in and override; mismatch; one for each block entry. */
const CHOOSING: u32 = 0x4040;
const MISMATCH: u32 = 0x8000;
const CHOSEN: u32 = 0x001e;

/** Diagnose register 9 or 8. */
function controlOf(side: u32): u32 { return load<u32>((side == I_TLB ? 9 : 8) << 2, CORE_DR); }

/** The block entry that inserts go to now, as its index; all ones when they go to the others. */
function chosenBlock(side: u32): u32 {
  const control = controlOf(side);
  const index = clz<u32>(control & CHOSEN) - 27;
  return (control & CHOOSING) == CHOOSING && index < load<u32>(0, TIME_BLOCK_ENTRIES) ? index : 0xffffffff;
}

function isMismatch(side: u32): bool {
  return (controlOf(side) & MISMATCH) != 0;
}

/** Mask of a block's size: a size register has bits 8 to 15 of it. */
function sizeMask(register: u32): u32 { return 0xff000000 | ((load<u32>(register << 2, CORE_DR) & 0xff) << 16); }

/** Size register of a block entry: 24, 25 are the I-TLB's, 26, 27 the D-TLB's, for even and odd ones. */
function sizeRegister(side: u32, index: u32): u32 { return (side == I_TLB ? 24 : 26) + (index & 1); }

/** A move to one of the size registers: it holds for the block entry that was chosen last. */
export function setBlockSize(register: u32): void {
  const index = load<u32>((register - 24) << 2, CORE_BLOCK_CHOSEN);
  if (!index) return;
  store<u32>(blockEntry(register < 26 ? I_TLB : D_TLB, index - 1), sizeMask(register), TLBE_MASK);
  resetContexts();
}

function insertBlockAddress(side: u32, index: u32, space: u32, page: u32, word: u32): void {
  const entry = blockEntry(side, index), register = sizeRegister(side, index);
  store<u32>((register - 24) << 2, index + 1, CORE_BLOCK_CHOSEN);
  store<u32>(entry, space, TLBE_SPACE);
  store<u32>(entry, page, TLBE_PAGE);
  store<u32>(entry, sizeMask(register), TLBE_MASK);
  store<u32>(entry, (word << 7) & PAGE_MASK, TLBE_PHYSICAL);
  store<u32>(entry, isMismatch(side) ? 0 : ADDRESS, TLBE_STATE);
  resetContexts();
}

function insertBlockProtection(side: u32, index: u32, word: u32): void {
  const entry = blockEntry(side, index);
  if (!load<u32>(entry, TLBE_STATE)) return;
  store<u32>(entry, word, TLBE_PROTECTION);
  store<u32>(entry, USABLE, TLBE_STATE);
  resetContexts();
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
export function tlbInsertAddress(wanted: u32, space: u32, address: u32, word: u32): void {
  const page = address & PAGE_MASK, block = chosenBlock(wanted), side = tlbOf(wanted);
  if (block != 0xffffffff) return insertBlockAddress(wanted, block, space, page, word);
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
export function tlbInsertProtection(wanted: u32, space: u32, address: u32, word: u32): void {
  const page = address & PAGE_MASK, block = chosenBlock(wanted), side = tlbOf(wanted);
  if (block != 0xffffffff) return insertBlockProtection(wanted, block, word);
  const entry = findPage(side, space, page);
  if (!entry) return;
  store<u32>(entry, word, TLBE_PROTECTION);
  store<u32>(entry, USABLE, TLBE_STATE);
  forget(side, space, page);
}

/** PxTLB: drops the page's entry; block entries stay, only firmware changes them. */
export function tlbPurge(wanted: u32, space: u32, address: u32): void {
  const side = tlbOf(wanted);
  const entry = findPage(side, space, address & PAGE_MASK);
  if (entry) release(side, entry);
}

/** PxTLBE: the manual lets it purge more than the entry that is named; it purges all but blocks. */
export function tlbPurgeAll(wanted: u32): void {
  const side = tlbOf(wanted);
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
