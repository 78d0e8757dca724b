/**
 * The numbers of Mach 3.0's typed messages in the form the generator uses them: the element type
 * names of the interface language, and signed return codes for the stubs.
 *
 * Values come from `abi/mach.ts`; only what the language alone knows (default sizes, what a
 * receiver sees of a sent right) is declared here.
 */
import {
  KERN_RETURN,
  MACH_MSG_RETURN,
  MACH_MSG_TYPE as T,
  MIG_RETURN,
  machMsgHeader,
  migReplyHeader,
} from "../abi/mach.ts";

export const MACH_MSG_TYPE_POLYMORPHIC = -1;
/** GNU Mach's: the header's local port is a number that the receiver has chosen for its port. */
export const MACH_MSG_TYPE_PROTECTED_PAYLOAD = 23;
const UNSTRUCTURED = 0;

/** Symbolic type names: value as sent, value as received, default element size in bits (0: none). */
export const SYMBOLIC_TYPES: ReadonlyMap<
  string,
  readonly [inName: number, outName: number, size: number]
> = new Map([
  ["MACH_MSG_TYPE_UNSTRUCTURED", [UNSTRUCTURED, UNSTRUCTURED, 0]],
  ["MACH_MSG_TYPE_BIT", [UNSTRUCTURED, UNSTRUCTURED, 1]],
  ["MACH_MSG_TYPE_BOOLEAN", both(T.MACH_MSG_TYPE_BOOLEAN, 32)],
  ["MACH_MSG_TYPE_INTEGER_16", both(T.MACH_MSG_TYPE_INTEGER_16, 16)],
  ["MACH_MSG_TYPE_INTEGER_32", both(T.MACH_MSG_TYPE_INTEGER_32, 32)],
  ["MACH_MSG_TYPE_INTEGER_64", both(T.MACH_MSG_TYPE_INTEGER_64, 64)],
  ["MACH_MSG_TYPE_CHAR", both(T.MACH_MSG_TYPE_CHAR, 8)],
  ["MACH_MSG_TYPE_BYTE", both(T.MACH_MSG_TYPE_BYTE, 8)],
  ["MACH_MSG_TYPE_INTEGER_8", both(T.MACH_MSG_TYPE_BYTE, 8)],
  ["MACH_MSG_TYPE_REAL", both(T.MACH_MSG_TYPE_REAL, 0)],
  ["MACH_MSG_TYPE_STRING", both(T.MACH_MSG_TYPE_STRING, 0)],
  ["MACH_MSG_TYPE_STRING_C", both(T.MACH_MSG_TYPE_STRING, 0)],
  ["MACH_MSG_TYPE_MOVE_RECEIVE", right(T.MACH_MSG_TYPE_MOVE_RECEIVE, "RECEIVE")],
  ["MACH_MSG_TYPE_COPY_SEND", right(T.MACH_MSG_TYPE_COPY_SEND, "SEND")],
  ["MACH_MSG_TYPE_MAKE_SEND", right(T.MACH_MSG_TYPE_MAKE_SEND, "SEND")],
  ["MACH_MSG_TYPE_MOVE_SEND", right(T.MACH_MSG_TYPE_MOVE_SEND, "SEND")],
  ["MACH_MSG_TYPE_MAKE_SEND_ONCE", right(T.MACH_MSG_TYPE_MAKE_SEND_ONCE, "SEND_ONCE")],
  ["MACH_MSG_TYPE_MOVE_SEND_ONCE", right(T.MACH_MSG_TYPE_MOVE_SEND_ONCE, "SEND_ONCE")],
  ["MACH_MSG_TYPE_PORT_NAME", both(T.MACH_MSG_TYPE_PORT_NAME, 32)],
  ["MACH_MSG_TYPE_PORT_RECEIVE", right(MACH_MSG_TYPE_POLYMORPHIC, "RECEIVE")],
  ["MACH_MSG_TYPE_PORT_SEND", right(MACH_MSG_TYPE_POLYMORPHIC, "SEND")],
  ["MACH_MSG_TYPE_PORT_SEND_ONCE", right(MACH_MSG_TYPE_POLYMORPHIC, "SEND_ONCE")],
  ["MACH_MSG_TYPE_POLYMORPHIC", both(MACH_MSG_TYPE_POLYMORPHIC, 0)],
]);

function both(name: number, size: number): readonly [number, number, number] {
  return [name, name, size];
}

function right(
  sent: number,
  received: "RECEIVE" | "SEND" | "SEND_ONCE",
): readonly [number, number, number] {
  return [sent, T[`MACH_MSG_TYPE_PORT_${received}`], 32];
}

/** Whether a type name carries a port right ("port any"). */
export function isPortRight(name: number): boolean {
  return name >= T.MACH_MSG_TYPE_MOVE_RECEIVE && name <= T.MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

/** Offsets in `mach_msg_header_t`, and its size. */
export const HEADER = { ...machMsgHeader.offset, size: machMsgHeader.size } as const;

/** Offsets in the smallest reply, and its size. */
export const REPLY = {
  RetCodeType: migReplyHeader.offset.ret_code_type,
  RetCode: migReplyHeader.offset.ret_code,
  size: migReplyHeader.size,
} as const;

/** Return codes as the signed integers that stubs load. */
export const CODE = signed({ ...KERN_RETURN, ...MACH_MSG_RETURN, ...MIG_RETURN });

function signed<T extends Record<string, number>>(
  codes: T,
): { readonly [K in keyof T & string]: number } {
  const entries = Object.entries(codes).map(([name, value]) => [name, value | 0]);
  return Object.fromEntries(entries) as { readonly [K in keyof T & string]: number };
}
