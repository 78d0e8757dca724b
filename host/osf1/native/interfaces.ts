/**
 * What messages and traps to the server may be of: the routines of bsd_1.defs, by KMIG's stubs with
 * copies suppressed (paper §3.4.4), and the generic call by hand.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { assemble } from "../../asm/assemble.ts";
import type { ObjectFile } from "../../asm/object.ts";
import { kmig, type KmigOutput } from "../../kmig/kmig.ts";
import { definitions } from "../../mach/interface.ts";

export interface NativeInterface {
  /** Symbol of its demultiplexer: (request, reply), false when it is not its. */
  readonly demux: string;
  /** Symbol of the registration record of its trap stubs. */
  readonly inksRecord: string;
  /** Work functions that the stubs call. */
  readonly routines: readonly string[];
  readonly objects: readonly ObjectFile[];
}

/** KMIG's output for bsd_1.defs. Array copies are by bcopy: as the paper's compiler made them. */
export async function bsdInterface(): Promise<KmigOutput> {
  const [text, include] = await Promise.all([
    loadText(new URL("./bsd_1.defs", import.meta.url)),
    definitions(),
  ]);
  return kmig({ file: "bsd_1.defs", text }, { include, structCopy: "bcopy", suppressCopies: true });
}

/** Both, for the server to link. */
export async function nativeInterfaces(): Promise<readonly NativeInterface[]> {
  const [bsd, generic] = await Promise.all([
    bsdInterface(),
    loadText(new URL("./generic-server.s", import.meta.url)),
  ]);
  const symbols = abiSymbols();
  const object = (file: string, text: string) => assemble({ file, text }, { symbols });
  return [
    {
      demux: bsd.serverDemux,
      inksRecord: `${bsd.subsystem}_inks_table`,
      routines: bsd.routines.map(({ serverName }) => serverName),
      objects: [object("bsd_1-server.s", bsd.server), object("bsd_1-traps.s", bsd.trapServer)],
    },
    {
      demux: "generic_server",
      inksRecord: "generic_inks_table",
      routines: ["server_generic"],
      objects: [object("osf1/generic-server.s", generic)],
    },
  ];
}
