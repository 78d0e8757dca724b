/**
 * The kernel's text and libmach, assembled. One assembly for each set of options, kept: the image is
 * the same for the same options, and a sweep boots many machines.
 */
import { loadText } from "#platform";
import { panic } from "../diagnostic.ts";
import { abiSymbols } from "../abi/index.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import type { Image } from "../asm/image.ts";
import { link } from "../asm/link.ts";
import type { ObjectFile } from "../asm/object.ts";
import { definitions } from "./definitions.ts";
import type { HazardId } from "./inks/hazards.ts";
import { INKS_TRAPS } from "./inks/register.ts";
import { heapRegion } from "./kern/zone.ts";
import { ZONE_NAMES } from "./kern/state.ts";
import { readyObjects } from "./ready-objects.ts";
import { MACH_TRAPS, type MachTrap } from "./traps.ts";

/** What the configuration turns on in kernel text. */
export interface TextOptions {
  /** Support for servers inside the kernel (paper §2.3). */
  readonly inks: boolean;
  /** A trap to a server whose port has messages queued becomes a message (§3.4.5). */
  readonly queueCheck: boolean;
  /** Whether `mach_msg_trap` uses its hot path; off, every message is the slow path's. */
  readonly hotPath: boolean;
  /** The paper's hazards that are brought back; none by default (inks/hazards.ts). */
  readonly hazards?: readonly HazardId[];
  /** A server's own calls to the kernel stay on its stack (§3.2, footnote 6); by default not. */
  readonly ownStack?: boolean;
  /**
   * Servers in the kernel are kernel code without a task of their own: threads that trap to them stay
   * their own task's, and are not preempted there (§3.4.2). By default they move into the server's task.
   */
  readonly taskless?: boolean;
  /** The authors' instrumentation: stages store time stamps (asm/macros.s); by default not. */
  readonly stamps?: boolean;
}

/** What holds unless a configuration says otherwise. */
const USUAL_TEXT: TextOptions = { inks: true, queueCheck: false, hotPath: true };

/** Where the kernel is linked, and where its objects begin: below EQUIVALENT_END, clear of the page
 * tables. */
export interface KernelLayout {
  readonly text: number;
  readonly data: number;
  readonly heap: number;
}

export const KERNEL_LAYOUT: KernelLayout = {
  text: MEMORY_MAP.KERNEL_TEXT,
  data: MEMORY_MAP.KERNEL_DATA,
  heap: MEMORY_MAP.KERNEL_HEAP,
};

/** Left out unless the configuration wants them; by address, which bundlers may change. */
const INKS_FILE = new URL("./asm/inks.s", import.meta.url);
const OWN_STACK_FILE = new URL("./asm/own_stack.s", import.meta.url);
const KERNEL_FILES = [
  new URL("./asm/vectors.s", import.meta.url),
  new URL("./asm/syscall.s", import.meta.url),
  INKS_FILE,
  new URL("./asm/trap.s", import.meta.url),
  new URL("./asm/mach_msg.s", import.meta.url),
  new URL("./asm/kmsg.s", import.meta.url),
  new URL("./asm/switch.s", import.meta.url),
  new URL("./asm/copy.s", import.meta.url),
  new URL("./asm/kalloc.s", import.meta.url),
  new URL("./asm/ipc_object.s", import.meta.url),
  new URL("./asm/kobject.s", import.meta.url),
  new URL("./asm/ipc_mig.s", import.meta.url),
  new URL("./lib/dyncall.s", import.meta.url),
  OWN_STACK_FILE,
  new URL("./asm/dirty.s", import.meta.url),
  new URL("./asm/data.s", import.meta.url),
];
/** Behind all other text: none of it moves for it. */
const FLUSH_FILE = new URL("./asm/flush.s", import.meta.url);
const MACROS = new URL("./asm/macros.s", import.meta.url);
const REPLY_PORT_FILE = new URL("./lib/mig_reply_port.s", import.meta.url);
const WORK_FILES = [
  new URL("./lib/work.s", import.meta.url),
  new URL("./lib/traps.s", import.meta.url),
  new URL("./lib/mig_strncpy.s", import.meta.url),
];
const LIBMACH_FILES = [
  new URL("./lib/mach_msg.s", import.meta.url),
  REPLY_PORT_FILE,
  new URL("./lib/mach_msg_server.s", import.meta.url),
  new URL("./lib/bcopy.s", import.meta.url),
  new URL("./lib/dyncall.s", import.meta.url),
];

/** Loaded only where something is assembled: in a site, what most pages need is packed. */
export const assembler = () => import("../asm/assemble.ts");
export const stubWriter = () => import("../kmig/kmig.ts");

const cache = new Map<string, Promise<unknown>>();

function once<T>(key: string, make: () => Promise<T>): Promise<T> {
  const known = cache.get(key) as Promise<T> | undefined;
  if (known) return known;
  const made = make();
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  return made;
}

const nameOf = ({ protocol, pathname }: URL): string =>
  protocol === "data:" ? "kernel text" : pathname.replace(/^.*\/(?=[^/]+\/[^/]+$)/, "");

interface Source {
  readonly file: string;
  readonly text: string;
}

/** Everything the kernel image is made of. */
export interface KernelText {
  /** Macros, read before each source. */
  readonly prelude: Source;
  readonly sources: readonly Source[];
  readonly symbols: Readonly<Record<string, number>>;
}

const read = async (url: URL): Promise<Source> => ({
  file: nameOf(url),
  text: await loadText(url),
});

