/**
 * Who called whom, read off a stack without unwind tables: words on the stack that are return
 * addresses of calls, innermost first. A word counts when the instruction two before the address it
 * names is a branch and link; a stale one of an earlier call can be among them.
 */
import type { GuestState } from "./fault.ts";
import type { Kernel } from "./kernel.ts";

/** The most callers that are named. */
const DEPTH = 16;
/** How far down the stack is searched, bytes. */
const REACH = 0x10000;

const isCall = (word: number): boolean => {
  const opcode = word >>> 26;
  const kind = (word >>> 13) & 7;
  return opcode === 0x39 || (opcode === 0x3a && (kind === 0 || kind === 2)); // BLE; BL, BLR
};

/** Callers as symbols, from the return pointer and the words below the stack pointer. */
export function backtrace(k: Kernel, space: number, rp: number, sp: number): string[] {
  const wordAt = (address: number): number | undefined => {
    const physical = k.physical(space, address >>> 0);
    return physical === undefined ? undefined : k.memory.read32(physical);
  };
  const callers: string[] = [];
  const note = (word: number): void => {
    const address = (word & ~3) >>> 0;
    const call = wordAt(address - 8);
    if (address < 8 || call === undefined || !isCall(call)) return;
    const symbol = k.locate(space, address - 8);
    if (symbol !== undefined && callers.at(-1) !== symbol) callers.push(symbol);
  };
  note(rp);
  for (let at = (sp & ~3) >>> 0; at > sp - REACH && callers.length < DEPTH; at -= 4) {
    const word = wordAt(at);
    if (word === undefined) break;
    note(word);
  }
  return callers;
}

/** A report with its callers. */
export function withCallers(k: Kernel, state: GuestState): GuestState {
  const [rp = 0, sp = 0] = [state.registers[2], state.registers[30]];
  const callers = backtrace(k, state.pc.space, rp, sp);
  return callers.length > 0 ? { ...state, callers } : state;
}
