/**
 * The paper's micro RPC test (§4.4): boots a machine in one configuration, runs the client against
 * the server of rpc.defs, and reads each call's cycles off CR16 in user mode.
 */
import type { Configuration } from "../configurations.ts";
import type { MeasureOptions } from "../experiment.ts";

export interface RpcMeasurement {
  readonly row: "null" | "in64" | "in1024" | "out1024" | "inout128";
  /** Cycles of one call in the steady state. */
  readonly cycles: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly iterations: number;
  readonly earned: number;
  readonly declared: number;
  readonly instructions: number;
}

/** @throws Cancelled when `options.signal` was set. */
export async function measureRpc(
  configuration: Configuration,
  _options: MeasureOptions,
): Promise<RpcMeasurement[]> {
  throw new Error(`not measured yet: ${configuration.name}`);
}
