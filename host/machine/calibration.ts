/**
 * The calibration ledger: timing parameters that no source states and that were read off the paper's
 * own figures instead. A figure used here is calibrated, not predicted, and reports say so; nothing
 * else in the machine may be fitted. (Declared cycles have a ledger of their own, costs.ts.)
 */
export interface Calibration {
  /** Fields of MachineConfig that take the value. */
  readonly parameters: readonly string[];
  readonly value: number;
  /** The paper's figures it was read off: table, stage, column. */
  readonly figures: readonly (readonly [table: string, row: string, column: string])[];
  /** How, with what the figures asked for. */
  readonly reason: string;
}

/**
 * Moves to and from control and space registers, changes of the PSW, gates, external branches and
 * returns from interruption, beyond the one cycle of any instruction.
 */
export const CONTROL_OPERATIONS: Calibration = {
  parameters: [
    "mfctl",
    "mtctl",
    "mfsp",
    "mtsp",
    "rsm",
    "ssm",
    "mtsm",
    "mtcpu",
    "mfcpu",
    "gate",
    "be",
    "ble",
    "rfi",
  ],
  value: 3,
  figures: [
    ["1", "3", "UNOPTIMIZED"],
    ["1", "13", "UNOPTIMIZED"],
    ["2", "2", "INKS_TRAP"],
  ],
  reason:
    "the three ways into the kernel have 22, 22 and 21 such operations; with all other rules in " +
    "force and a time stamp of 4.7 cycles allowed for, the paper's figures leave 3.3, 2.9 and 3.2 " +
    "cycles for each",
};

export const CALIBRATIONS: readonly Calibration[] = [CONTROL_OPERATIONS];

/** Whether a figure of the paper was used to set a parameter. */
export function isCalibrated(table: string, row: string, column: string): boolean {
  return CALIBRATIONS.some(({ figures }) =>
    figures.some(([t, r, c]) => t === table && r === row && c === column),
  );
}
