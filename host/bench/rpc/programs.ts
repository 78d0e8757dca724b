/**
 * The client and the server of the micro RPC test, assembled around KMIG's stubs of rpc.defs and
 * linked once: the same two images serve every configuration (paper §2.2).
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { assemble } from "../../asm/assemble.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import { kmig, type KmigOutput } from "../../kmig/kmig.ts";
import { definitions } from "../../mach/definitions.ts";
import { libmach } from "../../mach/text.ts";

export interface RpcPrograms {
  readonly interface: KmigOutput;
  readonly client: Image;
  readonly server: Image;
}

let made: Promise<RpcPrograms> | undefined;

/** Both images; made at the first call. */
export function rpcPrograms(): Promise<RpcPrograms> {
  return (made ??= build());
}

async function build(): Promise<RpcPrograms> {
  const [defs, clientText, serverText, include, library] = await Promise.all([
    loadText(new URL("./rpc.defs", import.meta.url)),
    loadText(new URL("./client.s", import.meta.url)),
    loadText(new URL("./server.s", import.meta.url)),
    definitions(),
    libmach(),
  ]);
  const stubs = kmig({ file: "rpc.defs", text: defs }, { include, probes: true });
  const symbols = abiSymbols();
  const object = (file: string, text: string) => assemble({ file, text }, { symbols });
  return {
    interface: stubs,
    client: link(
      [object("rpc/client.s", clientText), object("rpc-user.s", stubs.user), ...library],
      { text: MEMORY_MAP.USER_TEXT, data: MEMORY_MAP.USER_DATA, entry: "_start" },
    ),
    server: link(
      [
        object("rpc/server.s", serverText),
        object("rpc-server.s", stubs.server),
        object("rpc-trap-server.s", stubs.trapServer),
        ...library,
      ],
      { text: MEMORY_MAP.SERVER_BASE, entry: "_start" },
    ),
  };
}
