/**
 * A program run again and again on the Unix server, alone (runs.s): how long each run takes by the
 * system's clock. The first has everything to bring in; the authors left it out (paper §4.5).
 */
import { loadText, nextTurn } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { writeExecutable } from "../../asm/elf/write-executable.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import { assembler } from "../../mach/text.ts";
import { runUnix } from "../../osf1/run.ts";
import type { Configuration } from "../configurations.ts";
import { Cancelled, type MeasureOptions } from "../experiment.ts";

/** As in runs.s. */
export const RUNS = 6;
const PROGRAM = "/runs";
/** Far more than any configuration takes, cycles. */
const LIMIT = 5_000_000_000;

async function build(): Promise<Uint8Array> {
  const [{ assemble }, text] = await Promise.all([
    assembler(),
    loadText(new URL("./runs.s", import.meta.url)),
  ]);
  const object = assemble({ file: "unix-calls/runs.s", text }, { symbols: abiSymbols() });
  const image = link([object], {
    text: MEMORY_MAP.USER_TEXT,
    data: MEMORY_MAP.USER_DATA,
    entry: "_start",
  });
  return writeExecutable(image, image.entry ?? panic("runs: no entry"));
}

/**
 * Measures the runs in one configuration.
 * @returns milliseconds of the machine's clock, of each run in order.
 * @throws Cancelled when `options.signal` was set
 */
export async function measureRuns(
  configuration: Configuration,
  { machine, signal }: Pick<MeasureOptions, "machine" | "signal">,
): Promise<readonly number[]> {
  const bytes = await build();
  const output: number[] = [];
  const { ending } = await runUnix({
    inKernel: configuration.server === "kernel",
    calls: configuration.calls,
    kernel: { ...configuration.kernel, ...(machine && { machine }) },
    files: [{ path: PROGRAM.slice(1), content: { kind: "file", bytes }, permissions: 0o755 }],
    program: PROGRAM,
    arguments: [PROGRAM],
    environment: [],
    seed: 0,
    maxCycles: LIMIT,
    streams: {
      readInput: () => new Uint8Array(0),
      write: (_, written) => void output.push(...written),
    },
    async interrupted() {
      await nextTurn();
      return signal?.aborted ?? false;
    },
  });
  if (signal?.aborted) throw new Cancelled();
  if (ending.kind !== "ended" || ending.status.kind !== "exited" || ending.status.code !== 0)
    throw new Error(`the program of runs did not end well: ${JSON.stringify(ending)}`);
  const view = new DataView(Uint8Array.from(output).buffer);
  const at = (i: number): number => view.getUint32(8 * i) * 1e3 + view.getUint32(8 * i + 4) / 1e3;
  return Array.from({ length: RUNS }, (_, i) => at(i + 1) - at(i));
}
