/**
 * Kernel objects that executed text touches, as they lie in guest memory. Field names and offsets
 * are CMU Mach 3.0's for a 32-bit uniprocessor (locks have no size). What in-kernel servers added (paper §3.2, §3.3) stands at each structure's end.
 * TypeScript keeps no copy of any of it.
 */
import { numbers, struct, words } from "./struct.ts";

/**
 * A task's table of rights; the table is an array of `ipc_entry`, entry 0 heads its free list.
 * `is_task` leads an INKS trap from a port's receiver space to the server's task (paper §3.3).
 */
export const ipcSpace = struct(
  "ipc_space",
  "",
  words(
    "is_references",
    "is_active",
    "is_growing",
    "is_table",
    "is_table_size",
    "is_tree_total",
    "is_task",
  ),
  { at: { is_growing: 8, is_table: 12, is_table_size: 16, is_tree_total: 48 }, size: 64 },
);

/** One right. `ie_bits`: see `IE`; `ie_next` links the free list by index. */
export const ipcEntry = struct(
  "ipc_entry",
  "",
  words("ie_bits", "ie_object", "ie_next", "ie_hash"),
);

/** Bits of `ie_bits`; a port name is index << 8 | generation byte. */
export const IE = numbers("", {
  IE_BITS_UREFS_MASK: 0x0000ffff,
  IE_BITS_TYPE_MASK: 0x001f0000,
  IE_BITS_SEND: 0x00010000,
  IE_BITS_RECEIVE: 0x00020000,
  IE_BITS_SEND_RECEIVE: 0x00030000,
  IE_BITS_SEND_ONCE: 0x00040000,
  IE_BITS_PORT_SET: 0x00080000,
  IE_BITS_DEAD_NAME: 0x00100000,
  IE_BITS_MAREQUEST: 0x00200000,
  IE_BITS_COLLISION: 0x00800000,
  IE_BITS_GEN_MASK: 0xff000000,
  IE_BITS_GEN_ONE: 0x01000000,
});

/** A port. Bit 31 of `ip_bits` is "active"; the message and thread queues are circular lists. */
export const ipcPort = struct(
  "ipc_port",
  "",
  words(
    "ip_references",
    "ip_bits",
    "ip_receiver",
    "ip_receiver_name",
    "ip_kobject",
    "ip_mscount",
    "ip_srights",
    "ip_sorights",
    "ip_nsrequest",
    "ip_pdrequest",
    "ip_dnrequests",
    "ip_pset",
    "ip_seqno",
    "ip_msgcount",
    "ip_qlimit",
    "ip_messages",
    "ip_threads",
    "ip_blocked",
  ),
);
/** A port set: begins like a port, and its queue has the same form. */
export const ipcPset = struct(
  "ipc_pset",
  "",
  words("ips_references", "ips_bits", "ips_local_name", "ips_messages", "ips_threads"),
);
/** A queue of messages and of threads that wait for one; lies in a port or a port set. */
export const ipcMqueue = struct("ipc_mqueue", "", words("imq_messages", "imq_threads"));

export const IP = numbers("", {
  IP_BITS_ACTIVE: 0x80000000,
  /** In the bits of a port set: it is none of the ports. */
  IO_BITS_PORT_SET: 0x00010000,
  IO_MAX_REFERENCES: 0x7fffffff,
});

/** Kinds of kernel object behind a port, in the low half of `ip_bits` (Mach's ipc_kobject_type_t). */
export const IKOT = numbers("", {
  IKOT_NONE: 0,
  IKOT_THREAD: 1,
  IKOT_TASK: 2,
  IKOT_HOST: 3,
  IKOT_HOST_PRIV: 4,
  IKOT_PROCESSOR: 5,
  IKOT_PSET: 6,
  IKOT_PSET_NAME: 7,
  /** A memory object of the kernel's own default pager. */
  IKOT_PAGER: 8,
  IKOT_PAGING_REQUEST: 9,
  IKOT_DEVICE: 10,
  IKOT_PAGING_NAME: 16,
  IKOT_MASTER_DEVICE: 19,
  /** The port by which a task finds the master ports; not Mach's number. */
  IKOT_BOOTSTRAP: 64,
  /** The kernel's own default pager; not Mach's number, whose default pager is a task. */
  IKOT_DEFAULT_PAGER: 65,
});

