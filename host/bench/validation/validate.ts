/**
 * The validation report as data: every figure and claim of the paper that an experiment covers, ours
 * beside the paper's, and the checklist of rows.ts. Runs every experiment that has figures of the
 * paper or a claim about it; text.ts and html.ts write what this returns.
 */
import { CALIBRATIONS, type Calibration } from "../../machine/calibration.ts";
import { COSTS, type CostRow } from "../../machine/costs.ts";
import { COSTS as SERVER_COSTS } from "../../osf1/costs.ts";
import { VERSION } from "../../version.ts";
import { CONFIGURATIONS } from "../configurations.ts";
import {
  type CheckedClaim,
  checkTables,
  type Experiment,
  isClaimedOf,
  type MeasuredTable,
  type PrintedTable,
  printedRatio,
  printedTables,
  type RunOptions,
  runExperiment,
  type TidyRow,
} from "../experiment.ts";
import { EXPERIMENTS } from "../index.ts";
import { earnedShare, ratio, relativeError } from "../shares.ts";
import {
  commandOf,
  headOf,
  resolveMachine,
  type TableHead,
  type TableRequest,
  type TableResult,
} from "../request.ts";
import { type Row, SECTIONS } from "./rows.ts";
import { type Summary, summarize } from "./summary.ts";

/** Experiments that take much longer than the others together, and run only on request. */
const LONG: readonly string[] = ["6", "7", "8", "placement"];

/** The machine to validate, and whether to run `all` that there is. */
export interface ValidationRequest extends Pick<TableRequest, "preset" | "set"> {
  readonly all?: boolean;
}

/** A measured cell, with all that a report says of it. */
export interface ValidatedFigure extends TidyRow {
  /** Distance from the paper's figure as a share of it; `null` where the paper prints none. */
  readonly error: number | null;
  /** Share of the figure's cycles that were executed; `null` for a figure without cycles. */
  readonly earnedShare: number | null;
  /** To the column that the paper's ratios are against; `null` where it prints none. */
  readonly ratio: number | null;
  readonly paperRatio: number | null;
  /** The command line that prints it. */
  readonly command: string;
}

export interface ValidatedClaim extends CheckedClaim {
  /** The command lines that print what it is about. */
  readonly commands: readonly string[];
}

/** A row of the checklist: `fails` when a claim that should show it does, `not run` when one was not. */
export interface CheckedRow extends Row {
  readonly section: string;
  readonly status: "covered" | "fails" | "not run" | "not yet";
}

/** The stable result object. Fields are only ever added. */
export interface Validation extends Pick<TableResult, "version" | "command" | "seed" | "config"> {
  readonly tables: readonly TableHead[];
  readonly rows: readonly ValidatedFigure[];
  readonly claims: readonly ValidatedClaim[];
  readonly checklist: readonly CheckedRow[];
  /** The paper's tables that no experiment measures yet. */
  readonly missing: readonly PrintedTable[];
  /** Experiments that this run left out, and the command lines that run them. */
  readonly skipped: readonly { readonly table: string; readonly command: string }[];
  /** What the roles of `rows` come from: parameters read off the paper, and declared costs. */
  readonly ledger: {
    readonly calibrations: readonly Calibration[];
    readonly costs: readonly CostRow[];
  };
  readonly summary: Summary;
}

/**
 * Runs what there is to validate.
 * @throws DiagnosticError on a bad request, Cancelled when `signal` was set.
 */
export async function validate(
  { all = false, ...request }: ValidationRequest = {},
  { progress, signal }: Pick<RunOptions, "progress" | "signal"> = {},
): Promise<Validation> {
  const { preset, machine } = resolveMachine(request);
  const published = EXPERIMENTS.filter(isPublished);
  const experiments = published.filter(({ id }) => all || !LONG.includes(id));
  const measured: MeasuredTable[] = [];
  for (const [index, experiment] of experiments.entries()) {
    const rows = await runExperiment(experiment, {
      machine,
      ...(signal && { signal }),
      progress: ({ fraction, ...at }) =>
        progress?.({ ...at, fraction: (index + fraction) / experiments.length }),
    });
    measured.push({ experiment, rows });
  }
  const rows = measured.flatMap((table) => figuresOf(table, request));
  const claims = checkTables(measured).map((claim) => ({
    ...claim,
    commands: claim.tables.map((table) => commandOf({ ...request, table })),
  }));
  const checklist = checkRows(claims);
  const missing = printedTables().filter(({ table }) => !published.some(({ id }) => id === table));
  return {
    version: VERSION,
    command: validateCommand({ ...request, all }),
    seed: null,
    config: { preset, machine, configurations: CONFIGURATIONS, iterations: null },
    tables: experiments.map(headOf),
    rows,
    claims,
    checklist,
    missing,
    skipped: published
      .filter((experiment) => !experiments.includes(experiment))
      .map(({ id }) => ({ table: id, command: commandOf({ ...request, table: id }) })),
    ledger: { calibrations: CALIBRATIONS, costs: [...COSTS, ...SERVER_COSTS] },
    summary: summarize(rows, claims, checklist),
  };
}

function isPublished({ id }: Experiment): boolean {
  return printedTables().some(({ table }) => table === id) || isClaimedOf(id);
}

function figuresOf({ experiment, rows }: MeasuredTable, request: ValidationRequest) {
  return rows.map((cell): ValidatedFigure => ({
    ...cell,
    error: relativeError(cell),
    earnedShare: earnedShare(cell),
    ratio: experiment.baseline === null ? null : ratio(experiment, rows, cell),
    paperRatio: experiment.baseline === null ? null : printedRatio(cell),
    command: commandOf({ ...request, table: cell.table, configurations: [cell.column] }),
  }));
}

/** The checklist, each row with what its claims came to. */
export function checkRows(claims: readonly Pick<CheckedClaim, "id" | "holds">[]): CheckedRow[] {
  const holds = new Map(claims.map((claim) => [claim.id, claim.holds]));
  return SECTIONS.flatMap(({ title, rows }) =>
    rows.map((row): CheckedRow => {
      const shown = row.by.flatMap((by) => ("claim" in by ? [holds.get(by.claim)] : []));
      return { section: title, ...row, status: statusOf(row, shown) };
    }),
  );
}

function statusOf(row: Row, claims: readonly (boolean | undefined)[]): CheckedRow["status"] {
  if (row.by.length === 0) return "not yet";
  if (claims.includes(false)) return "fails";
  return claims.includes(undefined) ? "not run" : "covered";
}

function validateCommand({ all, preset, set }: ValidationRequest): string {
  return [
    "inkwell validate",
    ...(all ? ["--all"] : []),
    ...(preset ? [`--preset ${preset}`] : []),
    ...(set ?? []).map((pair) => `--set ${pair}`),
  ].join(" ");
}
