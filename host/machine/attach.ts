/**
 * Escapes, probes, breakpoints, watchpoints and the event ring: what the host hangs on addresses of the
 * guest. The tables lie in the core's memory (host/abi/machine.ts); assembly/probe.ts and watch.ts read
 * them, only this file writes. None of it takes simulated time.
 */
import { coreState, event, REGION, watch, WATCH_KIND } from "../abi/machine.ts";
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

/** Called for every instruction that is about to run, when a machine is traced. */
export type Tracer = (
  /** Address of the instruction, its privilege level in the low two bits. */
  address: number,
  space: number,
  /** Cycles since the machine was made, when the instruction before it had ended. */
  cycle: number,
  /** The instruction. */
  word: number,
) => void;

/** A range of addresses whose accesses stop a run. */
export interface Watchpoint {
  readonly address: number;
  /** In bytes; 4 by default. */
  readonly length?: number;
  readonly access?: "read" | "write" | "both";
  /** The space of a virtual address; without it, the address counts in every space. */
  readonly space?: number;
  /** Whether the address is physical: then every way to the memory counts. */
  readonly physical?: boolean;
}

/** An access that met a watchpoint. */
export interface WatchHit {
  readonly watchpoint: Watchpoint;
  readonly address: number;
  readonly space: number;
  readonly access: "read" | "write" | "both";
  /** Address of the instruction, its privilege level in the low two bits. */
  readonly at: number;
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

/** Id of a probe that stops the run. */
const BREAKPOINT = 0xffffffff;

/** Adds a probe at a virtual address, in one space or in all. */
export function addProbe(core: Core, address: number, id: number, space = ANY_SPACE): void {
  if (id === 0 || id === BREAKPOINT) panic(`setProbe: not an id of a probe: ${id}`);
  putProbe(core, [address, space, id]);
}

/** Adds a breakpoint. Adding it again does nothing. */
export function addBreakpoint(core: Core, address: number, space = ANY_SPACE): void {
  putProbe(core, [address, space, BREAKPOINT]);
}

type Entry = readonly [address: number, space: number, id: number];

function putProbe(core: Core, entry: Entry): void {
  const [address, space, id] = entry;
  const { words } = core;
  for (let i = 0; i < REGION.PROBE_SLOTS; i++) {
    const slot = (REGION.PROBES >>> 2) + ((((address >>> 2) + i) & (REGION.PROBE_SLOTS - 1)) << 2);
    const same =
      words[slot] === address &&
      words[slot + 1] === space &&
      (words[slot + 2] === BREAKPOINT) === (id === BREAKPOINT);
    if (words[slot + 3] !== 0 && !same) continue;
    words.set([...entry, 1], slot);
    markOffset(core, address & PAGE_MASK);
    return;
  }
  panic(`setProbe: more than ${REGION.PROBE_SLOTS} probes`);
}

/** Probes and breakpoints, as they were added. */
function entries({ words }: Core): Entry[] {
  return Array.from({ length: REGION.PROBE_SLOTS }, (_, i) => (REGION.PROBES >>> 2) + (i << 2))
    .filter((slot) => words[slot + 3] !== 0)
    .map((slot) => [words[slot]!, words[slot + 1]!, words[slot + 2]!]);
}

/** Keeps those probes and breakpoints for which `keep` is true. */
function keepProbes(core: Core, keep: (entry: Entry) => boolean): void {
  const kept = entries(core).filter(keep);
  const first = REGION.PROBES >>> 2;
  const offsets = new Uint8Array(core.buffer, REGION.PROBE_OFFSETS, 128);
  core.words.fill(0, first, first + REGION.PROBE_SLOTS * 4);
  for (let index = 0; index < 1024; index++)
    if (offsets[index >>> 3]! & (1 << (index & 7))) staleEverywhere(core, index << 2);
  offsets.fill(0);
  for (const entry of kept) putProbe(core, entry);
}

/** Removes all probes; breakpoints stay. */
export function removeProbes(core: Core): void {
  keepProbes(core, ([, , id]) => id === BREAKPOINT);
}

/** Removes one breakpoint, or all. */
export function removeBreakpoints(core: Core, address?: number, space = ANY_SPACE): void {
  keepProbes(
    core,
    ([at, where, id]) =>
      id !== BREAKPOINT || (address !== undefined && (at !== address || where !== space)),
  );
}

/** Breakpoints, in the order of addresses. */
export function breakpoints(core: Core): { address: number; space: number | undefined }[] {
  return entries(core)
    .filter(([, , id]) => id === BREAKPOINT)
    .map(([address, space]) => ({ address, space: space === ANY_SPACE ? undefined : space }))
    .toSorted((a, b) => a.address - b.address);
}

const ACCESSES = { read: 1, write: 2, both: 3 } as const;

/** Sets the watchpoints, in place of those that were. */
export function setWatchpoints(core: Core, points: readonly Watchpoint[]): void {
  if (points.length > REGION.WATCH_SLOTS)
    panic(`setWatchpoints: more than ${REGION.WATCH_SLOTS}: ${points.length}`);
  for (const [i, { address, length = 4, access = "both", space, physical }] of points.entries()) {
    if (!(length > 0) || address + length > 2 ** 32)
      panic(`setWatchpoints: bad range: 0x${address.toString(16)}, ${length} bytes`);
    const anywhere = space === undefined ? WATCH_KIND.WATCH_ANY_SPACE : 0;
    const kind = ACCESSES[access] | (physical ? WATCH_KIND.WATCH_PHYSICAL : anywhere);
    const entry = [address, address + length - 1, space ?? 0, kind];
    core.words.set(entry, (REGION.WATCHES + i * watch.size) >>> 2);
  }
  core.setState("watch_count", points.length);
  core.setState("watch_met", 0);
  // What fronts know already would pass a watchpoint by.
  core.exports.resetContexts();
}

/** The access that met one of `points`; a run goes on afterwards. */
export function takeWatchHit(core: Core, points: readonly Watchpoint[]): WatchHit {
  const watchpoint = points[core.state("watch_met") - 1] ?? panic("run: no watchpoint");
  core.setState("watch_met", 0);
  return {
    watchpoint,
    address: core.state("watch_address"),
    space: core.state("watch_space"),
    access: (["read", "write", "both"] as const)[core.state("watch_wanted") - 1]!,
    at: core.state("watch_at"),
  };
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

/** Takes the events out of the ring; instructions go to the tracer. */
export function takeEvents(core: Core, tracer: Tracer | undefined): MachineEvent[] {
  const { words } = core;
  const { id, address, cycle, space, word } = event.offset;
  const events: MachineEvent[] = [];
  const written = core.state("event_count");
  for (let number = core.state("event_read"); number !== written; number = (number + 1) >>> 0) {
    const slot = (REGION.EVENTS + (number & (REGION.EVENT_SLOTS - 1)) * event.size) >>> 2;
    const at = words[slot + (address >>> 2)]!;
    const when = words[slot + (cycle >>> 2)]! + words[slot + (cycle >>> 2) + 1]! * 2 ** 32;
    const probe = words[slot + (id >>> 2)]!;
    if (probe !== 0) events.push({ id: probe, address: at, cycle: when });
    else tracer?.(at, words[slot + (space >>> 2)]!, when, words[slot + (word >>> 2)]!);
  }
  core.set(coreState, "event_read", written);
  return events;
}
