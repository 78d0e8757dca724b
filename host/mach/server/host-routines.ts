/**
 * Kernel routines on the host, its processor and its processor set (`mach_host`). There is one of
 * each: sets cannot be made, processors not moved. After Mach's kern/host.c, kern/processor.c,
 * kern/mach_clock.c.
 */
import { SCHED } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import type { Values } from "../../kmig/binding.ts";
import type { Kernel } from "../kernel.ts";
import {
  IKOT_BOOTSTRAP,
  IKOT_HOST,
  IKOT_HOST_PRIV,
  IKOT_PROCESSOR,
  IKOT_PSET,
  IKOT_PSET_NAME,
  IKOT_THREAD,
  IP_VALID,
} from "../ipc/names.ts";
import { HZ } from "../kern/clock.ts";
import { task_self_port, thread_self_port } from "../kern/special-ports.ts";
import { thread_wire } from "../kern/thread.ts";
import { taskAt, threadAt } from "../kern/views.ts";
import { ipc_kobject_get } from "../ipc/kobject.ts";
import { invalid_pri, thread_max_priority, thread_policy } from "../kern/priority.ts";
import { setDefaultManager } from "./default-manager.ts";
import { type Listed, rightsList } from "./lists.ts";
import { psetOf, type Result, type RoutineTable } from "./routines.ts";

const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_VALUE } = KERN_RETURN;
const { POLICY_TIMESHARE, POLICY_FIXEDPRI } = SCHED;
const KERNEL_VERSION = "Mach 3.0 for the HP 9000/730, simulated by Inkwell";
/** mach/machine.h. */
const CPU_TYPE_HPPA = 11;
const CPU_SUBTYPE_UNKNOWN = 0;

/** Threads that have not ended: all are of the one set. */
const liveThreads = (k: Kernel): number[] =>
  k.liveElements("thread").filter((thread) => threadAt(k, thread).ith_self !== 0);

const fitting = (name: string, words: readonly number[], room: number, more?: Values): Result =>
  words.length > room ? KERN_FAILURE : { ...more, [name]: words };

const listed = (made: Listed, name: string): Result =>
  "kr" in made ? made.kr : { [name]: made.list };

const timeValue = (microseconds: number): number[] => [
  Math.floor(microseconds / 1_000_000),
  microseconds % 1_000_000,
];
const isTime = ([seconds = 0, microseconds = 0]: readonly number[]): boolean =>
  seconds < 0x80000000 && microseconds < 1_000_000;

function hostInfo(k: Kernel, flavor: number, room: number): Result {
  switch (flavor) {
    case 1: {
      const cpu = [CPU_TYPE_HPPA, CPU_SUBTYPE_UNKNOWN];
      return fitting("host_info_out", [1, 1, k.machine.config.memoryBytes, ...cpu], room);
    }
    case 2:
      return room < 1 ? KERN_INVALID_ARGUMENT : { host_info_out: [0] };
    case 3:
      return fitting("host_info_out", [1000 / HZ, 100], room);
    case 4: {
      const { avenrun, machFactor } = k.clock.load.host;
      return fitting("host_info_out", [...avenrun, ...machFactor], room);
    }
    default:
      return KERN_INVALID_ARGUMENT;
  }
}

const HOST: RoutineTable = {
  kind: [IKOT_HOST, IKOT_HOST_PRIV],
  routines: {
    host_info: (k, _host, values) =>
      hostInfo(k, values.word("flavor"), values.word("host_info_outCnt")),
    host_kernel_version: () => ({ kernel_version: KERNEL_VERSION }),
    host_get_time: (k) => ({ current_time: timeValue(k.clock.time) }),
    processor_set_default: (k) => ({ default_set: k.host.port("setName") }),
    host_processor_sets: (k) => listed(rightsList(k, [k.host.port("setName")]), "processor_sets"),
    processor_set_create: () => KERN_FAILURE, // not configured: there is one processor
  },
};

const HOST_PRIV: RoutineTable = {
  kind: IKOT_HOST_PRIV,
  routines: {
    host_set_time: (k, _host, values) => {
      const time = values.words("new_time");
      if (!isTime(time)) return KERN_INVALID_VALUE;
      k.clock.time = time[0]! * 1_000_000 + time[1]!;
      k.pagers.devicePages.show();
      return KERN_SUCCESS;
    },
    host_adjust_time: (k, _host, values) => {
      const [seconds = 0, microseconds = 0] = values.words("new_adjustment");
      const old = k.clock.adjust((seconds | 0) * 1_000_000 + (microseconds | 0));
      k.pagers.devicePages.show();
      return { old_adjustment: [Math.trunc(old / 1_000_000), old % 1_000_000] };
    },
    host_reboot: (k) => {
      k.halted = true;
      return KERN_SUCCESS;
    },
    host_processor_set_priv: (k, _host, values) =>
      psetOf(k, values, "set_name", [IKOT_PSET, IKOT_PSET_NAME]) === 0
        ? KERN_INVALID_ARGUMENT
        : { set: k.host.port("set") },
    host_processors: (k) => listed(rightsList(k, [k.host.port("processor")]), "processor_list"),
    thread_wire: (k, _host, values) => {
      const port = values.word("thread");
      const thread = IP_VALID(port) ? ipc_kobject_get(k, port, IKOT_THREAD) : 0;
      return thread === 0 ? KERN_INVALID_ARGUMENT : thread_wire(k, thread, values.flag("wired"));
    },
    vm_set_default_memory_manager: (k, _host, values) => ({
      default_manager: setDefaultManager(k, values.take(k, "default_manager")),
    }),
    host_get_boot_info: (k) => ({ boot_info: k.bootInfo }),
  },
};

