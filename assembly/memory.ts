// Data accesses that the front does not know: exact TLB, rights, traps, and filling the front.
//
// The fast path is text in the loop (loop.template.ts); it calls here when the tags differ. The answer
// is a front entry, with which the fast path goes on, or 0 when the access is a trap; the trap's number,
// space and offset are then in CORE_TRAP, CORE_FAULT_SPACE and CORE_FAULT_OFFSET. Order of traps as in
// the manual's group 3: TLB miss 15, protection or alignment 18, break 19, dirty 20, reference 21. Where
// 18 is split (PA-7100 and later), rights 26, identifier 27 and alignment 28 take its place.
import { accessTag, frontEntry, NO_TAG, noteMember, selectContext } from "./context";
import { dataHash, dataLineOf, lineTag } from "./cache";
import { hasRecords, staleRecords } from "./fetch";
import { meetsWatch } from "./watch";
import { protectionIds, READ, rights, tlbFind, tlbPhysical, WRITE } from "./tlb";
import {
  CORE_FAULT_OFFSET, CORE_FAULT_SPACE, CORE_FRONT, CORE_PRIVILEGE, CORE_PSW, CORE_TRAP, CORE_WATCH_COUNT, D_TLB,
  FRONT_DELTA, FRONT_LINES, FRONT_LINE_TAG, FRONT_READ_TAG, FRONT_WRITE_TAG, I_DATA_BREAK,
  I_DATA_ACCESS_RIGHTS, I_DATA_PROTECTION, I_DATA_PROTECTION_ID, I_DIRTY, I_DTLB_MISS, I_HPMC, I_PAGE_REFERENCE,
  I_UNALIGNED_DATA, PSW_D, PSW_P, PSW_X, RAM, SCRATCH_ENTRY, TIME_MEMORY_SIZE, TIME_SPLIT_PROTECTION,
  TLBE_PROTECTION, TLB_B, TLB_D, TLB_T,
} from "./generated/abi";

/** Records a data trap; returns 0. */
export function dataFault(number: u32, space: u32, offset: u32): u32 {
  store<u32>(0, number, CORE_TRAP);
  store<u32>(0, space, CORE_FAULT_SPACE);
  store<u32>(0, offset, CORE_FAULT_OFFSET);
  return 0;
}

/** One of the three causes of interruption 18, under the number that it has here. */
function protectionFault(number: u32, space: u32, offset: u32): u32 {
  return dataFault(load<u32>(0, TIME_SPLIT_PROTECTION) ? number : I_DATA_PROTECTION, space, offset);
}

/** What a protection word allows now: READ and WRITE bits after rights and protection ids. */
export function allowedData(protection: u32, privilege: u32): u32 {
  const allowed = rights(protection, privilege);
  return load<u32>(0, CORE_PSW) & PSW_P ? protectionIds(protection, allowed) : allowed;
}

/**
 * A load (READ), store (WRITE) or semaphore (both) of `size` bytes, 1 when it may be unaligned.
 * Returns a front entry for it, or 0 when it is a trap.
 */
export function dataAccess(space: u32, address: u32, size: u32, wanted: u32): u32 {
  const psw = load<u32>(0, CORE_PSW);
  let physical = address, readable = true, writable = true;
  if (psw & PSW_D) {
    const found = tlbFind(D_TLB, space, address);
    if (!found) return dataFault(I_DTLB_MISS, space, address);
    const protection = load<u32>(found, TLBE_PROTECTION);
    const allowed = allowedData(protection, load<u32>(0, CORE_PRIVILEGE));
    if ((allowed & wanted) != wanted) {
      const byRights = (rights(protection, load<u32>(0, CORE_PRIVILEGE)) & wanted) != wanted;
      return protectionFault(byRights ? I_DATA_ACCESS_RIGHTS : I_DATA_PROTECTION_ID, space, address);
    }
    if (address & (size - 1)) return protectionFault(I_UNALIGNED_DATA, space, address);
    if (wanted & WRITE) {
      if (protection & TLB_B && !(psw & PSW_X)) return dataFault(I_DATA_BREAK, space, address);
      if (!(protection & TLB_D)) return dataFault(I_DIRTY, space, address);
    }
    if (protection & TLB_T) return dataFault(I_PAGE_REFERENCE, space, address);
    physical = tlbPhysical(found, address);
    readable = (allowed & READ) != 0;
    writable = (allowed & WRITE) != 0 && (protection & (TLB_D | TLB_B)) == TLB_D;
  } else if (address & (size - 1)) return protectionFault(I_UNALIGNED_DATA, space, address);
  if (physical >= load<u32>(0, TIME_MEMORY_SIZE)) return dataFault(I_HPMC, space, address);

  selectContext();
  if (load<u32>(0, CORE_WATCH_COUNT) && meetsWatch(space, address, physical, size, wanted)) {
    readable = false;
    writable = false;
  }
  const code = hasRecords(physical);
  const tag = accessTag(space, address, 1);
  let entry = frontEntry(load<u32>(0, CORE_FRONT), address);
  if (!readable && !writable || wanted & WRITE && (code || !writable)) {
    if (wanted & WRITE && code) staleRecords(physical, size == 1 ? 4 - (physical & 3) : size);
    entry = SCRATCH_ENTRY;
  } else {
    store<u64>(entry, readable ? tag : NO_TAG, FRONT_READ_TAG);
    store<u64>(entry, writable && !code ? tag : NO_TAG, FRONT_WRITE_TAG);
    noteMember(address);
  }
  fillEntry(entry, address, physical, psw & PSW_D ? dataHash(space) : 0);
  return entry;
}

function fillEntry(entry: u32, address: u32, physical: u32, hash: u32): void {
  store<u32>(entry, RAM + physical - address, FRONT_DELTA);
  store<u32>(entry, dataLineOf(hash, address & 0xfffff000), FRONT_LINES);
  store<u32>(entry, lineTag(physical), FRONT_LINE_TAG);
}

/** LDWA, STWA: the address is physical; nothing is translated or protected. */
export function absoluteAccess(address: u32, wanted: u32): u32 {
  if (address & 3) return protectionFault(I_UNALIGNED_DATA, 0, address);
  if (address >= load<u32>(0, TIME_MEMORY_SIZE)) return dataFault(I_HPMC, 0, address);
  if (load<u32>(0, CORE_WATCH_COUNT)) meetsWatch(0, address, address, 4, wanted);
  if (wanted & WRITE && hasRecords(address)) staleRecords(address, 4);
  fillEntry(SCRATCH_ENTRY, address, address, 0);
  return SCRATCH_ENTRY;
}
