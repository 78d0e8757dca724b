/**
 * A booted machine with the micro RPC's client and server on it, ready for one run: nothing else
 * runs, as in the paper (§4.4). What Mach's bootstrap does by message is done directly here: the
 * server's service port is made, and the client gets a send right to it.
 */
import { panic } from "../../diagnostic.ts";
import type { MachineConfig } from "../../machine/config.ts";
import { ipc_port_copyout_send } from "../../mach/ipc/object-copy.ts";
import { ipc_port_alloc, ipc_port_make_send } from "../../mach/ipc/port.ts";
import { Kernel, type KernelOptions, type Program } from "../../mach/kernel.ts";
import { taskAt } from "../../mach/kern/views.ts";
import type { Configuration } from "../configurations.ts";
import { RPC_LAYOUT, type RpcLayout } from "./layout.ts";
import { type RpcProgramOptions, rpcPrograms, type RpcPrograms } from "./programs.ts";

export interface RpcBed {
  readonly kernel: Kernel;
  /** What was loaded. */
  readonly programs: Pick<RpcPrograms, "client" | "server">;
  readonly server: Program;
  readonly client: Program;
  /** The port's receive right in the server, its send right in the client. */
  readonly names: { readonly receive: number; readonly send: number };
}

/** What differs from the micro test as the paper ran it: the programs, and where all lies. */
export interface RpcVariant extends RpcProgramOptions {
  readonly layout?: RpcLayout;
}

export interface RpcBedOptions {
  readonly machine?: Partial<MachineConfig>;
  readonly kernel?: KernelOptions;
  readonly variant?: RpcVariant;
  /** Other programs than the variant's. */
  readonly programs?: RpcBed["programs"];
}

/** Boots a configuration and loads both programs; the server is ready to run, the client is not yet. */
export async function rpcBed(
  configuration: Configuration,
  { machine, kernel: wanted, variant = {}, ...options }: RpcBedOptions = {},
): Promise<RpcBed> {
  const { layout = RPC_LAYOUT } = variant;
  const programs = options.programs ?? (await rpcPrograms(variant));
  const kernel = await Kernel.boot({
    ...configuration.kernel,
    layout: layout.kernel,
    ...(variant.stamps && { stamps: true }),
    ...(machine && { machine }),
    ...wanted,
  });
  const { server: place } = configuration;
  const server = kernel.load(programs.server, "rpc server", place, layout.server.stack);
  const client = kernel.load(programs.client, "rpc client", "user", layout.client.stack);
  const names = connect(kernel, server.task, client.task);
  kernel.start(server, [names.receive]);
  return { kernel, programs, server, client, names };
}

/** A fresh port whose receive right `owner` has and for which `holder` has a send right. */
export function connect(kernel: Kernel, owner: number, holder: number): RpcBed["names"] {
  const made = ipc_port_alloc(kernel, taskAt(kernel, owner).itk_space);
  if (typeof made === "number") return panic(`connect: ipc_port_alloc returned ${made}`);
  const right = ipc_port_make_send(kernel, made.port);
  const send = ipc_port_copyout_send(kernel, taskAt(kernel, holder).itk_space, right);
  return { receive: made.name, send };
}

/** Reads words of a program's memory at one of its symbols. */
export function readWords(
  bed: RpcBed,
  symbol: string,
  count: number,
  program: "client" | "server" = "client",
): Uint32Array {
  const address = bed.programs[program].symbols.get(symbol) ?? panic(`readWords: no ${symbol}`);
  const bytes = bed.kernel.copyin(bed[program].task, address, count * 4);
  if (!bytes) return panic(`readWords: ${symbol} is not mapped`);
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: count }, (_, i) => view.getUint32(i * 4));
}
