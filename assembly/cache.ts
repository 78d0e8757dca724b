// The caches, as far as time goes: tags and dirty bits, no data.
//
// Direct mapped, 32-byte lines, virtually indexed (address, folded with the space identifier when the
// hash is on), physically tagged, D write-back with allocation on a write miss; a miss costs 14
// cycles (paper §4.2; write-back cost is a parameter). Sizes and costs come from the configuration.
//
// A tag word is physical page | 2 (valid) | 1 (dirty). Comparing a tag with a page's line tag: equal
// is clean, differing in the last bit is dirty, so `(a ^ b) <= 1` is a hit.
import {
  CORE_LINE_BASE, CORE_LINE_TAG, COUNT_D_MISSES, COUNT_I_MISSES, COUNT_WRITE_BACKS, D_TAGS, FLOAT_EPOCH, FRONT_LINES,
  I_TAGS, TIME_D_HASH, TIME_D_MASK, TIME_D_MISS, TIME_I_HASH, TIME_I_MASK, TIME_I_MISS, TIME_WRITE_BACK,
} from "./generated/abi";

/** Adds to a 64-bit counter. */
// @ts-ignore: decorator
@inline export function count(counter: u32, by: u32): void { store<u64>(counter, load<u64>(counter) + by); }

/** What a space identifier contributes to cache indexes; `shift` 32 and more means nothing. */
// @ts-ignore: decorator
@inline export function spaceHash(space: u32, shift: u32): u32 { return shift < 32 ? space << shift : 0; }
// @ts-ignore: decorator
@inline export function dataHash(space: u32): u32 { return spaceHash(space, load<u32>(0, TIME_D_HASH)); }
// @ts-ignore: decorator
@inline export function fetchHash(space: u32): u32 { return spaceHash(space, load<u32>(0, TIME_I_HASH)); }

/** Line tag of a physical address. */
// @ts-ignore: decorator
@inline export function lineTag(physical: u32): u32 { return (physical & 0xfffff000) | 2; }

/** Address of the tag of the line of an address whose page has this front entry. */
// @ts-ignore: decorator
@inline export function dataLine(entry: u32, address: u32): u32 { return load<u32>(entry, FRONT_LINES) + ((address >>> 3) & 0x1fc); }

/** Address of the tag of the D line of an address; `hash` is 0 in real mode. */
// @ts-ignore: decorator
@inline export function dataLineOf(hash: u32, address: u32): u32 { return D_TAGS + (((address ^ hash) & load<u32>(0, TIME_D_MASK)) >>> 3); }

/** Address of the tag of the I line of an address. */
// @ts-ignore: decorator
@inline export function fetchLineOf(hash: u32, address: u32): u32 { return I_TAGS + (((address ^ hash) & load<u32>(0, TIME_I_MASK)) >>> 3); }

/** Fills a D line after a miss; returns the stall. */
// @ts-ignore: decorator
@inline export function fillLine(line: u32, tag: u32): u32 {
  let stall = load<u32>(0, TIME_D_MISS);
  count(COUNT_D_MISSES, 1);
  if (load<u32>(line) & 1) stall += writeBack();
  store<u32>(line, tag);
  return stall;
}

/** A store to a line that is not this page's dirty line: marks it, filling it when it is a miss. */
// @ts-ignore: decorator
@inline export function writeLine(line: u32, tag: u32): u32 {
  let stall: u32 = 0;
  if (load<u32>(line) != tag) stall = fillLine(line, tag);
  store<u32>(line, tag | 1);
  return stall;
}

/** A dirty line goes to memory. */
// @ts-ignore: decorator
@inline export function writeBack(): u32 {
  count(COUNT_WRITE_BACKS, 1);
  return load<u32>(0, TIME_WRITE_BACK);
}

/** Fills an I line after a miss; returns the stall. */
// @ts-ignore: decorator
@inline export function fetchLine(line: u32, tag: u32): u32 {
  count(COUNT_I_MISSES, 1);
  store<u32>(line, tag);
  const stall = load<u32>(0, TIME_I_MISS);
  // Floating-point times leave I stalls out: see float/timing.ts.
  store<u32>(0, load<u32>(0, FLOAT_EPOCH) - stall, FLOAT_EPOCH);
  return stall;
}

/**
 * Looks up the I lines of the records from `first` to `last`, both in the current page; returns the
 * stalls. Eight records (128 bytes) are one line; base + (record >>> 5) is its tag's address.
 */
// @ts-ignore: decorator
@inline export function fetchLines(first: u32, last: u32): u32 {
  const base = load<u32>(0, CORE_LINE_BASE), tag = load<u32>(0, CORE_LINE_TAG);
  let stall: u32 = 0;
  for (let record = first & ~127; record <= last; record += 128) {
    const line = base + (record >>> 5);
    if (load<u32>(line) != tag) stall += fetchLine(line, tag);
  }
  return stall;
}

/** Address of the tag that `fetchLines` finds by record, for a page of records at `page`. */
// @ts-ignore: decorator
@inline export function lineBase(hash: u32, address: u32, page: u32): u32 {
  return fetchLineOf(hash, address & 0xfffff000) - (page >>> 5);
}
