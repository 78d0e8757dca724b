/** What `inkwell exec` takes, with or without an operating system, and how it names things. */
import { realpathSync } from "node:fs";
import { basename, relative, sep } from "node:path";
import type { DefectFlags, HazardFlags } from "./hazards.ts";
import type { MachineFlags } from "./options.ts";

export interface ExecFlags extends MachineFlags, HazardFlags, DefectFlags {
  readonly bare?: boolean;
  readonly config: string;
  readonly root?: string;
  readonly export?: string;
  readonly env?: readonly string[];
  readonly memory?: number;
  readonly maxCycles?: number;
  readonly seed: number;
  readonly stats?: string;
  readonly timing: boolean;
  readonly own?: boolean;
  readonly input?: string;
  readonly traceCalls?: string;
  readonly fault?: string;
}

/** What the shell's timeout gives, for a program that reached its limit or waits for ever. */
export const STOPPED = 124;
/** A shell's status of a program that a signal ended. */
export const SIGNALLED = 128;

/** A text as the bytes of its UTF-8, a character each. */
export function bytesOf(text: string): string {
  return Buffer.from(text).toString("latin1");
}

/** The program's path as it sees it: where its file is, if that is below the root. */
export function pathInTree(file: string, root: string | undefined): string {
  const inside = root === undefined ? ".." : relative(realpathSync(root), realpathSync(file));
  return inside.split(sep)[0] === ".." ? `/${basename(file)}` : `/${inside.replaceAll(sep, "/")}`;
}
