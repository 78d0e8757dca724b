/**
 * A table asked for by name: what the command line and the worker share. Checks the request before
 * anything runs, runs it, and returns the stable object that `--json` prints.
 */
import { type Diagnostic, DiagnosticError } from "../diagnostic.ts";
import { HP9000_730, type MachineConfig, toMachineConfig } from "../machine/config.ts";
import { DEFAULT_PRESET, PRESETS } from "../machine/presets.ts";
import { VERSION } from "../version.ts";
import { CONFIGURATIONS, type Configuration } from "./configurations.ts";
import {
  type CheckedClaim,
  checkClaims,
  type Experiment,
  type Line,
  type Progress,
  runExperiment,
  type RunOptions,
  type TidyRow,
} from "./experiment.ts";
import { EXPERIMENTS } from "./index.ts";

/** What may be asked of a table; all strings, as they come from a command line or a link. */
export interface TableRequest {
  readonly table: string;
  /** Configuration names; all by default. */
  readonly configurations?: readonly string[];
  /** Row ids; all by default. */
  readonly rows?: readonly string[];
  /** A machine preset. */
  readonly preset?: string;
  /** Machine parameters, each `KEY=VALUE`. */
  readonly set?: readonly string[];
  readonly iterations?: number;
}

export interface TableHead {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly rows: readonly Line[];
  readonly columns: readonly Line[];
  /** The column that ratios are against; null where the paper prints none. */
  readonly baseline: string | null;
}

/** The stable result object. Fields are only ever added. */
export interface TableResult {
  readonly version: string;
  /** The command that gives the same rows. */
  readonly command: string;
  /** Of what the run chose at random; `null`: nothing. */
  readonly seed: number | null;
  readonly config: {
    readonly preset: string;
    readonly machine: MachineConfig;
    readonly configurations: readonly Configuration[];
    /** `null`: the experiment's default. */
    readonly iterations: number | null;
  };
  /** What the ids in `rows` stand for. */
  readonly table: TableHead;
  readonly rows: readonly TidyRow[];
  readonly claims: readonly CheckedClaim[];
}

/** A request whose every name was found. */
export interface ResolvedRequest {
  readonly experiment: Experiment;
  readonly configurations: readonly Configuration[];
  /** Row ids; `undefined`: all. */
  readonly rows: readonly string[] | undefined;
  readonly preset: string;
  readonly machine: MachineConfig;
  readonly iterations: number | undefined;
}

type Refuse = (where: string, message: string) => void;

/** Runs `resolve`, collecting what it refuses; throws all of it together. */
function checking<T>(resolve: (refuse: Refuse) => T | undefined): T {
  const problems: Diagnostic[] = [];
  const result = resolve((file, message) => problems.push({ file, line: 0, column: 0, message }));
  if (problems.length || !result) throw new DiagnosticError(problems);
  return result;
}

/**
 * Finds every name of a request.
 * @throws DiagnosticError naming each bad part and what was expected there.
 */
export function resolveRequest(request: TableRequest): ResolvedRequest {
  return checking((refuse) => {
    const experiment = EXPERIMENTS.find(({ id }) => id === request.table);
    if (!experiment)
      refuse("table", `expected ${oneOf(EXPERIMENTS.map(({ id }) => id))}: ${request.table}`);

    const names = CONFIGURATIONS.map(({ name }) => name);
    const wanted = request.configurations ?? names;
    for (const name of wanted)
      if (!names.includes(name)) refuse("--config", `expected ${oneOf(names)}: ${name}`);

    const { iterations, rows } = request;
    const known = experiment?.rows.map(({ id }) => id) ?? [];
    for (const row of experiment ? (rows ?? []) : [])
      if (!known.includes(row)) refuse("--row", `expected ${oneOf(known)}: ${row}`);

    const most = experiment?.mostIterations ?? Number.POSITIVE_INFINITY;
    if (iterations !== undefined && !(Number.isInteger(iterations) && iterations > 0))
      refuse("--iterations", `expected a positive whole number: ${iterations}`);
    else if (iterations !== undefined && iterations > most)
      refuse("--iterations", `expected at most ${most}: ${iterations}`);

    const machine = findMachine(request, refuse);
    return (
      experiment && {
        experiment,
        configurations: CONFIGURATIONS.filter(({ name }) => wanted.includes(name)),
        rows,
        ...machine,
        iterations,
      }
    );
  });
}

/**
 * The machine that a preset and settings name.
 * @throws DiagnosticError naming each bad part and what was expected there.
 */
export function resolveMachine(request: Pick<TableRequest, "preset" | "set">) {
  return checking((refuse) => findMachine(request, refuse));
}

