/**
 * Compiled C programs on the simulated Unix, in the paper's three configurations, with what they print.
 */
import { readFileSync } from "node:fs";
import type { CallCounts } from "../../../host/osf1/server/osf1.ts";
import { runUnix, type UnixResult, type UnixRunOptions } from "../../../host/osf1/run.ts";
import type { TreeEntry } from "../../../host/osf1/ufs/tree.ts";
import type { UnixMachine } from "../../../host/osf1/boot.ts";
import { transcript } from "../transcripts.ts";

/** Where the server runs, and how programs call it. */
export const CONFIGURATIONS = [
  { name: "out of the kernel", inKernel: false, calls: "message" },
  { name: "in the kernel by messages", inKernel: true, calls: "message" },
  { name: "in the kernel by traps", inKernel: true, calls: "trap" },
] as const;
export type Configuration = (typeof CONFIGURATIONS)[number];

export interface ProgramRun {
  /** What it printed and how it ended, as under the oracle. */
  readonly transcript: string;
  readonly errors: string;
  readonly ending: UnixResult["ending"];
  readonly calls: CallCounts;
  readonly machine: UnixMachine;
}

const MOST_CYCLES = 1e10;

/** Runs the program of a host file in an empty directory. */
export async function runProgram(
  file: string,
  { inKernel, calls }: Configuration,
  argv: readonly string[] = [],
  wrote?: (text: string, machine: UnixMachine) => void,
  { files = [], ...more }: { files?: readonly TreeEntry[] } & Pick<UnixRunOptions, "kernel"> = {},
): Promise<ProgramRun> {
  const printed = { 1: "", 2: "" };
  let machine: UnixMachine | undefined;
  const bytes = readFileSync(file);
  const result = await runUnix({
    ...{ inKernel, calls, seed: 0, maxCycles: MOST_CYCLES, ...more },
    files: [
      { path: "program", content: { kind: "file", bytes }, permissions: 0o755 },
      { path: "work", content: { kind: "directory" }, permissions: 0o755 },
      ...files,
    ],
    ...{ program: "/program", arguments: ["/program", ...argv], environment: [] },
    directory: "/work",
    streams: {
      readInput: () => new Uint8Array(0),
      write: (stream, text) => {
        const written = Buffer.from(text).toString("latin1");
        printed[stream] += written;
        wrote?.(written, machine!);
      },
    },
    observe: (booted) => {
      machine = booted;
    },
  });
  const { ending } = result;
  const status = ending.kind === "ended" && ending.status.kind === "exited" && ending.status.code;
  return {
    transcript: transcript(printed[1], status === false ? -1 : status),
    errors: printed[2],
    ending,
    calls: result.calls,
    machine: machine!,
  };
}
