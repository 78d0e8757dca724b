/**
 * Ports that a task keeps for its children: name server, environment, service, and one more. They
 * mean nothing to the kernel. After Mach's kern/ipc_tt.c (mach_ports_register, mach_ports_lookup).
 */
import { task as taskStruct } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import { ipc_port_release_send } from "../ipc/destroy.ts";
import { IP_VALID, NULL } from "../ipc/names.ts";
import { ipc_port_copy_send } from "../ipc/port.ts";
import type { KernelState } from "./state.ts";
import { taskAt } from "./views.ts";

const { KERN_SUCCESS, KERN_INVALID_ARGUMENT } = KERN_RETURN;
/** TASK_PORT_REGISTER_MAX. */
const REGISTERED = taskStruct.fields.itk_registered[1];

/** Addresses of a task's words for registered ports. */
const slots = (k: KernelState, task: number): number[] => {
  const first = taskAt(k, task).addressOf("itk_registered");
  return Array.from({ length: REGISTERED }, (_, i) => first + 4 * i);
};

/** The rights that a task has registered; null ones among them. */
export const registeredPorts = (k: KernelState, task: number): number[] =>
  slots(k, task).map((slot) => k.memory.read32(slot));

/** Naked copies of all registered rights, or KERN_INVALID_ARGUMENT: the task is terminated. */
export function mach_ports_lookup(k: KernelState, task: number): number[] | number {
  if (taskAt(k, task).itk_self === NULL) return KERN_INVALID_ARGUMENT;
  return registeredPorts(k, task).map((port) => ipc_port_copy_send(k, port));
}

/**
 * Registers copies of at most four rights, in place of all from before. Returns KERN_SUCCESS, or
 * KERN_INVALID_ARGUMENT: too many, or the task is terminated.
 */
export function mach_ports_register(
  k: KernelState,
  task: number,
  rights: readonly number[],
): number {
  if (rights.length > REGISTERED || taskAt(k, task).itk_self === NULL) return KERN_INVALID_ARGUMENT;
  const copies = rights.map((port) => ipc_port_copy_send(k, port));
  slots(k, task).forEach((slot, i) => replace(k, slot, copies[i] ?? NULL));
  return KERN_SUCCESS;
}

function replace(k: KernelState, slot: number, right: number): void {
  const old = k.memory.read32(slot);
  k.memory.write32(slot, right);
  if (IP_VALID(old)) ipc_port_release_send(k, old);
}

/** A new task begins with its parent's. */
export function inheritRegistered(k: KernelState, task: number, parent: number): void {
  const rights = registeredPorts(k, parent);
  slots(k, task).forEach((slot, i) =>
    k.memory.write32(slot, ipc_port_copy_send(k, rights[i] ?? NULL)),
  );
}

/** Releases what a task had registered. */
export function releaseRegistered(k: KernelState, task: number): void {
  for (const slot of slots(k, task)) replace(k, slot, NULL);
}