function findMachine({ preset = DEFAULT_PRESET, set = [] }: Partial<TableRequest>, refuse: Refuse) {
  const base = Object.hasOwn(PRESETS, preset) ? PRESETS[preset]!.config : undefined;
  if (!base) refuse("--preset", `expected ${oneOf(Object.keys(PRESETS))}: ${preset}`);
  const machine = setParameters(base ?? HP9000_730, set, refuse);
  try {
    return { preset, machine: toMachineConfig(machine) };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    for (const { file, message } of error.diagnostics) refuse("--set", `${file}: ${message}`);
    return { preset, machine };
  }
}

/** Where a run is, and its table as far as it is known. */
export interface TableProgress extends Omit<Progress, "rows"> {
  readonly partial?: TableResult;
}

/**
 * Resolves and runs a request.
 * @throws DiagnosticError on a bad request, Cancelled when `signal` was set.
 */
export async function runTable(
  request: TableRequest,
  {
    progress,
    signal,
  }: Pick<RunOptions, "signal"> & {
    readonly progress?: (at: TableProgress) => void;
  } = {},
): Promise<TableResult> {
  const { experiment, configurations, rows: wanted, ...rest } = resolveRequest(request);
  const { preset, machine, iterations } = rest;
  const result = (rows: readonly TidyRow[], claims: readonly CheckedClaim[]): TableResult => ({
    version: VERSION,
    command: commandOf(request),
    seed: experiment.seed ?? null,
    config: { preset, machine, configurations, iterations: iterations ?? null },
    table: headOf(experiment),
    rows,
    claims,
  });
  const all = await runExperiment(experiment, {
    ...(signal && { signal }),
    progress: ({ rows, ...at }) =>
      progress?.({ ...at, ...(rows && { partial: result(rows, []) }) }),
    columns: experiment.columns
      .filter(({ configuration }) => configurations.some(({ name }) => name === configuration.name))
      .map(({ id }) => id),
    machine,
    ...(wanted && { rows: wanted }),
    ...(iterations !== undefined && { iterations }),
  });
  return result(all, checkClaims(experiment, all));
}

/** What a result says of its experiment. */
export function headOf({ id, title, unit, rows, columns, baseline }: Experiment): TableHead {
  const names = (lines: readonly Line[]) =>
    lines.map((line) => ({ id: line.id, title: line.title }));
  return { id, title, unit, rows: names(rows), columns: names(columns), baseline };
}

/** The command line that makes a request. */
export function commandOf({ table, configurations, rows, preset, set, iterations }: TableRequest) {
  return [
    `inkwell table ${table}`,
    ...(configurations ?? []).map((name) => `--config ${name}`),
    ...(rows ?? []).map((row) => `--row ${row}`),
    ...(preset ? [`--preset ${preset}`] : []),
    ...(set ?? []).map((pair) => `--set ${pair}`),
    ...(iterations === undefined ? [] : [`--iterations ${iterations}`]),
  ].join(" ");
}

/** Every parameter of a machine by its dotted name. */
export function parametersOf(machine: object, prefix = ""): [string, unknown][] {
  return Object.entries(machine).flatMap(([key, value]): [string, unknown][] =>
    typeof value === "object" && value !== null
      ? parametersOf(value, `${prefix}${key}.`)
      : [[prefix + key, value]],
  );
}

/** A copy of `machine` with each `KEY=VALUE` applied; what cannot be applied is refused. */
function setParameters(
  machine: MachineConfig,
  pairs: readonly string[],
  refuse: Refuse,
): MachineConfig {
  const result = structuredClone(machine);
  const known = new Map(parametersOf(machine));
  for (const pair of pairs) {
    const [, key, text] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    const present = key === undefined ? undefined : known.get(key);
    if (key === undefined || text === undefined) refuse("--set", `expected KEY=VALUE: ${pair}`);
    else if (present === undefined)
      refuse("--set", `expected a parameter (${[...known.keys()].join(", ")}): ${key}`);
    else {
      const value = parseLike(present, text);
      if (value === undefined)
        refuse("--set", `${key}: expected ${KINDS[typeof present]}: ${text}`);
      else assign(result, key.split("."), value);
    }
  }
  return result;
}

const KINDS: Readonly<Record<string, string>> = { boolean: "true or false", number: "a number" };

/** Reads a text as the type of the value it replaces; `undefined` when it cannot be read so. */
function parseLike(present: unknown, text: string): number | boolean | string | undefined {
  if (typeof present === "boolean")
    return text === "true" ? true : text === "false" ? false : undefined;
  if (typeof present === "string") return text;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

function assign(target: object, [key, ...rest]: readonly string[], value: unknown): void {
  const record = target as Record<string, unknown>;
  if (rest.length) assign(record[key!] as object, rest, value);
  else record[key!] = value;
}

function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
