/**
 * Writes to devices by trap, for servers that do not wait: the data are taken from the caller's memory
 * before the call returns, and nobody is told when they are written. What is written at once answers its
 * code, what is under way MIG_NO_REPLY. A caller that wants to be told sends `device_write_request`. After
 * `syscall_device_write_request` of Mach's kern/ipc_mig.c and device/ds_routines.c.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { IKOT_DEVICE, NULL } from "../ipc/names.ts";
import { port_name_to_object } from "../kern/ipc-mig.ts";
import type { Procedure } from "../kern/procedure.ts";
import type { KernelState } from "../kern/state.ts";
import { D } from "./device.ts";

const { KERN_INVALID_CAPABILITY, KERN_INVALID_RIGHT, KERN_INVALID_VALUE } = KERN_RETURN;

/** Part of what is written, in the caller's memory. */
export interface Piece {
  readonly address: number;
  readonly bytes: number;
}

/** Open devices, for the traps. `device` is the kernel object behind a device's port. */
export interface DeviceWrites {
  /** Writes pieces of a thread's memory, one behind the other. */
  write(
    thread: number,
    device: number,
    where: { readonly mode: number; readonly recnum: number },
    pieces: readonly Piece[],
  ): Procedure<number>;
  /** The pieces that an array in a thread's memory names; undefined: it cannot be read. */
  pieces(thread: number, address: number, count: number): Procedure<Piece[] | undefined>;
}

/** Arguments before those that say where the data are. */
export interface DeviceWrite {
  readonly device: number;
  /** Must be the null name: a caller that wants an answer sends a message. */
  readonly reply: number;
  readonly mode: number;
  readonly recnum: number;
}

/** The most pieces of one call. */
const PIECES_MAX = 16;

function openDevice(k: KernelState, thread: number, { device, reply }: DeviceWrite) {
  const object = port_name_to_object(k, thread, device, IKOT_DEVICE);
  if (object === NULL || !k.device_writes) return { kr: KERN_INVALID_CAPABILITY };
  if (reply !== NULL) return { kr: KERN_INVALID_RIGHT };
  return { object, writes: k.device_writes };
}

/** Trap −40. KERN_INVALID_CAPABILITY: no send right for a device; KERN_INVALID_RIGHT: `reply` is not null. */
export function* syscall_device_write_request(
  k: KernelState,
  thread: number,
  wanted: DeviceWrite,
  piece: Piece,
): Procedure<number> {
  const open = openDevice(k, thread, wanted);
  return "kr" in open ? open.kr : yield* open.writes.write(thread, open.object, wanted, [piece]);
}

/** Trap −39: the same from up to 16 pieces. KERN_INVALID_VALUE: more. */
export function* syscall_device_writev_request(
  k: KernelState,
  thread: number,
  wanted: DeviceWrite,
  vector: { readonly address: number; readonly count: number },
): Procedure<number> {
  const open = openDevice(k, thread, wanted);
  if ("kr" in open) return open.kr;
  if (vector.count > PIECES_MAX) return KERN_INVALID_VALUE;
  if (vector.count === 0) return D.D_INVALID_SIZE;
  const pieces = yield* open.writes.pieces(thread, vector.address, vector.count);
  if (!pieces) return KERN_RETURN.KERN_INVALID_ADDRESS;
  return yield* open.writes.write(thread, open.object, wanted, pieces);
}
