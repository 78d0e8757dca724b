/**
 * A script of the Bourne shell on the simulated Unix and under the oracle: the same static programs by the
 * same names in the only directory of PATH, in a directory of their own. The oracle executes no file of
 * another architecture, so there each name is a script of the host that calls `qemu-hppa`.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type UnixRunOptions, runUnix } from "../../../host/osf1/run.ts";
import type { TreeEntry } from "../../../host/osf1/ufs/tree.ts";

/** Names by which programs are called, and each one's file on the host. */
export type Names = ReadonlyMap<string, string>;

/** Standard output, and below it how the shell ended. */
const transcript = (output: string, status: string | number): string =>
  `${output}status ${status}\n`;

/** What the oracle makes of a script. */
export function underOracle(names: Names, script: string): string {
  const directory = mkdtempSync(join(tmpdir(), "inkwell-real-"));
  const [bin, work] = [join(directory, "bin"), join(directory, "work")];
  try {
    mkdirSync(bin);
    mkdirSync(work);
    const qemu = spawnSync("sh", ["-c", "command -v qemu-hppa"], { encoding: "utf8" }).stdout;
    for (const [name, file] of names) {
      const text = `#!/bin/sh\nexec ${qemu.trim()} -0 ${name} ${file} "$@"\n`;
      writeFileSync(join(bin, name), text);
      chmodSync(join(bin, name), 0o755);
    }
    const { stdout, status, signal } = spawnSync(join(bin, "sh"), ["-c", script], {
      cwd: work,
      env: { PATH: bin, HOME: "/" },
      input: "",
      encoding: "latin1",
      maxBuffer: 1 << 26,
    });
    return transcript(stdout, status ?? signal ?? "none");
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What the simulated Unix makes of it. Standard error is lost, as it is with the oracle. */
export async function onUnix(
  names: Names,
  script: string,
  configuration: Pick<UnixRunOptions, "inKernel" | "calls">,
): Promise<string> {
  let output = "";
  const { ending } = await runUnix({
    ...configuration,
    files: diskOf(names),
    program: "/bin/sh",
    arguments: ["sh", "-c", script],
    environment: ["PATH=/bin", "HOME=/"],
    directory: "/work",
    streams: {
      readInput: () => new Uint8Array(),
      write(stream, text) {
        if (stream === 1) output += Buffer.from(text).toString("latin1");
        else if (process.env["INKWELL_STDERR"]) process.stderr.write(text);
      },
    },
    seed: 1,
    maxCycles: 60e9,
  });
  const code =
    ending.kind !== "ended"
      ? JSON.stringify(ending)
      : ending.status.kind === "exited"
        ? ending.status.code
        : JSON.stringify(ending.status);
  return transcript(output, code);
}

/** A disk with the programs, each file once, and a place to work in. */
export function diskOf(names: Names): TreeEntry[] {
  const entries: TreeEntry[] = ["bin", "tmp", "work"].map((path) => ({
    path,
    content: { kind: "directory" },
    permissions: path === "tmp" ? 0o1777 : 0o755,
  }));
  const first = new Map<string, string>();
  for (const [name, file] of names) {
    const path = `bin/${name}`;
    const of = first.get(file);
    if (of === undefined) first.set(file, path);
    const content =
      of === undefined
        ? ({ kind: "file", bytes: readFileSync(file) } as const)
        : ({ kind: "name", of } as const);
    entries.push({ path, content, permissions: 0o755 });
  }
  return entries;
}
