/** Threads' user and system time; the oracle is the machine's accounts, by space and level. */
import { expect, test } from "vitest";
import { abiSymbols } from "../../../host/abi/index.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import { link } from "../../../host/asm/link.ts";
import { Kernel, type Program } from "../../../host/mach/kernel.ts";
import { task_info, thread_info } from "../../../host/mach/kern/info.ts";
import { task_reference } from "../../../host/mach/kern/task-reference.ts";
import { thread_reference, thread_terminate } from "../../../host/mach/kern/thread.ts";

const LOOPS = "_start:	b,n	_start\n";
const CALLS = `
_start:
	ldil	L%TRAP_THREAD_DEPRESS_ABORT,%r22
	ldo	R%TRAP_THREAD_DEPRESS_ABORT(%r22),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
	b,n	_start
`;

const MILLISECOND = 67_000;

function begin(kernel: Kernel, text: string): Program {
  const file = { file: "loop.s", text: `\t.text\n\t.globl\t_start\n${text}` };
  const object = assemble(file, { symbols: abiSymbols() });
  const program = kernel.load(link([object], { text: MEMORY_MAP.USER_TEXT }), "loop", "user");
  kernel.start(program, []);
  return program;
}

/** User and system time in microseconds. */
function times(words: readonly number[] | number, first: number): [user: number, system: number] {
  if (typeof words === "number") throw new Error(`refused: ${words}`);
  const [seconds, microseconds, systemSeconds, systemMicroseconds] = words.slice(first);
  return [seconds! * 1e6 + microseconds!, systemSeconds! * 1e6 + systemMicroseconds!];
}

test("threads that take turns have what they took, in and out of the kernel", async () => {
  const kernel = await Kernel.boot({ stopAtExceptions: false });
  const [loops, calls] = [begin(kernel, LOOPS), begin(kernel, CALLS)];
  kernel.machine.keepAccounts();
  kernel.run({ cycles: 900 * MILLISECOND });
  const accounts = kernel.machine.accounts();
  const space = kernel.spaceOf(loops.task);
  // The gateway, outside of the kernel still, is in its space.
  const outside = (isLoops: boolean): number => {
    const its = accounts.filter(({ level }) => level > 0);
    const sum = its.reduce((all, a) => all + ((a.space === space) === isLoops ? a.cycles : 0), 0);
    return sum / 67;
  };
  const inside = accounts.reduce((sum, { level, cycles, idle }) => sum + (level === 0 ? cycles - idle : 0), 0); // prettier-ignore
  const [[loopsUser, loopsSystem], [callsUser, callsSystem]] = [loops, calls].map(({ thread }) =>
    times(thread_info(kernel, thread, 1, 11), 0),
  ) as [[number, number], [number, number]];
  // Each had the processor for half the time.
  expect(Math.abs(outside(true) / 450_000 - 1)).toBeLessThan(0.25);
  expect(Math.abs(loopsUser - outside(true))).toBeLessThan(20);
  expect(Math.abs(callsUser - outside(false))).toBeLessThan(20);
  expect(Math.abs(loopsSystem + callsSystem - inside / 67)).toBeLessThan(20);
  expect(callsSystem).toBeGreaterThan(2 * callsUser);
  expect(loopsSystem).toBeLessThan(loopsUser / 20);
});

test("a task keeps the times of threads that are gone", async () => {
  const kernel = await Kernel.boot({ stopAtExceptions: false });
  const { task, thread } = begin(kernel, CALLS);
  kernel.run({ cycles: 10 * MILLISECOND });
  const [living, gone] = [() => task_info(kernel, task, 3, 4), () => task_info(kernel, task, 1, 8)];
  const before = times(living(), 0);
  expect(before[0] + before[1]).toBeGreaterThan(9_000);
  expect(times(gone(), 4)).toEqual([0, 0]);
  task_reference(kernel, task);
  thread_reference(kernel, thread);
  thread_terminate(kernel, thread);
  expect(times(living(), 0)).toEqual([0, 0]);
  expect(times(gone(), 4)).toEqual(before);
});
