/**
 * The server's image: its text, KMIG's stubs of the interfaces that it serves and of those that it
 * calls, libmach, and an entry to `host_work` for each work function. Linked once, where servers are
 * (paper §3.1): the same binary runs in and out of the kernel.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { assemble } from "../../asm/assemble.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import type { ObjectFile } from "../../asm/object.ts";
import { panic } from "../../diagnostic.ts";
import { kmig } from "../../kmig/kmig.ts";
import { clientStubs, definitions, libmach } from "../../mach/interface.ts";
import { UFS } from "../ufs/layout.ts";
import { emulatorObject } from "../emulator/image.ts";
import { nativeInterfaces } from "../native/interfaces.ts";
import { readyObjects } from "../ready-objects.ts";

/** What a message or trap to the server may be of. */
export interface ServedInterface {
  /** Symbol of its demultiplexer, as KMIG makes them: (request, reply), false when it is not its. */
  readonly demux: string;
  /** Symbol of the registration record of its trap stubs. */
  readonly inksRecord?: string;
  /** Work functions that the stubs call. */
  readonly routines: readonly string[];
  readonly objects: readonly ObjectFile[];
}

export interface ServerImage {
  readonly image: Image;
  /** Names of work functions by their number in `host_work`; 0 starts the server. */
  readonly routines: readonly string[];
}

/** Number of the work function that starts the server. */
const WORK_START = 0;
/** Work functions that no interface has. */
const OWN_ROUTINES = ["start", "worker"];
/** Blocks in the buffer cache. */
export const BUFFER_COUNT = 128;
/** Pages for pipes and lines. */
const PIPE_PAGES = 32;
/** Largest message: 8 KB of data in line, and what is around them. */
const MAX_MESSAGE = 9216;

/** The kernel's interfaces that tasks serve. */
const KERNEL_INTERFACES = [
  "mach/exc.defs",
  "mach/notify.defs",
  "mach/device_reply.defs",
  "mach/memory_object.defs",
];
/** The kernel's interfaces that the server calls. */
const CALLED = [
  "mach/mach.defs",
  "mach/mach_port.defs",
  "mach/device.defs",
  "mach/device_request.defs",
  "mach/mach_host.defs",
];

async function kernelInterface(name: string): Promise<ServedInterface> {
  const include = await definitions();
  const made = kmig(include(name) ?? panic(`osf1: no ${name}`), { include });
  const object = assemble({ file: `${name}.s`, text: made.server }, { symbols: abiSymbols() });
  return {
    demux: made.serverDemux,
    routines: made.routines.map(({ serverName }) => serverName),
    objects: [object],
  };
}

/** An entry to `host_work` for each work function, and the tables of interfaces. */
function tables(interfaces: readonly ServedInterface[]): string {
  const entries = interfaces
    .flatMap(({ routines }) => routines)
    .map(
      (name, i) => `
	.globl	${name}
	.type	${name},@function
${name}:
	b	host_work
	ldi	${OWN_ROUTINES.length + i},%r22
`,
    );
  const words = (names: readonly string[]) => names.map((name) => `\t.word\t${name}\n`).join("");
  return `
	.text
${entries.join("")}
	.data
	.align	4
	.globl	osf1_interfaces
osf1_interfaces:
${words(interfaces.map(({ demux }) => demux))}	.word	0
	.globl	osf1_inks_records
osf1_inks_records:
${words(recordsOf(interfaces))}`;
}

const recordsOf = (interfaces: readonly ServedInterface[]): string[] =>
  interfaces.flatMap(({ inksRecord }) => inksRecord ?? []);

/** Name of the server's list of objects, where they are packed. */
const SERVER = "osf1 server";
/** The object of `tables`. */
const TABLES = "osf1/tables.s";

/** The server's objects, by the name of their list. */
export async function serverObjects() {
  return { [SERVER]: await assembleServer() };
}

async function assembleServer(): Promise<readonly ObjectFile[]> {
  const [native, emulator, text, library, ...kernel] = await Promise.all([
    nativeInterfaces(),
    emulatorObject(),
    loadText(new URL("./server.s", import.meta.url)),
    libmach({ threads: true, work: true }),
    ...KERNEL_INTERFACES.map(kernelInterface),
  ]);
  const interfaces = [...native, ...kernel];
  const symbols = {
    ...abiSymbols(),
    WORK_START,
    MAX_MESSAGE,
    OSF1_INKS_TABLES: recordsOf(interfaces).length,
    BUFFER_SIZE: UFS.BLOCK_SIZE,
    BUFFER_COUNT,
    PIPE_PAGES,
  };
  const stubs = await Promise.all(CALLED.map(clientStubs));
  return [
    assemble({ file: "osf1/server.s", text }, { symbols }),
    assemble({ file: TABLES, text: tables(interfaces) }, { symbols }),
    ...interfaces.flatMap((served) => served.objects),
    ...stubs,
    ...library,
    emulator,
  ];
}

/** Work functions by their number: the entries of `tables`, behind the server's own. */
function routinesOf(objects: readonly ObjectFile[]): string[] {
  const { symbols } = objects.find(({ file }) => file === TABLES) ?? panic(`osf1: no ${TABLES}`);
  const entries = symbols.filter(({ type }) => type === "function");
  return [
    ...OWN_ROUTINES,
    ...entries.toSorted((a, b) => a.value - b.value).map(({ name }) => name),
  ];
}

async function make(): Promise<ServerImage> {
  const objects = readyObjects(SERVER) ?? (await assembleServer());
  const image = link(objects, { text: MEMORY_MAP.SERVER_BASE, entry: "_start" });
  return { image, routines: routinesOf(objects) };
}

let made: Promise<ServerImage> | undefined;

/** The server's image, made at the first call. */
export function serverImage(): Promise<ServerImage> {
  made ??= make();
  return made;
}
