/**
 * The client and the server of the micro RPC test, assembled around KMIG's stubs of rpc.defs and
 * linked once: the same two images serve every configuration (paper §2.2). Options make variants of
 * the pair: other copies in the stubs, more routines, another place in memory.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import type { ObjectFile } from "../../asm/object.ts";
import type { KmigOptions, KmigOutput } from "../../kmig/kmig.ts";
import { definitions } from "../../mach/definitions.ts";
import { readyObjects } from "../../mach/ready-objects.ts";
import { assembler, libmach, stubWriter } from "../../mach/text.ts";
import { RPC_LAYOUT, type RpcLayout } from "./layout.ts";
import { type RpcTexts, withStamps } from "./stamped.ts";

export interface RpcPrograms {
  readonly client: Image;
  readonly server: Image;
}

/** A routine behind those of rpc.defs. */
export interface AddedRoutine {
  readonly name: string;
  /** Its arguments behind the request port, as in a `.defs` file. */
  readonly arguments: string;
  /** Type declarations that it needs. */
  readonly types?: string;
  /** Instructions of its work function before the return; by default it just returns. */
  readonly work?: string;
}

/**
 * How the paper's stubs copied arrays: GCC 2 on the PA calls bcopy to assign a structure that is not
 * known to be word-aligned and larger than 16 items (config/pa/pa.md, movstrsi), and MIG's has only
 * a char array in it (paper §4.4).
 */
export const PAPER_COPY = "bcopy";

export interface RpcProgramOptions extends Pick<KmigOptions, "structCopy"> {
  readonly added?: readonly AddedRoutine[];
  /** The authors' instrumentation; the kernel needs it, too. */
  readonly stamps?: boolean;
  /** RPC_LAYOUT by default. */
  readonly layout?: Pick<RpcLayout, "client" | "server">;
}

/** Routines of rpc.defs that client.s calls, in the order of its kinds of call. */
export const RPC_ROUTINES = ["null", "in64", "in1024", "out1024", "inout128"] as const;

interface Objects {
  readonly client: readonly ObjectFile[];
  readonly server: readonly ObjectFile[];
}

const assembled = new Map<string, Promise<Objects>>();
const linked = new Map<string, Promise<RpcPrograms>>();

/** Both images; each variant is assembled at its first call. */
export function rpcPrograms(options: RpcProgramOptions = {}): Promise<RpcPrograms> {
  const { layout = RPC_LAYOUT, ...rest } = options;
  const key = JSON.stringify(rest);
  // A placement is used once; the usual one is kept.
  if (layout !== RPC_LAYOUT) return place(objectsOf(key, rest), layout);
  return remember(linked, key, () => place(objectsOf(key, rest), layout));
}

/** The kind of call that client.s is told for a routine: of those in rpc.defs, or an added one. */
export function kindOfCall(routine: string, trap: boolean, added: readonly AddedRoutine[] = []) {
  const routines: string[] = [...RPC_ROUTINES, ...added.map(({ name }) => name)];
  return 2 * routines.indexOf(routine) + Number(trap);
}

function remember<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>) {
  const found = known.get(key) ?? make();
  known.set(key, found);
  found.catch(() => known.delete(key));
  return found;
}

function objectsOf(key: string, options: RpcProgramOptions): Promise<Objects> {
  return remember(assembled, key, async () => {
    const [client, server] = key === "{}" ? [readyObjects(CLIENT), readyObjects(SERVER)] : [];
    return client && server ? { client, server } : build(options);
  });
}

/** Names of the usual pair's objects, where they are packed. */
const [CLIENT, SERVER] = ["rpc client", "rpc server"];

/** The usual pair's objects by those names. */
export async function rpcObjects() {
  const { client, server } = await objectsOf("{}", {});
  return { [CLIENT]: client, [SERVER]: server };
}

/** The stubs that the programs are assembled around, and what KMIG says of them. */
export async function rpcInterface({
  structCopy = PAPER_COPY,
  added = [],
}: Pick<RpcProgramOptions, "structCopy" | "added"> = {}): Promise<KmigOutput> {
  const [text, include, { kmig }] = await Promise.all([
    loadText(new URL("./rpc.defs", import.meta.url)),
    definitions(),
    stubWriter(),
  ]);
  return kmig(
    { file: "rpc.defs", text: text + added.map(declaration).join("") },
    { include, probes: true, structCopy },
  );
}

async function place(made: Promise<Objects>, layout: Pick<RpcLayout, "client" | "server">) {
  const { client, server } = await made;
  return {
    client: link(client, { ...layout.client, entry: "_start" }),
    server: link(server, { ...layout.server, entry: "_start" }),
  };
}

async function build(options: RpcProgramOptions): Promise<Objects> {
  const { added = [], stamps = false } = options;
  const [{ assemble }, stubs, clientText, serverText, library] = await Promise.all([
    assembler(),
    rpcInterface(options),
    loadText(new URL("./client.s", import.meta.url)),
    loadText(new URL("./server.s", import.meta.url)),
    libmach(),
  ]);
  const plain: RpcTexts = {
    client: withCalls(clientText, added),
    user: stubs.user,
    server: serverText + added.map(work).join(""),
    serverStubs: stubs.server,
    trapStubs: stubs.trapServer,
  };
  const texts = stamps ? withStamps(plain, stubs) : plain;
  const symbols = abiSymbols();
  const object = (file: string, text: string) => assemble({ file, text }, { symbols });
  return {
    client: [object("rpc/client.s", texts.client), object("rpc-user.s", texts.user), ...library],
    server: [
      object("rpc/server.s", texts.server),
      object("rpc-server.s", texts.serverStubs),
      object("rpc-trap-server.s", texts.trapStubs),
      ...library,
    ],
  };
}

const declaration = ({ name, arguments: list, types = "" }: AddedRoutine) =>
  `\n${types}\nroutine rpc_${name}(requestport server : mach_port_t; ${list});\n`;

/** Two more loops for each, before the end that all leave for, and two more kinds at the end of data. */
function withCalls(text: string, added: readonly AddedRoutine[]): string {
  const loops = added.map(({ name }) => `\tcalls\trpc_${name}_message\n\tcalls\trpc_${name}\n`);
  const kinds = added.map(({ name }) => `\t.word\tcalls_rpc_${name}_message, calls_rpc_${name}\n`);
  const whole = text.replace(/^finished:/m, (label) => `${loops.join("")}\n${label}`);
  return `${whole}\n\t.data\n${kinds.join("")}`;
}

function work({ name, work: body }: AddedRoutine): string {
  const label = `server_rpc_${name}`;
  if (body === undefined) return `\n\t.text\n\tjust_returns ${label}\n`;
  return `
	.text
	.globl	${label}
${label}:
${body}
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28
`;
}
