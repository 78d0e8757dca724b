/**
 * What a machine is, as one flat record: sizes, and cycles by cause. Every field can be swept; none
 * needs another build of the core. Sources are given per field: [paper §x], [gcc] the schedule of the
 * PA-7000 ("Snake") written at Utah, [gmp] GMP's notes on hppa, [asplos] Wheeler & Bershad's
 * measurements on a Series 700, [calibration.ts] read off the paper, with
 * an entry in that ledger, [assumed].
 */
import { DiagnosticError, type Diagnostic } from "../diagnostic.ts";
import { REGION } from "../abi/machine.ts";
import { CONTROL_OPERATIONS } from "./calibration.ts";

export interface MachineConfig {
  readonly name: string;
  /** Processor clock in MHz; converts cycles to time, and nothing else. [paper §4.2] */
  readonly clockMHz: number;
  /** Guest memory in bytes, a multiple of 4096. [paper §4.2] */
  readonly memoryBytes: number;

  /** Direct-mapped caches in bytes, powers of two; lines are 32 bytes. [paper §4.2] */
  readonly instructionCacheBytes: number;
  readonly dataCacheBytes: number;
  /** Whether the space identifier is folded into cache indexes. [paper §4.6; off in later kernels] */
  readonly instructionSpaceHash: boolean;
  readonly dataSpaceHash: boolean;
  /** How far left the identifier is shifted before it is folded in, 12 to 31. [assumed] */
  readonly spaceHashShift: number;
  /** Entries of each TLB, replaced first in, first out. [paper §4.2; order assumed] */
  readonly instructionTlbEntries: number;
  readonly dataTlbEntries: number;
  /** Whether both TLBs are one, of `dataTlbEntries`. [aerie: no on the 7000, yes on later ones] */
  readonly unifiedTlb: boolean;
  /** Block entries of each TLB. [osfmk: PDC_BLOCK_TLB] */
  readonly blockTlbEntries: number;
  /** Whether interruption 18 is split into 26, 27 and 28. [aerie: no on the 7000, yes on later ones] */
  readonly splitProtection: boolean;

  /** Stall of a miss in cycles. [paper §4.2] */
  readonly instructionMiss: number;
  readonly dataMiss: number;
  /** Extra stall when the line that makes room is dirty; 0 is "overlapped". [assumed] */
  readonly writeBack: number;
  /** Stall when an instruction uses what the one before it loads. [gcc] */
  readonly loadUse: number;
  /** Cycles after a store in which no load or store may issue. [gcc, gmp] */
  readonly storeBusy: number;
  /** Conditional branch against the static prediction (backward taken, forward not): Table 1 shows
   * none; 0 to 2. [assumed] */
  readonly mispredict: number;
  /** BV and BLR beyond their cycle, 0 to 2. [assumed] */
  readonly branchRegister: number;

  /** Extra cycles of each control operation. [calibration.ts] */
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
  /** Cycles from the instruction that is interrupted to the vector, at least 1. [assumed: as rfi] */
  readonly interruption: number;
  /** Extra cycles of PROBE and LPA, TLB inserts, TLB purges, SYNC. [assumed] */
  readonly probe: number;
  readonly tlbInsert: number;
  readonly tlbPurge: number;
  readonly sync: number;
  /** Extra cycles of a cache flush or purge, and more when the line is there. [asplos: 1–14] */
  readonly flush: number;
  readonly flushHit: number;

  /**
   * Floating point, in cycles from the issue of one instruction to the earliest issue of another. A
   * load to an operation on what it loads, and to a store of it. [gcc]
   */
  readonly floatLoad: number;
  readonly floatLoadStore: number;
  /** An operation to an operation on its result, and how much sooner a store of it may issue. [gcc] */
  readonly floatResult: number;
  readonly floatBypass: number;
  /** Two operations of one unit; adder and multiplier are two units. [gcc] */
  readonly floatDistance: number;
  /** FCMP to FTEST. [gcc] */
  readonly floatTest: number;
  /** FDIV and FSQRT: to the use of the result, and to the multiplier's next operation. [gcc] */
  readonly divideSingle: number;
  readonly divideDouble: number;
  readonly rootSingle: number;
  readonly rootDouble: number;

  /** Whether an interruption with PSW Q = 0, which loses the guest's place, stops the machine. */
  readonly haltWithoutQ: boolean;
  /** Pages of predecoded code that the host keeps, 16.5 KB each; not visible to the guest. */
  readonly recordPages: number;
}

