/**
 * The two shortest ways in for a program: a booted machine with the micro RPC's server and client on it,
 * and a table as data.
 */
import { resolveRequest, runTable, type TableRequest, type TableResult } from "./request.ts";
import { type RpcBed, rpcBed } from "./rpc/bed.ts";

/** What to boot: a configuration's name, and the machine as the command line names it. */
export interface BootRequest extends Pick<TableRequest, "preset" | "set"> {
  /** `INKS_TRAP` by default. */
  readonly configuration?: string;
}

/**
 * Boots Mach on a machine and loads both programs; the server is ready to run, the client waits to be
 * started: `bed.kernel.start(bed.client, [bed.names.send, kind, calls])`.
 * @throws DiagnosticError naming each bad part of the request
 */
export async function boot({
  configuration = "INKS_TRAP",
  ...request
}: BootRequest = {}): Promise<RpcBed> {
  const resolved = resolveRequest({ table: "3", configurations: [configuration], ...request });
  return rpcBed(resolved.configurations[0]!, { machine: resolved.machine });
}

/**
 * A table of the paper, or an experiment, measured here and not in a worker.
 * @throws DiagnosticError on a bad request
 */
export function table(
  name: string,
  request: Omit<TableRequest, "table"> = {},
): Promise<TableResult> {
  return runTable({ ...request, table: name });
}
