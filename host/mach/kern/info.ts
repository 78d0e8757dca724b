/**
 * What `task_info` and `thread_info` tell. Times are the cycles that threads have used, as microseconds.
 * After Mach's kern/task.c and kern/thread.c; layouts of mach/task_info.h and mach/thread_info.h.
 */
import { CONTINUATION, TH } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { LIST_LINKS, queueElements } from "./queue.ts";
import type { KernelState } from "./state.ts";
import { cyclesOf, userCyclesOf } from "./timers.ts";
import { taskThreads } from "./task-reference.ts";
import { taskAt, threadAt } from "./views.ts";

const { KERN_INVALID_ARGUMENT, KERN_FAILURE } = KERN_RETURN;
const TASK_BASIC_INFO = 1;
const TASK_THREAD_TIMES_INFO = 3;
const THREAD_BASIC_INFO = 1;
const THREAD_SCHED_INFO = 2;

/** `thread_basic_info.run_state`. */
const TH_STATE = { RUNNING: 1, STOPPED: 2, WAITING: 3, UNINTERRUPTIBLE: 4, HALTED: 5 } as const;
/** `thread_basic_info.flags`: the thread has no kernel stack. */
const TH_FLAGS_SWAPPED = 1;
/** What `cpu_usage` of a thread that had the processor all the time is. */
const TH_USAGE_SCALE = 1000;

/** `time_value_t` of so many cycles. */
function timeValue(k: KernelState, cycles: number): [seconds: number, microseconds: number] {
  const microseconds = Math.floor((cycles * 1000) / k.cycles_per_millisecond);
  return [Math.floor(microseconds / 1_000_000), microseconds % 1_000_000];
}

/** User and system time. */
const timesOf = (k: KernelState, cycles: number, user: number): readonly number[] => [
  ...timeValue(k, user),
  ...timeValue(k, cycles - user),
];

const fitting = (words: readonly number[], room: number): readonly number[] | number =>
  words.length > room ? KERN_INVALID_ARGUMENT : words;

/** Words of a flavor of `task_info`, or KERN_INVALID_ARGUMENT (flavor, or too little room). */
export function task_info(
  k: KernelState,
  task: number,
  flavor: number,
  room: number,
): readonly number[] | number {
  const view = taskAt(k, task);
  const threads = queueElements(k.memory, taskThreads(k, task), LIST_LINKS);
  switch (flavor) {
    case TASK_BASIC_INFO: {
      const { virtual, resident } = k.map_sizes(view.map);
      const past = timesOf(k, cyclesOf(view), userCyclesOf(view));
      const counts = [view.user_stop_count, view.priority];
      return fitting([...counts, virtual, resident, ...past], room);
    }
    case TASK_THREAD_TIMES_INFO: {
      const sum = (of: typeof cyclesOf): number =>
        threads.reduce((all, thread) => all + of(threadAt(k, thread)), 0);
      return fitting(timesOf(k, sum(cyclesOf), sum(userCyclesOf)), room);
    }
    default:
      return KERN_INVALID_ARGUMENT;
  }
}

/** Words of a flavor of `thread_info`; KERN_INVALID_ARGUMENT, KERN_FAILURE (terminated). */
export function thread_info(
  k: KernelState,
  thread: number,
  flavor: number,
  room: number,
): readonly number[] | number {
  const view = threadAt(k, thread);
  if ((view.state & TH.TH_HALTED) !== 0) return KERN_FAILURE;
  const base = view.priority;
  if (flavor === THREAD_SCHED_INFO) {
    const depressed = view.depress_priority !== 0;
    const depress = depressed ? view.depress_priority - 1 : 0xffffffff;
    const priorities = [base, view.max_priority, view.sched_pri];
    return fitting([view.policy, view.sched_data, ...priorities, Number(depressed), depress], room);
  }
  if (flavor !== THREAD_BASIC_INFO) return KERN_INVALID_ARGUMENT;
  const usage = Math.min(TH_USAGE_SCALE, Math.floor((view.cpu_usage * TH_USAGE_SCALE) / 2133));
  const swapped = (view.state & TH.TH_SWAPPED) !== 0 && view.swap_func !== NONE;
  return fitting(
    [
      ...timesOf(k, cyclesOf(view), userCyclesOf(view)),
      ...[usage, base, view.sched_pri, runState(view.state)],
      ...[swapped ? TH_FLAGS_SWAPPED : 0, view.user_stop_count, 0],
    ],
    room,
  );
}

const NONE = CONTINUATION.CONTINUATION_NONE;

function runState(state: number): number {
  if ((state & TH.TH_HALTED) !== 0) return TH_STATE.HALTED;
  if ((state & TH.TH_RUN) !== 0) return TH_STATE.RUNNING;
  if ((state & TH.TH_SUSP) !== 0) return TH_STATE.STOPPED;
  if ((state & TH.TH_UNINT) !== 0) return TH_STATE.UNINTERRUPTIBLE;
  return TH_STATE.WAITING;
}
