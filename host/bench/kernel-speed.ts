/**
 * What the kernel's parts outside of executed text cost the host: a system call that TypeScript
 * serves, and a second of simulated time in which nothing runs but a clock interrupt and the thread
 * it wakes. The clock is the caller's. Says nothing about the paper.
 */
import { abiSymbols } from "../abi/index.ts";
import { ESCAPE } from "../abi/kernel.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { assemble } from "../asm/assemble.ts";
import { link } from "../asm/link.ts";
import type { MachineConfig } from "../machine/config.ts";
import { Kernel } from "../mach/kernel.ts";
import type { Clock } from "./speed.ts";

export interface KernelSpeed {
  /** Microseconds of the host for a call that leaves text, with the text around it. */
  readonly slowCall: number;
  /** Milliseconds of the host for a simulated second with one wake-up. */
  readonly idleSecond: number;
}

const TRAP = (name: string): string => `
	ldil	L%${name},%r22
	ldo	R%${name}(%r22),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
`;
const CALLS = `
	.text
	.globl	_start
_start:
${TRAP("TRAP_THREAD_DEPRESS_ABORT")}
	b,n	_start
`;
const SLEEPS = `
	.text
	.globl	_start
_start:
	ldi	0,%arg0
	ldi	2,%arg1				; SWITCH_OPTION_WAIT
	ldi	1000,%arg2
${TRAP("TRAP_THREAD_SWITCH")}
	b,n	_start
`;

async function running(text: string, machine: MachineConfig): Promise<Kernel> {
  const kernel = await Kernel.boot({ machine });
  const object = assemble({ file: "loop.s", text }, { symbols: abiSymbols() });
  const program = kernel.load(link([object], { text: MEMORY_MAP.USER_TEXT }), "loop", "user");
  kernel.start(program, []);
  return kernel;
}

export async function measureKernelSpeed(
  machine: MachineConfig,
  clock: Clock,
): Promise<KernelSpeed> {
  const second = machine.clockMHz * 1e6;
  const calling = await running(CALLS, machine);
  calling.run({ cycles: second / 4 });
  const calls = (): number => calling.escapes.get(ESCAPE.ESCAPE_MACH_TRAP) ?? 0;
  const [before, began] = [calls(), clock()];
  calling.run({ cycles: second });
  const slowCall = ((clock() - began) * 1e6) / (calls() - before);

  const sleeping = await running(SLEEPS, machine);
  sleeping.run({ cycles: 100 * second });
  const from = clock();
  sleeping.run({ cycles: 1000 * second });
  return { slowCall, idleSecond: clock() - from };
}
