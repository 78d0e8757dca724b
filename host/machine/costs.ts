/**
 * The ledger of declared cycles: time that no simulated instruction takes.
 *
 * Every cycle is earned or declared. Earned cycles are executed by the core; a declared one is a row
 * here, charged by `Machine.charge`, and nothing else adds cycles. A row may not lie on a path whose
 * difference the paper measures. Reports show earned and declared cycles apart.
 */
export interface CostRow {
  readonly id: string;
  readonly cycles: number;
  /** What takes the time. */
  readonly reason: string;
  /** Where the number is from. */
  readonly source: string;
  /** How it was obtained, and on which column of the paper when it was calibrated. */
  readonly how: "measured" | "calibrated" | "assumed";
}

/** Table 3 needs none: all of its cycles are executed. */
export const COSTS: readonly CostRow[] = [];
