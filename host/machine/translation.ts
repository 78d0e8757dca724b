/**
 * The TLBs as the host sees them: what an address is translated to, what they hold, and the block
 * entries, which firmware (here: the host) makes. The exact contents are the core's (assembly/tlb.ts).
 */
import { REGION, tlbEntry } from "../abi/machine.ts";
import { PSW } from "../abi/pa.ts";
import { panic } from "../diagnostic.ts";
import type { MachineConfig } from "./config.ts";
import type { Core } from "./core.ts";

export type TlbSide = "data" | "instruction";

/** A translation as the TLB holds it. */
export interface Translation {
  readonly physical: number;
  readonly protection: number;
  /** What the access rights and, when PSW P is set, the protection ids allow at `privilege`. */
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** An entry of a TLB that translates. */
export interface TlbEntry {
  readonly side: TlbSide;
  readonly kind: "page" | "block";
  readonly space: number;
  readonly virtual: number;
  readonly physical: number;
  /** Bytes that it covers. */
  readonly size: number;
  /** The protection word, as IxTLBP took it. */
  readonly protection: number;
}

/** A block to be mapped; sizes are powers of two of at least a page. */
export interface BlockMapping {
  readonly space: number;
  readonly virtual: number;
  readonly physical: number;
  readonly size: number;
  /** The seven bits type, PL1, PL2. */
  readonly accessRights: number;
  /** The number that protection registers hold shifted left by one. */
  readonly accessId: number;
  readonly sides?: "both" | TlbSide;
}

const USABLE = 2;
const PAGE = 4096;

/** What a TLB holds for an address; undefined when an access would miss. */
export function translate(
  { exports, words }: Core,
  space: number,
  virtual: number,
  { side, privilege }: { readonly side: TlbSide; readonly privilege: number },
): Translation | undefined {
  const entry = exports.findEntry(Number(side === "instruction"), space, virtual);
  if (entry === 0) return undefined;
  const bits = exports.allowed(entry, privilege, Number((exports.psw() & PSW.PSW_P) !== 0));
  return {
    physical: exports.tlbPhysical(entry, virtual) >>> 0,
    protection: words[(entry + tlbEntry.offset.protection) >>> 2]!,
    read: (bits & 1) !== 0,
    write: (bits & 2) !== 0,
    execute: (bits & 4) !== 0,
  };
}

/** The TLBs that a machine has: two, or one for both sides. */
function tlbs({ unifiedTlb }: MachineConfig): readonly (readonly [TlbSide, number])[] {
  const data = ["data", REGION.D_TLB] as const;
  return unifiedTlb ? [data] : [["instruction", REGION.I_TLB], data];
}

/** All entries that translate, pages first. A TLB for both sides is shown as the data side. */
export function tlbEntries(core: Core, config: MachineConfig): TlbEntry[] {
  return tlbs(config).flatMap(([side, base]) =>
    Array.from({ length: REGION.TLB_CAPACITY + REGION.BLOCK_CAPACITY }, (_, index) => {
      const word = (field: keyof typeof tlbEntry.offset): number =>
        core.words[(base + index * tlbEntry.size + tlbEntry.offset[field]) >>> 2]!;
      if (word("state") !== USABLE) return undefined;
      return {
        side,
        kind: index < REGION.TLB_CAPACITY ? ("page" as const) : ("block" as const),
        space: word("space"),
        virtual: word("page"),
        physical: word("physical"),
        size: -(word("mask") | 0),
        protection: word("protection"),
      };
    }).filter((entry) => entry !== undefined),
  );
}

function blockIndex(base: number, index: number): number {
  return (base + (REGION.TLB_CAPACITY + index) * tlbEntry.size) >>> 2;
}

/** Maps a block in a free block entry of each TLB, or of one. */
export function insertBlock(core: Core, config: MachineConfig, block: BlockMapping): void {
  const { space, virtual, physical, size, accessRights, accessId, sides = "both" } = block;
  if (size < PAGE || Math.log2(size) % 1 !== 0 || (virtual | physical) & (size - 1))
    panic(`insertBlockTlb: bad block: 0x${virtual.toString(16)}, ${size} bytes`);
  const protection = 0x10000000 | (accessRights << 20) | (accessId << 1);
  const entry = [space, virtual, -size, physical, protection, USABLE, 0].map((word) => word >>> 0);
  const wanted = tlbs(config).filter(
    ([side]) => sides === "both" || sides === side || config.unifiedTlb,
  );
  for (const [side, base] of wanted) {
    const free = Array.from({ length: config.blockTlbEntries }, (_, i) => blockIndex(base, i)).find(
      (index) => core.words[index + (tlbEntry.offset.state >>> 2)] === 0,
    );
    if (free === undefined)
      panic(`insertBlockTlb: all ${config.blockTlbEntries} ${side} entries are used`);
    core.words.set(entry, free);
  }
  core.exports.resetContexts();
}

/** Frees all block entries. */
export function purgeBlocks(core: Core, config: MachineConfig): void {
  for (const [, base] of tlbs(config))
    core.words.fill(0, blockIndex(base, 0), blockIndex(base, REGION.BLOCK_CAPACITY));
  core.exports.resetContexts();
}
