/**
 * A checkpoint as bytes, for a file: save and restore between processes, at an instruction boundary.
 *
 *     "INKWSNAP", version, length of the whole, length of the head;
 *     the head, JSON: { layout, config };  pages: number, 4096 bytes;  hash of all before
 *
 * Numbers are 32 bits, big-endian. A snapshot fits the core whose layouts have the same hash, and a
 * machine of the same configuration; anything else is a diagnostic.
 */
import { DiagnosticError } from "../diagnostic.ts";
import type { MachineConfig } from "./config.ts";
import { type Checkpoint, hash, layoutHash, PAGE_BYTES } from "./checkpoint.ts";

const MAGIC = "INKWSNAP";
export const SNAPSHOT_VERSION = 1;
const FIXED = MAGIC.length + 12;
const PAGE_ENTRY = 4 + PAGE_BYTES;
const HASH_BYTES = 4;

export interface Snapshot {
  readonly config: MachineConfig;
  readonly pages: Checkpoint;
}

export function writeSnapshot({ config, pages }: Snapshot): Uint8Array {
  const head = new TextEncoder().encode(JSON.stringify({ layout: layoutHash(), config }));
  const length = FIXED + head.length + pages.size * PAGE_ENTRY + HASH_BYTES;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, SNAPSHOT_VERSION);
  view.setUint32(12, length);
  view.setUint32(16, head.length);
  bytes.set(head, FIXED);
  let at = FIXED + head.length;
  for (const [page, content] of pages) {
    view.setUint32(at, page);
    bytes.set(content, at + 4);
    at += PAGE_ENTRY;
  }
  view.setUint32(at, Number.parseInt(hash(bytes.subarray(0, at)), 16));
  return bytes;
}

function refuse(message: string): never {
  throw new DiagnosticError([{ file: "snapshot", line: 0, column: 0, message }]);
}

/**
 * Reads what writeSnapshot wrote.
 * @throws DiagnosticError: not a snapshot, another version or layout, cut off, damaged
 */
export function readSnapshot(bytes: Uint8Array): Snapshot {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (new TextDecoder("latin1").decode(bytes.subarray(0, MAGIC.length)) !== MAGIC)
    refuse("not a snapshot");
  if (bytes.length < FIXED) refuse(`cut off: ${bytes.length} bytes`);
  const [version, length, headLength] = [8, 12, 16].map((at) => view.getUint32(at)) as [
    number,
    number,
    number,
  ];
  if (version !== SNAPSHOT_VERSION) refuse(`expected version ${SNAPSHOT_VERSION}: ${version}`);
  if (bytes.length < length) refuse(`cut off: ${bytes.length} of ${length} bytes`);
  const end = length - HASH_BYTES;
  const pagesAt = FIXED + headLength;
  if (bytes.length > length || pagesAt > end || (end - pagesAt) % PAGE_ENTRY !== 0)
    refuse(`damaged: ${bytes.length} bytes`);
  if (view.getUint32(end) !== Number.parseInt(hash(bytes.subarray(0, end)), 16))
    refuse("damaged: the hash at its end is another");
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(FIXED, pagesAt))) as {
    readonly layout: string;
    readonly config: MachineConfig;
  };
  if (head.layout !== layoutHash())
    refuse(`made by another version of the core: layout ${head.layout}, here ${layoutHash()}`);
  const pages = new Map<number, Uint8Array>();
  for (let at = pagesAt; at < end; at += PAGE_ENTRY)
    pages.set(view.getUint32(at), bytes.slice(at + 4, at + PAGE_ENTRY));
  return { config: head.config, pages };
}

/**
 * Checks that a machine's state is all there is to save or put back.
 * @throws DiagnosticError naming what is kept elsewhere
 */
export function checkWhole(elsewhere: string | undefined): void {
  if (elsewhere) refuse(`cannot save or go back: not in the machine: ${elsewhere}`);
}

/**
 * Checks that a snapshot is of a machine like this one.
 * @throws DiagnosticError naming each parameter that differs
 */
export function checkSameMachine(snapshot: MachineConfig, here: MachineConfig): void {
  const differing = Object.entries(here).filter(
    ([key, value]) => snapshot[key as keyof MachineConfig] !== value,
  );
  if (differing.length === 0) return;
  throw new DiagnosticError(
    differing.map(([key, value]) => ({
      file: "snapshot",
      line: 0,
      column: 0,
      message: `of another machine: ${key} is ${String(snapshot[key as keyof MachineConfig])}, here ${String(value)}`,
    })),
  );
}
