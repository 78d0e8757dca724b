/** `--hazard`: what the paper reports of servers in the kernel, brought back on a machine that boots. */
import { InvalidArgumentError, Option } from "commander";
import type { KernelOptions } from "../mach/kernel.ts";
import { type Hazard, HAZARDS, type HazardId } from "../mach/inks/hazards.ts";
import { type Defect, type DefectId, DEFECTS } from "../osf1/defects.ts";
import { repeated } from "./options.ts";

export interface HazardFlags {
  readonly hazard?: readonly HazardId[];
}

export interface DefectFlags {
  readonly defect?: readonly DefectId[];
}

const IDS = HAZARDS.map(({ id }) => id);

export const hazardOption = (): Option =>
  named("--hazard <name>", "bring back what the paper reports of servers in the kernel", IDS);

const DEFECT_IDS = DEFECTS.map(({ id }) => id);

export const defectOption = (): Option =>
  named("--defect <name>", "bring back what was wrong with the Unix server", DEFECT_IDS);

/** An option that names one of some things, again and again. */
function named(flag: string, what: string, ids: readonly string[]): Option {
  return new Option(flag, `${what}: ${ids.join(", ")}; may be repeated`).argParser(
    (value, previous: string[] | undefined) => {
      if (!ids.includes(value)) throw new InvalidArgumentError(`expected ${ids.join(", ")}.`);
      return repeated(value, previous);
    },
  );
}

/** What the kernel is told, besides what it is told anyway. */
export function hazardsOf(
  { hazard = [] }: HazardFlags,
  usual: readonly HazardId[] = [],
): Pick<KernelOptions, "hazards" | "stamps"> {
  // Page zero holds what firmware leaves and, in an instrumented kernel, the time stamps: without
  // them the kernel would not notice that it is gone.
  return { hazards: [...usual, ...hazard], ...(hazard.includes("page-zero") && { stamps: true }) };
}

/** What each does, a paragraph each, for a command's help. */
export const hazardNotes = (): string => HAZARDS.map(paragraph).join("\n");
export const defectNotes = (): string => DEFECTS.map(paragraph).join("\n");

const paragraph = ({ id, where, damage, fixed }: Hazard | Defect): string =>
  wrapped(`  ${id.padEnd(16)} `, `${damage}${MORE[id] ?? ""} (${where}); without it, ${fixed}`);

/** What a command does besides. */
const MORE: Partial<Record<string, string>> = {
  "page-zero": "; the kernel is the instrumented one, whose time stamps are there",
};

const WIDTH = 100;

/** A text behind a heading, whose lines begin below one another. */
function wrapped(heading: string, text: string): string {
  const lines = [heading];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line.trimEnd().length + word.length >= WIDTH)
      lines.push(`${" ".repeat(heading.length)}${word} `); // prettier-ignore
    else lines[lines.length - 1] = `${line}${word} `;
  }
  return lines.map((line) => line.trimEnd()).join("\n");
}
