/**
 * Who called whom, by symbol: from where the kernel stopped, through the calls on its stack, a server's
 * stack, and the system calls and traps by which one came to the other, to the user's program.
 *
 * PA-RISC frames have no links that text must keep. A procedure is known by its prologue, which
 * stores rp at −20(sp) and moves sp; one without it is a leaf, whose return is in rp. What cannot be
 * read or recognised ends the trace.
 */
import { pcb, savedState, SS } from "../abi/hp700.ts";
import { serviceStack } from "../abi/kernel.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import type { GuestState } from "./fault.ts";
import type { Kernel } from "./kernel.ts";
import { threadAt } from "./kern/views.ts";

const { KERNEL_SPACE } = MEMORY_MAP;
/** Where a thread is, or will return to. */
interface Place {
  readonly space: number;
  readonly pc: number;
  readonly sp: number;
  readonly rp: number;
}

const STORE_RP = 0x6bc23fd9; // stw %rp,-20(%sp)
const RETURN = 0xe840c000; // bv %r0(%rp), with or without ,n
const RP_SLOT = -20;
/** Instructions that a prologue may be away, and calls that are shown. */
const REACH = 2048;
const MOST = 32;

/** The place and its callers, innermost first. */
function backtrace(k: Kernel, start: Place): string[] {
  const lines: string[] = [];
  let place: Place | undefined = start;
  let isLeaf = true;
  while (place && lines.length < MOST) {
    lines.push(nameOf(k, place));
    const caller = callerOf(k, place, isLeaf);
    const crossing: Crossing | undefined = caller && crossingAt(k, caller);
    if (crossing) lines.push(crossing.how);
    isLeaf = crossing !== undefined;
    place = crossing ? crossing.from : caller;
  }
  return lines;
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");
const nameOf = (k: Kernel, { space, pc }: Place): string =>
  k.locate(space, pc) ?? `${hex(space)}.${hex(pc)}`;

function wordAt(k: Kernel, space: number, address: number): number | undefined {
  const at = k.physical(space, address >>> 0);
  return at === undefined ? undefined : k.memory.read32(at);
}

/** A 14-bit displacement, whose sign is its last bit. */
const displacement = (word: number): number => ((word >>> 1) & 0x1fff) - (word & 1 ? 0x2000 : 0);

/** The call before; undefined where none is recognised. */
function callerOf(k: Kernel, { space, pc, sp, rp }: Place, isLeaf: boolean): Place | undefined {
  for (let at = pc - 4, i = 0; i < REACH; at -= 4, i++) {
    const word = wordAt(k, space, at);
    if (word === undefined) break;
    if ((word & ~2) >>> 0 === RETURN && at < pc - 4) break;
    if (word !== STORE_RP) continue;
    const top = sp - frameSize(k, space, at, pc);
    const saved = wordAt(k, space, top + RP_SLOT);
    if (saved === undefined) return undefined;
    return { space, pc: (saved & ~3) >>> 0, sp: top, rp: saved };
  }
  return isLeaf ? { space, pc: (rp & ~3) >>> 0, sp, rp } : undefined;
}

/** How far a prologue at `from` has moved sp when the thread is at `to`. */
function frameSize(k: Kernel, space: number, from: number, to: number): number {
  for (let at = from; at < to; at += 4) {
    const word = wordAt(k, space, at) ?? 0;
    const moves = (word & 0xffff0000) >>> 0 === 0x37de0000; // ldo N(%sp),%sp
    const stores = (word & 0xffe00000) >>> 0 === 0x6fc00000; // stwm r,N(%sp)
    if (moves || stores) return displacement(word);
  }
  return 0;
}

/** A report with its callers. */
export function withCallers(k: Kernel, state: GuestState): GuestState {
  const { pc, registers } = state;
  const at = { space: pc.space, pc: (pc.offset & ~3) >>> 0, sp: registers[30]!, rp: registers[2]! };
  const callers = k.cpu.active_thread === 0 ? [] : backtrace(k, at).slice(1);
  return callers.length > 0 ? { ...state, callers } : state;
}

/** From one stack to another: how, and where from. */
interface Crossing {
  readonly how: string;
  readonly from: Place | undefined;
}

/** Whether a return address is one that the kernel's entries leave. */
function crossingAt(k: Kernel, { space, pc }: Place): Crossing | undefined {
  if (space !== KERNEL_SPACE) return undefined;
  const symbols = ["syscall_return", "own_stack_return", "inks_return", "nested_return"] as const;
  const symbol = symbols.find((name) => k.image.symbols.get(name) === pc);
  if (symbol === undefined) return undefined;
  const thread = threadAt(k, k.cpu.active_thread);
  const first = savedState.at(k.memory, thread.pcb + pcb.offset.ss);
  const second = savedState.at(k.memory, thread.pcb + pcb.offset.kss);
  if (symbol === "nested_return") {
    const at = thread.inks_stack + serviceStack.size;
    const word = (name: "r30" | "r31" | "r2") =>
      wordAt(k, space, at + savedState.offset[name]) ?? 0;
    const from = { space, pc: (word("r31") & ~3) >>> 0, sp: word("r30"), rp: word("r2") };
    return { how: "-- trap to another server --", from };
  }
  const state = symbol !== "inks_return" && (second.flags & SS.SS_INSYSCALL) !== 0 ? second : first;
  const from = {
    space: state === second ? KERNEL_SPACE : state.sr0,
    pc: (state.r31 & ~3) >>> 0,
    sp: state.r30,
    rp: state.r2,
  };
  const how =
    symbol === "inks_return" ? `-- trap ${first.r22} to a server --` : "-- system call --";
  return { how, from };
}
