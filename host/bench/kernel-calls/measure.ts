/**
 * What a server's call to the kernel costs (paper §3.2, §4.4): the server of server.s calls the kernel
 * by message or by trap, out of the kernel or inside it; nothing else runs. Stub, library, entry,
 * kernel and exit are PA-RISC text; a slow path on the way would be an escape, and is refused.
 */
import { loadText, nextTurn } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import { definitions } from "../../mach/definitions.ts";
import { GuestStopped } from "../../mach/fault.ts";
import { Kernel, type KernelOptions } from "../../mach/kernel.ts";
import { assembler, libmach, stubWriter } from "../../mach/text.ts";
import { Cancelled, type Measurement, type MeasureOptions } from "../experiment.ts";

/** Rows of Table 5, in the order of the server's kinds of call. */
export const KERNEL_CALLS = ["message", "trap"] as const;

/** Calls before the first one that counts. */
const WARM_UP = 16;
const DEFAULT_ITERATIONS = 100;
/** The most calls that fit the server's array of results, less the warm-up. */
export const MOST_CALLS = 4000;
const CYCLES_PER_CALL = 200_000;
/** Cycles between two looks at the event loop. */
const SLICE = 500_000;
/** What server.s leaves in server_status when every call returned what it should. */
const SERVER_FINISHED = 4096;

let program: Promise<Image> | undefined;

/** The server's image: its own text, MIG's stub of `task_terminate`, libmach. */
export function kernelCallServer(): Promise<Image> {
  program ??= build();
  program.catch(() => (program = undefined));
  return program;
}

async function build(): Promise<Image> {
  const [{ assemble }, { kmig }, text, include, library] = await Promise.all([
    assembler(),
    stubWriter(),
    loadText(new URL("./server.s", import.meta.url)),
    definitions(),
    libmach(),
  ]);
  const source = include("mach/mach.defs") ?? panic("kernelCallServer: no mach.defs");
  const stubs = kmig(source, {
    include,
    defines: { MIG_PREFIX: "1" },
    routines: ["task_terminate"],
  });
  const symbols = abiSymbols();
  const object = (file: string, text_: string) => assemble({ file, text: text_ }, { symbols });
  const objects = [object("kernel-calls/server.s", text), object("mach-user.s", stubs.userMessage)];
  return link([...objects, ...library], { text: MEMORY_MAP.SERVER_BASE, entry: "_start" });
}

export interface KernelCallPlace {
  readonly server: "user" | "kernel";
  readonly kernel: Pick<KernelOptions, "inks" | "hazards" | "ownStack">;
}

/**
 * Measures both calls at one place.
 * @returns medians, in microseconds of the machine's clock.
 * @throws Cancelled when `options.signal` was set; GuestStopped when the server failed.
 */
export async function measureKernelCalls(
  place: KernelCallPlace,
  options: MeasureOptions,
): Promise<Measurement[]> {
  const iterations = options.iterations ?? DEFAULT_ITERATIONS;
  const measured: Measurement[] = [];
  for (const row of KERNEL_CALLS) {
    const warm = await runCalls(place, row, WARM_UP, options);
    const all = await runCalls(place, row, WARM_UP + iterations, options);
    const calls = all.results.slice(WARM_UP).sort();
    const cycles = calls[calls.length >> 1]!;
    const each = (count: (run: typeof all) => number) => (count(all) - count(warm)) / iterations;
    if (each(({ escapes }) => escapes) !== 0) panic(`measureKernelCalls: ${row} left the hot path`);
    const declared = each(({ counters }) => counters.declared);
    const { clockMHz } = all;
    measured.push({
      row,
      value: cycles / clockMHz,
      earned: cycles - declared,
      declared,
      detail: {
        cycles,
        iterations,
        minimum: calls[0]!,
        maximum: calls.at(-1)!,
        instructions: each(({ counters }) => counters.instructions),
        instructionMisses: each(({ counters }) => counters.i_misses),
        dataMisses: each(({ counters }) => counters.d_misses),
      },
    });
    options.progress?.(measured.length, KERNEL_CALLS.length);
  }
  return measured;
}

/** Boots, makes so many calls of one kind, and reads what each took and what the machine counted. */
async function runCalls(
  { server: place, kernel: wanted }: KernelCallPlace,
  row: (typeof KERNEL_CALLS)[number],
  calls: number,
  { machine, signal }: MeasureOptions,
) {
  const image = await kernelCallServer();
  const kernel = await Kernel.boot({ ...wanted, ...(machine && { machine }) });
  const server = kernel.load(image, "server", place);
  kernel.start(server, [KERNEL_CALLS.indexOf(row), calls]);
  let left = calls * CYCLES_PER_CALL;
  while (kernel.run({ cycles: SLICE }) !== "idle") {
    if ((left -= SLICE) <= 0) throw new GuestStopped(kernel.guestState());
    await nextTurn();
    if (signal?.aborted) throw new Cancelled();
  }
  const words = (symbol: string, count: number) => {
    const address = image.symbols.get(symbol) ?? panic(`runCalls: no ${symbol}`);
    const bytes = kernel.copyin(server.task, address, 4 * count) ?? panic("runCalls: not mapped");
    const view = new DataView(bytes.buffer);
    return Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
  };
  const [status] = words("server_status", 1);
  if (status !== SERVER_FINISHED)
    throw new Error(`server: a call by ${row} returned 0x${status!.toString(16)}`);
  return {
    results: words("results", calls),
    counters: kernel.machine.counters(),
    escapes: [...kernel.escapes.values()].reduce((sum, count) => sum + count, 0),
    clockMHz: kernel.machine.config.clockMHz,
  };
}
