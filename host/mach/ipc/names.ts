/**
 * Small pieces of vocabulary that every IPC file uses: port names, rights in `ie_bits`, kinds of
 * rights in messages, user references, kernel objects. All are Mach's.
 */
import { IE, IKOT } from "../../abi/kernel.ts";
import { MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";

const {
  MACH_MSG_TYPE_MOVE_RECEIVE,
  MACH_MSG_TYPE_MOVE_SEND,
  MACH_MSG_TYPE_MOVE_SEND_ONCE,
  MACH_MSG_TYPE_MAKE_SEND_ONCE,
} = MACH_MSG_TYPE;

/** A null pointer to a port, space, kmsg or thread. */
export const NULL = 0;
/** The port pointer that stands for a dead right inside a message (`IP_DEAD`, `IO_DEAD`). */
export const IP_DEAD = 0xffffffff;

/** Whether a port pointer (or, likewise, a port name) is neither null nor dead. */
export const IP_VALID = (port: number): boolean => port !== NULL && port !== IP_DEAD;
export const MACH_PORT_VALID = (name: number): boolean =>
  name !== MACH_PORT.MACH_PORT_NULL && name !== MACH_PORT.MACH_PORT_DEAD;

export const MACH_PORT_INDEX = (name: number): number => name >>> 8;
/** The generation of a name, as it stands in `ie_bits`. */
export const MACH_PORT_GEN = (name: number): number => (name << 24) >>> 0;
export const MACH_PORT_MAKE = (index: number, gen: number): number =>
  ((index << 8) | (gen >>> 24)) >>> 0;

export const IE_BITS_TYPE = (bits: number): number => bits & IE.IE_BITS_TYPE_MASK;
export const IE_BITS_UREFS = (bits: number): number => bits & IE.IE_BITS_UREFS_MASK;
export const IE_BITS_GEN = (bits: number): number => (bits & IE.IE_BITS_GEN_MASK) >>> 0;

/** Send or send-once: the rights whose port may be dead. */
export const SEND_RIGHTS = IE.IE_BITS_SEND | IE.IE_BITS_SEND_ONCE;

/** `mach_port_type_t` besides the bits of `ie_bits`: a dead-name, a msg-accepted request stands. */
export const MACH_PORT_TYPE_DNREQUEST = 0x80000000;
export const MACH_PORT_TYPE_MAREQUEST = 0x40000000;

/** The greatest user-reference count; a send right stays one below. */
export const MACH_PORT_UREFS_MAX = 0xffff;
export const MACH_PORT_UREFS_OVERFLOW = (urefs: number, delta: number): boolean =>
  delta > 0 && urefs + delta > MACH_PORT_UREFS_MAX;
export const MACH_PORT_UREFS_UNDERFLOW = (urefs: number, delta: number): boolean =>
  delta < 0 && -delta > urefs;

/** Kinds of kernel object behind a port, in the low half of `ip_bits`. */
export const {
  IKOT_NONE,
  IKOT_THREAD,
  IKOT_TASK,
  IKOT_HOST,
  IKOT_HOST_PRIV,
  IKOT_PROCESSOR,
  IKOT_PSET,
  IKOT_PSET_NAME,
  IKOT_PAGER,
  IKOT_PAGING_REQUEST,
  IKOT_PAGING_NAME,
  IKOT_DEVICE,
  IKOT_MASTER_DEVICE,
  IKOT_BOOTSTRAP,
  IKOT_DEFAULT_PAGER,
} = IKOT;

/** A right as a message may ask for it: MOVE_RECEIVE … MAKE_SEND_ONCE. */
export const MACH_MSG_TYPE_PORT_ANY = (type: number): boolean =>
  type >= MACH_MSG_TYPE_MOVE_RECEIVE && type <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
/** A right that may stand in a header: any but a receive right. */
export const MACH_MSG_TYPE_PORT_ANY_SEND = (type: number): boolean =>
  type >= MACH_MSG_TYPE_MOVE_SEND && type <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
/** A right as a message carries it: receive, send, send-once. */
export const MACH_MSG_TYPE_PORT_ANY_RIGHT = (type: number): boolean =>
  type >= MACH_MSG_TYPE_MOVE_RECEIVE && type <= MACH_MSG_TYPE_MOVE_SEND_ONCE;

export const MACH_MSGH_BITS = (remote: number, local: number): number => remote | (local << 8);
export const MACH_MSGH_BITS_REMOTE = (bits: number): number => bits & 0xff;
export const MACH_MSGH_BITS_LOCAL = (bits: number): number => (bits >>> 8) & 0xff;
/** What is left of `msgh_bits` without the two kinds of rights. */
export const MACH_MSGH_BITS_OTHER = (bits: number): number => (bits & 0xffff0000) >>> 0;
/** Kernel-internal: the message would close a circle of ports in transit. */
export const MACH_MSGH_BITS_CIRCULAR = 0x40000000;

/** Greatest message size; a receiver that takes anything waits with this. */
export const MACH_MSG_SIZE_MAX = 0xffffffff;
/** Special bits of a return code: the kernel had no memory to hold a port right. */
export const MACH_MSG_IPC_KERNEL = 0x0800;
/** All special bits of a return code. */
export const MACH_MSG_MASK = 0x3c00;
