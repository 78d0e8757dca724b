// Escapes and probes: what the host has attached to addresses.
//
// Both are open-addressed tables in linear memory that only the host writes (host/machine/attach.ts).
// Escapes are physical word addresses plus 1. A probe is {virtual address, space or any, id, used};
// its record runs a pseudo-operation that costs no cycles, writes an event and runs the instruction. A
// breakpoint is a probe with the id BREAKPOINT: the run stops before its instruction.
import {
  CORE_EVENT_COUNT, ESCAPES, ESCAPE_SLOTS, EVENTS, EVENT_ADDRESS, EVENT_CYCLE, EVENT_ID, EVENT_SLOTS, EVENT_SPACE,
  EVENT_WORD, PROBES, PROBE_SLOTS, SIZEOF_EVENT,
} from "./generated/abi";

/** A probe that holds in every space. */
const ANY_SPACE: u32 = 0xffffffff;

/** Whether the host registered this physical address. */
export function isEscape(physical: u32): bool {
  let slot = (physical >>> 2) & (ESCAPE_SLOTS - 1);
  for (let i: u32 = 0; i < ESCAPE_SLOTS; i++) {
    const entry = load<u32>(ESCAPES + (slot << 2));
    if (entry == physical + 1) return true;
    if (!entry) return false;
    slot = (slot + 1) & (ESCAPE_SLOTS - 1);
  }
  return false;
}

/** Id of a probe that stops the run. */
const BREAKPOINT: u32 = 0xffffffff;

/** Whether a probe entry holds at an address, privilege bits left out. */
function holds(entry: u32, space: u32, address: u32): bool {
  const wanted = load<u32>(entry, 4);
  return load<u32>(entry) == address && (wanted == ANY_SPACE || wanted == space);
}

/** Id of the probe at an address, of a breakpoint or of the other kind; 0 when there is none. */
function probeAt(space: u32, offset: u32, breakpoint: bool): u32 {
  const address = offset & ~3;
  let slot = (address >>> 2) & (PROBE_SLOTS - 1);
  for (let i: u32 = 0; i < PROBE_SLOTS; i++) {
    const entry = PROBES + (slot << 4);
    if (!load<u32>(entry, 12)) return 0;
    const id = load<u32>(entry, 8);
    if (holds(entry, space, address) && (id == BREAKPOINT) == breakpoint) return id;
    slot = (slot + 1) & (PROBE_SLOTS - 1);
  }
  return 0;
}

export function isBreakpoint(space: u32, offset: u32): bool { return probeAt(space, offset, true) != 0; }

/** Writes an event for the probe at an address, if one holds in this space. */
export function logProbe(space: u32, address: u32, cycle: u64): void {
  const id = probeAt(space, address, false);
  if (id) logEvent(id, space, address, cycle, 0);
}

/** Writes an event. The ring has room. */
export function logEvent(id: u32, space: u32, address: u32, cycle: u64, word: u32): void {
  const number = load<u32>(0, CORE_EVENT_COUNT);
  const slot = EVENTS + (number & (EVENT_SLOTS - 1)) * SIZEOF_EVENT;
  store<u32>(slot, id, EVENT_ID);
  store<u32>(slot, address, EVENT_ADDRESS);
  store<u64>(slot, cycle, EVENT_CYCLE);
  store<u32>(slot, space, EVENT_SPACE);
  store<u32>(slot, word, EVENT_WORD);
  store<u32>(0, number + 1, CORE_EVENT_COUNT);
}
