/**
 * One task with some threads that run text of a test's own on the machine: each thread begins at its
 * label, with its own stack. `trap NAME` is a bare Mach trap, `stop` suspends the thread for good.
 */
import { abiSymbols } from "../../../host/abi/index.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import type { Image } from "../../../host/asm/image.ts";
import { link } from "../../../host/asm/link.ts";
import { Kernel, type KernelOptions } from "../../../host/mach/kernel.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { loadImage, mapStack } from "../../../host/mach/load.ts";

const PRELUDE = `
	.macro	trap number
	ldil	L%\\number,%r22
	ldo	R%\\number(%r22),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
	.endm
	.macro	stop
	ldi	0,%arg0
	ldi	2,%arg1				; SWITCH_OPTION_WAIT
	ldil	L%0x7f000000,%arg2
	trap	TRAP_THREAD_SWITCH
	b	.-28
	nop
	.endm
`;

export interface Guest {
  readonly kernel: Kernel;
  readonly task: number;
  readonly threads: readonly number[];
  readonly image: Image;
  /** Words of the task's memory at a symbol. */
  words(symbol: string, count?: number): number[];
}

export interface GuestOptions extends KernelOptions {
  readonly place?: "user" | "kernel";
  /** What each thread begins at; by default one thread at `_start`. */
  readonly threads?: readonly string[];
}

/** Boots a kernel, loads `text` and starts its threads in their order. */
export async function guest(text: string, options: GuestOptions = {}): Promise<Guest> {
  const { place = "user", threads: entries = ["_start"], ...wanted } = options;
  const kernel = await Kernel.boot(wanted);
  const source = { file: "guest.s", text };
  const prelude = { file: "prelude.s", text: PRELUDE };
  const user = place === "user";
  const image = link([assemble(source, { symbols: abiSymbols(), prelude })], {
    text: user ? MEMORY_MAP.USER_TEXT : MEMORY_MAP.SERVER_BASE,
    ...(user && { data: MEMORY_MAP.USER_DATA }),
  });
  const task = kernel.createTask(place);
  loadImage(kernel, task, image, "guest.s");
  kernel.loaded.push({ space: kernel.spaceOf(task), image });
  const threads = entries.map((entry, i) => {
    const stack = mapStack(kernel, task, image, MEMORY_MAP.USER_STACK + i * 0x20000);
    const start = { entry: image.symbols.get(entry)!, stack, args: [i] };
    return kernel.createThread(task, start);
  });
  for (const thread of threads) thread_resume(kernel, thread);
  const words = (symbol: string, count = 1): number[] => {
    const bytes = kernel.copyin(task, image.symbols.get(symbol)!, 4 * count)!;
    const view = new DataView(bytes.buffer);
    return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
  };
  return { kernel, task, threads, image, words };
}
