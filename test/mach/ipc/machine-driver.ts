/**
 * Runs a scenario on the machine: every thread is a real one that executes its steps in user mode
 * (steps.s), through gateway, system call entry and, when it is on, the hot path of mach_msg.
 */
import { readFileSync } from "node:fs";
import { ESCAPE } from "../../../host/abi/kernel.ts";
import { abiSymbols } from "../../../host/abi/index.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import { link } from "../../../host/asm/link.ts";
import { GuestStopped } from "../../../host/mach/fault.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import { Kernel, type KernelOptions } from "../../../host/mach/kernel.ts";
import { loadImage, mapPages } from "../../../host/mach/load.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { thread_terminate } from "../../../host/mach/kern/thread.ts";
import { describeKernel } from "./describe.ts";
import {
  DATA_SIZE,
  UNMAPPED,
  type Arg,
  type Scenario,
  type Step,
  type TaskProgram,
} from "./scenario.ts";
import { grant, type Outcome, type StepResult } from "./slow-driver.ts";
import { READ_ONLY, USER_BASE, USER_SIZE } from "./test-kernel.ts";

/** Where records and results lie, one area a thread. */
const RECORDS = 0x50000000;
const AREA = 0x20000;
const RESULTS = AREA / 2;
const STACK = 0x68ff3000;
const STACK_SIZE = 0x2000;
const HEAD = 52;

const STEPS = assemble(
  { file: "steps.s", text: readFileSync(new URL("./steps.s", import.meta.url), "utf8") },
  { symbols: abiSymbols() },
);
const IMAGES = {
  user: link([STEPS], { text: MEMORY_MAP.USER_TEXT }),
  kernel: link([STEPS], { text: MEMORY_MAP.SERVER_BASE }),
};
const FINISHED = Object.values(IMAGES).map(({ symbols }) => symbols.get("finished")!);

interface Running {
  readonly name: string;
  readonly task: number;
  readonly steps: readonly Step[];
  readonly area: number;
}

/** Everything but who ran when: timing is the machine's own. */
export type MachineOutcome = Omit<Outcome, "order"> & {
  /** Calls of mach_msg that left the hot path, or never had one. */
  readonly slowCalls: number;
};

/** A task that `canRunInKernel` may be put there by `inKernel`, its name. */
export async function runOnMachine(
  scenario: Scenario,
  { inKernel, ...options }: KernelOptions & { readonly inKernel?: string },
): Promise<MachineOutcome> {
  const k = await Kernel.boot(options);
  const place = (name: string) => (name === inKernel ? "kernel" : "user");
  const before = census(k);
  const tasks = new Map(scenario.tasks.map(({ name }) => [name, k.createTask(place(name))]));
  for (const right of scenario.setup) grant(k, tasks, right);
  const threads = new Map<number, Running>();
  for (const { name, threads: programs } of scenario.tasks) {
    const task = tasks.get(name)!;
    const image = IMAGES[place(name)];
    loadImage(k, task, image, "steps.s");
    mapPages(k, task, USER_BASE, READ_ONLY - USER_BASE, "userData");
    mapPages(k, task, READ_ONLY, USER_BASE + USER_SIZE - READ_ONLY, "userText");
    programs.forEach(({ steps }, i) => {
      const area = RECORDS + i * AREA;
      const stack = STACK + i * STACK_SIZE;
      const data = USER_BASE + i * DATA_SIZE;
      mapPages(k, task, area, AREA, "userData");
      mapPages(k, task, stack, STACK_SIZE, "userData");
      k.writeTask(task, area, records(steps, area, data));
      const first = steps.length > 0 ? area : 0;
      const thread = k.createThread(task, {
        entry: image.symbols.get("_start")!,
        stack,
        args: [first, data],
      });
      threads.set(thread, { name: `${name}.${i}`, task, steps, area });
      thread_resume(k, thread);
    });
  }
  const results: Record<string, StepResult[]> = {};
  for (;;) {
    try {
      if (k.run({ cycles: 10_000_000 }) === "idle") break;
      throw new Error(`${scenario.name}: does not end`);
    } catch (stopped) {
      if (!(stopped instanceof GuestStopped) || !FINISHED.includes(stopped.state.pc.offset & ~3))
        throw stopped;
      thread_terminate(k, k.cpu.active_thread);
    }
  }
  const problems = checkKernel(k);
  const alive = new Set(k.liveElements("thread"));
  const waiting = [...threads].filter(([thread]) => alive.has(thread)).map(([, { name }]) => name);
  const live = new Set(k.liveElements("task"));
  for (const [thread, running] of threads)
    results[running.name] = live.has(running.task)
      ? readResults(k, running, alive.has(thread))
      : [];
  const state = describeKernel(k, tasks, new Map([...threads].map(([t, { name }]) => [t, name])));
  for (const task of tasks.values()) if (live.has(task)) task_terminate(k, task);
  problems.push(...checkKernel(k));
  const after = census(k);
  const cache = k.cpu.ipc_kmsg_cache === 0 ? 0 : 1;
  const leaks = Object.fromEntries(
    Object.entries(after)
      .map(([zone, count]) => [zone, count - before[zone]! - (zone === "256" ? cache : 0)] as const)
      .filter(([, more]) => more !== 0),
  );
  return {
    results,
    waiting,
    state,
    problems,
    leaks,
    slowCalls: k.escapes.get(ESCAPE.ESCAPE_MACH_MSG) ?? 0,
  };
}

/** Whether a task does not count on addresses that only user mode cannot use. */
export function canRunInKernel({ threads }: TaskProgram): boolean {
  const hostile = (arg: Arg) => (typeof arg === "number" ? arg === UNMAPPED : "readOnly" in arg);
  return threads.every(({ steps }) => steps.every(({ args }) => !args.some(hostile)));
}

/** A thread's steps as steps.s reads them. */
function records(steps: readonly Step[], area: number, data: number): Uint8Array {
  const bytes = new Uint8Array(RESULTS);
  const words = new DataView(bytes.buffer);
  let at = 0;
  let result = area + RESULTS;
  steps.forEach((step, i) => {
    const { message = [], expect } = step;
    const size = HEAD + 4 * message.length;
    const head = [
      step.trap,
      message.length,
      data + (expect?.at ?? 0),
      expect?.words.length ?? 0,
      result,
      i + 1 < steps.length ? area + at + size : 0,
      ...Array.from({ length: 7 }, (_, n) => addressed(step.args[n] ?? 0, data)),
      ...message,
    ];
    head.forEach((word, n) => words.setUint32(at + 4 * n, word >>> 0));
    at += size;
    result += 4 * (1 + (expect?.words.length ?? 0));
  });
  return bytes;
}

function addressed(arg: Arg, data: number): number {
  if (typeof arg === "number") return arg;
  return "at" in arg ? data + arg.at : READ_ONLY + arg.readOnly;
}

function readResults(k: Kernel, { task, steps, area }: Running, isWaiting: boolean): StepResult[] {
  const bytes = k.copyin(task, area + RESULTS, AREA - RESULTS)!;
  const words = new DataView(bytes.buffer);
  let at = 0;
  return steps.slice(0, isWaiting ? steps.length - 1 : steps.length).map(({ expect }) => {
    const read = () => words.getUint32((at += 4) - 4);
    const code = read();
    return { code, words: Array.from({ length: expect?.words.length ?? 0 }, read) };
  });
}
