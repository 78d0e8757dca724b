/**
 * The emulator and the page at 0 of Linux programs, linked, and as an object that the server links: it
 * puts them into its processes' tasks. The emulator's text is the same in every configuration.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { CALL } from "../../abi/linux/calls.ts";
import { ERRNO } from "../../abi/linux/errno.ts";
import { signalContextAddress } from "../../abi/linux/signal-frame.ts";
import { ucontext } from "../../abi/linux/structures.ts";
import { LIGHT_CALL } from "../../abi/linux/light-calls.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { EMULATOR, EMULATOR_FRAME, GENERIC } from "../../abi/osf1.ts";
import { assemble } from "../../asm/assemble.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import type { ObjectFile } from "../../asm/object.ts";
import { panic } from "../../diagnostic.ts";
import { trapTo } from "../../kmig/inks-user.ts";
import { libmach } from "../../mach/interface.ts";
import { NATIVE_CALLS } from "../native/calls.ts";
import { NATIVE_ERRNO } from "../native/errno.ts";
import { bsdInterface } from "../native/interfaces.ts";
import { readyObjects } from "../ready-objects.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { NATIVE_CALL_COUNT, LINUX_CALLS, LINUX_CALL_COUNT } = EMULATOR;

export interface EmulatorImages {
  readonly emulator: Image;
  readonly linuxPage: Image;
}

const FILES = [
  new URL("./trampoline.s", import.meta.url),
  new URL("./state.s", import.meta.url),
  new URL("./dispatch.s", import.meta.url),
  new URL("./native.s", import.meta.url),
  new URL("./long.s", import.meta.url),
  new URL("./select.s", import.meta.url),
  new URL("./linux.s", import.meta.url),
  new URL("./generic.s", import.meta.url),
];
const MACROS = new URL("./macros.s", import.meta.url);
const PAGE_FILE = new URL("./linux-page.s", import.meta.url);
const LIGHT_CALLS = new URL("../../abi/linux/light-calls.s", import.meta.url);

/** What the emulator's text may name. */
export function emulatorSymbols(): Record<string, number> {
  const { EFAULT, EIO, ENOSYS, ENAMETOOLONG } = NATIVE_ERRNO;
  return {
    ...abiSymbols(),
    ...LIGHT_CALL,
    EFAULT,
    EIO,
    ENOSYS,
    ENAMETOOLONG,
    LINUX_ENOSYS: ERRNO.ENOSYS,
    LINUX_SIGRETURN_NUMBER: CALL.rt_sigreturn,
    /** Where a handler's context is, from the stack pointer at rt_sigreturn. */
    LINUX_CONTEXT: signalContextAddress(0),
    SIZEOF_UCONTEXT: ucontext.size,
  };
}

/** {arguments, routine} for each number. */
function dispatchTable(): string {
  const rows = Array.from({ length: NATIVE_CALL_COUNT }, (_, number) => {
    const found = NATIVE_CALLS.find((call) => call.number === number);
    if (!found) return "\t.word\t0, e_nosys\n";
    const { routine, arguments: count } = found;
    return `\t.word\t${routine === undefined ? 0 : count}, ${routine ?? "e_generic"}\n`;
  });
  return `\t.text\n\t.align\t8\n\t.globl\temul_table\nemul_table:\n${rows.join("")}`;
}

/**
 * How an emulator calls the server: by KMIG's traps, which fall back to messages; or by messages only, as
 * one does that matches a server out of the kernel, or in a kernel that is not to be trapped to.
 */
export type EmulatorCalls = "trap" | "message";

/** A text and the name that messages give it. */
interface Source {
  readonly file: string;
  readonly text: string;
}