const PROCESSOR: RoutineTable = {
  kind: IKOT_PROCESSOR,
  routines: {
    processor_start: () => KERN_FAILURE,
    processor_exit: () => KERN_FAILURE,
    processor_control: () => KERN_FAILURE,
    processor_assign: () => KERN_FAILURE,
    processor_get_assignment: (k) => ({ assigned_set: k.host.port("setName") }),
    processor_info: (k, _processor, values) => {
      if (values.word("flavor") !== 1) return KERN_INVALID_ARGUMENT;
      const info = [CPU_TYPE_HPPA, CPU_SUBTYPE_UNKNOWN, 1, 0, 1];
      const room = values.word("processor_info_outCnt");
      if (info.length > room) return KERN_FAILURE;
      return { host: k.host.port("host"), processor_info_out: info };
    },
  },
};

const SET_NAME: RoutineTable = {
  kind: [IKOT_PSET_NAME, IKOT_PSET],
  routines: {
    processor_set_info: (k, _set, values) => {
      const flavor = values.word("flavor");
      const tasks = k.liveElements("task").length;
      const threads = k.liveElements("thread").length;
      const { load, machFactor } = k.clock.load.set;
      const basic = [1, tasks, threads, load, machFactor];
      const info = { 1: basic, 2: [k.host.policies, k.host.maxPriority] };
      const words = info[flavor as keyof typeof info];
      if (words === undefined) return KERN_INVALID_ARGUMENT;
      if (words.length > values.word("info_outCnt")) return KERN_FAILURE;
      return { host: k.host.port("host"), info_out: words };
    },
  },
};

const SET: RoutineTable = {
  kind: IKOT_PSET,
  routines: {
    processor_set_tasks: (k) => {
      const tasks = k.liveElements("task").filter((task) => taskAt(k, task).active !== 0);
      return listed(
        rightsList(
          k,
          tasks.map((task) => task_self_port(k, task)),
        ),
        "task_list",
      );
    },
    processor_set_threads: (k) => {
      const ports = liveThreads(k).map((each) => thread_self_port(k, each));
      return listed(rightsList(k, ports), "thread_list");
    },
    processor_set_destroy: () => KERN_FAILURE, // the default set stays
    processor_set_max_priority: (k, _set, values) => {
      const priority = values.word("max_priority");
      if (invalid_pri(priority)) return KERN_INVALID_ARGUMENT;
      k.host.maxPriority = priority;
      if (values.flag("change_threads"))
        for (const thread of liveThreads(k))
          if (threadAt(k, thread).max_priority < priority) thread_max_priority(k, thread, priority);
      return KERN_SUCCESS;
    },
    processor_set_policy_enable: (k, _set, values) => {
      const policy = values.word("policy");
      if (policy !== POLICY_TIMESHARE && policy !== POLICY_FIXEDPRI) return KERN_INVALID_ARGUMENT;
      k.host.policies |= policy;
      return KERN_SUCCESS;
    },
    processor_set_policy_disable: (k, _set, values) => {
      const policy = values.word("policy");
      if (policy !== POLICY_FIXEDPRI) return KERN_INVALID_ARGUMENT; // time sharing stays
      const wasEnabled = (k.host.policies & policy) !== 0;
      k.host.policies &= ~policy;
      if (wasEnabled && values.flag("change_threads"))
        for (const thread of liveThreads(k))
          thread_policy(k, thread, POLICY_TIMESHARE, 0, k.host.policies);
      return KERN_SUCCESS;
    },
  },
};

/** The port by which a task finds the master ports (paper §3.1). */
const BOOTSTRAP: RoutineTable = {
  kind: IKOT_BOOTSTRAP,
  routines: {
    bootstrap_privileged_ports: (k) => ({
      priv_host: k.host.port("hostPriv"),
      priv_device: k.host.port("masterDevice"),
    }),
  },
};

export const HOST_ROUTINES: readonly RoutineTable[] = [
  HOST,
  HOST_PRIV,
  PROCESSOR,
  SET,
  SET_NAME,
  BOOTSTRAP,
];
