/**
 * How fast the simulator itself is, in real time, with every timing rule on. The clock is the
 * caller's, and touches nothing in the simulation. Says nothing about the paper.
 */
import { assemble } from "../asm/assemble.ts";
import { link } from "../asm/link.ts";
import { panic } from "../diagnostic.ts";
import type { MachineConfig } from "../machine/config.ts";
import { Machine } from "../machine/machine.ts";
import { UNOPTIMIZED } from "./configurations.ts";
import { measureRpc } from "./rpc/measure.ts";

export interface Speed {
  readonly id: string;
  readonly title: string;
  readonly instructions: number;
  readonly cycles: number;
  /** Real time, in seconds. */
  readonly seconds: number;
}

/** Seconds since some moment. */
export type Clock = () => number;

interface Loop {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Endless loops, run in real mode: what they leave out is the TLB. */
const LOOPS: readonly Loop[] = [
  {
    id: "arithmetic",
    title: "arithmetic and branches",
    text: `
	.text
start:	ldi	1,%r20
	ldi	3,%r21
1:	add	%r20,%r21,%r20
	xor	%r20,%r21,%r22
	extru	%r22,15,8,%r23
	sh2add	%r23,%r20,%r24
	comib,<>	7,%r23,2f
	sub	%r24,%r21,%r25
	addi	1,%r25,%r25
2:	b	1b
	or	%r25,%r20,%r20
`,
  },
  {
    id: "copy",
    title: "copying 64 KB by words",
    text: `
	.text
start:	ldil	L%0x200000,%r20
	ldil	L%0x310000,%r21
	ldil	L%65536,%r22
1:	ldwm	4(%r20),%r23
	addib,<>	-4,%r22,1b
	stwm	%r23,4(%r21)
	b	start
	nop
`,
  },
];

/** Simulated cycles of each loop: the first part warms up the host's compiler and is not timed. */
const WARM_UP = 20_000_000;
const TIMED = 100_000_000;
const RPC_CALLS = 2_000;
const TEXT = 0x10000;

async function runLoop(
  loop: Loop,
  config: MachineConfig,
  clock: Clock,
  scale: number,
): Promise<Speed> {
  const machine = await Machine.create(config);
  const image = link([assemble({ file: `${loop.id}.s`, text: loop.text })], { text: TEXT });
  for (const { address, bytes } of image.segments) machine.memory.copyIn(address, bytes);
  machine.jump(0, image.symbols.get("start")!);
  const go = (cycles: number) => {
    const stop = machine.run({ cycles });
    if (stop.reason !== "limit") panic(`measureSpeed: ${loop.id} stopped: ${stop.reason}`);
  };
  go(WARM_UP * scale);
  const before = { cycles: machine.cycles, instructions: machine.instructions, time: clock() };
  go(TIMED * scale);
  return {
    id: loop.id,
    title: loop.title,
    instructions: machine.instructions - before.instructions,
    cycles: machine.cycles - before.cycles,
    seconds: clock() - before.time,
  };
}

/** Whole calls, kernel and all; booting, and TypeScript's part of the kernel, are in the time. */
async function runRpc(machine: MachineConfig, clock: Clock, scale: number): Promise<Speed> {
  const iterations = Math.ceil(RPC_CALLS * scale);
  const start = clock();
  const rows = await measureRpc(UNOPTIMIZED, { machine, iterations });
  const seconds = clock() - start;
  const sum = (key: "instructions" | "cycles") =>
    rows.reduce((total, row) => total + row[key] * iterations, 0);
  return {
    id: "rpc",
    title: "remote procedure calls, booting included",
    instructions: sum("instructions"),
    cycles: sum("cycles"),
    seconds,
  };
}

/** Runs every program in turn, `scale` times its usual length; `done` is told of each. */
export async function measureSpeed(
  config: MachineConfig,
  clock: Clock,
  scale = 1,
  done: (speed: Speed) => void = () => {},
): Promise<Speed[]> {
  const result: Speed[] = [];
  const keep = (speed: Speed): void => {
    result.push(speed);
    done(speed);
  };
  for (const loop of LOOPS) keep(await runLoop(loop, config, clock, scale));
  keep(await runRpc(config, clock, scale));
  return result;
}
