/** What reports reckon from a figure: shares, ratios, distances from the paper. */
import type { Experiment, TidyRow } from "./experiment.ts";

/** The share of a figure's cycles that the core executed, 0 to 1; `null` for a figure without cycles. */
export function earnedShare({ earned, declared }: Pick<TidyRow, "earned" | "declared">) {
  return earned + declared > 0 ? earned / (earned + declared) : null;
}

/** How far a figure lies from the paper's, as a share of it; `null` where the paper has none, or another. */
export function relativeError({
  value,
  paper,
  role,
}: Pick<TidyRow, "value" | "paper" | "role">): number | null {
  return paper === null || paper === 0 || role === "emergent" ? null : (value - paper) / paper;
}

/** A figure's ratio to the baseline column of its row; `null` without one. */
export function ratio(
  experiment: Pick<Experiment, "baseline">,
  rows: readonly TidyRow[],
  cell: TidyRow,
) {
  if (cell.column === experiment.baseline) return null;
  const base = rows.find((r) => r.row === cell.row && r.column === experiment.baseline);
  return base ? cell.value / base.value : null;
}
