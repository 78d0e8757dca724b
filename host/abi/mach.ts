/**
 * Mach 3.0's interface as programs and kernel share it: typed IPC message layouts, codes, options,
 * rights, trap numbers. Names and values are Mach's (CMU Mach 3.0, typed IPC of the NMK13 era).
 */
import { numbers, struct } from "./struct.ts";

/** `mach_msg_header_t`, 24 bytes. A received message has remote and local exchanged. */
export const machMsgHeader = struct("mach_msg_header", "", {
  msgh_bits: "u32",
  msgh_size: "u32",
  msgh_remote_port: "u32",
  msgh_local_port: "u32",
  msgh_seqno: "u32",
  msgh_id: "u32",
});

/** `mig_reply_header_t`: the smallest reply, header + RetCodeType + RetCode, 32 bytes. */
export const migReplyHeader = struct("mig_reply_header", "MIG_REPLY", {
  head: ["u32", 6],
  ret_code_type: "u32",
  ret_code: "u32",
});

/** `RetCodeType`: one 32-bit integer in line. */
export const MIG_REPLY = numbers("", { MIG_RET_CODE_TYPE: 0x02200018 });

export const MACH_MSGH_BITS = numbers("", {
  MACH_MSGH_BITS_REMOTE_MASK: 0xff,
  MACH_MSGH_BITS_LOCAL_MASK: 0xff00,
  MACH_MSGH_BITS_COMPLEX: 0x80000000,
});

export const MACH_MSG_TYPE = numbers("", {
  MACH_MSG_TYPE_BOOLEAN: 0,
  MACH_MSG_TYPE_INTEGER_16: 1,
  MACH_MSG_TYPE_INTEGER_32: 2,
  MACH_MSG_TYPE_CHAR: 8,
  MACH_MSG_TYPE_BYTE: 9,
  MACH_MSG_TYPE_REAL: 10,
  MACH_MSG_TYPE_INTEGER_64: 11,
  MACH_MSG_TYPE_STRING: 12,
  MACH_MSG_TYPE_PORT_NAME: 15,
  MACH_MSG_TYPE_MOVE_RECEIVE: 16,
  MACH_MSG_TYPE_MOVE_SEND: 17,
  MACH_MSG_TYPE_MOVE_SEND_ONCE: 18,
  MACH_MSG_TYPE_COPY_SEND: 19,
  MACH_MSG_TYPE_MAKE_SEND: 20,
  MACH_MSG_TYPE_MAKE_SEND_ONCE: 21,
  MACH_MSG_TYPE_PORT_RECEIVE: 16,
  MACH_MSG_TYPE_PORT_SEND: 17,
  MACH_MSG_TYPE_PORT_SEND_ONCE: 18,
});

/** Bits of a `mach_msg_type_t`, below its name, size and number: host code and stubs only. */
export const TYPE_DESCRIPTOR = { INLINE: 8, LONG_FORM: 4, DEALLOCATE: 2, UNUSED: 1 } as const;

/** Options of `mach_msg`. */
export const MACH_MSG_OPTION = numbers("", {
  MACH_MSG_OPTION_NONE: 0,
  MACH_SEND_MSG: 0x1,
  MACH_RCV_MSG: 0x2,
  MACH_SEND_TIMEOUT: 0x10,
  MACH_SEND_NOTIFY: 0x20,
  MACH_SEND_INTERRUPT: 0x40,
  MACH_SEND_CANCEL: 0x80,
  MACH_RCV_TIMEOUT: 0x100,
  MACH_RCV_NOTIFY: 0x200,
  MACH_RCV_INTERRUPT: 0x400,
  MACH_RCV_LARGE: 0x800,
});

