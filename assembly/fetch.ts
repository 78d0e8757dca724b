// From addresses to predecoded records: the instruction side.
//
// Each physical page of code has at most one page of records: 1024, one an instruction, and four that
// lead on to the next page. They start blank (op DECODE) and are filled when first executed, so a new
// page costs one copy, and a store into code only makes its word's record blank again. Pages come
// from a bounded pool, taken round robin.
//
// The loop runs on two record pointers, rp (front of PCOQ) and nrp (back). A pointer into the current
// page stands for the address pc_base + (pointer >>> 2). Any other address is reached through an
// *arrival area*: four records whose op is LEAVE, with the place they lead to kept beside. So a far
// branch only points nrp at an area, its delay slot runs, and the target is translated when it is
// about to run, which is when its faults are due. The records at a page's end work the same way.
//
// Invariant: rp and nrp are each in the current page or in an area; only `leave` changes the page.
import { fetchEntry, fetchTag, forgetAllFetches, forgetWrites, selectContext } from "./context";
import { fetchHash, lineBase, lineTag } from "./cache";
import { EXECUTE, protectionIds, rights, tlbFind, tlbPhysical } from "./tlb";
import { dropTranslations, resetTranslations } from "./translated";
import { predecode } from "./generated/predecode";
import { OP_DECODE, OP_LEAVE, OP_PROBE } from "./generated/operations";
import {
  ARRIVAL, ARRIVAL_SHIFT, BLANK_PAGE, CORE_AREA_OFFSET, CORE_AREA_SPACE, CORE_FETCH_FRONT,
  CORE_LINE_BASE, CORE_LINE_TAG, CORE_NRP, CORE_PAGE, CORE_PAGE_PHYSICAL, CORE_PC_BASE,
  CORE_POOL_NEXT, CORE_PRIVILEGE, CORE_PSW, CORE_RP, CORE_SHAPE, CORE_SPACE, CORE_TRAP, I_HIGHER_PRIVILEGE, I_HPMC,
  I_INSTRUCTION_PROTECTION, I_ITLB_MISS, I_LOWER_PRIVILEGE, I_TLB, LAST_RECORD, PAGE_MAP,
  POOL_OWNERS, PROBE_OFFSETS, PSW_C, PSW_H, PSW_L, PSW_P, RAM, RECORD_MASK, RECORD_OP,
  RECORD_PAGE_BYTES, RECORD_REAL_OP, SIZEOF_RECORD, TIME_MEMORY_SIZE, TIME_POOL_BASE,
  TIME_POOL_PAGES, TLBE_PROTECTION, TLB_TYPE_SHIFT,
} from "./generated/abi";

/** Reads every register: whoever looks whether it uses one must wait until it is decoded. */
const ANY_REGISTER: u32 = 0xfffffffe;
/** No owner of a pool page. */
const NO_OWNER: u32 = 0xffffffff;

export const AREA0: u32 = ARRIVAL;
export const AREA1: u32 = ARRIVAL + (1 << ARRIVAL_SHIFT);

/**
 * Shapes of PCOQ between two calls of run(), besides what its addresses tell: a taken branch left it, though
 * it may look sequential; its back stays in its area, though it may be in the front's page.
 */
export const SPLIT: u32 = 1;
export const FAR: u32 = 2;

/** Whether a record pointer is in an arrival area. */
// @ts-ignore: decorator
@inline export function inArea(pointer: u32): bool { return pointer < RAM; }

// @ts-ignore: decorator
@inline function areaIndex(pointer: u32): u32 { return ((pointer - ARRIVAL) >>> ARRIVAL_SHIFT) << 2; }

/** The code offset (with privilege) that a record pointer stands for. */
// @ts-ignore: decorator
@inline export function offsetOf(pointer: u32): u32 {
  return inArea(pointer)
    ? load<u32>(areaIndex(pointer), CORE_AREA_OFFSET) + ((pointer & ((1 << ARRIVAL_SHIFT) - 1)) >>> 2)
    : load<u32>(0, CORE_PC_BASE) + (pointer >>> 2);
}

/** The space of the address that a record pointer stands for. */
// @ts-ignore: decorator
@inline export function spaceOf(pointer: u32): u32 {
  return inArea(pointer) ? load<u32>(areaIndex(pointer), CORE_AREA_SPACE) : load<u32>(0, CORE_SPACE);
}