export async function kernelText(options: TextOptions): Promise<KernelText> {
  const { inks, queueCheck, hotPath, hazards } = options;
  const { stamps = false, ownStack = false, taskless = false } = options;
  const left = [...(inks ? [] : [INKS_FILE]), ...(ownStack ? [] : [OWN_STACK_FILE])];
  const files = KERNEL_FILES.filter((file) => !left.includes(file));
  const [prelude, ...sources] = await Promise.all([MACROS, ...files].map(read));
  const server = { file: "mach-server.s", text: await kernelServer() };
  return {
    prelude: prelude!,
    sources: [
      ...sources,
      server,
      { file: "trap-table.s", text: trapTable(hotPath) },
      await read(FLUSH_FILE),
    ],
    symbols: {
      ...abiSymbols(),
      INKS: Number(inks),
      INKS_QUEUE_CHECK: Number(queueCheck),
      STAMPS: Number(stamps),
      OWN_STACK: Number(ownStack),
      SERVER_TASK: Number(!taskless),
      INKS_PORT_TABLES: Number(!hazards?.includes("wrong-port")),
      MACH_TRAP_COUNT: trapCount(),
      NAMED_ZONES: ZONE_NAMES.length,
      SIZEOF_HEAP_REGION: heapRegion.size,
    },
  };
}

/** Routines of mach.defs that asm/kobject.s serves; a message to any other is the slow path's. */
const ROUTINES_IN_TEXT = ["task_terminate"];

/** KMIG's server stubs of the kernel's own interface, and their table. */
function kernelServer(): Promise<string> {
  return once("mach-server.s", async () => {
    const include = await definitions();
    const source = include("mach/mach.defs") ?? panic("kernelServer: no mach.defs");
    const defines = { KERNEL_SERVER: "1" };
    const { kmig } = await stubWriter();
    return kmig(source, { include, defines, routines: ROUTINES_IN_TEXT }).server;
  });
}

/** Images by layout and options: an experiment drops its layouts, and the images with them. */
const images = new WeakMap<KernelLayout, Map<string, Promise<Image>>>();

/** What of the options text depends on, as one name. */
function keyOf(options: TextOptions): string {
  const { inks, queueCheck, hotPath, hazards } = options;
  const { stamps = false, ownStack = false, taskless = false } = options;
  const taskTables = hazards?.includes("wrong-port") ?? false;
  const choices = [inks, queueCheck, hotPath, stamps, ownStack, taskTables, taskless];
  return `kernel ${choices.join(" ")}`;
}

/** The kernel's objects with their name, which tells them from those of other options. */
export async function kernelObjects(wanted: Partial<TextOptions>) {
  const options = { ...USUAL_TEXT, ...wanted };
  const name = keyOf(options);
  const make = async () => readyObjects(name) ?? (await assembleKernel(options));
  return { name, objects: await once(name, make) };
}

/** The kernel, linked at its place; elsewhere for experiments with placement. */
export function kernelImage(wanted: Partial<TextOptions>, layout = KERNEL_LAYOUT): Promise<Image> {
  const key = keyOf({ ...USUAL_TEXT, ...wanted });
  const known = images.get(layout) ?? new Map<string, Promise<Image>>();
  images.set(layout, known);
  const image =
    known.get(key) ?? kernelObjects(wanted).then(({ objects }) => link(objects, layout));
  known.set(key, image);
  image.catch(() => known.delete(key));
  return image;
}

async function assembleKernel(options: TextOptions): Promise<readonly ObjectFile[]> {
  const { assemble } = await assembler();
  const { prelude, sources, symbols } = await kernelText(options);
  return sources.map((source) => assemble(source, { symbols, prelude }));
}

/**
 * libmach's objects, for user programs and servers to link. A program with several threads brings its
 * own `mig_get_reply_port`; a server with TypeScript work functions links
 * `host_work`, and the kernel's calls that are traps or messages.
 */
export async function libmach({
  threads = false,
  work = false,
}: { readonly threads?: boolean; readonly work?: boolean } = {}): Promise<readonly ObjectFile[]> {
  const files = [
    ...LIBMACH_FILES.filter((file) => !(threads && file === REPLY_PORT_FILE)),
    ...(work ? WORK_FILES : []),
  ];
  const { assemble } = await assembler();
  return Promise.all(
    files.map((url) =>
      once(url.href, async () => assemble(await read(url), { symbols: abiSymbols() })),
    ),
  );
}

/** Every trap that kernel text may meet: Mach's, and the registration of in-kernel servers. */
const TRAPS: readonly Pick<MachTrap, "number" | "argc" | "name">[] = [...MACH_TRAPS, ...INKS_TRAPS];

/** Traps that have a hot path: its entry. */
const HOT: Readonly<Record<string, string>> = {
  mach_msg_trap: "mach_msg_trap",
  task_terminate: "syscall_task_terminate",
};

const trapCount = (): number => 1 + Math.max(...TRAPS.map(({ number }) => -number));

/** `mach_trap_table`: {argc, function, discard, unused} by negated trap number. */
function trapTable(hotPath: boolean): string {
  const rows = Array.from({ length: trapCount() }, () => "\t.word\t0,mach_trap_invalid,0,0");
  for (const { number, argc, name } of TRAPS) {
    const discards = name === "mach_msg_trap";
    const target =
      (hotPath ? HOT[name] : undefined) ?? (discards ? "mach_msg_slow" : "mach_trap_slow");
    rows[-number] = `\t.word\t${argc},${target},${Number(discards)},0`;
  }
  return `
	.text
	.globl	mach_trap_slow
mach_trap_slow:
	.if	OWN_STACK
	b,n	own_stack_trap
	.endif
	escape	ESCAPE_MACH_TRAP
mach_trap_invalid:
	bv	%r0(%rp)
	ldi	KERN_INVALID_ARGUMENT,%r28
	.data
	.align	16
	.globl	mach_trap_table
mach_trap_table:
${rows.join("\n")}
`;
}