/** `mach_msg_return_t`. */
export const MACH_MSG_RETURN = numbers("", {
  MACH_MSG_SUCCESS: 0,
  MACH_MSG_VM_SPACE: 0x1000,
  MACH_MSG_VM_KERNEL: 0x0400,
  MACH_MSG_IPC_SPACE: 0x2000,
  MACH_SEND_IN_PROGRESS: 0x10000001,
  MACH_SEND_INVALID_DATA: 0x10000002,
  MACH_SEND_INVALID_DEST: 0x10000003,
  MACH_SEND_TIMED_OUT: 0x10000004,
  MACH_SEND_WILL_NOTIFY: 0x10000005,
  MACH_SEND_NOTIFY_IN_PROGRESS: 0x10000006,
  /** INKS: "send a real message" (paper §3.4.5). */
  MACH_SEND_INTERRUPTED: 0x10000007,
  MACH_SEND_MSG_TOO_SMALL: 0x10000008,
  MACH_SEND_INVALID_REPLY: 0x10000009,
  MACH_SEND_INVALID_RIGHT: 0x1000000a,
  MACH_SEND_INVALID_NOTIFY: 0x1000000b,
  MACH_SEND_INVALID_MEMORY: 0x1000000c,
  MACH_SEND_NO_BUFFER: 0x1000000d,
  MACH_SEND_NO_NOTIFY: 0x1000000e,
  MACH_SEND_INVALID_TYPE: 0x1000000f,
  MACH_SEND_INVALID_HEADER: 0x10000010,
  MACH_RCV_IN_PROGRESS: 0x10004001,
  MACH_RCV_INVALID_NAME: 0x10004002,
  MACH_RCV_TIMED_OUT: 0x10004003,
  MACH_RCV_TOO_LARGE: 0x10004004,
  MACH_RCV_INTERRUPTED: 0x10004005,
  MACH_RCV_PORT_CHANGED: 0x10004006,
  MACH_RCV_INVALID_NOTIFY: 0x10004007,
  MACH_RCV_INVALID_DATA: 0x10004008,
  MACH_RCV_PORT_DIED: 0x10004009,
  MACH_RCV_IN_SET: 0x1000400a,
  MACH_RCV_HEADER_ERROR: 0x1000400b,
  MACH_RCV_BODY_ERROR: 0x1000400c,
});

/** `kern_return_t`. */
export const KERN_RETURN = numbers("", {
  KERN_SUCCESS: 0,
  KERN_INVALID_ADDRESS: 1,
  KERN_PROTECTION_FAILURE: 2,
  KERN_NO_SPACE: 3,
  KERN_INVALID_ARGUMENT: 4,
  KERN_FAILURE: 5,
  KERN_RESOURCE_SHORTAGE: 6,
  KERN_NOT_RECEIVER: 7,
  KERN_NO_ACCESS: 8,
  KERN_MEMORY_FAILURE: 9,
  KERN_MEMORY_ERROR: 10,
  KERN_NOT_IN_SET: 12,
  KERN_NAME_EXISTS: 13,
  KERN_ABORTED: 14,
  KERN_INVALID_NAME: 15,
  KERN_INVALID_TASK: 16,
  KERN_INVALID_RIGHT: 17,
  KERN_INVALID_VALUE: 18,
  KERN_UREFS_OVERFLOW: 19,
  KERN_INVALID_CAPABILITY: 20,
  KERN_RIGHT_EXISTS: 21,
});

/** Codes that MIG stubs return; negative 32-bit integers. */
export const MIG_RETURN = numbers("", {
  MIG_TYPE_ERROR: -300,
  MIG_REPLY_MISMATCH: -301,
  MIG_REMOTE_ERROR: -302,
  MIG_BAD_ID: -303,
  MIG_BAD_ARGUMENTS: -304,
  MIG_NO_REPLY: -305,
  MIG_EXCEPTION: -306,
  MIG_ARRAY_TOO_LARGE: -307,
  MIG_SERVER_DIED: -308,
  MIG_DESTROY_REQUEST: -309,
});

export const MACH_PORT = numbers("", {
  MACH_PORT_NULL: 0,
  MACH_PORT_DEAD: 0xffffffff,
  MACH_PORT_RIGHT_SEND: 0,
  MACH_PORT_RIGHT_RECEIVE: 1,
  MACH_PORT_RIGHT_SEND_ONCE: 2,
  MACH_PORT_RIGHT_PORT_SET: 3,
  MACH_PORT_RIGHT_DEAD_NAME: 4,
  MACH_PORT_QLIMIT_DEFAULT: 5,
  MACH_PORT_QLIMIT_MAX: 16,
});

