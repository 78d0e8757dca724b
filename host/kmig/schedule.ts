/**
 * Orders the instructions of a basic block for the PA-7000, as `gcc -O2 -mschedule=700` orders what
 * it makes of MIG's C: one instruction a cycle, a loaded register is there one cycle later, and
 * no memory operation starts in the two cycles after a store.
 *
 * Greedy list scheduling; the block's meaning never changes. Does not look across blocks.
 */

/** Where an instruction reads or writes memory; different areas never overlap. */
export interface MemoryUse {
  readonly kind: "load" | "store";
  readonly area: string;
  /** Offset inside the area; undefined if it is not known. */
  readonly at: number | undefined;
  readonly size: number;
}

export interface Instruction {
  readonly opcode: string;
  readonly operands: string;
  readonly comment: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly memory: MemoryUse | undefined;
}

/** Cycles from one store to the next memory operation, and from a load to the use of its result. */
const AFTER_STORE = 3;
const AFTER_LOAD = 2;

/** `[to * count + from]`: least cycles between the two, or FREE; one table serves all blocks. */
let waits = new Int8Array(64 * 64);

/** The same instructions in a better order. */
export function schedule(block: readonly Instruction[]): Instruction[] {
  const count = block.length;
  if (count < 2) return [...block];
  const nodes = block.map(prepare);
  if (waits.length < count * count) waits = new Int8Array(count * count);
  const height: number[] = nodes.map(() => 0);
  for (let to = count - 1; to > 0; to--)
    for (let from = 0; from < to; from++) {
      const wait = between(nodes[from]!, nodes[to]!);
      waits[to * count + from] = wait;
      if (wait !== FREE) height[from] = Math.max(height[from]!, height[to]! + Math.max(wait, 1));
    }

  const issued: number[] = nodes.map(() => -1);
  const order: Instruction[] = [];
  let now = 0;
  let memoryFree = 0;
  while (order.length < count) {
    let best = -1;
    let bestTime = 0;
    for (let i = 0; i < count; i++) {
      const time = issued[i]! >= 0 ? -1 : ready(i);
      if (time < 0) continue;
      if (best < 0 || time < bestTime || (time === bestTime && preferred(i, best))) {
        best = i;
        bestTime = time;
      }
    }
    issued[best] = bestTime;
    order.push(block[best]!);
    const { memory } = block[best]!;
    if (memory !== undefined) memoryFree = bestTime + (memory.kind === "store" ? AFTER_STORE : 1);
    now = bestTime + 1;
  }
  return order;

  /** The first cycle in which an instruction may start, or -1 if something has to come first. */
  function ready(i: number): number {
    let time = nodes[i]!.memory === undefined ? now : Math.max(now, memoryFree);
    for (let from = 0; from < i; from++) {
      const wait = waits[i * count + from]!;
      if (wait === FREE) continue;
      if (issued[from]! < 0) return -1;
      time = Math.max(time, issued[from]! + wait);
    }
    return time;
  }

  // Stores are the scarce thing: start one whenever one can start, then the longest chain.
  function preferred(i: number, other: number): boolean {
    const store = (n: number): boolean => nodes[n]!.memory?.kind === "store";
    if (store(i) !== store(other)) return store(i);
    return height[i]! > height[other]!;
  }
}

/** Whether two instructions have to stay in this order. */
export function ordered(earlier: Instruction, later: Instruction): boolean {
  return between(prepare(earlier), prepare(later)) !== FREE;
}

const FREE = -1;

interface Node {
  /** General registers as bits. */
  readonly reads: number;
  readonly writes: number;
  readonly memory: MemoryUse | undefined;
}

function prepare({ reads, writes, memory }: Instruction): Node {
  return { reads: bits(reads), writes: bits(writes), memory };
}

const REGISTER_BIT = new Map(Array.from({ length: 32 }, (_, i) => [`%r${i}`, 1 << i]));

function bits(registers: readonly string[]): number {
  let mask = 0;
  for (const register of registers) mask |= REGISTER_BIT.get(register)!;
  return mask;
}

/** Least cycles from `earlier` to `later`, or FREE if they may change places. */
function between(earlier: Node, later: Node): number {
  if ((earlier.writes & later.reads) !== 0) return earlier.memory?.kind === "load" ? AFTER_LOAD : 1;
  if ((earlier.writes & later.writes) !== 0) return 1;
  if (earlier.memory !== undefined && later.memory !== undefined)
    if (conflict(earlier.memory, later.memory)) return 1;
  return (earlier.reads & later.writes) !== 0 ? 0 : FREE;
}

function conflict(a: MemoryUse, b: MemoryUse): boolean {
  if (a.kind === "load" && b.kind === "load") return false;
  if (a.area !== b.area) return false;
  if (a.at === undefined || b.at === undefined) return true;
  return a.at < b.at + b.size && b.at < a.at + a.size;
}