/** A message in kernel memory: link words, then the message itself from `ikm_header` on. */
export const ipcKmsg = struct(
  "ipc_kmsg",
  "",
  words("ikm_next", "ikm_prev", "ikm_size", "ikm_marequest", "ikm_header"),
);
export const IKM = numbers("", {
  IKM_OVERHEAD: 16,
  /** Size of the cached kmsg, overhead included; larger ones come from kalloc. */
  IKM_SAVED_KMSG_SIZE: 256,
  IKM_SAVED_MSG_SIZE: 240,
  /** The kalloc zone of that size. */
  IKM_SAVED_ZONE: 4,
  /** Largest message that kernel text allocates a kmsg for; the slow path takes what kalloc has. */
  IKM_KALLOC_MSG_SIZE: 8176,
});

/**
 * A queue of free elements of one size; `free` links elements through their first word, `count` is
 * how many are in use.
 */
export const zone = struct("zone", "ZONE", words("free", "elem_size", "count", "free_count"));

export const vmMap = struct("vm_map", "VM_MAP", words("pmap"), { at: { pmap: 32 }, size: 64 });
export const pmap = struct("pmap", "PMAP", words("space", "pid"), { size: 16 });

export const task = struct(
  "task",
  "TASK",
  {
    ...words(
      "ref_count",
      "active",
      "map",
      "suspend_count",
      "thread_next",
      "thread_prev",
      "user_stop_count",
      "priority",
      "cycles_high",
      "cycles_low",
      "user_cycles_high",
      "user_cycles_low",
      "itk_self",
      "itk_sself",
      "itk_exception",
      "itk_bootstrap",
    ),
    itk_registered: ["u32", 4],
    ...words("itk_space", "eml_dispatch", "inks", "kernel_loaded"),
  },
  {
    at: {
      suspend_count: 20,
      thread_next: 24,
      user_stop_count: 48,
      priority: 52,
      itk_self: 72,
      itk_registered: 88,
      itk_space: 104,
      eml_dispatch: 108,
      inks: 124,
    },
  },
);

/** A task's system call emulation vector; `vector` has `count` words. */
export const emlDispatch = struct("eml_dispatch", "EML", {
  ...words("ref_count", "count", "min"),
  vector: ["u32", 1],
});

export const thread = struct(
  "thread",
  "THREAD",
  words(
    "next",
    "prev",
    "task",
    "list_next",
    "list_prev",
    "ref_count",
    "pcb",
    "kernel_stack",
    "stack_privilege",
    "swap_func",
    "wait_result",
    "state",
    "suspend_count",
    "user_stop_count",
    "priority",
    "max_priority",
    "sched_pri",
    "depress_priority",
    "policy",
    "sched_data",
    "cpu_usage",
    "recover",
    "ith_next",
    "ith_prev",
    "ith_state",
    "ith_msize",
    "ith_seqno",
    "ith_self",
    "ith_sself",
    "ith_exception",
    "ith_msg",
    "ith_option",
    "ith_rcv_size",
    "ith_timeout",
    "ith_notify",
    "ith_object",
    "ith_mqueue",
    "cycles_high",
    "cycles_low",
    "user_cycles_high",
    "user_cycles_low",
    "timer_set",
    "ast",
    "inks_task",
    "inks_stack",
  ),
  {
    at: {
      task: 12,
      list_next: 16,
      ref_count: 32,
      wait_result: 60,
      state: 68,
      recover: 108,
      ith_next: 120,
      ith_self: 144,
      ith_msg: 168,
      timer_set: 292,
      ast: 304,
      inks_task: 328,
    },
  },
);

/** Bits of `thread.state`. */
export const TH = numbers("", {
  TH_WAIT: 1,
  TH_SUSP: 2,
  TH_RUN: 4,
  TH_UNINT: 8,
  TH_HALTED: 0x10,
  TH_SWAPPED: 0x100,
});

/** Reasons for attention on the way out of the kernel, in `cpu_data.need_ast` and `thread.ast`. */
export const AST = numbers("", {
  AST_HALT: 1,
  AST_TERMINATE: 2,
  AST_BLOCK: 4,
  AST_NETWORK: 8,
});

/** Priorities, 0 best (kern/sched.h). */
export const SCHED = numbers("", {
  BASEPRI_SYSTEM: 6,
  BASEPRI_USER: 12,
  DEPRESSPRI: 31,
  POLICY_TIMESHARE: 1,
  POLICY_FIXEDPRI: 2,
});

/** Values of `thread.swap_func`: what a blocked thread without a kernel stack does when it wakes. */
export const CONTINUATION = numbers("", {
  CONTINUATION_NONE: 0,
  CONTINUATION_MACH_MSG: 1,
  CONTINUATION_MACH_MSG_RECEIVE: 2,
  CONTINUATION_BOOTSTRAP: 3,
  CONTINUATION_MACH_MSG_SEND: 4,
  /** A procedure in TypeScript (mach/kern/procedure.ts). */
  CONTINUATION_PROCEDURE: 5,
});

