/** Kernel routines on tasks: what `mach` and `mach_host` have of them. After Mach's kern/task.c. */
import { KERN_RETURN } from "../../abi/mach.ts";
import type { Kernel } from "../kernel.ts";
import { IKOT_TASK } from "../ipc/names.ts";
import { task_set_emulation } from "../kern/emulation.ts";
import { task_info } from "../kern/info.ts";
import { task_priority } from "../kern/priority.ts";
import {
  task_get_special_port,
  task_set_special_port,
  thread_self_port,
} from "../kern/special-ports.ts";
import { task_resume, task_suspend } from "../kern/suspend.ts";
import { task_terminate } from "../kern/task.ts";
import { thread_create } from "../kern/thread.ts";
import { initialState } from "../kern/thread-state.ts";
import { taskAt } from "../kern/views.ts";
import type { Result, RoutineTable } from "./routines.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

function threadCreate(k: Kernel, task: number): Result {
  if (taskAt(k, task).active === 0) return KERN_FAILURE;
  const thread = thread_create(k, task);
  if (thread === 0) return KERN_RESOURCE_SHORTAGE;
  initialState(k, thread);
  return { child_thread: thread_self_port(k, thread) };
}

export const TASK_ROUTINES: RoutineTable = {
  kind: IKOT_TASK,
  routines: {
    task_terminate,
    task_suspend,
    task_resume,
    task_info: (k, task, values) => {
      const info = task_info(k, task, values.word("flavor"), values.word("task_info_outCnt"));
      return typeof info === "number" ? info : { task_info_out: info };
    },
    task_get_special_port: (k, task, values) => {
      const port = task_get_special_port(k, task, values.word("which_port"));
      return "kr" in port ? port.kr : { special_port: port.port };
    },
    task_set_special_port: (k, task, values) =>
      task_set_special_port(k, task, values.word("which_port"), values.word("special_port")),
    task_set_emulation: (k, task, values) =>
      task_set_emulation(
        k,
        task,
        values.word("routine_entry_pt"),
        values.word("routine_number") | 0,
      ),
    thread_create: threadCreate,
    task_priority: (k, task, values) =>
      task_priority(k, task, values.word("priority"), values.flag("change_threads")),
    // One processor set: every task is assigned to the default one already.
    task_assign_default: (k, task) => (taskAt(k, task).active ? KERN_SUCCESS : KERN_FAILURE),
    task_ras_control: () => KERN_FAILURE, // restartable atomic sequences are not configured
  },
};
