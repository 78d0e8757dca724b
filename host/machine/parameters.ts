/**
 * What a machine is, as one flat record: sizes, and cycles by cause; and of each field its kind, what it
 * may be, and where the value of the paper's machine is from. Every field can be swept; none needs another
 * build of the core.
 *
 * Sources: paper §x; gcc, the schedule of the PA-7000 ("Snake") written at Utah; gmp, GMP's notes on hppa;
 * asplos, Wheeler & Bershad's measurements on a Series 700; osfmk, OSF's kernel for the HP 700; openbsd,
 * its manual pages cpu(4) and intro(4) of hppa; calibration.ts, read off the paper, with an entry in that
 * ledger; assumed.
 */
import { REGION } from "../abi/machine.ts";

export interface MachineConfig {
  readonly name: string;
  /** Processor clock in MHz; converts cycles to time, and nothing else. */
  readonly clockMHz: number;
  /** Guest memory in bytes, a multiple of 4096. */
  readonly memoryBytes: number;

  /** Direct-mapped caches in bytes, powers of two; lines are 32 bytes. */
  readonly instructionCacheBytes: number;
  readonly dataCacheBytes: number;
  /** Whether the space identifier is folded into cache indexes. */
  readonly instructionSpaceHash: boolean;
  readonly dataSpaceHash: boolean;
  /** How far left the identifier is shifted before it is folded in, 12 to 31. */
  readonly spaceHashShift: number;
  /** Entries of each TLB, replaced first in, first out. */
  readonly instructionTlbEntries: number;
  readonly dataTlbEntries: number;
  /** Whether both TLBs are one, of `dataTlbEntries`. */
  readonly unifiedTlb: boolean;
  /** Block entries of each TLB. */
  readonly blockTlbEntries: number;
  /** Whether interruption 18 is split into 26, 27 and 28. */
  readonly splitProtection: boolean;

  /** Stall of a miss in cycles. */
  readonly instructionMiss: number;
  readonly dataMiss: number;
  /** Extra stall when the line that makes room is dirty; 0 is "overlapped". */
  readonly writeBack: number;
  /** Stall when an instruction uses what the one before it loads. */
  readonly loadUse: number;
  /** Cycles after a store in which no load or store may issue. */
  readonly storeBusy: number;
  /** Conditional branch against the static prediction (backward taken, forward not): Table 1 shows
   * none; 0 to 2. */
  readonly mispredict: number;
  /** BV and BLR beyond their cycle, 0 to 2. */
  readonly branchRegister: number;

  /** Extra cycles of each control operation. */
  readonly mfctl: number;
  readonly mtctl: number;
  readonly mfsp: number;
  readonly mtsp: number;
  readonly ldsid: number;
  readonly rsm: number;
  readonly ssm: number;
  readonly mtsm: number;
  readonly mtcpu: number;
  readonly mfcpu: number;
  readonly gate: number;
  readonly be: number;
  readonly ble: number;
  readonly rfi: number;
  /** Cycles from the instruction that is interrupted to the vector, at least 1. */
  readonly interruption: number;
  /** Extra cycles of PROBE and LPA, TLB inserts, TLB purges, SYNC. */
  readonly probe: number;
  readonly tlbInsert: number;
  readonly tlbPurge: number;
  readonly sync: number;
  /** LDCW beyond a load: its store comes so much later, and keeps the cache busy from there. */
  readonly semaphore: number;
  /** Extra cycles of a cache flush or purge, and more when the line is there. */
  readonly flush: number;
  readonly flushHit: number;

  /**
   * Floating point, in cycles from the issue of one instruction to the earliest issue of another. A
   * load to an operation on what it loads, and to a store of it.
   */
  readonly floatLoad: number;
  readonly floatLoadStore: number;
  /** An operation to an operation on its result, and how much sooner a store of it may issue. */
  readonly floatResult: number;
  readonly floatBypass: number;
  /** Two operations of one unit; adder and multiplier are two units. */
  readonly floatDistance: number;
  /** FCMP to FTEST. */
  readonly floatTest: number;
  /** FDIV and FSQRT: to the use of the result, and to the multiplier's next operation. */
  readonly divideSingle: number;
  readonly divideDouble: number;
  readonly rootSingle: number;
  readonly rootDouble: number;

  /** Whether an interruption with PSW Q = 0, which loses the guest's place, stops the machine. */
  readonly haltWithoutQ: boolean;
  /** Pages of predecoded code that the host keeps, 16.5 KB each; not visible to the guest. */
  readonly recordPages: number;
}

/** Lowest, highest, and what else must hold of a number. */
export type Range = readonly [
  lowest: number,
  highest: number,
  also?: "a power of two" | "a multiple of 4096",
];

/** What is known of one field. */
export interface Parameter {
  readonly kind: "cycles" | "count" | "bytes" | "number" | "switch" | "text";
  readonly unit: string;
  /** Of numbers. */
  readonly range?: Range;
  /** Where the value of HP9000_730 is from. */
  readonly source: string;
}

