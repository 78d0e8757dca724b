/**
 * Escapes, probes and the event ring: what the host hangs on addresses of the guest. The tables lie
 * in the core's memory (host/abi/machine.ts); assembly/probe.ts reads them, only this file writes.
 */
import { coreState, event, REGION } from "../abi/machine.ts";
import { panic } from "../diagnostic.ts";
import type { Core } from "./core.ts";

const PAGE_MASK = 0xfff;
const ANY_SPACE = 0xffffffff;

/** A probe that was passed. */
export interface MachineEvent {
  readonly id: number;
  /** Address of the instruction, its privilege level in the low two bits. */
  readonly address: number;
  /** Cycles since the machine was made, when the instruction was about to run. */
  readonly cycle: number;
}

/** Adds a physical address to the escapes. Adding it again does nothing. */
export function addEscape(core: Core, address: number): void {
  const base = REGION.ESCAPES >>> 2;
  for (let i = 0; i < REGION.ESCAPE_SLOTS; i++) {
    const slot = base + (((address >>> 2) + i) & (REGION.ESCAPE_SLOTS - 1));
    if (core.words[slot] === address + 1) return;
    if (core.words[slot] !== 0) continue;
    core.words[slot] = address + 1;
    core.exports.staleRecords(address, 4);
    return;
  }
  panic(`registerEscape: more than ${REGION.ESCAPE_SLOTS} escapes`);
}

/** Adds a probe at a virtual address, in one space or in all. */
export function addProbe(core: Core, address: number, id: number, space = ANY_SPACE): void {
  if (id === 0) panic("setProbe: id 0 means no probe");
  const { words } = core;
  for (let i = 0; i < REGION.PROBE_SLOTS; i++) {
    const slot = (REGION.PROBES >>> 2) + ((((address >>> 2) + i) & (REGION.PROBE_SLOTS - 1)) << 2);
    const used = words[slot + 3] !== 0;
    if (used && (words[slot] !== address || words[slot + 1] !== space)) continue;
    words.set([address, space, id, 1], slot);
    markOffset(core, address & PAGE_MASK);
    return;
  }
  panic(`setProbe: more than ${REGION.PROBE_SLOTS} probes`);
}

/** Removes all probes. */
export function removeProbes(core: Core): void {
  const first = REGION.PROBES >>> 2;
  const offsets = new Uint8Array(core.buffer, REGION.PROBE_OFFSETS, 128);
  core.words.fill(0, first, first + REGION.PROBE_SLOTS * 4);
  for (let index = 0; index < 1024; index++)
    if (offsets[index >>> 3]! & (1 << (index & 7))) staleEverywhere(core, index << 2);
  offsets.fill(0);
}

/** Records at this offset of any page must ask for probes from now on. */
function markOffset(core: Core, offset: number): void {
  const index = offset >>> 2;
  new Uint8Array(core.buffer, REGION.PROBE_OFFSETS, 128)[index >>> 3]! |= 1 << (index & 7);
  staleEverywhere(core, offset);
}

function staleEverywhere(core: Core, offset: number): void {
  const owners = REGION.POOL_OWNERS >>> 2;
  for (let i = 0; i < REGION.POOL_MAXIMUM; i++) {
    const physical = core.words[owners + i]!;
    if (physical !== ANY_SPACE) core.exports.staleRecords(physical + offset, 4);
  }
}

/** Takes the events out of the ring. */
export function takeEvents(core: Core): MachineEvent[] {
  const events: MachineEvent[] = [];
  const written = core.state("event_count");
  for (let number = core.state("event_read"); number !== written; number = (number + 1) >>> 0) {
    const slot = (REGION.EVENTS + (number & (REGION.EVENT_SLOTS - 1)) * event.size) >>> 2;
    const word = (field: keyof typeof event.offset, index = 0): number =>
      core.words[slot + (event.offset[field] >>> 2) + index]!;
    events.push({
      id: word("id"),
      address: word("address"),
      cycle: word("cycle") + word("cycle", 1) * 2 ** 32,
    });
  }
  core.set(coreState, "event_read", written);
  return events;
}
