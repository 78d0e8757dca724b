// Watchpoints: the host's interest in data accesses, by address.
//
// A page that has one never gets into a front, so every access to it comes through memory.ts, which
// asks here; all other pages run at full speed. A met watchpoint is noted, the instruction completes,
// and the run loop stops behind it (run.ts). Costs no cycles; the guest cannot see it.
import { offsetOf, wordAt } from "./fetch";
import {
  CORE_WATCH_ADDRESS, CORE_WATCH_AT, CORE_WATCH_COUNT, CORE_WATCH_MET, CORE_WATCH_SIZE, CORE_WATCH_SPACE,
  CORE_WATCH_WANTED, SIZEOF_WATCH, WATCHES, WATCH_ANY_SPACE, WATCH_FIRST, WATCH_KIND, WATCH_LAST,
  WATCH_PHYSICAL, WATCH_SPACE,
} from "./generated/abi";

const PAGE_MASK: u32 = 0xfffff000;

/** STBYS, which stores from its address to an end of the word; other accesses of one byte do not. */
function storesBytes(word: u32): bool { return (word & 0xfc0013c0) == 0x0c001300; }
/** Its completer E: up to, but without, the byte at its address; else from there on. */
const STORES_END: u32 = 0x2000;

/** Whether a watchpoint concerns the page of an access; notes the first that the access itself meets. */
export function meetsWatch(space: u32, address: u32, physical: u32, size: u32, wanted: u32): bool {
  let concerned = false;
  const count = load<u32>(0, CORE_WATCH_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const watch = WATCHES + i * SIZEOF_WATCH, kind = load<u32>(watch, WATCH_KIND);
    if (!(kind & (WATCH_PHYSICAL | WATCH_ANY_SPACE)) && load<u32>(watch, WATCH_SPACE) != space) continue;
    const at = kind & WATCH_PHYSICAL ? physical : address;
    const first = load<u32>(watch, WATCH_FIRST), last = load<u32>(watch, WATCH_LAST);
    if ((at & PAGE_MASK) > last || (at | ~PAGE_MASK) < first) continue;
    concerned = true;
    // One byte may be STBYS, whose bytes are anywhere in the word: watchMet looks again.
    const from = size == 1 ? at & ~3 : at, to = size == 1 ? at | 3 : at + size - 1;
    if (!(kind & wanted) || from > last || to < first || load<u32>(0, CORE_WATCH_MET)) continue;
    store<u32>(0, i + 1, CORE_WATCH_MET);
    store<u32>(0, at, CORE_WATCH_ADDRESS);
    store<u32>(0, kind & WATCH_PHYSICAL ? 0 : space, CORE_WATCH_SPACE);
    store<u32>(0, size, CORE_WATCH_SIZE);
    store<u32>(0, wanted, CORE_WATCH_WANTED);
  }
  return concerned;
}

/** Whether the instruction at `rp`, which has just run, met a watchpoint; then it is noted. */
export function watchMet(rp: u32): bool {
  const met = load<u32>(0, CORE_WATCH_MET);
  if (!met) return false;
  if (load<u32>(0, CORE_WATCH_SIZE) == 1) {
    const watch = WATCHES + (met - 1) * SIZEOF_WATCH, at = load<u32>(0, CORE_WATCH_ADDRESS), word = wordAt(rp);
    let first = at, last = at;
    if (storesBytes(word)) {
      if (word & STORES_END) first = at & ~3, last = at - 1;
      else last = at | 3;
    }
    if (last < first || last < load<u32>(watch, WATCH_FIRST) || first > load<u32>(watch, WATCH_LAST)) {
      store<u32>(0, 0, CORE_WATCH_MET);
      return false;
    }
  }
  store<u32>(0, offsetOf(rp), CORE_WATCH_AT);
  return true;
}
