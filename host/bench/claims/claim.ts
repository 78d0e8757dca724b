/**
 * What the paper says in words, as numbers of a run and the bounds they must lie in. A claim holds when
 * every number does; one that fails is shown with its numbers, and its bounds are not widened for it.
 * Where a sentence gives no bound ("about", "minor", "similar"), the bound is that of the project's
 * list of the paper's claims: 10 % of a figure, 10 cycles of a stage, unless said otherwise.
 */
import { INKS_MESSAGE, INKS_TRAP, UNOPTIMIZED } from "../configurations.ts";

/** What a claim may look at: a cell of a measured table. */
export interface Figure {
  readonly value: number;
  /** The paper's figure; `NaN` where it prints none. */
  readonly paper: number;
  readonly detail: Readonly<Record<string, number>>;
}

/** The measured tables, or the paper's own, in whose place a claim can be tried. */
export interface Measured {
  figure(table: string, row: string, column: string): Figure;
  rows(table: string): readonly string[];
}

/** A number that a sentence is about, and what it must lie between, ends included. */
export interface Bound {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly low: number | null;
  readonly high: number | null;
}

/** The least and the greatest that is allowed; `null`: anything. */
export type Range = readonly [low: number | null, high: number | null];

export interface Claim {
  readonly id: string;
  readonly where: string;
  /** The paper's words: the part of the sentence that is checked. */
  readonly sentence: string;
  /** False when the paper shows it in figures and says nothing: then the words are ours. */
  readonly quoted?: false;
  /** What is known of why it may fail, from traces and sources; shown when it does. */
  readonly note?: string;
  /** The tables that it is about. */
  readonly tables: readonly string[];
  bounds(of: Measured): Bound[];
}

/** The columns of the paper's tables: out of the kernel, in it by message, in it by trap. */
export const OUT = UNOPTIMIZED.name;
export const IN = INKS_MESSAGE.name;
export const TRAP = INKS_TRAP.name;

/** What "essentially no variance" leaves, in cycles: §4.2. */
export const VARIANCE = 3;

/** A number with its bounds. */
export function between(what: string, unit: string, value: number, [low, high]: Range): Bound {
  return { what, unit, value, low, high };
}
/** "About": within 10 % of the figure that the sentence gives. */
export const about = (what: string, unit: string, value: number, figure: number) =>
  between(what, unit, value, [0.9 * figure, 1.1 * figure]);
/** A count, which must be the sentence's own. */
export const exactly = (what: string, unit: string, value: number, figure: number) =>
  between(what, unit, value, [figure, figure]);
/** A part's share of a whole. */
export const percent = (what: string, part: number, whole: number, range: Range) =>
  between(what, "%", (100 * part) / whole, range);

/** Adds stages of a table in one column. */
export const stages =
  (of: Measured, table: string, column: string) =>
  (...numbers: readonly number[]) =>
    numbers.reduce((sum, number) => sum + of.figure(table, String(number), column).value, 0);