const LEDGER = "calibration.ts";
const CYCLES = (source: string, lowest = 0): Parameter => ({
  kind: "cycles",
  unit: "cycles",
  range: [lowest, 1000],
  source,
});
const COUNT = (lowest: number, highest: number, unit: string, source: string): Parameter => ({
  kind: "count",
  unit,
  range: [lowest, highest],
  source,
});
const SIZE = (
  lowest: number,
  highest: number,
  source: string,
  also: "a power of two" | "a multiple of 4096",
): Parameter => ({
  kind: "bytes",
  unit: "bytes",
  range: [lowest, highest, also],
  source,
});
const CACHE = (source: string): Parameter =>
  SIZE(4096, REGION.CACHE_MAXIMUM, source, "a power of two");
const SWITCH = (source: string): Parameter => ({ kind: "switch", unit: "", source });
const TEXT = (source: string): Parameter => ({ kind: "text", unit: "", source });

export const PARAMETERS: Readonly<Record<keyof MachineConfig, Parameter>> = {
  name: TEXT("what reports call it"),
  clockMHz: { kind: "number", unit: "MHz", range: [1, 10_000], source: "paper §4.2" },
  memoryBytes: SIZE(2 ** 20, REGION.MEMORY_MAXIMUM, "paper §4.2", "a multiple of 4096"),

  instructionCacheBytes: CACHE("paper §4.2"),
  dataCacheBytes: CACHE("paper §4.2"),
  instructionSpaceHash: SWITCH("paper §4.6; off in later kernels"),
  dataSpaceHash: SWITCH("paper §4.6; off in later kernels"),
  spaceHashShift: COUNT(12, 31, "bits", "assumed"),
  instructionTlbEntries: COUNT(
    1,
    REGION.TLB_CAPACITY,
    "entries",
    "paper §4.2; order of replacement assumed",
  ),
  dataTlbEntries: COUNT(
    1,
    REGION.TLB_CAPACITY,
    "entries",
    "paper §4.2; order of replacement assumed",
  ),
  unifiedTlb: SWITCH("openbsd cpu(4): from the PA-7100 on"),
  blockTlbEntries: COUNT(0, REGION.BLOCK_CAPACITY, "entries", "osfmk: PDC_BLOCK_TLB of the PCX-S"),
  splitProtection: SWITCH("openbsd: from the PA-7100 on"),

  instructionMiss: CYCLES("paper §4.2"),
  dataMiss: CYCLES("paper §4.2"),
  writeBack: CYCLES("assumed"),
  loadUse: CYCLES("gcc"),
  storeBusy: CYCLES("gcc, gmp"),
  mispredict: CYCLES("assumed: Table 1 shows none"),
  branchRegister: CYCLES("assumed: Table 1 shows none"),

  mfctl: CYCLES(LEDGER),
  mtctl: CYCLES(LEDGER),
  mfsp: CYCLES(LEDGER),
  mtsp: CYCLES(LEDGER),
  ldsid: CYCLES("assumed"),
  rsm: CYCLES(LEDGER),
  ssm: CYCLES(LEDGER),
  mtsm: CYCLES(LEDGER),
  mtcpu: CYCLES(LEDGER),
  mfcpu: CYCLES(LEDGER),
  gate: CYCLES(LEDGER),
  be: CYCLES(LEDGER),
  ble: CYCLES(LEDGER),
  rfi: CYCLES(LEDGER),
  interruption: CYCLES("assumed: as rfi", 1),
  probe: CYCLES("assumed"),
  tlbInsert: CYCLES("assumed"),
  tlbPurge: CYCLES("assumed"),
  sync: CYCLES("assumed"),
  semaphore: CYCLES("assumed: a load and a store, four cycles until the next access"),
  flush: CYCLES("asplos: 1 to 14 with flushHit"),
  flushHit: CYCLES("asplos: 1 to 14 with flush"),

  floatLoad: CYCLES("gcc"),
  floatLoadStore: CYCLES("gcc"),
  floatResult: CYCLES("gcc"),
  floatBypass: CYCLES("gcc"),
  floatDistance: CYCLES("gcc"),
  floatTest: CYCLES("gcc"),
  divideSingle: CYCLES("gcc"),
  divideDouble: CYCLES("gcc"),
  rootSingle: CYCLES("gcc"),
  rootDouble: CYCLES("gcc"),

  haltWithoutQ: SWITCH("of the simulation"),
  recordPages: COUNT(16, REGION.POOL_MAXIMUM, "pages", "of the simulation"),
};

/** What is wrong with a value; undefined when nothing is. */
export function problemOf({ kind, range }: Parameter, value: unknown): string | undefined {
  if (kind === "text") return typeof value === "string" ? undefined : "expected a text";
  if (kind === "switch") return typeof value === "boolean" ? undefined : "expected true or false";
  const [lowest, highest, also] = range!;
  const integer = kind !== "number";
  if (
    typeof value !== "number" ||
    !(value >= lowest && value <= highest) ||
    (integer && !Number.isInteger(value))
  )
    return `expected ${integer ? "an integer " : ""}from ${lowest} to ${highest}`;
  if (also === "a power of two" && Math.log2(value) % 1 !== 0) return `expected ${also}`;
  if (also === "a multiple of 4096" && value % 4096 !== 0) return `expected ${also}`;
  return undefined;
}
