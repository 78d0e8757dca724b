/** `--hazard`: what the paper reports of servers in the kernel, brought back on a machine that boots. */
import { InvalidArgumentError, Option } from "commander";
import type { KernelOptions } from "../mach/kernel.ts";
import { HAZARDS, type HazardId } from "../mach/inks/hazards.ts";
import { repeated } from "./options.ts";

export interface HazardFlags {
  readonly hazard?: readonly HazardId[];
}

const IDS = HAZARDS.map(({ id }) => id);

export const hazardOption = (): Option =>
  new Option(
    "--hazard <name>",
    `bring back what the paper reports of servers in the kernel: ${IDS.join(", ")}; may be repeated`,
  ).argParser((value, previous: string[] | undefined) => {
    if (!IDS.some((id) => id === value))
      throw new InvalidArgumentError(`expected ${IDS.join(", ")}.`);
    return repeated(value, previous);
  });

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
export function hazardNotes(): string {
  return HAZARDS.map(({ id, where, damage, fixed }) =>
    wrapped(`  ${id.padEnd(16)} `, `${damage} (${where}); without it, ${fixed}`),
  ).join("\n");
}

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
