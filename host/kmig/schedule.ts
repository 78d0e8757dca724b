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

/** The same instructions in a better order. */
export function schedule(block: readonly Instruction[]): Instruction[] {
  const count = block.length;
  const before: { from: number; wait: number }[][] = block.map((later, to) =>
    block.slice(0, to).flatMap((earlier, from) => {
      const wait = distance(earlier, later);
      return wait === undefined ? [] : [{ from, wait }];
    }),
  );
  const height = Array.from({ length: count }, () => 0);
  for (let to = count - 1; to >= 0; to--)
    for (const { from, wait } of before[to]!)
      height[from] = Math.max(height[from]!, height[to]! + Math.max(wait, 1));

  const issued = new Map<number, number>();
  const order: number[] = [];
  let now = 0;
  let memoryFree = 0;
  while (order.length < count) {
    let best = -1;
    let bestTime = 0;
    for (let i = 0; i < count; i++) {
      if (issued.has(i) || !before[i]!.every(({ from }) => issued.has(from))) continue;
      let time = now;
      for (const { from, wait } of before[i]!) time = Math.max(time, issued.get(from)! + wait);
      if (block[i]!.memory !== undefined) time = Math.max(time, memoryFree);
      if (best < 0 || time < bestTime || (time === bestTime && preferred(i, best))) {
        best = i;
        bestTime = time;
      }
    }
    issued.set(best, bestTime);
    order.push(best);
    const { memory } = block[best]!;
    if (memory !== undefined) memoryFree = bestTime + (memory.kind === "store" ? AFTER_STORE : 1);
    now = bestTime + 1;
  }
  return order.map((i) => block[i]!);

  // Stores are the scarce thing: start one whenever one can start, then the longest chain.
  function preferred(i: number, other: number): boolean {
    const store = (n: number): boolean => block[n]!.memory?.kind === "store";
    if (store(i) !== store(other)) return store(i);
    return height[i]! > height[other]!;
  }
}

/** Least cycles from `earlier` to `later`, or undefined if they may change places. */
export function distance(earlier: Instruction, later: Instruction): number | undefined {
  const meets = (a: readonly string[], b: readonly string[]): boolean =>
    a.some((register) => b.includes(register));
  let wait: number | undefined;
  if (meets(earlier.reads, later.writes)) wait = 0;
  if (meets(earlier.writes, later.writes)) wait = 1;
  if (earlier.memory !== undefined && later.memory !== undefined)
    if (conflict(earlier.memory, later.memory)) wait = 1;
  if (meets(earlier.writes, later.reads)) wait = earlier.memory?.kind === "load" ? AFTER_LOAD : 1;
  return wait;
}

function conflict(a: MemoryUse, b: MemoryUse): boolean {
  if (a.kind === "load" && b.kind === "load") return false;
  if (a.area !== b.area) return false;
  if (a.at === undefined || b.at === undefined) return true;
  return a.at < b.at + b.size && b.at < a.at + a.size;
}
