/** The caches as the host sees them: which lines they hold. They have tags and no data (assembly/cache.ts). */
import { REGION } from "../abi/machine.ts";
import type { MachineConfig } from "./config.ts";
import type { Core } from "./core.ts";

/** A line that is in a cache. */
export interface CacheLine {
  /** Its place: virtual address, folded with the space where the hash is on, modulo the cache's size. */
  readonly index: number;
  /** Physical page that it is of; which of the page's lines follows from the index. */
  readonly page: number;
  readonly dirty: boolean;
}

const LINE = 32;
const VALID = 2;
const DIRTY = 1;

/** The lines of one cache, in the order of their places. */
export function cacheLines(
  core: Core,
  config: MachineConfig,
  side: "data" | "instruction",
): CacheLine[] {
  const isData = side === "data";
  const first = (isData ? REGION.D_TAGS : REGION.I_TAGS) >>> 2;
  const bytes = isData ? config.dataCacheBytes : config.instructionCacheBytes;
  const lines: CacheLine[] = [];
  for (let index = 0; index < bytes / LINE; index++) {
    const tag = core.words[first + index]!;
    if ((tag & VALID) === 0) continue;
    lines.push({ index: index * LINE, page: (tag & ~0xfff) >>> 0, dirty: (tag & DIRTY) !== 0 });
  }
  return lines;
}
