/** Kernel routines on threads: what `mach` and `mach_host` have of them. After Mach's kern/thread.c. */
import { KERN_RETURN } from "../../abi/mach.ts";
import { TH } from "../../abi/kernel.ts";
import type { Kernel } from "../kernel.ts";
import { IKOT_THREAD } from "../ipc/names.ts";
import { thread_info } from "../kern/info.ts";
import { thread_max_priority, thread_policy, thread_priority } from "../kern/priority.ts";
import { thread_undepress } from "../kern/sched.ts";
import { thread_get_special_port, thread_set_special_port } from "../kern/special-ports.ts";
import { thread_resume, thread_suspend } from "../kern/suspend.ts";
import { thread_getstatus, thread_setstatus } from "../kern/thread-state.ts";
import type { Procedure } from "../kern/procedure.ts";
import { cleanPoint, thread_abort, thread_terminate } from "../kern/thread.ts";
import { threadAt } from "../kern/views.ts";
import { psetOf, type RoutineTable } from "./routines.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;

const isTerminated = (k: Kernel, thread: number): boolean =>
  (threadAt(k, thread).state & TH.TH_HALTED) !== 0;

/** Waits until a suspended thread has left what it was doing: its state is whole then. */
function* aborted(thread: number): Procedure<number> {
  yield { event: cleanPoint(thread), interruptible: true };
  return KERN_SUCCESS;
}

export const THREAD_ROUTINES: RoutineTable = {
  kind: IKOT_THREAD,
  routines: {
    thread_terminate: (k, thread) => {
      if (isTerminated(k, thread)) return KERN_FAILURE;
      thread_terminate(k, thread);
      return KERN_SUCCESS;
    },
    thread_suspend,
    thread_resume,
    thread_abort: (k, thread) => {
      if (thread === k.cpu.active_thread) return KERN_INVALID_ARGUMENT;
      if (isTerminated(k, thread)) return KERN_FAILURE;
      thread_undepress(k, thread);
      return thread_abort(k, thread) ? aborted(thread) : KERN_SUCCESS;
    },
    thread_get_state: (k, thread, values) => {
      if (thread === k.cpu.active_thread) return KERN_INVALID_ARGUMENT;
      const state = thread_getstatus(k, thread, values.word("flavor"), values.word("old_stateCnt"));
      return typeof state === "number" ? state : { old_state: state };
    },
    thread_set_state: (k, thread, values) =>
      thread === k.cpu.active_thread
        ? KERN_INVALID_ARGUMENT
        : thread_setstatus(k, thread, values.word("flavor"), values.words("new_state")),
    thread_info: (k, thread, values) => {
      const info = thread_info(k, thread, values.word("flavor"), values.word("thread_info_outCnt"));
      return typeof info === "number" ? info : { thread_info_out: info };
    },
    thread_get_special_port: (k, thread, values) => {
      const port = thread_get_special_port(k, thread, values.word("which_port"));
      return "kr" in port ? port.kr : { special_port: port.port };
    },
    thread_set_special_port: (k, thread, values) =>
      thread_set_special_port(k, thread, values.word("which_port"), values.word("special_port")),
    thread_priority: (k, thread, values) =>
      thread_priority(k, thread, values.word("priority"), values.flag("set_max")),
    thread_max_priority: (k, thread, values) =>
      psetOf(k, values, "processor_set") === 0
        ? KERN_INVALID_ARGUMENT
        : thread_max_priority(k, thread, values.word("max_priority")),
    thread_policy: (k, thread, values) =>
      thread_policy(k, thread, values.word("policy"), values.word("data"), k.host.policies),
    thread_depress_abort: (k, thread) => {
      thread_undepress(k, thread);
      return KERN_SUCCESS;
    },
    // One processor set: every thread is assigned to the default one already.
    thread_assign_default: (k, thread) => (isTerminated(k, thread) ? KERN_FAILURE : KERN_SUCCESS),
    thread_get_assignment: (k, thread) =>
      isTerminated(k, thread) ? KERN_FAILURE : { assigned_set: k.host.port("setName") },
    thread_assign: (k, _thread, values) =>
      psetOf(k, values, "new_set") === 0 ? KERN_INVALID_ARGUMENT : KERN_SUCCESS,
  },
};
