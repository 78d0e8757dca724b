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

/** Reading a control or space register, beyond the one cycle of any instruction. */
export const CONTROL_READS: Calibration = {
  parameters: ["mfctl", "mfsp", "mfcpu"],
  value: 2,
  figures: [["stamps", "overhead", "UNOPTIMIZED"]],
  reason:
    "the authors' 20 time stamps cost 93 cycles: each is a reading of CR16 and a store, and with all " +
    "other rules in force the readings are left 1.5 cycles each by message, 2.4 in the 11 by trap",
};

/**
 * Moves to control and space registers, changes of the PSW, gates, external branches and returns from
 * interruption, beyond the one cycle of any instruction.
 */
export const CONTROL_OPERATIONS: Calibration = {
  parameters: ["mtctl", "mtsp", "rsm", "ssm", "mtsm", "mtcpu", "gate", "be", "ble", "rfi"],
  value: 4,
  figures: [
    ["1", "3", "UNOPTIMIZED"],
    ["1", "13", "UNOPTIMIZED"],
    ["2", "2", "INKS_TRAP"],
  ],
  reason:
    "the three ways into the kernel have 12, 12 and 11 such operations; with all other rules in " +
    "force, readings at their own price, the paper's figures leave 5.1, 4.0 and 4.5 cycles for " +
    "each, of which the least is taken",
};

export const CALIBRATIONS: readonly Calibration[] = [CONTROL_READS, CONTROL_OPERATIONS];

/** Whether a figure of the paper was used to set a parameter. */
export function isCalibrated(table: string, row: string, column: string): boolean {
  return CALIBRATIONS.some(({ figures }) =>
    figures.some(([t, r, c]) => t === table && r === row && c === column),
  );
}
