/**
 * The traps of the VM: `vm_map`, `vm_allocate`, `vm_deallocate` and `task_create` without a message. A
 * name that is no send right for a task of this kernel is answered MACH_SEND_INTERRUPTED, upon which
 * the stub sends the message. After Mach's kern/ipc_mig.c.
 */
import { IE } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_RETURN } from "../../abi/mach.ts";
import { ipc_entry_lookup } from "../ipc/entry.ts";
import { IKOT_TASK, MACH_PORT_VALID, NULL } from "../ipc/names.ts";
import { ipc_port_copyout_send } from "../ipc/object-copy.ts";
import { port_name_to_object } from "../kern/ipc-mig.ts";
import type { Procedure } from "../kern/procedure.ts";
import { task_self_port } from "../kern/special-ports.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, taskAt, threadAt } from "../kern/views.ts";
import type { Placed } from "./vm-user.ts";

const { KERN_SUCCESS, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE } =
  KERN_RETURN;
const { MACH_SEND_INTERRUPTED } = MACH_MSG_RETURN;

/** Arguments of `vm_map` behind the address. */
export interface MapArguments {
  readonly size: number;
  readonly mask: number;
  readonly anywhere: boolean;
  /** A port, or 0. */
  readonly memory_object: number;
  readonly offset: number;
  readonly copy: boolean;
  readonly cur_protection: number;
  readonly max_protection: number;
  readonly inheritance: number;
}

/** Address spaces as the traps need them; tasks by their structures. */
export interface AddressSpaces {
  vm_allocate(task: number, address: number, size: number, anywhere: boolean): Placed;
  vm_deallocate(task: number, address: number, size: number): number;
  vm_map(task: number, address: number, wanted: MapArguments): Procedure<Placed>;
  /** A child of a task, or 0: no memory. */
  task_create(parent: number, inherit: boolean): Procedure<number>;
}

function readWord(k: KernelState, thread: number, address: number): number | undefined {
  const bytes = k.copyin(threadAt(k, thread).task, address, 4);
  return bytes && new DataView(bytes.buffer).getUint32(0);
}

function writeWord(k: KernelState, thread: number, address: number, word: number): number {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word);
  const done = k.copyout(threadAt(k, thread).task, address, bytes);
  return done ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

/** The task that a trap is about, and the address that its pointer holds. */
function placeOf(
  k: KernelState,
  thread: number,
  name: number,
  pointer: number,
): { readonly task: number; readonly address: number } | number {
  const task = port_name_to_object(k, thread, name, IKOT_TASK);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  const address = readWord(k, thread, pointer);
  return address === undefined ? KERN_INVALID_ADDRESS : { task, address };
}

export function syscall_vm_allocate(
  k: KernelState,
  thread: number,
  [name, pointer, size, anywhere]: readonly [number, number, number, number],
): number {
  const place = placeOf(k, thread, name, pointer);
  if (typeof place === "number") return place;
  const placed = k.address_spaces?.vm_allocate(place.task, place.address, size, anywhere !== 0);
  if (!placed) return KERN_RESOURCE_SHORTAGE;
  return "kr" in placed ? placed.kr : writeWord(k, thread, pointer, placed.address);
}

export function syscall_vm_deallocate(
  k: KernelState,
  thread: number,
  name: number,
  address: number,
  size: number,
): number {
  const task = port_name_to_object(k, thread, name, IKOT_TASK);
  if (task === NULL) return MACH_SEND_INTERRUPTED;
  return k.address_spaces?.vm_deallocate(task, address, size) ?? KERN_RESOURCE_SHORTAGE;
}

/** The port for which a thread's name is a send right; 0 for the null name, else undefined. */
function portOf(k: KernelState, thread: number, name: number): number | undefined {
  if (name === NULL) return NULL;
  const space = taskAt(k, threadAt(k, thread).task).itk_space;
  const entry = MACH_PORT_VALID(name) ? ipc_entry_lookup(k, space, name) : NULL;
  if (entry === NULL) return undefined;
  const { ie_bits, ie_object } = entryAt(k, entry);
  return (ie_bits & IE.IE_BITS_SEND) === 0 ? undefined : ie_object;
}

export function* syscall_vm_map(
  k: KernelState,
  thread: number,
  name: number,
  pointer: number,
  wanted: MapArguments,
): Procedure<number> {
  const place = placeOf(k, thread, name, pointer);
  if (typeof place === "number") return place;
  const memory_object = portOf(k, thread, wanted.memory_object);
  if (memory_object === undefined) return KERN_INVALID_ARGUMENT;
  if (!k.address_spaces) return KERN_RESOURCE_SHORTAGE;
  const request = { ...wanted, memory_object };
  const placed = yield* k.address_spaces.vm_map(place.task, place.address, request);
  return "kr" in placed ? placed.kr : writeWord(k, thread, pointer, placed.address);
}

export function* syscall_task_create(
  k: KernelState,
  thread: number,
  name: number,
  inherit: number,
  pointer: number,
): Procedure<number> {
  const parent = port_name_to_object(k, thread, name, IKOT_TASK);
  if (parent === NULL) return MACH_SEND_INTERRUPTED;
  if (!k.address_spaces) return KERN_RESOURCE_SHORTAGE;
  const child = yield* k.address_spaces.task_create(parent, inherit !== 0);
  if (child === NULL) return KERN_RESOURCE_SHORTAGE;
  const space = taskAt(k, threadAt(k, thread).task).itk_space;
  return writeWord(k, thread, pointer, ipc_port_copyout_send(k, space, task_self_port(k, child)));
}