/** All that an emulator is made of, macros included, as it goes to an assembler; libmach comes behind. */
export async function emulatorSources(calls: EmulatorCalls): Promise<Source[]> {
  const [macros, bsd, ...texts] = await Promise.all([
    loadText(MACROS),
    bsdInterface(),
    ...FILES.map((url) => loadText(url)),
  ]);
  const generic =
    calls === "trap"
      ? trapTo(GENERIC.GENERIC_ID, "emul_generic_message")
      : "\tb\temul_generic_message\n\tnop\n";
  return [
    // Before the message stub, to which its branch goes forward: what is nullified depends on that. What
    // follows begins at the same address in both, in the same lines of the caches.
    {
      file: "emulator/generic-trap.s",
      text: `\t.text\n\t.globl\temul_generic\nemul_generic:\n${generic}\t.align\t64\n`,
    },
    ...texts.map((text, i) => ({
      file: FILES[i]!.pathname.replace(/^.*\//, "emulator/"),
      text: macros + text,
    })),
    { file: "emulator/table.s", text: dispatchTable() },
    { file: "bsd_1-user.s", text: calls === "trap" ? bsd.user : bsd.userMessage },
  ];
}

/** The page at 0 of Linux programs. */
export async function linuxPageSource(): Promise<Source> {
  const [light, page] = await Promise.all([loadText(LIGHT_CALLS), loadText(PAGE_FILE)]);
  return { file: "emulator/linux-page.s", text: light + page };
}

/** Names of the lists of objects, where they are packed. */
const EMULATOR_OBJECTS = { trap: "emulator by trap", message: "emulator by message" } as const;
const PAGE_OBJECTS = "page at 0 of Linux programs";

/** The objects of both emulators and of the page, by the names of their lists. */
export async function emulatorObjects() {
  const [trap, message, page] = await Promise.all([
    assembleEmulator("trap"),
    assembleEmulator("message"),
    assemblePage(),
  ]);
  return {
    [EMULATOR_OBJECTS.trap]: trap,
    [EMULATOR_OBJECTS.message]: message,
    [PAGE_OBJECTS]: page,
  };
}

async function assembleEmulator(calls: EmulatorCalls): Promise<readonly ObjectFile[]> {
  const [sources, library] = await Promise.all([emulatorSources(calls), libmach()]);
  const symbols = emulatorSymbols();
  return [...sources.map((source) => assemble(source, { symbols })), ...library];
}

async function assemblePage(): Promise<readonly ObjectFile[]> {
  return [assemble(await linuxPageSource(), { symbols: emulatorSymbols() })];
}

async function make(calls: EmulatorCalls): Promise<EmulatorImages> {
  const objects = readyObjects(EMULATOR_OBJECTS[calls]) ?? (await assembleEmulator(calls));
  const page = readyObjects(PAGE_OBJECTS) ?? (await assemblePage());
  const emulator = link(objects, {
    text: EMULATOR.EMULATOR_TEXT,
    data: EMULATOR_FRAME.EMULATOR_DATA,
    entry: "emul_trampoline",
  });
  return { emulator, linuxPage: link(page, { text: 0, entry: "linux_page" }) };
}

const images = new Map<EmulatorCalls, Promise<EmulatorImages>>();

/** The images of an emulator; made at the first call. */
export function emulatorImages(calls: EmulatorCalls): Promise<EmulatorImages> {
  const known = images.get(calls) ?? make(calls);
  images.set(calls, known);
  return known;
}

/** Words of an image's text, padded to whole pages. Whatever else it has is zero. */
function textOf({ segments }: Image): Uint8Array {
  const [text, ...others] = segments;
  if (!text || others.some(({ bytes }) => bytes.some((byte) => byte !== 0)))
    return panic("emulator: data that are not zero");
  const bytes = new Uint8Array(Math.ceil(text.bytes.length / PAGE_SIZE) * PAGE_SIZE);
  bytes.set(text.bytes);
  return bytes;
}

function words(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i));
  return values.map((value) => `\t.word\t${value}\n`).join("");
}

/** An entry point for each number from 0 on; 0 where it is the kernel's. */
export function emulationVector({ emulator }: EmulatorImages): readonly number[] {
  const at = (name: string): number => emulator.symbols.get(name) ?? panic(`emulator: no ${name}`);
  return Array.from({ length: LINUX_CALLS + LINUX_CALL_COUNT }, (_, number) => {
    if (number < NATIVE_CALL_COUNT) return at("emul_trampoline");
    return number < LINUX_CALLS ? 0 : at("linux_trampoline");
  });
}

/**
 * What the server links: the emulators and their vectors (`trap_emulator`, `trap_vector`,
 * `message_emulator`, …) and the page at 0, `linux_gateway`; each with its _end.
 */
export async function emulatorObject(): Promise<ObjectFile> {
  const variants = ["trap", "message"] as const;
  const made = await Promise.all(variants.map(emulatorImages));
  const table = (name: string, align: number, text: string): string =>
    `\t.align\t${align}\n\t.globl\t${name}\n${name}:\n${text}\t.globl\t${name}_end\n${name}_end:\n`;
  const vector = (of: EmulatorImages): string =>
    emulationVector(of)
      .map((entry) => `\t.word\t${entry}\n`)
      .join("");
  const text = [
    "\t.data\n",
    ...variants.map((calls, i) =>
      table(`${calls}_emulator`, PAGE_SIZE, words(textOf(made[i]!.emulator))),
    ),
    table("linux_gateway", PAGE_SIZE, words(textOf(made[0]!.linuxPage))),
    ...variants.map((calls, i) => table(`${calls}_vector`, 4, vector(made[i]!))),
  ];
  return assemble({ file: "osf1/emulator-image.s", text: text.join("") });
}