/**
 * What `escape` in kernel text asks of the host; the instruction is `break 31, number`. None returns
 * to the next instruction: the host resumes at a label (`thread_syscall_return`, the IIA queue, …).
 */
export const ESCAPE = numbers("", {
  /** A fault in kernel text, the interruption's state still in the control registers, its number in
   * cr29; or, at the vector itself, an interruption that text has no handler for. */
  ESCAPE_INTERRUPTION: 1,
  /** An interruption of a thread: arg0 = number, arg1 = its saved state, which is complete. */
  ESCAPE_TRAP: 2,
  /** A Mach trap that is TypeScript's; arguments in the saved state and the kernel frame. */
  ESCAPE_MACH_TRAP: 3,
  /** `mach_msg_trap` left its hot path before any side effect. */
  ESCAPE_MACH_MSG: 4,
  /** The hot path handed a message over, but the receiver (now current) needs the slow copyout; arg0 = kmsg. */
  ESCAPE_MACH_MSG_RECEIVE: 5,
  /** A system call number that is neither a Mach trap nor a registered server's. */
  ESCAPE_SYSCALL: 6,
  /** An external interrupt while kernel text ran; its state is at `interrupt_state`. */
  ESCAPE_INTERRUPT: 7,
  /** A zone ran dry in text: arg0 = zone; the host grows it and retries at `zalloc`. */
  ESCAPE_ZONE: 8,
  /** In a server's text: a work function that is TypeScript is called (mach/work.ts). */
  ESCAPE_WORK: 9,
  /** In a server's text: a call that a work function made has returned. */
  ESCAPE_WORK_RETURNED: 10,
  /** A message cannot be put into its receiver's buffer: arg0 = kmsg, arg1 = the buffer. */
  ESCAPE_MACH_MSG_PUT: 11,
  /** Text that a slow path has called (mach/kernel-text.ts) is done. */
  ESCAPE_TEXT_RETURN: 12,
});

/**
 * What the kernel keeps of a registered in-kernel server (paper §2.3, §3.3): its trap tables, its
 * global data pointer and its pool of service stacks, a list linked through `service_stack.next`.
 */
export const inksServer = struct(
  "inks_server",
  "INKS",
  words("table", "table_count", "dp", "stack_free", "stack_count", "calls", "exhausted"),
);
/**
 * One registered table: the server's record, and the port that it is for; 0: any port of the task, as in
 * the paper (§3.4.3).
 */
export const inksRow = struct("inks_row", "INKS_ROW", words("base", "count", "vector", "port"));
/**
 * Base of a service stack, which looks like a cthread stack (paper §3.3): size-aligned, its self
 * pointer in the first word (C threads, STACK_GROWTH_UP), per-call state at a constant offset. In a
 * call from one server to another, `outer_…` is what the thread's `inks_…` were before.
 */
export const serviceStack = struct(
  "service_stack",
  "STACK",
  words("self", "next", "server", "outer_task", "outer_stack"),
  {
    size: 128,
  },
);

/**
 * Per-processor variables, at the kernel image's symbol `cpu_data`. The run queue and every mqueue
 * hold threads in circular lists; `ipc_kmsg_cache` is the one cached kmsg of 256 bytes (0: taken).
 */
export const cpuData = struct(
  "cpu_data",
  "CPU",
  words(
    "active_thread",
    "active_pcb",
    "active_stack",
    "need_ast",
    "ipc_kmsg_cache",
    "ipc_space_kernel",
    "run_queue",
    "stack_handoffs",
    "fpu_owner",
    "ipc_space_reply",
  ),
);

/** kalloc's zones hold elements of 16 << index bytes; an array of `zone` at `kalloc_zones`. */
export const KALLOC = numbers("", { KALLOC_MINIMUM: 16, KALLOC_ZONES: 11 });

export const STRUCTS = [
  cpuData,
  ipcSpace,
  ipcEntry,
  ipcPort,
  ipcPset,
  ipcMqueue,
  ipcKmsg,
  zone,
  vmMap,
  pmap,
  task,
  emlDispatch,
  thread,
  inksServer,
  inksRow,
  serviceStack,
];
export const CONSTANTS = [IE, IP, IKOT, IKM, TH, AST, SCHED, CONTINUATION, ESCAPE, KALLOC];
