/**
 * What an experiment is, and the one way to run it.
 *
 * An experiment is one record in one file. The runner asks it for one column after another and
 * makes tidy rows, one a cell; the command line, notebooks and tests read nothing else. The paper's
 * figure is put beside the measured one here, after the measurement, so no experiment knows it.
 */
import { panic } from "../diagnostic.ts";
import { isCalibrated } from "../machine/calibration.ts";
import type { MachineConfig } from "../machine/config.ts";
import type { Configuration } from "./configurations.ts";
import type { Bound, Claim, Figure, Measured } from "./claims/claim.ts";
import { CLAIMS } from "./claims/index.ts";
import { PAPER, paperValue } from "./paper.ts";

/**
 * Whether a figure was an input to some declared cost, or follows from the model; or it counts what a
 * workload of our own does, which stands for the paper's and is not the same.
 */
export type Role = "calibrated" | "predicted" | "emergent";

export interface Line {
  readonly id: string;
  /** As the paper prints it. */
  readonly title: string;
}

export interface Column extends Line {
  readonly configuration: Configuration;
}

/** One measured cell, as an experiment returns it. */
export interface Measurement {
  readonly row: string;
  /** In the experiment's unit. */
  readonly value: number;
  /** Cycles behind the figure that the core executed. */
  readonly earned: number;
  /** Cycles behind the figure that came from host/machine/costs.ts. */
  readonly declared: number;
  /** What else was counted: `iterations`, `minimum`, `maximum`, `instructions` … */
  readonly detail: Readonly<Record<string, number>>;
}

/** One cell of a table with everything said about it: the shape of all results. */
export interface TidyRow extends Measurement {
  readonly table: string;
  readonly column: string;
  readonly unit: string;
  /** The paper's figure; `null` where it prints none. */
  readonly paper: number | null;
  readonly role: Role;
}

export interface MeasureOptions {
  /** Laid over the preset HP9000_730. */
  readonly machine?: Partial<MachineConfig>;
  /** Measured repetitions of each cell; each experiment has its own default. */
  readonly iterations?: number;
  /** Row ids; all by default. What an experiment measures besides is left out. */
  readonly rows?: readonly string[];
  /** Told of what is done, and of the cells that are measured already, if those are known before the end. */
  readonly progress?: (done: number, total: number, measured?: readonly Measurement[]) => void;
  readonly signal?: { readonly aborted: boolean };
}

export interface Experiment {
  /** The number of the paper's table. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly Line[];
  readonly columns: readonly Column[];
  /** The column that ratios are against; null where the paper prints none. */
  readonly baseline: string | null;
  /** Names of `Measurement.detail` that reports show beside the figures. */
  readonly details?: readonly string[];
  /** Of what is chosen at random; without one nothing is. */
  readonly seed?: number;
  /** The most repetitions that its guest programs have room for. */
  readonly mostIterations: number;
  /** Of a figure that no entry of host/machine/calibration.ts names: those are calibrated. */
  role(row: string, column: string): Role;
  /** Measures every row in one column, on a freshly booted machine. */
  run(column: Column, options: MeasureOptions): Promise<readonly Measurement[]>;
}

/** Where a run is: the column at work, and the share of the whole that is done, 0 to 1. */
export interface Progress {
  readonly column: string;
  readonly title: string;
  readonly fraction: number;
  /** All cells that are measured so far, where that is said before the end. */
  readonly rows?: readonly TidyRow[];
}

export interface RunOptions extends Omit<MeasureOptions, "progress"> {
  /** Column ids; all of them by default. */
  readonly columns?: readonly string[];
  readonly progress?: (progress: Progress) => void;
}

/** Thrown when a run was stopped through its signal. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
  constructor() {
    super("cancelled");
  }
}

/**
 * Runs an experiment column by column.
 * @throws Cancelled when `signal` was set.
 */
export async function runExperiment(
  experiment: Experiment,
  { columns: wanted, progress, signal, ...rest }: RunOptions = {},
): Promise<TidyRow[]> {
  const columns = experiment.columns.filter(({ id }) => wanted?.includes(id) ?? true);
  const result: TidyRow[] = [];
  for (const [index, column] of columns.entries()) {
    const { id, title } = column;
    const report = (share: number, early: readonly TidyRow[] = []) => {
      const rows = [...result, ...early];
      progress?.({
        ...{ column: id, title, fraction: (index + share) / columns.length },
        // Of rows that were not asked for there is nothing to show.
        ...(early.length > 0 && { rows }),
      });
    };
    report(0);
    const measured = await experiment.run(column, {
      ...rest,
      ...(signal && { signal }),
      progress: (done, total, early) =>
        report(
          total > 0 ? done / total : 0,
          early && tidyRows(experiment, column, early, rest.rows),
        ),
    });
    if (signal?.aborted) throw new Cancelled();
    result.push(...tidy(experiment, column, measured, rest.rows));
    report(1);
  }
  return result;
}

/** The cells of a whole column. */
function tidy(
  experiment: Experiment,
  column: Column,
  measured: readonly Measurement[],
  wanted?: readonly string[],
): TidyRow[] {
  const missing = experiment.rows
    .map(({ id }) => id)
    .filter((row) => wanted?.includes(row) ?? true)
    .find((row) => !measured.some((m) => m.row === row));
  if (missing !== undefined) panic(`runExperiment: 0 measurements of row ${missing}`);
  return tidyRows(experiment, column, measured, wanted);
}

