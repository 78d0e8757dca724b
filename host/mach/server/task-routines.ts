/** Kernel routines on tasks: what `mach` and `mach_host` have of them. After Mach's kern/task.c. */
import { KERN_RETURN } from "../../abi/mach.ts";
import type { Kernel } from "../kernel.ts";
import { IKOT_TASK } from "../ipc/names.ts";
import {
  EMULATION_MAX,
  task_get_emulation_vector,
  task_set_emulation,
  task_set_emulation_vector,
} from "../kern/emulation.ts";
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
import { LIST_LINKS, queueElements } from "../kern/queue.ts";
import { mach_ports_lookup, mach_ports_register } from "../kern/registered-ports.ts";
import { taskThreads } from "../kern/task-reference.ts";
import { task_terminate } from "../kern/task.ts";
import { thread_create } from "../kern/thread.ts";
import { initialState } from "../kern/thread-state.ts";
import { taskAt } from "../kern/views.ts";
import { rightsList, wordLists, wordsOf } from "./lists.ts";
import { type In, psetOf, type Result, type RoutineTable } from "./routines.ts";
import { createChild } from "./vm-routines.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

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
  const child = yield* createChild(k, parent, values.flag("inherit_memory"));
  if (child !== 0) return { child_task: task_self_port(k, child) };
  // Forking may have waited, and the parent may have ended meanwhile.
  return taskAt(k, parent).active === 0 ? KERN_FAILURE : KERN_RESOURCE_SHORTAGE;
}

/** The threads of a task, by their ports. */
function threads(k: Kernel, task: number): Result {
  if (taskAt(k, task).active === 0) return KERN_FAILURE;
  const all = queueElements(k.memory, taskThreads(k, task), LIST_LINKS);
  const listed = rightsList(
    k,
    all.map((thread) => thread_self_port(k, thread)),
  );
  return "kr" in listed ? listed.kr : { thread_list: listed.list };
}

function portsLookup(k: Kernel, task: number): Result {
  const rights = mach_ports_lookup(k, task);
  if (typeof rights === "number") return rights;
  const listed = rightsList(k, rights);
  return "kr" in listed ? listed.kr : { init_port_set: listed.list };
}

function* setEmulationVector(k: Kernel, task: number, values: In): Procedure<Result> {
  const copy = values.copy("emulation_vector");
  const count = values.count("emulation_vector");
  if (copy === undefined || count > EMULATION_MAX) return KERN_INVALID_ARGUMENT;
  const vector = yield* wordsOf(k, copy, count);
  if (typeof vector === "number") return vector;
  return task_set_emulation_vector(k, task, values.word("vector_start") | 0, vector);
}

function getEmulationVector(k: Kernel, task: number): Result {
  const { start, vector } = task_get_emulation_vector(k, task);
  const lists = wordLists(k, { emulation_vector: vector });
  return typeof lists === "number" ? lists : { vector_start: start, ...lists };
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
    task_threads: threads,
    mach_ports_lookup: portsLookup,
    mach_ports_register: (k, task, values) =>
      mach_ports_register(k, task, values.rights(k, "init_port_set")),
    task_set_emulation_vector: setEmulationVector,
    task_get_emulation_vector: getEmulationVector,
    // One processor set: every task is assigned to the default one already.
    task_assign_default: (k, task) => (taskAt(k, task).active ? KERN_SUCCESS : KERN_FAILURE),
    task_assign: (k, task, values) => {
      if (psetOf(k, values, "new_set") === 0) return KERN_INVALID_ARGUMENT;
      return taskAt(k, task).active ? KERN_SUCCESS : KERN_FAILURE;
    },
    task_get_assignment: (k, task) =>
      taskAt(k, task).active ? { assigned_set: k.host.port("setName") } : KERN_FAILURE,
    task_ras_control: () => KERN_FAILURE, // restartable atomic sequences are not configured
  },
};
