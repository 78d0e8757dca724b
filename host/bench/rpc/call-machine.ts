/**
 * The machine at a moment of one call of a row of Table 3. Two runs are the same, cycle for cycle, so a
 * moment is named by what was asked for and a cycle, and is come to again by booting and running there.
 */
import { panic } from "../../diagnostic.ts";
import type { MachineConfig } from "../../machine/config.ts";
import type { Configuration } from "../configurations.ts";
import { resolveRequest } from "../request.ts";
import { table3 } from "../table3.ts";
import { type RpcBed, rpcBed } from "./bed.ts";
import { RPC_ROWS, WARM_UP } from "./measure.ts";
import { observeCall } from "./observe.ts";
import { kindOfCall } from "./programs.ts";

/** A cell of Table 3, by its names. */
export interface CallRequest {
  readonly row: string;
  readonly configuration: string;
  readonly preset?: string;
  readonly set?: readonly string[];
}

/** A request whose every name was found. */
export interface ResolvedCall {
  readonly configuration: Configuration;
  readonly routine: (typeof RPC_ROWS)[number];
  readonly preset: string;
  readonly machine: MachineConfig;
  /** "Null RPC, INKS Trap". */
  readonly title: string;
}

/**
 * Finds every name of a request.
 * @throws DiagnosticError on a bad request
 */
export function resolveCall({ row, configuration: name, preset, set }: CallRequest): ResolvedCall {
  const resolved = resolveRequest({
    table: "3",
    rows: [row],
    configurations: [name],
    ...(preset !== undefined && { preset }),
    ...(set && { set }),
  });
  const [configuration = panic("resolveCall: no configuration")] = resolved.configurations;
  const title = `${table3.rows.find(({ id }) => id === row)!.title}, ${configuration.title}`;
  const { machine } = resolved;
  const routine = row as ResolvedCall["routine"];
  return { configuration, routine, preset: resolved.preset, machine, title };
}

/** The options of a command line that make the request. */
export function flagsOf({ row, configuration, preset, set }: CallRequest): string[] {
  return [
    `--row ${row} --config ${configuration}`,
    ...(preset ? [`--preset ${preset}`] : []),
    ...(set ?? []).map((pair) => `--set ${pair}`),
  ];
}

/** Where the call that counts begins and ends, in cycles since boot. */
export async function boundsOf({ configuration, routine, machine }: ResolvedCall) {
  let begun = -1;
  let ended = -1;
  await observeCall({ configuration, routine, machine }, () => ({
    tracer: (_address, _space, cycle) => {
      if (begun < 0) begun = cycle;
    },
    finish: (cycle) => (ended = cycle),
  }));
  return { begun, ended };
}

/** The machine at the first boundary between instructions at or after a cycle since boot. */
export async function bedAt(
  configuration: Configuration,
  routine: string,
  machine: MachineConfig,
  cycle: number,
): Promise<RpcBed> {
  const bed = await rpcBed(configuration, { machine });
  const { kernel, client, names } = bed;
  const kind = kindOfCall(routine, configuration.calls === "trap");
  kernel.start(client, [names.send, kind, WARM_UP + 1]);
  kernel.run({ cycles: cycle - kernel.machine.cycles });
  return bed;
}
