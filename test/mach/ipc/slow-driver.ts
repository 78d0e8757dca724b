/**
 * Runs a scenario with the slow paths alone: a step's trap calls the kernel directly, a data area
 * is a slice of the task's window of user memory.
 */
import { MACH_MSG_TYPE } from "../../../host/abi/mach.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import { ipc_object_copyout } from "../../../host/mach/ipc/object-copy.ts";
import { mach_port_move_member } from "../../../host/mach/ipc/mach-port-sets.ts";
import { ipc_pset_alloc } from "../../../host/mach/ipc/pset.ts";
import { ipc_port_alloc, ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { ipc_right_lookup } from "../../../host/mach/ipc/right.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import type { KernelState, TrapResult } from "../../../host/mach/kern/state.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { thread_create, thread_terminate } from "../../../host/mach/kern/thread.ts";
import { entryAt, taskAt } from "../../../host/mach/kern/views.ts";
import { machTrap } from "../../../host/mach/traps.ts";
import { describeKernel } from "./describe.ts";
import { DATA_SIZE, type Arg, type Grant, type Scenario, type Step } from "./scenario.ts";
import { READ_ONLY, TestKernel, USER_BASE } from "./test-kernel.ts";

/** What came back from one step. */
export interface StepResult {
  readonly code: number;
  /** The words that the step expects something of. */
  readonly words: readonly number[];
}

export interface Outcome {
  /** By thread, named `task.index`, in the order of its steps. */
  readonly results: Readonly<Record<string, readonly StepResult[]>>;
  /**
   * Who ran, in order; a thread that goes on after a call that did not block is not named again.
   */
  readonly order: readonly string[];
  /** Threads that wait when nothing runs any more. */
  readonly waiting: readonly string[];
  /** The kernel as its tasks can see it, before they are terminated. */
  readonly state: readonly string[];
  /** Violated invariants, found after every step. */
  readonly problems: readonly string[];
  /** Zones with more elements in use after all tasks are gone. */
  readonly leaks: Readonly<Record<string, number>>;
}

interface Running {
  readonly name: string;
  readonly task: number;
  readonly data: number;
  readonly steps: readonly Step[];
  readonly results: StepResult[];
}

/** Gives a task a right before its threads run. */
export function grant(k: KernelState, tasks: ReadonlyMap<string, number>, right: Grant): void {
  const space = (name: string): number => taskAt(k, tasks.get(name)!).itk_space;
  let name: number | undefined;
  if (right.right === "receive") {
    const made = ipc_port_alloc(k, space(right.task));
    if (typeof made !== "number") name = made.name;
  } else if (right.right === "set") {
    const made = ipc_pset_alloc(k, space(right.task));
    if ("name" in made) name = made.name;
    for (const member of right.members)
      mach_port_move_member(k, space(right.task), member, right.name);
  } else {
    const entry = ipc_right_lookup(k, space(right.from), right.port);
    if (typeof entry === "number") throw new Error(`grant: no port ${right.port}`);
    const sright = ipc_port_make_send(k, entryAt(k, entry.entry).ie_object);
    const type = MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND;
    const out = ipc_object_copyout(k, space(right.task), sright, type, true);
    if ("name" in out) name = out.name;
  }
  if (name !== right.name) throw new Error(`grant: ${right.task} got name ${name}`);
}

export function runSlow(scenario: Scenario, k: TestKernel = new TestKernel()): Outcome {
  const before = census(k);
  const tasks = new Map(scenario.tasks.map(({ name }) => [name, k.createTask()]));
  for (const right of scenario.setup) grant(k, tasks, right);
  const threads = new Map<number, Running>();
  for (const { name, threads: programs } of scenario.tasks)
    programs.forEach(({ steps }, i) => {
      const task = tasks.get(name)!;
      const data = USER_BASE + i * DATA_SIZE;
      const thread = thread_create(k, task);
      threads.set(thread, { name: `${name}.${i}`, task, data, steps, results: [] });
      thread_resume(k, thread);
    });

  const problems: string[] = [];
  const order: string[] = [];
  for (;;) {
    const next = runNext(k);
    if (next === "idle") break;
    const running = threads.get(next.thread)!;
    order.push(running.name);
    let result: TrapResult | undefined = next.kind === "return" ? next.returnCode : undefined;
    for (;;) {
      problems.push(...checkKernel(k));
      if (result === "blocked") break;
      if (result !== undefined) finish(k, running, result);
      const step = running.steps[running.results.length];
      if (!step) {
        thread_terminate(k, next.thread);
        break;
      }
      result = start(k, next.thread, running, step);
    }
  }
  const alive = new Set(k.liveElements("thread"));
  const waiting = [...threads].filter(([thread]) => alive.has(thread)).map(([, { name }]) => name);
  const state = describeKernel(k, tasks, new Map([...threads].map(([t, { name }]) => [t, name])));
  for (const task of tasks.values())
    if (k.liveElements("task").includes(task)) task_terminate(k, task);
  problems.push(...checkKernel(k));
  const after = census(k);
  const cache = k.cpu.ipc_kmsg_cache === 0 ? 0 : 1;
  const leaks = Object.fromEntries(
    Object.entries(after)
      .map(([zone, count]) => [zone, count - before[zone]! - (zone === "256" ? cache : 0)] as const)
      .filter(([, more]) => more !== 0),
  );
  const results = Object.fromEntries([...threads.values()].map((t) => [t.name, t.results]));
  return { results, order, waiting, state, problems, leaks };
}

function start(k: TestKernel, thread: number, running: Running, step: Step): TrapResult {
  if (step.message) {
    const bytes = new Uint8Array(step.message.length * 4);
    step.message.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value));
    k.copyout(running.task, running.data, bytes);
  }
  return machTrap(
    k,
    thread,
    step.trap,
    step.args.map((arg) => addressed(arg, running.data)),
  );
}

function addressed(arg: Arg, data: number): number {
  if (typeof arg === "number") return arg;
  return "at" in arg ? data + arg.at : READ_ONLY + arg.readOnly;
}

function finish(k: TestKernel, running: Running, code: number): void {
  const step = running.steps[running.results.length]!;
  const words: number[] = [];
  if (step.expect) {
    const length = 4 * step.expect.words.length;
    const bytes = k.copyin(running.task, running.data + step.expect.at, length)!;
    for (let i = 0; i < length; i += 4) words.push(new DataView(bytes.buffer).getUint32(i));
  }
  running.results.push({ code, words });
}