/** Cells of one column in the order of the experiment's rows, the paper's figures beside. */
function tidyRows(
  experiment: Experiment,
  column: Column,
  measured: readonly Measurement[],
  wanted?: readonly string[],
): TidyRow[] {
  const ids = experiment.rows.map(({ id }) => id);
  const stray = measured.find(({ row }) => !ids.includes(row));
  if (stray) panic(`runExperiment: table ${experiment.id} has no row ${stray.row}`);
  return ids
    .filter((row) => (wanted?.includes(row) ?? true) && measured.some((m) => m.row === row))
    .map((row) => {
      const cells = measured.filter((m) => m.row === row);
      if (cells.length !== 1) panic(`runExperiment: ${cells.length} measurements of row ${row}`);
      const { value, earned, declared, detail } = cells[0]!;
      if (!Number.isFinite(value)) panic(`runExperiment: row ${row} measured ${value}`);
      return {
        table: experiment.id,
        row,
        column: column.id,
        value,
        unit: experiment.unit,
        earned,
        declared,
        paper: paperValue(experiment.id, row, column.id),
        role: isCalibrated(experiment.id, row, column.id)
          ? "calibrated"
          : experiment.role(row, column.id),
        detail,
      };
    });
}

/** A number that a claim is about. */
export interface CheckedBound extends Bound {
  /** The same number made of the paper's own figures; `null` where it prints them not. */
  readonly paper: number | null;
  readonly holds: boolean;
}

/** A sentence of the paper, held against a run. */
export interface CheckedClaim extends Pick<Claim, "id" | "where" | "sentence" | "tables"> {
  /** The first of `tables`. */
  readonly table: string;
  /** Whether the words are the paper's own. */
  readonly quoted: boolean;
  /** Why it fails, as far as known; `null` when it holds or nothing is. */
  readonly note: string | null;
  readonly holds: boolean;
  readonly bounds: readonly CheckedBound[];
}

/** An experiment and what it measured. */
export interface MeasuredTable {
  readonly experiment: Experiment;
  readonly rows: readonly TidyRow[];
}

/**
 * Checks the paper's own sentences about a table; none when the run left columns out. What the paper
 * shows in figures only, or across tables, `checkTables` checks.
 */
export function checkClaims(experiment: Experiment, rows: readonly TidyRow[]): CheckedClaim[] {
  return checkTables([{ experiment, rows }]).filter(({ quoted }) => quoted);
}

/** Checks every claim whose tables are all there and whole. */
export function checkTables(measured: readonly MeasuredTable[]): CheckedClaim[] {
  const whole = measured.filter(
    ({ experiment: { rows, columns }, rows: cells }) =>
      cells.length === rows.length * columns.length,
  );
  const tables = new Map(whole.map((table) => [table.experiment.id, table]));
  const cell = (table: string, row: string, column: string) =>
    tables.get(table)!.rows.find((r) => r.row === row && r.column === column) ??
    panic(`checkTables: table ${table} has no cell ${row}/${column}`);
  const figures = (read: (cell: TidyRow) => Figure): Measured => ({
    figure: (table, row, column) => read(cell(table, row, column)),
    rows: (table) => tables.get(table)!.experiment.rows.map(({ id }) => id),
  });
  const ours = figures(({ value, paper, detail }) => ({
    value,
    paper: paper ?? Number.NaN,
    detail,
  }));
  const theirs = figures(({ paper }) => {
    const value = paper ?? Number.NaN;
    return { value, paper: value, detail: {} };
  });
  return CLAIMS.filter((claim) => claim.tables.every((id) => tables.has(id))).map((claim) => {
    const printed = claim.bounds(theirs);
    const bounds = claim.bounds(ours).map((bound, i) => checkBound(bound, printed[i]!.value));
    const holds = bounds.every((bound) => bound.holds);
    return {
      id: claim.id,
      where: claim.where,
      sentence: claim.sentence,
      table: claim.tables[0]!,
      tables: claim.tables,
      quoted: claim.quoted ?? true,
      note: holds ? null : (claim.note ?? null),
      holds,
      bounds,
    };
  });
}

/** Digits in which logarithms and powers agree between engines; their last bit does not. */
const DIGITS = 12;

function checkBound(bound: Bound, paper: number): CheckedBound {
  const { low, high } = bound;
  const value = Number(bound.value.toPrecision(DIGITS));
  const holds = value >= (low ?? -Infinity) && value <= (high ?? Infinity);
  return { ...bound, value, paper: Number.isNaN(paper) ? null : paper, holds };
}

/** Whether a claim of the paper is about this experiment. */
export function isClaimedOf(id: string): boolean {
  return CLAIMS.some(({ tables }) => tables.includes(id));
}

/** A table of the paper and how many figures it has. */
export interface PrintedTable {
  readonly table: string;
  readonly figures: number;
}

/** The paper's tables, whether there is an experiment for them or not. */
export function printedTables(): PrintedTable[] {
  return Object.entries(PAPER).map(([table, { values }]) => ({
    table,
    figures: Object.values(values)
      .flat()
      .filter((value) => value !== null).length,
  }));
}

/** The figure that the paper prints in parentheses beside a cell's; `null` where it prints none. */
export function printedRatio({ table, row, column }: Pick<TidyRow, "table" | "row" | "column">) {
  const paper = PAPER[table];
  return paper?.printed?.[row]?.[paper.columns.indexOf(column)] ?? null;
}
