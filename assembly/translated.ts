// Translated code, as far as the core knows it: where it begins, and where it is worth while.
//
// The host makes functions of hot code (host/machine/translator) and puts them into the table; a record at
// which one begins has the operation TRANSLATED, with its own kept beside, as a probe's. A function is made
// of the records of its page: whoever changes one of them calls dropTranslations for the page, and then no
// record leads to the function any more. None of it takes simulated time.
import { OP_TRANSLATED } from "./generated/operations";
import {
  CORE_HOT, CORE_HOT_AFTER, CORE_HOT_PAGE, HOT_PLACES, HOT_PLACE_SLOTS, LAST_RECORD, NOTED_TARGETS, NOTED_TARGET_SLOTS, POOL_MAXIMUM, RECORD_OP, RECORD_PAGE_BYTES, RECORD_REAL_OP,
  SIZEOF_RECORD, TIME_POOL_BASE, TIME_POOL_PAGES, TRANSLATED_PAGES, TRANSLATIONS, TRANSLATION_SLOTS,
} from "./generated/abi";
import { page } from "./loop-state";

/** Twice as many places as there are functions. */
const SLOTS: u32 = 2 * TRANSLATION_SLOTS;

/** Where a place is, or would be, in a table of `slots` pairs {record, value}. */
// @ts-ignore: decorator
@inline function slotOf(table: u32, slots: u32, record: u32): u32 { return table + (((record >>> 4) & (slots - 1)) << 3); }

function find(record: u32): u32 {
  let slot = slotOf(TRANSLATIONS, SLOTS, record);
  while (load<u32>(slot) != record && load<u32>(slot)) {
    slot += 8;
    if (slot == TRANSLATIONS + (SLOTS << 3)) slot = TRANSLATIONS;
  }
  return slot;
}

/** Index of the function that begins at a TRANSLATED record. */
// @ts-ignore: decorator
@inline export function translationOf(record: u32): u32 { return load<u32>(find(record), 4); }

/**
 * Notes where a register branch at `record` has led, in the page: there are many, and the last ones are
 * kept. `skip` is 1 when the slot was nullified.
 */
// @ts-ignore: decorator
@inline export function noteTarget(record: u32, target: u32, skip: u32): void {
  const slot = slotOf(NOTED_TARGETS, NOTED_TARGET_SLOTS, record ^ target);
  store<u32>(slot, record);
  store<u32>(slot, target + skip, 4);
}

/** Number of the operation, for the host. */
export function translatedOp(): u32 { return OP_TRANSLATED; }

// @ts-ignore: decorator
@inline function markOf(records: u32): u32 { return TRANSLATED_PAGES + (records - load<u32>(0, TIME_POOL_BASE)) / RECORD_PAGE_BYTES; }

/** Makes a record of a page lead to a function. */
export function setTranslation(record: u32, records: u32, index: u32): void {
  const slot = find(record);
  store<u32>(slot, record);
  store<u32>(slot, index, 4);
  if (<u32>load<u16>(record) == OP_TRANSLATED) return;
  store<u16>(record, load<u16>(record, RECORD_OP), RECORD_REAL_OP);
  store<u16>(record, OP_TRANSLATED, RECORD_OP);
  store<u8>(markOf(records), 1);
}

/** Takes a page's marks away: its records are about to change. */
// @ts-ignore: decorator
@inline export function dropTranslations(records: u32): void { if (load<u8>(markOf(records))) unmark(records); }

function unmark(records: u32): void {
  store<u8>(markOf(records), 0);
  for (let record = records; record <= records + LAST_RECORD; record += SIZEOF_RECORD)
    if (<u32>load<u16>(record) == OP_TRANSLATED) store<u16>(record, load<u16>(record, RECORD_REAL_OP), RECORD_OP);
}

/** Takes all marks away: the host begins anew. */
export function forgetTranslations(): void {
  for (let index: u32 = 0; index < load<u32>(0, TIME_POOL_PAGES); index++)
    dropTranslations(load<u32>(0, TIME_POOL_BASE) + index * RECORD_PAGE_BYTES);
  memory.fill(TRANSLATIONS, 0, SLOTS << 3);
}

/** No page has marks, and no place was met: no page has records. */
export function resetTranslations(): void {
  memory.fill(TRANSLATED_PAGES, 0, POOL_MAXIMUM);
  memory.fill(TRANSLATIONS, 0, SLOTS << 3);
  memory.fill(HOT_PLACES, 0, HOT_PLACE_SLOTS << 3);
  memory.fill(NOTED_TARGETS, 0, NOTED_TARGET_SLOTS << 3);
}

/** Takes down that a place was met; whether it is hot now. */
// @ts-ignore: decorator
@inline export function meet(place: u32, weight: u32): bool {
  if (<u32>load<u16>(place) >= OP_TRANSLATED) return false;
  const slot = slotOf(HOT_PLACES, HOT_PLACE_SLOTS, place);
  const times = load<u32>(slot) == place ? load<u32>(slot, 4) + weight : weight;
  store<u32>(slot, place);
  store<u32>(slot, times, 4);
  if (times < load<u32>(0, CORE_HOT_AFTER) || !load<u32>(0, CORE_HOT_AFTER)) return false;
  store<u32>(slot, 0, 4);
  store<u32>(0, place, CORE_HOT);
  store<u32>(0, page(), CORE_HOT_PAGE);
  return true;
}

/** An arrival from another page, or from an interruption, is one that is counted; of branches, one in many is. */
export const ARRIVED: u32 = 1;
const SAMPLE: u32 = 1024;

/**
 * A slice has ended behind a taken branch, at (rp, nrp): whether the place that it leads to should be
 * translated. It is then in CORE_HOT and CORE_HOT_PAGE.
 */
export function isHot(rp: u32, nrp: u32): bool {
  const place = nrp == rp + SIZEOF_RECORD ? rp : nrp;
  return place - page() <= LAST_RECORD && meet(place, SAMPLE);
}
