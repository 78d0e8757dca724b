/**
 * A snapshot in the middle of a call: which call on which machine, how far, and all that the processor
 * holds there, with digests of memory, caches and TLBs. Whoever resumes it boots that machine, runs it to
 * the same cycle, and must find the same. (A kernel's maps and waiting procedures are not in guest
 * memory; so the way to a machine is kept, and its state as the proof.)
 */
import { PSW } from "../../abi/pa.ts";
import { disassemble } from "../../asm/disassemble.ts";
import { DiagnosticError } from "../../diagnostic.ts";
import { type Counters, CYCLE_CAUSES } from "../../machine/counters.ts";
import { hash } from "../../machine/checkpoint.ts";
import type { Machine, Pcoq } from "../../machine/machine.ts";
import { VERSION } from "../../version.ts";
import type { RpcBed } from "./bed.ts";
import { bedAt, boundsOf, type CallRequest, flagsOf, resolveCall } from "./call-machine.ts";
import { symbolsOf } from "./observe.ts";

export const CALL_FORMAT = "inkwell call 1";

export interface CallSnapshot extends CallRequest {
  readonly format: typeof CALL_FORMAT;
  /** Inkwell's. */
  readonly version: string;
  /** The command that writes this file. */
  readonly command: string;
  readonly title: string;
  /** Cycles since the call began, of the `cycles` that it takes. */
  readonly at: number;
  readonly cycles: number;
  readonly state: ProcessorState;
}

/** What the machine holds, for a reader and for a comparison. */
export interface ProcessorState {
  /** "kernel: mach_msg_trap+0x24", and the instruction that is next there. */
  readonly place: string;
  readonly next: string;
  readonly pcoq: Pcoq;
  readonly psw: number;
  readonly general: readonly number[];
  readonly space: readonly number[];
  readonly control: readonly number[];
  /** Since boot. */
  readonly counters: Counters;
  /** Cycles of this call so far, by cause; together they are `at`. */
  readonly causes: readonly { readonly cause: string; readonly cycles: number }[];
  readonly lines: { readonly instruction: number; readonly data: number; readonly dirty: number };
  readonly translations: number;
  readonly digests: { readonly memory: string; readonly caches: string; readonly tlb: string };
}

/** A call that was come to again. */
export interface ResumedCall {
  readonly snapshot: CallSnapshot;
  /** The machine there, to be looked at and run on. */
  readonly bed: RpcBed;
}

/**
 * Runs a call to so many cycles behind its beginning: to its end, by default.
 * @throws DiagnosticError on a bad request
 */
export async function snapshotCall(request: CallRequest, at?: number): Promise<ResumedCall> {
  const { row, configuration: name, preset, set } = request;
  const asked = {
    row,
    configuration: name,
    ...(preset && { preset }),
    ...(set?.length && { set }),
  };
  const call = resolveCall(asked);
  const { configuration, routine, machine, title } = call;
  const { begun, ended } = await boundsOf(call);
  const cycles = ended - begun;
  if (at !== undefined && !(Number.isInteger(at) && at >= 0 && at <= cycles))
    refuse("--at", `expected 0 to ${cycles}, where the call ends: ${at}`);
  const before = (await bedAt(configuration, routine, machine, begun)).kernel.machine.counters();
  const bed = await bedAt(configuration, routine, machine, begun + (at ?? cycles));
  const reached = bed.kernel.machine.cycles - begun;
  const where = reached === cycles ? [] : [`--at ${reached}`];
  const snapshot: CallSnapshot = {
    format: CALL_FORMAT,
    version: VERSION,
    command: ["inkwell snapshot", ...flagsOf(asked), ...where].join(" "),
    ...asked,
    title,
    at: reached,
    cycles,
    state: stateOf(bed, before),
  };
  return { snapshot, bed };
}

/**
 * The machine of a snapshot once more.
 * @throws DiagnosticError when the text is none, or the machine comes to another state than it says
 */
export async function resumeCall(file: string, text: string): Promise<ResumedCall> {
  const then = readSnapshot(file, text);
  const { row, configuration, preset, set } = then;
  const asked = { row, configuration, ...(preset && { preset }), ...(set && { set }) };
  const resumed = await snapshotCall(asked, then.at);
  const difference = firstDifference(then.state, resumed.snapshot.state, "");
  if (difference !== undefined)
    refuse(file, `the machine is another here: ${difference} (by Inkwell ${then.version}, this is ${VERSION})`); // prettier-ignore
  return resumed;
}