/** The paper's machine. */
export const HP9000_730: MachineConfig = Object.freeze({
  name: "HP 9000/730",
  clockMHz: 67,
  memoryBytes: 32 * 2 ** 20,
  instructionCacheBytes: 128 * 2 ** 10,
  dataCacheBytes: 256 * 2 ** 10,
  instructionSpaceHash: true,
  dataSpaceHash: true,
  spaceHashShift: 12,
  instructionTlbEntries: 96,
  dataTlbEntries: 96,
  unifiedTlb: false,
  blockTlbEntries: 4,
  splitProtection: false,
  instructionMiss: 14,
  dataMiss: 14,
  writeBack: 0,
  loadUse: 1,
  storeBusy: 2,
  mispredict: 0,
  branchRegister: 0,
  mfctl: CONTROL_OPERATIONS.value,
  mtctl: CONTROL_OPERATIONS.value,
  mfsp: CONTROL_OPERATIONS.value,
  mtsp: CONTROL_OPERATIONS.value,
  ldsid: 0,
  rsm: CONTROL_OPERATIONS.value,
  ssm: CONTROL_OPERATIONS.value,
  mtsm: CONTROL_OPERATIONS.value,
  mtcpu: CONTROL_OPERATIONS.value,
  mfcpu: CONTROL_OPERATIONS.value,
  gate: CONTROL_OPERATIONS.value,
  be: CONTROL_OPERATIONS.value,
  ble: CONTROL_OPERATIONS.value,
  rfi: CONTROL_OPERATIONS.value,
  interruption: 2,
  probe: 0,
  tlbInsert: 0,
  tlbPurge: 0,
  sync: 0,
  flush: 0,
  flushHit: 6,
  floatLoad: 2,
  floatLoadStore: 4,
  floatResult: 3,
  floatBypass: 1,
  floatDistance: 2,
  floatTest: 4,
  divideSingle: 10,
  divideDouble: 12,
  rootSingle: 14,
  rootDouble: 18,
  haltWithoutQ: true,
  recordPages: 1024,
});

const CACHE: Range = [4096, REGION.CACHE_MAXIMUM, "a power of two"];
const CYCLES: Range = [0, 1000];

/** Bounds of a numeric field, and what else must hold of it. */
type Range = readonly [
  lowest: number,
  highest: number,
  also?: "a power of two" | "a multiple of 4096",
];

/** Fields that are not cycles. */
const RANGES: Partial<Record<keyof MachineConfig, Range>> = {
  clockMHz: [1, 10_000],
  memoryBytes: [2 ** 20, REGION.MEMORY_MAXIMUM, "a multiple of 4096"],
  instructionCacheBytes: CACHE,
  dataCacheBytes: CACHE,
  spaceHashShift: [12, 31],
  instructionTlbEntries: [1, REGION.TLB_CAPACITY],
  dataTlbEntries: [1, REGION.TLB_CAPACITY],
  blockTlbEntries: [0, REGION.BLOCK_CAPACITY],
  interruption: [1, 1000],
  recordPages: [16, REGION.POOL_MAXIMUM],
};

function problem(
  value: number,
  [lowest, highest, also]: Range,
  integer: boolean,
): string | undefined {
  if (!(value >= lowest && value <= highest) || (integer && !Number.isInteger(value)))
    return `expected ${integer ? "an integer " : ""}from ${lowest} to ${highest}`;
  if (also === "a power of two" && Math.log2(value) % 1 !== 0) return `expected ${also}`;
  if (also === "a multiple of 4096" && value % 4096 !== 0) return `expected ${also}`;
  return undefined;
}

/**
 * A whole configuration: `changes` laid over HP9000_730, checked.
 * @throws DiagnosticError naming each field that is out of range.
 */
export function toMachineConfig(changes: Partial<MachineConfig> = {}): MachineConfig {
  const config = { ...HP9000_730, ...changes };
  const problems: Diagnostic[] = [];
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== "number") continue;
    const message = problem(
      value,
      RANGES[key as keyof MachineConfig] ?? CYCLES,
      key !== "clockMHz",
    );
    if (message !== undefined)
      problems.push({ file: key, line: 0, column: 0, message: `${message}: ${value}` });
  }
  if (problems.length > 0) throw new DiagnosticError(problems);
  return Object.freeze(config);
}