/** The area for a far branch: the one in which nrp is not. */
// @ts-ignore: decorator
@inline export function farArea(nrp: u32): u32 { return nrp - AREA0 < AREA1 - AREA0 ? AREA1 : AREA0; }

/** Makes an area lead to an address. */
// @ts-ignore: decorator
@inline export function setArea(area: u32, space: u32, offset: u32): void {
  store<u32>(areaIndex(area), space, CORE_AREA_SPACE);
  store<u32>(areaIndex(area), offset, CORE_AREA_OFFSET);
}

function blank(pointer: u32, op: u32): void {
  store<u16>(pointer, op, RECORD_OP);
  store<u32>(pointer, ANY_REGISTER, RECORD_MASK);
}

/** Makes the blank page and the areas; for a new machine. */
export function resetFetch(): void {
  for (let i: u32 = 0; i < RECORD_PAGE_BYTES; i += SIZEOF_RECORD)
    blank(BLANK_PAGE + i, i <= LAST_RECORD ? OP_DECODE : OP_LEAVE);
  for (let i: u32 = 0; i < 2 << ARRIVAL_SHIFT; i += SIZEOF_RECORD) blank(ARRIVAL + i, OP_LEAVE);
  resetTranslations();
  for (let i: u32 = 0; i < load<u32>(0, TIME_POOL_PAGES); i++) store<u32>(POOL_OWNERS + (i << 2), NO_OWNER);
}

/** The record page of a physical page, made when there is none. */
function recordPage(physical: u32): u32 {
  const slot = PAGE_MAP + ((physical >>> 12) << 2);
  const known = load<u32>(slot);
  if (known) return known;
  const index = load<u32>(0, CORE_POOL_NEXT);
  store<u32>(0, index + 1 < load<u32>(0, TIME_POOL_PAGES) ? index + 1 : 0, CORE_POOL_NEXT);
  const owner = load<u32>(POOL_OWNERS + (index << 2));
  if (owner != NO_OWNER) {
    store<u32>(PAGE_MAP + ((owner >>> 12) << 2), 0);
    forgetAllFetches();
  }
  const page = load<u32>(0, TIME_POOL_BASE) + index * RECORD_PAGE_BYTES;
  dropTranslations(page);
  memory.copy(page, BLANK_PAGE, RECORD_PAGE_BYTES);
  store<u32>(POOL_OWNERS + (index << 2), physical);
  store<u32>(slot, page);
  forgetWrites(lineTag(physical));
  return page;
}

/** Makes the records of some physical bytes blank: their words have changed. */
export function staleRecords(physical: u32, bytes: u32): void {
  const end = physical + bytes;
  for (let word = physical & ~3; word < end; word += 4) {
    const page = load<u32>(PAGE_MAP + ((word >>> 12) << 2));
    if (!page) continue;
    dropTranslations(page);
    blank(page + ((word & 0xffc) << 2), OP_DECODE);
  }
}

/** Whether a physical page has records. */
export function hasRecords(physical: u32): bool {
  return load<u32>(PAGE_MAP + ((physical >>> 12) << 2)) != 0;
}

/** Fills the blank record at rp, which is in the current page. */
export function decodeRecord(rp: u32): void {
  const index = (rp - load<u32>(0, CORE_PAGE)) >>> 4;
  const physical = load<u32>(0, CORE_PAGE_PHYSICAL) + (index << 2);
  predecode(rp, bswap<u32>(load<u32>(RAM + physical)), index, physical);
  if ((load<u8>(PROBE_OFFSETS + (index >>> 3)) >>> (index & 7)) & 1) {
    store<u16>(rp, load<u16>(rp, RECORD_OP), RECORD_REAL_OP);
    store<u16>(rp, OP_PROBE, RECORD_OP);
  }
}

/** The instruction word of a record of the current page. */
export function wordAt(rp: u32): u32 {
  const physical = load<u32>(0, CORE_PAGE_PHYSICAL) + ((rp - load<u32>(0, CORE_PAGE)) >>> 2);
  return bswap<u32>(load<u32>(RAM + physical));
}

function fault(number: u32): u32 {
  store<u32>(0, number, CORE_TRAP);
  return 0;
}