/** Message ids of the notifications that the kernel sends. */
export const MACH_NOTIFY = numbers("", {
  MACH_NOTIFY_PORT_DELETED: 65,
  MACH_NOTIFY_MSG_ACCEPTED: 66,
  MACH_NOTIFY_PORT_DESTROYED: 69,
  MACH_NOTIFY_NO_SENDERS: 70,
  MACH_NOTIFY_SEND_ONCE: 71,
  MACH_NOTIFY_DEAD_NAME: 72,
});

/**
 * Trap numbers as they stand in r22. `inks_register` is ours: the paper does not publish the
 * number of its registration call, and −97 is free in Mach 3.0's table.
 */
export const MACH_TRAP = numbers("", {
  TRAP_MACH_MSG: -25,
  TRAP_MACH_REPLY_PORT: -26,
  TRAP_MACH_THREAD_SELF: -27,
  TRAP_MACH_TASK_SELF: -28,
  TRAP_MACH_HOST_SELF: -29,
  TRAP_DEVICE_WRITEV_REQUEST: -39,
  TRAP_DEVICE_WRITE_REQUEST: -40,
  TRAP_SWTCH_PRI: -59,
  TRAP_SWTCH: -60,
  TRAP_THREAD_SWITCH: -61,
  TRAP_VM_MAP: -64,
  TRAP_VM_ALLOCATE: -65,
  TRAP_VM_DEALLOCATE: -66,
  TRAP_TASK_CREATE: -68,
  TRAP_TASK_TERMINATE: -69,
  TRAP_TASK_SUSPEND: -70,
  TRAP_TASK_SET_SPECIAL_PORT: -71,
  TRAP_MACH_PORT_ALLOCATE: -72,
  TRAP_MACH_PORT_DEALLOCATE: -73,
  TRAP_MACH_PORT_INSERT_RIGHT: -74,
  TRAP_MACH_PORT_ALLOCATE_NAME: -75,
  TRAP_THREAD_DEPRESS_ABORT: -76,
  TRAP_INKS_REGISTER: -97,
  TRAP_INKS_TABLES: -98,
  TRAP_INKS_STACKS: -99,
  /** Ordinary numbers are small; from here on a number is a registered server's msgh_id (§3.3). */
  INKS_FIRST_TRAP: 2048,
});

/** Exceptions (mach/exception.h). */
export const EXC = numbers("", {
  EXC_BAD_ACCESS: 1,
  EXC_BAD_INSTRUCTION: 2,
  EXC_ARITHMETIC: 3,
  EXC_EMULATION: 4,
  EXC_SOFTWARE: 5,
  EXC_BREAKPOINT: 6,
});

/** What may be done with memory (mach/vm_prot.h). */
export const VM_PROT = numbers("", {
  VM_PROT_NONE: 0,
  VM_PROT_READ: 1,
  VM_PROT_WRITE: 2,
  VM_PROT_EXECUTE: 4,
  VM_PROT_DEFAULT: 3,
  VM_PROT_ALL: 7,
});

/** What a child's address space gets of its parent's (mach/vm_inherit.h). */
export const VM_INHERIT = numbers("", {
  VM_INHERIT_SHARE: 0,
  VM_INHERIT_COPY: 1,
  VM_INHERIT_NONE: 2,
});

export const STRUCTS = [machMsgHeader, migReplyHeader];
export const CONSTANTS = [
  MACH_MSGH_BITS,
  MIG_REPLY,
  MACH_MSG_TYPE,
  MACH_MSG_OPTION,
  MACH_MSG_RETURN,
  KERN_RETURN,
  MIG_RETURN,
  MACH_PORT,
  MACH_NOTIFY,
  MACH_TRAP,
  EXC,
  VM_PROT,
  VM_INHERIT,
];
