/**
 * The report in a few numbers. Averages are over the figures that the paper prints; those that a
 * parameter was read off are told from those that were predicted.
 */
import type { CheckedClaim, TidyRow } from "../experiment.ts";

/** How near figures are to the paper's. */
export interface Agreement {
  readonly figures: number;
  /** Of them, those at most 10, 15, 25 % off. */
  readonly within10: number;
  readonly within15: number;
  readonly within25: number;
  /** At most 10 % or 10 of their unit off: the measure for short stages. */
  readonly near: number;
  /** Mean distance from the paper as a share of its figure; `null` without figures. */
  readonly meanAbsoluteError: number | null;
}

export interface AgreementByRole extends Agreement {
  readonly calibrated: Agreement;
  readonly predicted: Agreement;
}

export interface Summary {
  /** Over the paper's numbered tables. */
  readonly all: AgreementByRole;
  /** Every table with figures of the paper. */
  readonly tables: readonly (AgreementByRole & { readonly table: string })[];
  readonly claims: { readonly total: number; readonly held: number; readonly failed: number };
  readonly checklist: {
    readonly total: number;
    readonly covered: number;
    readonly fails: number;
    readonly notRun: number;
    readonly notYet: number;
  };
}

type Cell = Pick<TidyRow, "table" | "value" | "paper" | "role">;

export function summarize(
  rows: readonly Cell[],
  claims: readonly Pick<CheckedClaim, "holds">[],
  checklist: readonly { readonly status: string }[],
): Summary {
  // Counts of a workload of our own neither agree with the paper's nor disagree.
  const printed = rows.filter(({ paper, role }) => paper !== null && role !== "emergent");
  const tables = [...new Set(printed.map(({ table }) => table))];
  const count = (wanted: string) => checklist.filter(({ status }) => status === wanted).length;
  const held = claims.filter(({ holds }) => holds).length;
  return {
    all: byRole(printed.filter(({ table }) => isNumbered(table))),
    tables: tables.map((table) => ({
      table,
      ...byRole(printed.filter((row) => row.table === table)),
    })),
    claims: { total: claims.length, held, failed: claims.length - held },
    checklist: {
      total: checklist.length,
      covered: count("covered"),
      fails: count("fails"),
      notRun: count("not run"),
      notYet: count("not yet"),
    },
  };
}

/** Whether this is a table of the paper, and not an experiment on a sentence of it. */
export function isNumbered(table: string): boolean {
  return /^\d+$/.test(table);
}

function byRole(rows: readonly Cell[]): AgreementByRole {
  const of = (role: string) => agreement(rows.filter((row) => row.role === role));
  return { ...agreement(rows), calibrated: of("calibrated"), predicted: of("predicted") };
}

function agreement(rows: readonly Cell[]): Agreement {
  const errors = rows.map(({ value, paper }) => Math.abs(value - paper!) / paper!);
  const within = (share: number) => errors.filter((error) => error <= share).length;
  return {
    figures: rows.length,
    within10: within(0.1),
    within15: within(0.15),
    within25: within(0.25),
    near: rows.filter(({ value, paper }, i) => errors[i]! <= 0.1 || Math.abs(value - paper!) <= 10)
      .length,
    meanAbsoluteError: errors.length
      ? errors.reduce((sum, error) => sum + error, 0) / errors.length
      : null,
  };
}