/** Translates for fetching at a privilege level; all ones when it is a trap, left in CORE_TRAP. */
function translateFetch(space: u32, offset: u32): u32 {
  let physical = offset & ~3;
  if (load<u32>(0, CORE_PSW) & PSW_C) {
    const entry = tlbFind(I_TLB, space, offset);
    if (!entry) { fault(I_ITLB_MISS); return 0xffffffff; }
    const protection = load<u32>(entry, TLBE_PROTECTION);
    let allowed = rights(protection, offset & 3);
    if (load<u32>(0, CORE_PSW) & PSW_P) allowed = protectionIds(protection, allowed);
    if (!(allowed & EXECUTE)) { fault(I_INSTRUCTION_PROTECTION); return 0xffffffff; }
    physical = tlbPhysical(entry, offset & ~3);
  }
  if (physical >= load<u32>(0, TIME_MEMORY_SIZE)) { fault(I_HPMC); return 0xffffffff; }
  return physical;
}

/** Makes the page of an address the current one; 0 when it is a trap. */
function enter(space: u32, offset: u32): u32 {
  const privilege = load<u32>(0, CORE_PRIVILEGE);
  if ((offset & 3) != privilege) {
    const psw = load<u32>(0, CORE_PSW);
    if ((offset & 3) < privilege && psw & PSW_H) return fault(I_HIGHER_PRIVILEGE);
    if ((offset & 3) > privilege && psw & PSW_L) return fault(I_LOWER_PRIVILEGE);
    store<u32>(0, offset & 3, CORE_PRIVILEGE);
    store<u32>(0, 0, CORE_FETCH_FRONT);
  }
  selectContext();
  const entry = fetchEntry(load<u32>(0, CORE_FETCH_FRONT), offset);
  const tag = fetchTag(space, offset);
  if (load<u64>(entry) != tag) {
    const physical = translateFetch(space, offset);
    if (physical == 0xffffffff) return 0;
    store<u32>(entry, recordPage(physical & ~4095), 8);
    store<u32>(entry, physical & ~4095, 12);
    store<u64>(entry, tag);
  }
  enterPage(entry, space, offset);
  return load<u32>(entry, 8);
}

/** Makes the page of an I front entry the current one. */
// @ts-ignore: decorator
@inline export function enterPage(entry: u32, space: u32, offset: u32): void {
  const page = load<u32>(entry, 8), physical = load<u32>(entry, 12);
  store<u32>(0, space, CORE_SPACE);
  store<u32>(0, page, CORE_PAGE);
  store<u32>(0, physical, CORE_PAGE_PHYSICAL);
  store<u32>(0, (offset & 0xfffff003) - (page >>> 2), CORE_PC_BASE);
  store<u32>(0, lineBase(load<u32>(0, CORE_PSW) & PSW_C ? fetchHash(space) : 0, offset, page), CORE_LINE_BASE);
  store<u32>(0, lineTag(physical), CORE_LINE_TAG);
}

/**
 * rp is a LEAVE record: enters the page it leads to and leaves both pointers in CORE_RP, CORE_NRP.
 * Returns false, with everything as it was, when that is a trap.
 */
export function leave(rp: u32, nrp: u32): bool {
  const space = spaceOf(rp), offset = offsetOf(rp);
  const sequential = nrp == rp + SIZEOF_RECORD;
  const backSpace = spaceOf(nrp), backOffset = offsetOf(nrp);
  const page = enter(space, offset);
  if (!page) return false;
  const here = page + ((offset & 0xffc) << 2);
  let next = here + SIZEOF_RECORD;
  if (!sequential) {
    const near = load<u32>(0, CORE_SHAPE) != FAR;
    if (near && backSpace == space && !((backOffset ^ offset) & 0xfffff003) && backOffset != offset + 4) {
      next = page + ((backOffset & 0xffc) << 2);
    } else {
      next = inArea(nrp) ? nrp : AREA0;
      setArea(next, backSpace, backOffset);
    }
  }
  store<u32>(0, here, CORE_RP);
  store<u32>(0, next, CORE_NRP);
  store<u32>(0, 0, CORE_SHAPE);
  return true;
}

/** The level that GATE at an offset of the current space leads to: real mode is level 0. */
export function gateLevel(offset: u32): u32 {
  if (!(load<u32>(0, CORE_PSW) & PSW_C)) return 0;
  const entry = tlbFind(I_TLB, load<u32>(0, CORE_SPACE), offset);
  const type = entry ? (load<u32>(entry, TLBE_PROTECTION) >>> TLB_TYPE_SHIFT) & 7 : 0;
  return type >= 4 ? min(type - 4, offset & 3) : offset & 3;
}
