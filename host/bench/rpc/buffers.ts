/**
 * Where the data of a call lie on their way: the buffers between which the kernel copies, seen by
 * running a few calls instruction by instruction and looking at the arguments of its copy routines.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { panic } from "../../diagnostic.ts";
import type { MachineConfig } from "../../machine/config.ts";
import type { Configuration } from "../configurations.ts";
import { type RpcBed, rpcBed, type RpcBedOptions } from "./bed.ts";
import { kindOfCall } from "./programs.ts";

/** A buffer as caches see it. */
export interface Buffer {
  readonly space: number;
  readonly address: number;
}

export interface CallBuffers {
  /** The client's own array. */
  readonly argument: Buffer;
  /** The client stub's message. */
  readonly message: Buffer;
  /** The kernel's copy of the message. */
  readonly kmsg: Buffer;
  /** What the server answers from: its reply message or, when trapped to, its stub's variable. */
  readonly reply: Buffer;
}

/** Routines of the kernel that copy Out data: from the server's message, to the client's, by trap. */
const COPIES = ["copyinmsg", "copyoutmsg", "inks_copyout"] as const;
const CALLS = 4;
const SOURCE = 26;
const DESTINATION = 25;
const BYTES = 24;
const LIMIT = 100_000;

/**
 * Finds the buffers that `bytes` of Out data and more pass through. By trap there is no message: the
 * array stands for it.
 */
export async function callBuffers(
  configuration: Configuration,
  routine: string,
  bytes: number,
  options: RpcBedOptions,
): Promise<CallBuffers> {
  const bed = await rpcBed(configuration, options);
  const { kernel, programs, client, server, names } = bed;
  const spaceOf = (task: number) => kernel.spaceOf(task);
  const seen = new Map<string, { readonly from: number; readonly to: number }>();
  kernel.start(client, [names.send, kindOfCall(routine, configuration.calls === "trap"), CALLS]);
  while (kernel.run({ cycles: 1 }) !== "idle") {
    if (kernel.machine.cycles > LIMIT) panic(`callBuffers: ${routine} does not end`);
    const routineAt = copyRoutine(bed);
    if (routineAt === undefined || kernel.machine.gr(BYTES) < bytes) continue;
    seen.set(routineAt, { from: kernel.machine.gr(SOURCE), to: kernel.machine.gr(DESTINATION) });
  }
  const argument = {
    space: spaceOf(client.task),
    address: programs.client.symbols.get("argument") ?? panic("callBuffers: no argument"),
  };
  const [reply, result] = [seen.get("copyinmsg"), seen.get("copyoutmsg")];
  if (reply && result)
    return {
      argument,
      message: { space: argument.space, address: result.to },
      kmsg: { space: 0, address: result.from },
      reply: { space: spaceOf(server.task), address: reply.from },
    };
  const trapped = seen.get("inks_copyout") ?? panic(`callBuffers: ${routine} copies nothing`);
  const local = { space: 0, address: trapped.from };
  return { argument, message: argument, kmsg: local, reply: local };
}

/** The name of the kernel's copy routine that is about to run. */
function copyRoutine({ kernel }: RpcBed): string | undefined {
  const { frontSpace, frontOffset } = kernel.machine.pcoq;
  if (frontSpace !== 0) return undefined;
  const address = (frontOffset & ~3) >>> 0;
  return COPIES.find((name) => kernel.image.symbols.get(name) === address);
}

/** The data cache in pages: how many there are, and how an address finds its own. */
export function dataCachePages({ dataCacheBytes, dataSpaceHash, spaceHashShift }: MachineConfig) {
  const { PAGE_SIZE } = MEMORY_MAP;
  const count = dataCacheBytes / PAGE_SIZE;
  const low = (address: number) => (address >>> 12) & (count - 1);
  const fold = (space: number) => (dataSpaceHash ? low(space << spaceHashShift) : 0);
  return {
    all: Array.from({ length: count }, (_, page) => page),
    of: ({ space, address }: Buffer) => low(address) ^ fold(space),
    /** Bytes to move a buffer up by, so that it begins in a page of the cache. */
    moveTo: (page: number, { space, address }: Buffer) =>
      PAGE_SIZE * (((page ^ fold(space)) - low(address) + count) % count),
  };
}