/** The file's text. */
export function snapshotText(snapshot: CallSnapshot): string {
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

function readSnapshot(file: string, text: string): CallSnapshot {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(file, "not a snapshot of a call: no JSON");
  }
  const fields = (typeof value === "object" && value !== null ? value : {}) as {
    readonly [K in keyof CallSnapshot]?: unknown;
  };
  if (fields.format !== CALL_FORMAT)
    return refuse(file, `not a snapshot of a call: expected the format “${CALL_FORMAT}”`);
  const isText = (field: unknown): boolean => typeof field === "string";
  const holds: Partial<Record<keyof CallSnapshot, boolean>> = {
    version: isText(fields.version),
    row: isText(fields.row),
    configuration: isText(fields.configuration),
    preset: fields.preset === undefined || isText(fields.preset),
    set: fields.set === undefined || (Array.isArray(fields.set) && fields.set.every(isText)),
    at: Number.isSafeInteger(fields.at),
    state: typeof fields.state === "object" && fields.state !== null,
  };
  for (const [name, whole] of Object.entries(holds))
    if (!whole) refuse(file, `a damaged snapshot: ${name}`);
  return fields as unknown as CallSnapshot;
}

/** Where two states differ first: its name, and both values. */
function firstDifference(then: unknown, now: unknown, name: string): string | undefined {
  if (typeof now !== "object" || now === null)
    return then === now ? undefined : `${name} was ${String(then)}, is ${String(now)}`;
  const old = (typeof then === "object" && then !== null ? then : {}) as Record<string, unknown>;
  for (const [key, value] of Object.entries(now)) {
    const found = firstDifference(old[key], value, name === "" ? key : `${name}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function stateOf(bed: RpcBed, before: Counters): ProcessorState {
  const { kernel } = bed;
  const { machine } = kernel;
  const { pcoq } = machine;
  const { frontSpace, frontOffset } = pcoq;
  const counters = machine.counters();
  const { title, symbol, offset } = symbolsOf(bed).locate(frontSpace, frontOffset);
  const caches = { instruction: machine.cache("instruction"), data: machine.cache("data") };
  const tlb = machine.tlb();
  return {
    place: `${title}: ${symbol}${offset ? `+0x${offset.toString(16)}` : ""}`,
    next: nextInstruction(bed, frontSpace, (frontOffset & ~3) >>> 0),
    pcoq,
    psw: machine.psw,
    general: numbers(32, (number) => machine.gr(number)),
    space: numbers(8, (number) => machine.sr(number)),
    control: numbers(32, (number) => machine.cr(number)),
    counters,
    causes: CYCLE_CAUSES.map((cause) => ({
      cause,
      cycles: counters[cause] - before[cause],
    })).filter(({ cycles }) => cycles > 0),
    lines: {
      instruction: caches.instruction.length,
      data: caches.data.length,
      dirty: caches.data.filter(({ dirty }) => dirty).length,
    },
    translations: tlb.length,
    digests: { memory: memoryDigest(machine), caches: digest(caches), tlb: digest(tlb) },
  };
}

function numbers(count: number, read: (number: number) => number): number[] {
  return Array.from({ length: count }, (_, number) => read(number) >>> 0);
}

/** The instruction at an address; nothing where no page is known to be there. */
function nextInstruction({ kernel }: RpcBed, space: number, address: number): string {
  const translates = (kernel.machine.psw & PSW.PSW_C) !== 0;
  const physical = translates ? kernel.physical(space, address) : address;
  return physical === undefined ? "" : disassemble(kernel.memory.read32(physical), address);
}

function digest(value: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return hash(bytes) + hash(bytes, 0x9e3779b9);
}

/** Of all memory, by words: pages of zeros take no time worth speaking of. */
function memoryDigest({ memory }: Machine): string {
  const bytes = memory.view(0, memory.size);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let [one, other] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === 0) continue;
    one = Math.imul(one ^ word ^ i, 0x01000193);
    other = Math.imul(other ^ word, 0x85ebca6b) ^ (other >>> 13) ^ i;
  }
  const digits = (value: number) => (value >>> 0).toString(16).padStart(8, "0");
  return digits(one) + digits(other);
}

function refuse(where: string, message: string): never {
  throw new DiagnosticError([{ file: where, line: 0, column: 0, message }]);
}
