// Clauses of TLB, probe and cache instructions (PA-RISC 1.1 manual, chapter 5).
//
// Each answers 0 or the number of an interruption. They are calls: none is on a hot path but the
// inserts of the TLB handlers.
import { count, dataHash, dataLineOf, fetchHash, fetchLineOf, lineTag, writeBack } from "../cache";
import { allowedData, dataFault } from "../memory";
import { READ, tlbFind, tlbInsertAddress, tlbInsertProtection, tlbPhysical, tlbPurge, tlbPurgeAll, WRITE } from "../tlb";
import { gr, setGr, sr, Byte, Source, Target, Trap } from "../state";
import { selectSpace } from "./system";
import {
  CORE_PSW, CORE_STALL, COUNT_FLUSH, D_TAGS, D_TLB, I_DTLB_NON_ACCESS, I_ITLB_NON_ACCESS, I_TLB, PSW_C,
  PSW_D, TIME_FLUSH_HIT, TLBE_PROTECTION,
} from "../generated/abi";

/** Address of an indexed form; with `m` the base is used as it is and the index added to it later. */
// @ts-ignore: decorator
@inline function indexed(b: Source, x: Source, m: u32): u32 { return m ? gr(b) : gr(b) + gr(x); }
// @ts-ignore: decorator
@inline function modify(b: Source, x: Source, m: u32, bOut: Target): void { if (m) setGr(bOut, gr(b) + gr(x)); }

export function insertDataTlbAddress(b: Source, s: Byte, r: Source): Trap {
  tlbInsertAddress(D_TLB, selectSpace(s, gr(b)), gr(b), gr(r));
  return 0;
}

export function insertDataTlbProtection(b: Source, s: Byte, r: Source): Trap {
  tlbInsertProtection(D_TLB, selectSpace(s, gr(b)), gr(b), gr(r));
  return 0;
}

export function insertInstructionTlbAddress(b: Source, sr: Byte, r: Source): Trap {
  tlbInsertAddress(I_TLB, spaceRegister(sr), gr(b), gr(r));
  return 0;
}

export function insertInstructionTlbProtection(b: Source, sr: Byte, r: Source): Trap {
  tlbInsertProtection(I_TLB, spaceRegister(sr), gr(b), gr(r));
  return 0;
}

function spaceRegister(number: u32): u32 { return sr(number); }

export function purgeDataTlb(b: Source, x: Source, s: Byte, m: Byte, bOut: Target): Trap {
  tlbPurge(D_TLB, selectSpace(s, gr(b)), indexed(b, x, m));
  modify(b, x, m, bOut);
  return 0;
}

export function purgeInstructionTlb(b: Source, x: Source, sr: Byte, m: Byte, bOut: Target): Trap {
  tlbPurge(I_TLB, spaceRegister(sr), indexed(b, x, m));
  modify(b, x, m, bOut);
  return 0;
}

export function purgeDataTlbEntry(b: Source, x: Source, m: Byte, bOut: Target): Trap {
  tlbPurgeAll(D_TLB);
  modify(b, x, m, bOut);
  return 0;
}

export function purgeInstructionTlbEntry(b: Source, x: Source, m: Byte, bOut: Target): Trap {
  tlbPurgeAll(I_TLB);
  modify(b, x, m, bOut);
  return 0;
}

/** PROBE: whether an access would be allowed at a privilege level; a TLB miss is a trap. */
function probe(b: Source, s: u32, privilege: u32, wanted: u32, t: Target): Trap {
  const address = gr(b), space = selectSpace(s, address);
  if (!(load<u32>(0, CORE_PSW) & PSW_D)) {
    setGr(t, 1);
    return 0;
  }
  const entry = tlbFind(D_TLB, space, address);
  if (!entry) return nonAccessMiss(space, address);
  setGr(t, u32((allowedData(load<u32>(entry, TLBE_PROTECTION), privilege & 3) & wanted) != 0));
  return 0;
}

function nonAccessMiss(space: u32, address: u32): Trap {
  dataFault(I_DTLB_NON_ACCESS, space, address);
  return I_DTLB_NON_ACCESS;
}

