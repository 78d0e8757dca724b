/**
 * The state of the simulated machine as pages of the core's memory: taken at an instruction boundary,
 * put back into a machine of the same configuration. What the core can work out anew (predecoded code,
 * fronts) is left out, and so is what belongs to whoever inspects the machine: probes, breakpoints,
 * watchpoints, tracing.
 */
import {
  account,
  coreState,
  counters,
  event,
  floatState,
  REGION,
  timing,
  tlbEntry,
} from "../abi/machine.ts";
import type { MachineConfig } from "./config.ts";
import type { Core } from "./core.ts";

export const PAGE_BYTES = 4096;

/** Pages by their number in the core's memory; what is not there is zero. */
export type Checkpoint = ReadonlyMap<number, Uint8Array>;

/** Fields of the core's state that are the inspector's, not the machine's. */
const INSPECTING = [
  "traced", "watch_count", "event_count", "event_read", "classic", "sample", "hot_after",
] as const; // prettier-ignore

/** Ranges that are saved, in whole pages; guest memory is the last. */
function ranges({ memoryBytes }: MachineConfig): readonly (readonly [from: number, to: number])[] {
  return [
    [0, REGION.PROBES],
    [floatState.offset.fr, floatState.offset.fr + PAGE_BYTES],
    [REGION.I_TAGS, REGION.PAGE_MAP],
    [REGION.ACCOUNT_TOTALS, REGION.ACCOUNTS + REGION.ACCOUNT_SLOTS * account.size],
    [REGION.RAM, REGION.RAM + memoryBytes],
  ];
}

function pageNumbers(config: MachineConfig): number[] {
  return ranges(config).flatMap(([from, to]) => {
    const first = Math.floor(from / PAGE_BYTES);
    return Array.from({ length: Math.ceil(to / PAGE_BYTES) - first }, (_, i) => first + i);
  });
}

/** Words of a page, in place. */
function wordsOf(core: Core, page: number): Uint32Array {
  return new Uint32Array(core.buffer, page * PAGE_BYTES, PAGE_BYTES / 4);
}

function isZero(words: Uint32Array): boolean {
  for (const word of words) if (word !== 0) return false;
  return true;
}

function isSame(words: Uint32Array, bytes: Uint8Array): boolean {
  const others = new Uint32Array(bytes.buffer, bytes.byteOffset, PAGE_BYTES / 4);
  for (let i = 0; i < others.length; i++) if (words[i] !== others[i]) return false;
  return true;
}

/** The state now; pages that are as in `before` are shared with it. */
export function takeCheckpoint(core: Core, config: MachineConfig, before?: Checkpoint): Checkpoint {
  const pages = new Map<number, Uint8Array>();
  for (const page of pageNumbers(config)) {
    const words = wordsOf(core, page);
    if (isZero(words)) continue;
    const known = before?.get(page);
    pages.set(
      page,
      known && isSame(words, known)
        ? known
        : new Uint8Array(core.buffer.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)),
    );
  }
  return pages;
}

/** Puts a state back. What was predecoded is forgotten, which the guest cannot see. */
export function putCheckpoint(core: Core, config: MachineConfig, pages: Checkpoint): void {
  const kept = INSPECTING.map((field) => [field, core.state(field)] as const);
  const pool = { base: core.get(timing, "pool_base"), pages: core.get(timing, "pool_pages") };
  const bytes = new Uint8Array(core.buffer);
  for (const page of pageNumbers(config)) {
    const saved = pages.get(page);
    if (saved) bytes.set(saved, page * PAGE_BYTES);
    else bytes.fill(0, page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
  }
  for (const [field, value] of kept) core.setState(field, value);
  core.set(timing, "pool_base", pool.base);
  core.set(timing, "pool_pages", pool.pages);
  // No breakpoint is being passed, no watchpoint was met.
  core.setState("pass", 0xffffffff, 0);
  core.setState("pass", 0xffffffff, 1);
  core.setState("watch_met", 0);
  core.setState("pool_next", 0);
  bytes.fill(0, REGION.PAGE_MAP, REGION.POOL_OWNERS);
  core.exports.resetFetch();
  core.exports.resetContexts();
}

/** Changes whenever a saved structure does: a snapshot fits the core that has the same. */
export function layoutHash(): string {
  const structs = [coreState, floatState, timing, counters, tlbEntry, account, event];
  const text = JSON.stringify([
    structs.map(({ name, size, offset }) => [name, size, offset]),
    REGION,
  ]);
  return [0x811c9dc5, 0x9e3779b9]
    .map((seed) => hash(new TextEncoder().encode(text), seed))
    .join("");
}

/** FNV-1a, 32 bits, as eight digits. */
export function hash(bytes: Uint8Array, seed = 0x811c9dc5): string {
  let value = seed;
  for (const byte of bytes) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, "0");
}
