/**
 * Follows the words of an argument through client, kernel and server: one call of copies.defs,
 * executed instruction by instruction. A store counts when it puts a marked word into a place of
 * memory that did not hold it. The words are marked before the call, and anew, in the server's hands,
 * when the work function begins, so that what comes out is told from what went in.
 *
 * A copy is what happens to every word: a marked word may also lie in a register that something
 * saves on the way, so the fewest stores that any word had are the copies.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { PSW } from "../../abi/pa.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import { decode, fieldsOf } from "../../isa/instructions.ts";
import { definitions } from "../../mach/definitions.ts";
import type { Kernel } from "../../mach/kernel.ts";
import { assembler, libmach, stubWriter } from "../../mach/text.ts";
import type { Configuration } from "../configurations.ts";
import type { MeasureOptions } from "../experiment.ts";
import { type RpcBed, rpcBed } from "../rpc/bed.ts";

/** In the order of the routines of copies.defs. */
const KINDS = ["value", "in", "out", "inout"] as const;
export type ArgumentKind = (typeof KINDS)[number];

/** Words that copies-client.s puts on its stack; by pointer, words of `words_t`. */
const WORDS = { value: 5, in: 32, out: 32, inout: 32 } as const;
/** The first word of the argument as it goes in and as it comes out: values that nothing else has. */
const MARKS = { inward: 0x5eed_0000, outward: 0x0dd5_0000 } as const;
/** Calls; the last one is watched, when nothing on the path is the first of its kind any more. */
const CALLS = 4;
const LIMIT = 500_000;

export interface Copies {
  /** From the client to the work function. */
  readonly inward: number;
  /** From the work function to the client. */
  readonly outward: number;
}

/** Counts the copies of one kind of argument in a call. */
export async function watchArgument(
  configuration: Configuration,
  kind: ArgumentKind,
  { machine }: MeasureOptions,
): Promise<Copies> {
  const bed = await rpcBed(configuration, {
    programs: await copiesPrograms(),
    ...(machine && { machine }),
  });
  const { kernel, client, server } = bed;
  const trap = Number(configuration.calls === "trap");
  kernel.start(client, [bed.names.send, 2 * KINDS.indexOf(kind) + trap, CALLS]);

  for (let calls = 0; calls < CALLS;) {
    kernel.run({ cycles: 1 });
    if (isAt(bed, "client", "again")) calls++;
    if (kernel.machine.cycles > LIMIT) panic(`watchArgument: ${kind} is not called`);
  }
  const mark = (task: number, address: number, first: number): void =>
    kernel.writeTask(task, address, markedWords(first, WORDS[kind]));
  mark(client.task, symbol(bed, "client", "argument"), MARKS.inward);
  while (!isAt(bed, "client", "call")) kernel.run({ cycles: 1 });

  const inward = Array.from({ length: WORDS[kind] }, () => 0);
  const outward = [...inward];
  while (!isAt(bed, "client", "returned")) {
    if ((kind === "out" || kind === "inout") && isAt(bed, "server", `server_copies_${kind}`))
      mark(server.task, kernel.machine.gr(25), MARKS.outward);
    const stored = stepStore(kernel);
    if (stored !== undefined) {
      count(inward, stored - MARKS.inward);
      count(outward, stored - MARKS.outward);
    }
    if (kernel.machine.cycles > LIMIT) panic(`watchArgument: ${kind} does not return`);
  }
  return { inward: Math.min(...inward), outward: Math.min(...outward) };
}

function count(copies: number[], index: number): void {
  const so = copies[index];
  if (so !== undefined) copies[index] = so + 1;
}

/** Executes an instruction; the word, if it stored one where that word was not. */
function stepStore(kernel: Kernel): number | undefined {
  const place = placeOfStore(kernel);
  const before = place && kernel.memory.read32(place.physical);
  kernel.run({ cycles: 1 });
  if (!place || before === place.word) return undefined;
  return kernel.memory.read32(place.physical) === place.word ? place.word : undefined;
}

/** What the next instruction will store, if it stores a word, and where in memory. */
function placeOfStore(kernel: Kernel): { word: number; physical: number } | undefined {
  const { machine } = kernel;
  const { frontSpace, frontOffset } = machine.pcoq;
  const text = kernel.physical(frontSpace, (frontOffset & ~3) >>> 0);
  const instruction = text === undefined ? 0 : kernel.memory.read32(text);
  const row = decode(instruction);
  if (row?.clause !== "storeWord") return undefined;
  const { b = 0, s = 0, r = 0, im14, im5, m, ab } = fieldsOf(row, instruction);
  const base = machine.gr(b);
  const displacement = im14 ?? im5 ?? 0;
  // STWM adds a negative displacement before the store, a positive one after it; STWS says which.
  const after = row.mode === "modify" ? displacement >= 0 : m === 1 && ab === 0;
  const offset = (after ? base : base + displacement) >>> 0;
  const space = machine.sr(s === 0 ? 4 + (base >>> 30) : s);
  const real = (machine.psw & PSW.PSW_D) === 0;
  const physical = real ? offset : kernel.physical(space, offset);
  return physical === undefined ? undefined : { word: machine.gr(r), physical };
}

function isAt(bed: RpcBed, program: "client" | "server", name: string): boolean {
  const { frontSpace, frontOffset } = bed.kernel.machine.pcoq;
  return (
    (frontOffset & ~3) >>> 0 === symbol(bed, program, name) &&
    frontSpace === bed.kernel.spaceOf(bed[program].task)
  );
}

function symbol(bed: RpcBed, program: "client" | "server", name: string): number {
  return bed.programs[program].symbols.get(name) ?? panic(`watchArgument: no ${name}`);
}

function markedWords(first: number, count: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * count));
  for (let i = 0; i < count; i++) view.setUint32(4 * i, first + i);
  return new Uint8Array(view.buffer);
}

let made: Promise<RpcBed["programs"]> | undefined;

function copiesPrograms(): Promise<RpcBed["programs"]> {
  return (made ??= build());
}

async function build(): Promise<RpcBed["programs"]> {
  const { assemble } = await assembler();
  const { kmig } = await stubWriter();
  const [defs, clientText, serverText, include, library] = await Promise.all([
    loadText(new URL("./copies.defs", import.meta.url)),
    loadText(new URL("./copies-client.s", import.meta.url)),
    loadText(new URL("./copies-server.s", import.meta.url)),
    definitions(),
    libmach(),
  ]);
  const stubs = kmig({ file: "copies.defs", text: defs }, { include });
  const symbols = abiSymbols();
  const object = (file: string, text: string) => assemble({ file, text }, { symbols });
  return {
    client: link(
      [object("copies-client.s", clientText), object("copies-user.s", stubs.user), ...library],
      { text: MEMORY_MAP.USER_TEXT, data: MEMORY_MAP.USER_DATA },
    ),
    server: link(
      [
        object("copies-server.s", serverText),
        object("copies-message-server.s", stubs.server),
        object("copies-trap-server.s", stubs.trapServer),
        ...library,
      ],
      { text: MEMORY_MAP.SERVER_BASE },
    ),
  };
}