export function probeRead(b: Source, s: Byte, r: Source, t: Target): Trap { return probe(b, s, gr(r), READ, t); }
export function probeReadImmediate(b: Source, s: Byte, u5: Byte, t: Target): Trap { return probe(b, s, u5, READ, t); }
export function probeWrite(b: Source, s: Byte, r: Source, t: Target): Trap { return probe(b, s, gr(r), WRITE, t); }
export function probeWriteImmediate(b: Source, s: Byte, u5: Byte, t: Target): Trap { return probe(b, s, u5, WRITE, t); }

/** LPA: the physical address of a data address; a TLB miss is a trap. */
export function loadPhysicalAddress(b: Source, x: Source, s: Byte, m: Byte, t: Target, bOut: Target): Trap {
  const address = indexed(b, x, m), space = selectSpace(s, gr(b));
  const entry = tlbFind(D_TLB, space, address);
  if (!entry) return nonAccessMiss(space, address);
  modify(b, x, m, bOut);
  setGr(t, tlbPhysical(entry, address));
  return 0;
}

/** LCI: two addresses with the same index share D-cache lines. */
export function loadCoherenceIndex(b: Source, x: Source, s: Byte, t: Target): Trap {
  setGr(t, (dataLineOf(dataHash(selectSpace(s, gr(b))), gr(b) + gr(x)) - D_TAGS) >>> 2);
  return 0;
}

/** Takes a line out of the D-cache; `tag` is 0 for whatever is there. */
function dropDataLine(line: u32, tag: u32, keepsData: u32): void {
  const old = load<u32>(line);
  if (!old || (tag && (old ^ tag) > 1)) return;
  const hit = load<u32>(0, TIME_FLUSH_HIT);
  count(COUNT_FLUSH, hit);
  store<u32>(line, 0);
  store<u32>(0, keepsData && old & 1 ? hit + writeBack() : hit, CORE_STALL);
}

/** FDC, PDC: by address; needs a translation, because lines are physically tagged. */
function dropDataAddress(b: Source, x: Source, s: u32, m: u32, bOut: Target, keepsData: u32): Trap {
  const address = indexed(b, x, m), space = selectSpace(s, gr(b));
  let physical = address, hash: u32 = 0;
  if (load<u32>(0, CORE_PSW) & PSW_D) {
    const entry = tlbFind(D_TLB, space, address);
    if (!entry) return nonAccessMiss(space, address);
    physical = tlbPhysical(entry, address);
    hash = dataHash(space);
  }
  dropDataLine(dataLineOf(hash, address), lineTag(physical), keepsData);
  modify(b, x, m, bOut);
  return 0;
}

export function flushDataCache(b: Source, x: Source, s: Byte, m: Byte, bOut: Target): Trap { return dropDataAddress(b, x, s, m, bOut, 1); }
export function purgeDataCache(b: Source, x: Source, s: Byte, m: Byte, bOut: Target): Trap { return dropDataAddress(b, x, s, m, bOut, 0); }

/** FDCE: by index alone. */
export function flushDataCacheEntry(b: Source, x: Source, m: Byte, bOut: Target): Trap {
  dropDataLine(dataLineOf(0, indexed(b, x, m)), 0, 1);
  modify(b, x, m, bOut);
  return 0;
}

/** FIC: by address, through the I-TLB. */
export function flushInstructionCache(b: Source, x: Source, sr: Byte, m: Byte, bOut: Target): Trap {
  const address = indexed(b, x, m), space = spaceRegister(sr);
  let physical = address, hash: u32 = 0;
  if (load<u32>(0, CORE_PSW) & PSW_C) {
    const entry = tlbFind(I_TLB, space, address);
    if (!entry) {
      dataFault(I_ITLB_NON_ACCESS, space, address);
      return I_ITLB_NON_ACCESS;
    }
    physical = tlbPhysical(entry, address);
    hash = fetchHash(space);
  }
  const line = fetchLineOf(hash, address);
  if (load<u32>(line) == lineTag(physical)) store<u32>(line, 0);
  modify(b, x, m, bOut);
  return 0;
}

/** FICE: by index alone. */
export function flushInstructionCacheEntry(b: Source, x: Source, m: Byte, bOut: Target): Trap {
  store<u32>(fetchLineOf(0, indexed(b, x, m)), 0);
  modify(b, x, m, bOut);
  return 0;
}
