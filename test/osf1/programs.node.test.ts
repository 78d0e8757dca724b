/**
 * The programs of test/osf1/programs on the simulated Unix, with the server out of the kernel, in it, and
 * trapped to: the same binary, and each time the transcript that the oracle gave (C5).
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type UnixRunOptions, runUnix } from "../../host/osf1/run.ts";
import type { TreeEntry } from "../../host/osf1/ufs/tree.ts";
import { haveCross, Programs } from "../bare/cross.ts";
import { PROGRAMS, sourceOf, transcript, transcriptOf } from "./transcripts.ts";

const CONFIGURATIONS: Readonly<Record<string, Pick<UnixRunOptions, "inKernel" | "calls">>> = {
  UNOPTIMIZED: { inKernel: false, calls: "message" },
  INKS_MESSAGE: { inKernel: true, calls: "message" },
  INKS_TRAP: { inKernel: true, calls: "trap" },
};

const directory = { kind: "directory" } as const;

/** A disk with a program, and a place to work in. */
function filesWith(name: string, bytes: Uint8Array): TreeEntry[] {
  return [
    { path: "bin", content: directory, permissions: 0o755 },
    { path: `bin/${name}`, content: { kind: "file", bytes }, permissions: 0o755 },
    { path: "work", content: directory, permissions: 0o755 },
  ];
}

async function onUnix(
  name: string,
  bytes: Uint8Array,
  configuration: Pick<UnixRunOptions, "inKernel" | "calls">,
): Promise<string> {
  let output = "";
  const { ending } = await runUnix({
    ...configuration,
    files: filesWith(name, bytes),
    program: `/bin/${name}`,
    arguments: [`/bin/${name}`],
    environment: [],
    directory: "/work",
    streams: {
      readInput: () => new Uint8Array(),
      write(stream, text) {
        if (stream === 1) output += Buffer.from(text).toString("latin1");
      },
    },
    seed: 1,
    maxCycles: 5e9,
  });
  const ended = ending.kind === "ended" && ending.status.kind === "exited";
  return ended ? transcript(output, ending.status.code) : `${output}${JSON.stringify(ending)}\n`;
}

describe.runIf(haveCross())("programs on Unix", () => {
  let programs: Programs;
  beforeAll(() => {
    programs = new Programs();
  });
  afterAll(() => programs?.remove());

  describe.each(PROGRAMS)("%s", (name) => {
    let bytes: Uint8Array;
    beforeAll(async () => {
      await programs.compileFile(sourceOf(name), programs.path(name));
      bytes = readFileSync(programs.path(name));
    });

    test.each(Object.keys(CONFIGURATIONS))("%s", async (configuration) => {
      const output = await onUnix(name, bytes, CONFIGURATIONS[configuration]!);
      expect(output).toBe(readFileSync(transcriptOf(name), "latin1"));
    });
  });
});
