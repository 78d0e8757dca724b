/**
 * A session as a file: what was booted, what was typed and when, and the counts it came to, which whoever
 * resumes it must come to as well. JSON, so that it can be read; `layout` changes whenever a program, the
 * kernel's structures or the core's do, and says early that a file fits another Inkwell.
 */
import { abiSymbols } from "../../abi/index.ts";
import type { Image } from "../../asm/image.ts";
import { DiagnosticError } from "../../diagnostic.ts";
import { hash, layoutHash } from "../../machine/checkpoint.ts";
import type { Counters } from "../../machine/counters.ts";
import { emulatorImages } from "../../osf1/emulator/image.ts";
import { ownPrograms } from "../../osf1/programs/programs.ts";
import { serverImage } from "../../osf1/server/image.ts";

export const FORMAT = "inkwell session 1";

/** Something typed, and when. */
export interface Typed {
  readonly cycle: number;
  readonly text: string;
}

/** A program of the user's, in /bin. */
export interface SessionProgram {
  /** Without folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface SessionRecord {
  readonly format: typeof FORMAT;
  /** Inkwell's. */
  readonly version: string;
  readonly layout: string;
  readonly configuration: string;
  readonly preset?: string;
  readonly set?: readonly string[];
  readonly seed: number;
  readonly programs: readonly SessionProgram[];
  readonly typed: readonly Typed[];
  /** Where it stopped. */
  readonly cycle: number;
  /** What had been counted there. */
  readonly counters: Counters;
}

let layout: Promise<string> | undefined;

/** Of all text that a session runs but the user's own. */
export function sessionLayout(): Promise<string> {
  layout ??= digest();
  return layout;
}

async function digest(): Promise<string> {
  const [{ image }, trap, message, programs] = await Promise.all([
    serverImage(),
    emulatorImages("trap"),
    emulatorImages("message"),
    ownPrograms(),
  ]);
  const ofImage = ({ segments }: Image): string =>
    segments.map(({ address, bytes }) => `${address}:${hash(bytes)}`).join();
  const parts = [
    layoutHash(),
    JSON.stringify(abiSymbols()),
    ...[image, trap.emulator, message.emulator, trap.linuxPage].map(ofImage),
    ...programs.map(({ content }) => (content.kind === "file" ? hash(content.bytes) : "")),
  ];
  const bytes = new TextEncoder().encode(parts.join("\n"));
  return hash(bytes) + hash(bytes, 0x9e3779b9);
}

/** The file's text. */
export function recordText(record: SessionRecord): string {
  const programs = record.programs.map(({ name, bytes }) => ({ name, base64: base64(bytes) }));
  return `${JSON.stringify({ ...record, programs }, null, 2)}\n`;
}

/**
 * The record in a file.
 * @throws DiagnosticError saying what is wrong with it
 */
export function readRecord(file: string, text: string): SessionRecord {
  const refuse = (message: string): never => {
    throw new DiagnosticError([{ file, line: 0, column: 0, message }]);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("not a session that Inkwell recorded: no JSON");
  }
  const fields = (isObject(value) ? value : {}) as {
    readonly [K in keyof SessionRecord]?: unknown;
  };
  if (fields.format !== FORMAT)
    return refuse(`not a session that this Inkwell reads: expected the format “${FORMAT}”`);
  const need = (name: keyof SessionRecord, holds: (field: unknown) => boolean): void => {
    if (!holds(fields[name])) refuse(`a damaged session: ${name}`);
  };
  for (const name of ["version", "layout", "configuration"] as const) need(name, isString);
  need("preset", (field) => field === undefined || isString(field));
  need("set", (field) => field === undefined || isListOf(field, isString));
  need("cycle", isCount);
  need("seed", isCount);
  need("counters", (field) => isObject(field) && Object.values(field).flat().every(isCount));
  need("typed", (field) =>
    isListOf(field, (each) => isObject(each) && isCount(each["cycle"]) && isString(each["text"])),
  );
  need("programs", (field) => isListOf(field, (each) => isObject(each) && isName(each["name"]) && bytesOf(each["base64"]) !== undefined)); // prettier-ignore
  const typed = fields.typed as readonly Typed[];
  const cycles = [0, ...typed.map(({ cycle }) => cycle), fields.cycle as number];
  if (cycles.some((cycle, i) => i > 0 && cycle < cycles[i - 1]!))
    refuse("a damaged session: typed, out of order");
  const programs = (fields.programs as { name: string; base64: string }[]).map(
    ({ name, base64: packed }) => ({ name, bytes: bytesOf(packed)! }),
  );
  return { ...(fields as unknown as SessionRecord), programs };
}

const isString = (value: unknown): boolean => typeof value === "string";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isListOf = (value: unknown, holds: (each: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(holds);
/** A file's name on the disk: no folders, no surprises. */
const isName = (value: unknown): boolean =>
  typeof value === "string" && /^[\w.-]{1,60}$/.test(value) && !/^\.+$/.test(value);

function base64(bytes: Uint8Array): string {
  let letters = "";
  for (let at = 0; at < bytes.length; at += 0x8000)
    letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(letters);
}

function bytesOf(packed: unknown): Uint8Array | undefined {
  if (typeof packed !== "string") return undefined;
  try {
    return Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  } catch {
    return undefined;
  }
}
