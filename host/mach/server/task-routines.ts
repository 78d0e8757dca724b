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
  task_self_port,
  thread_self_port,
} from "../kern/special-ports.ts";
import { task_resume, task_suspend } from "../kern/suspend.ts";
import type { Procedure } from "../kern/procedure.ts";
import { task_create, task_terminate } from "../kern/task.ts";
import { thread_create } from "../kern/thread.ts";
import { initialState } from "../kern/thread-state.ts";
import { taskAt } from "../kern/views.ts";
import { vm_map_fork } from "../vm/vm-map-fork.ts";
import { vm_map_create, vm_map_deallocate } from "../vm/vm-map.ts";
import type { In, Result, RoutineTable } from "./routines.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

function threadCreate(k: Kernel, task: number): Result {
  if (taskAt(k, task).active === 0) return KERN_FAILURE;
  const thread = thread_create(k, task);
  if (thread === 0) return KERN_RESOURCE_SHORTAGE;
  initialState(k, thread);
  return { child_thread: thread_self_port(k, thread) };
}

/** A child, with the memory that its parent's entries pass on, or with none. */
function* taskCreate(k: Kernel, parent: number, values: In): Procedure<Result> {
  if (taskAt(k, parent).active === 0) return KERN_FAILURE;
  const map = values.flag("inherit_memory")
    ? yield* vm_map_fork(k.vm, k.vmMapOf(parent))
    : vm_map_create(k.vm);
  if (typeof map === "number") return map;
  if (map === undefined) return KERN_RESOURCE_SHORTAGE;
  // Forking may have waited, and the parent may have ended meanwhile.
  const isAlive = taskAt(k, parent).active !== 0;
  const child = isAlive ? task_create(k, map.address, parent) : 0;
  if (child !== 0) return { child_task: task_self_port(k, child) };
  vm_map_deallocate(k.vm, map);
  return isAlive ? KERN_RESOURCE_SHORTAGE : KERN_FAILURE;
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
    task_create: taskCreate,
    thread_create: threadCreate,
    task_priority: (k, task, values) =>
      task_priority(k, task, values.word("priority"), values.flag("change_threads")),
    // One processor set: every task is assigned to the default one already.
    task_assign_default: (k, task) => (taskAt(k, task).active ? KERN_SUCCESS : KERN_FAILURE),
    task_ras_control: () => KERN_FAILURE, // restartable atomic sequences are not configured
  },
};
