/**
 * Programs that measure on the Unix server: each a text, assembled behind the macros that all have
 * (macros.s), and run as the only file of a disk. What they print is their own.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { writeExecutable } from "../../asm/elf/write-executable.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import type { MachineConfig } from "../../machine/config.ts";
import { assembler } from "../../mach/text.ts";
import type { UnixResult, UnixRunOptions } from "../../osf1/run.ts";
import type { Configuration } from "../configurations.ts";

export interface MeasuringProgram {
  /** The executable file. */
  readonly bytes: Uint8Array;
  readonly image: Image;
}

/** Builds a program of one text or several; `file` names it in errors, `symbols` adds to what it may use. */
export async function measuringProgram(
  file: string,
  sources: readonly URL[],
  symbols: Readonly<Record<string, number>> = {},
): Promise<MeasuringProgram> {
  const [{ assemble }, ...texts] = await Promise.all([
    assembler(),
    loadText(new URL("./macros.s", import.meta.url)),
    ...sources.map((source) => loadText(source)),
  ]);
  const object = assemble(
    { file, text: texts.join("\n") },
    { symbols: { ...abiSymbols(), ...symbols } },
  );
  const image = link([object], {
    text: MEMORY_MAP.USER_TEXT,
    data: MEMORY_MAP.USER_DATA,
    entry: "_start",
  });
  return { bytes: writeExecutable(image, image.entry ?? panic(`${file}: no entry`)), image };
}

/** How such a program is run in one configuration, by the path that its text may know. */
export function alone(
  path: string,
  bytes: Uint8Array,
  configuration: Configuration,
  machine?: Partial<MachineConfig>,
) {
  return {
    inKernel: configuration.server === "kernel",
    calls: configuration.calls,
    kernel: { ...configuration.kernel, ...(machine && { machine }) },
    files: [{ path: path.slice(1), content: { kind: "file", bytes }, permissions: 0o755 }],
    program: path,
    arguments: [path],
    environment: [],
    seed: 0,
  } satisfies Partial<UnixRunOptions>;
}

/** Whether a program came to its end and found nothing wrong. */
export function endedWell({ ending }: Pick<UnixResult, "ending">): boolean {
  return ending.kind === "ended" && ending.status.kind === "exited" && ending.status.code === 0;
}
