/**
 * A guest that did what nothing handles: the report that ends a run. Not an error of the host; the
 * machine is left as it was, for inspection.
 */
import { CR, INTERRUPTION } from "../abi/pa.ts";
import { type savedState, SS } from "../abi/hp700.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import type { Image } from "../asm/image.ts";
import type { Machine } from "../machine/machine.ts";

const NAMES: Readonly<Record<number, string>> = {
  1: "high-priority machine check",
  3: "recovery counter",
  4: "external interrupt",
  6: "instruction page fault",
  7: "instruction memory protection",
  8: "illegal instruction",
  9: "break instruction",
  10: "privileged operation",
  11: "privileged register",
  12: "overflow",
  13: "conditional",
  14: "assist exception",
  15: "data page fault",
  16: "instruction page fault",
  17: "data page fault",
  18: "data memory protection or unaligned data",
  19: "data memory break",
  20: "TLB dirty bit",
  21: "page reference",
  22: "assist emulation",
  23: "higher-privilege transfer",
  24: "lower-privilege transfer",
  25: "taken branch",
};

type SavedState = ReturnType<typeof savedState.at>;

export interface GuestState {
  /** Interruption number, or undefined when the run was stopped at its cycle limit. */
  readonly interruption?: number;
  readonly pc: { readonly space: number; readonly offset: number };
  readonly symbol: string | undefined;
  /** Address of the data access, where the interruption has one. */
  readonly data?: { readonly space: number; readonly offset: number };
  readonly registers: readonly number[];
  readonly cycles: number;
  /** Callers by symbol, innermost first. */
  readonly callers?: readonly string[];
}

/** Reads the machine: where it stands, or, with an interruption, where that was taken. */
export function readGuestState(
  machine: Machine,
  locate: (space: number, address: number) => string | undefined,
  interruption?: number,
): GuestState {
  const { frontSpace, frontOffset } = machine.pcoq;
  const interrupted = interruption !== undefined;
  const pc = interrupted
    ? { space: machine.cr(CR.CR_IIASQ), offset: machine.cr(CR.CR_IIAOQ) }
    : { space: frontSpace, offset: frontOffset };
  const hasData = interrupted && interruption >= INTERRUPTION.I_DTLB_MISS;
  return {
    ...(interrupted && { interruption }),
    pc,
    symbol: locate(pc.space, pc.offset),
    ...(hasData && { data: { space: machine.cr(CR.CR_ISR), offset: machine.cr(CR.CR_IOR) } }),
    registers: Array.from({ length: 32 }, (_, n) => machine.gr(n)),
    cycles: machine.cycles,
  };
}

/** Images in their spaces: where symbols are looked for. */
export interface LoadedImage {
  readonly space: number;
  readonly image: Image;
}

/** The symbol nearest below an address of a space, as `name+0x10`. */
export function locateSymbol(
  loaded: readonly LoadedImage[],
  space: number,
  address: number,
): string | undefined {
  const offset = (address & ~3) >>> 0;
  for (const each of loaded) {
    if (each.space !== space) continue;
    const found = each.image.locate(offset);
    if (found)
      return found.offset === 0 ? found.symbol : `${found.symbol}+0x${found.offset.toString(16)}`;
  }
  return undefined;
}

const GENERAL = Array.from({ length: 31 }, (_, i) => `r${i + 1}` as keyof SavedState);

/** What a thread's saved state says, of an interruption that text has taken. */
export function readSavedState(
  state: SavedState,
  locate: (space: number, address: number) => string | undefined,
  interruption: number,
  cycles: number,
): GuestState {
  const { iisq_head, iioq_head, r31, sr0 } = state;
  // A system call saves no queues: it returns by r31, whose low bits are the caller's privilege level.
  const isCall = interruption === 0 && (state.flags & SS.SS_INSYSCALL) !== 0;
  const caller = { space: (r31 & 3) === 0 ? MEMORY_MAP.KERNEL_SPACE : sr0, offset: r31 };
  const pc = isCall ? caller : { space: iisq_head, offset: iioq_head };
  return {
    interruption,
    pc,
    symbol: locate(pc.space, pc.offset),
    ...(interruption >= INTERRUPTION.I_DTLB_MISS && {
      data: { space: state.isr, offset: state.ior },
    }),
    registers: [0, ...GENERAL.map((name) => state[name] as number)],
    cycles,
  };
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** Thrown when a guest program loops past its limit or takes an interruption nobody handles. */
export class GuestStopped extends Error {
  override readonly name = "GuestStopped";
  readonly state: GuestState;
  constructor(state: GuestState) {
    super(formatGuestState(state));
    this.state = state;
  }
}

/** The reason, PC with symbol, and the general registers, as people read them. */
export function formatGuestState(state: GuestState): string {
  const { interruption, pc, symbol, data, registers, cycles } = state;
  const reason =
    interruption === undefined
      ? `cycle limit reached after ${cycles} cycles`
      : `${NAMES[interruption] ?? "interruption"} (${interruption})` +
        (data ? ` at ${hex(data.space)}.${hex(data.offset)}` : "");
  const lines = [
    `guest stopped: ${reason}`,
    `pc ${hex(pc.space)}.${hex(pc.offset)}${symbol ? ` ${symbol}` : ""}`,
  ];
  for (let row = 0; row < 8; row++)
    lines.push(
      [0, 1, 2, 3]
        .map((column) => column * 8 + row)
        .map((n) => `r${n}`.padEnd(4) + hex(registers[n] ?? 0))
        .join("  "),
    );
  lines.push(...(state.callers ?? []).map((caller) => `called from ${caller}`));
  return lines.join("\n");
}
