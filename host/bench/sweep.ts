/**
 * A sweep: one table on many machines, each parameter over its values, all combinations. Only what is to be
 * run is made here; who runs it, on how many workers, is not known.
 */
import { type Diagnostic, DiagnosticError } from "../diagnostic.ts";
import { commandOf, resolveRequest, type TableRequest } from "./request.ts";

/** One parameter and where it goes. */
export interface Axis {
  /** A parameter of the machine, or `preset`. */
  readonly key: string;
  readonly values: readonly string[];
}

export interface SweepPoint {
  readonly parameters: Readonly<Record<string, string>>;
  readonly request: TableRequest;
  /** The command that gives the same rows; no two points have the same. */
  readonly command: string;
}

/** What a sweep may have, so that a slip of the finger does not fill the memory. */
const MOST_POINTS = 100_000;
/** `0..100:10`: from, to, and the step, 1 by default. */
const RANGE = /^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$/;

/**
 * Reads `KEY=VALUE,VALUE,LOW..HIGH:STEP`.
 * @throws DiagnosticError saying what was expected
 */
export function readAxis(text: string): Axis {
  const [, key, list] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (key === undefined || list === undefined)
    throw refusal(`expected KEY=VALUE,… or KEY=LOW..HIGH:STEP: ${text}`);
  const values = list.split(",").flatMap((part) => readValues(part.trim(), text));
  return { key, values: [...new Set(values)] };
}

function readValues(part: string, whole: string): string[] {
  if (part === "") throw refusal(`expected a value between commas: ${whole}`);
  const range = RANGE.exec(part);
  if (!range) return [part];
  const [low, high, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
  const count = Math.floor((high - low) / step + 1e-9) + 1;
  if (!(count >= 1 && count <= MOST_POINTS)) throw refusal(`an empty or endless range: ${part}`);
  // Multiplied, not added up: no error gathers.
  return Array.from({ length: count }, (_, i) => String(Number((low + i * step).toPrecision(12))));
}

/**
 * Every combination, the last parameter changing fastest, each one checked.
 * @throws DiagnosticError with what is wrong in any of them
 */
export function sweepPoints(base: TableRequest, axes: readonly Axis[]): SweepPoint[] {
  const keys = axes.map(({ key }) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice !== undefined) throw refusal(`a parameter twice: ${twice}`);
  const count = axes.reduce((product, { values }) => product * values.length, 1);
  if (count > MOST_POINTS) throw refusal(`more than ${MOST_POINTS} combinations: ${count}`);
  const combinations = axes.reduce<readonly Readonly<Record<string, string>>[]>(
    (made, { key, values }) =>
      made.flatMap((each) => values.map((value) => ({ ...each, [key]: value }))),
    [{}],
  );
  const points = combinations.map((parameters) => pointOf(base, parameters));
  checkAll(points);
  return points;
}

function pointOf(base: TableRequest, parameters: Readonly<Record<string, string>>): SweepPoint {
  const { preset, ...settings } = parameters;
  const set = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const request = {
    ...base,
    ...(preset !== undefined && { preset }),
    ...((base.set || set.length > 0) && { set: [...(base.set ?? []), ...set] }),
  };
  return { parameters, request, command: commandOf(request) };
}

/** What is wrong is said once, however many points have it. */
function checkAll(points: readonly SweepPoint[]): void {
  const problems = new Map<string, Diagnostic>();
  for (const { request } of points)
    try {
      resolveRequest(request);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      for (const each of error.diagnostics) problems.set(each.file + each.message, each);
    }
  if (problems.size > 0) throw new DiagnosticError([...problems.values()].slice(0, 20));
}

function refusal(message: string): DiagnosticError {
  return new DiagnosticError([{ file: "sweep", line: 0, column: 0, message }]);
}
