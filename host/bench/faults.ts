/**
 * One program on a Unix in which something goes wrong, and what became of both: the run is compared with
 * another in which nothing did, with the same input. "Nothing seen" is no more than that.
 */
import { panic } from "../diagnostic.ts";
import { readDisk } from "../osf1/boot.ts";
import { type Fault, parseFault } from "../osf1/fault/fault.ts";
import type { FaultReport } from "../osf1/fault/plan.ts";
import { runUnix, type UnixResult, type UnixRunOptions } from "../osf1/run.ts";
import type { TreeEntry } from "../osf1/ufs/tree.ts";

export type Aftermath =
  /** The fault did not happen. */
  | { readonly kind: "no-fault"; readonly why: string }
  | { readonly kind: "nothing-seen" }
  | { readonly kind: "wrong-answers"; readonly differences: readonly string[] }
  /** The kernel, or the server in it, found itself unable to go on. */
  | { readonly kind: "panic"; readonly report: string }
  | { readonly kind: "server-died"; readonly tasks: number }
  /** It had not ended so many cycles after the fault. */
  | { readonly kind: "hang"; readonly cycles: number }
  /** Everybody waits for what will never come. */
  | { readonly kind: "deadlock" };

export interface FaultyRun {
  readonly result: UnixResult;
  readonly fault: FaultReport;
  readonly aftermath: Aftermath;
}

/** What a run has shown. */
interface Seen {
  readonly result: UnixResult;
  readonly output: Readonly<Record<1 | 2, Uint8Array>>;
}

/** Runs with what was typed before; keeps what is written. */
async function watch(
  options: Omit<UnixRunOptions, "streams">,
  typed: readonly Uint8Array[],
): Promise<Seen> {
  const written: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  const left = [...typed];
  const result = await runUnix({
    ...options,
    streams: {
      readInput: () => left.shift() ?? new Uint8Array(),
      write: (stream, bytes) => written[stream].push(bytes.slice()),
    },
  });
  return { result, output: { 1: joined(written[1]), 2: joined(written[2]) } };
}

/**
 * Runs a program while a fault happens, as `runUnix`, then once more without it, unseen.
 * @throws DiagnosticError when the fault names what there is not
 */
export async function runWithFault({
  fault,
  ...options
}: Omit<UnixRunOptions, "fault"> & { readonly fault: Fault | string }): Promise<FaultyRun> {
  const planned = typeof fault === "string" ? parseFault(fault) : fault;
  const isDisk = !(Symbol.iterator in options.files);
  if (isDisk) panic("runWithFault: a disk is written to; give its files");
  const files = [...(options.files as Iterable<TreeEntry>)];
  const typed: Uint8Array[] = [];
  const written: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
  const { streams } = options;
  const result = await runUnix({
    ...options,
    files,
    fault: planned,
    streams: {
      readInput(length) {
        const bytes = streams.readInput(length);
        typed.push(bytes.slice());
        return bytes;
      },
      write(stream, bytes) {
        written[stream].push(bytes.slice());
        streams.write(stream, bytes);
      },
    },
  });
  const report = result.fault ?? panic("runWithFault: no report");
  const output = { 1: joined(written[1]), 2: joined(written[2]) };
  const compare = async (): Promise<Aftermath> => {
    const { interrupted: _, observe: __, trace: ___, ...quiet } = options;
    const sound = await watch({ ...quiet, files }, typed);
    const differences = differencesOf({ result, output }, sound);
    return differences.length > 0
      ? { kind: "wrong-answers", differences }
      : { kind: "nothing-seen" };
  };
  return { result, fault: report, aftermath: await aftermathOf(result, report, compare) };
}

async function aftermathOf(
  { ending, cycles }: UnixResult,
  { cycle, missed }: FaultReport,
  compare: () => Promise<Aftermath>,
): Promise<Aftermath> {
  if (cycle === undefined) return { kind: "no-fault", why: missed ?? "" };
  switch (ending.kind) {
    case "panic":
      return { kind: "panic", report: ending.report };
    case "server-died":
      return { kind: "server-died", tasks: ending.tasks };
    case "limit":
    case "interrupted":
      return { kind: "hang", cycles: cycles - cycle };
    case "deadlock":
      return { kind: "deadlock" };
    default:
      return compare();
  }
}

function differencesOf(spoiled: Seen, sound: Seen): string[] {
  const found: string[] = [];
  const [is, was] = [spoiled.result.ending, sound.result.ending].map((e) => JSON.stringify(e));
  if (is !== was) found.push(`it ended as ${is}, not ${was}`);
  for (const [stream, name] of [
    [1, "output"],
    [2, "errors"],
  ] as const) {
    const at = firstDifference(spoiled.output[stream], sound.output[stream]);
    if (at !== undefined) found.push(`standard ${name} differ from byte ${at} on`);
  }
  return [...found, ...fileDifferences(spoiled, sound)];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return a.length === b.length ? undefined : length;
}

/** What is on the disks, by path. */
function fileDifferences(spoiled: Seen, sound: Seen): string[] {
  const tree = ({ result }: Seen): ReadonlyMap<string, TreeEntry> | string => {
    try {
      return new Map(readDisk(result.disk).map((entry) => [entry.path, entry]));
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };
  const [is, was] = [tree(spoiled), tree(sound)];
  if (typeof was === "string") return [];
  if (typeof is === "string") return [`the disk cannot be read: ${is}`];
  const paths = [...new Set([...is.keys(), ...was.keys()])];
  return paths
    .filter((path) => !isSame(is.get(path), was.get(path)))
    .slice(0, MOST_FILES)
    .map((path) => `the file /${path} differs`);
}

/** Files that are named, at most. */
const MOST_FILES = 10;

/** Whether files are alike, but for times, which differ with the cycles of a run. */
function isSame(a: TreeEntry | undefined, b: TreeEntry | undefined): boolean {
  if (!a || !b || a.permissions !== b.permissions) return false;
  if (a.content.kind === "file" && b.content.kind === "file")
    return firstDifference(a.content.bytes, b.content.bytes) === undefined;
  return JSON.stringify(a.content) === JSON.stringify(b.content);
}
