/**
 * What ports and port sets have in common as counted, dying objects (Mach's `ip_reference`, `ip_release`,
 * `ip_active`), below everything that knows about rights. A reference keeps the structure, not the
 * port: a dead port's structure stays until its last reference goes.
 */
import { IP } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { portAt } from "../kern/views.ts";

export const ip_active = (k: KernelState, port: number): boolean =>
  portAt(k, port).ip_bits >= IP.IP_BITS_ACTIVE;

/** The kind of kernel object behind a port: IKOT_NONE, IKOT_THREAD, IKOT_TASK. */
export const ip_kotype = (k: KernelState, port: number): number => portAt(k, port).ip_bits & 0xffff;

/** Whether an object is a port set. */
export const isPset = (k: KernelState, object: number): boolean =>
  (portAt(k, object).ip_bits & IP.IO_BITS_PORT_SET) !== 0;

export function ip_reference(k: KernelState, port: number): void {
  const view = portAt(k, port);
  if (view.ip_references >= IP.IO_MAX_REFERENCES) panic("ip_reference: too many references");
  view.ip_references += 1;
}

/** Drops a reference; the last one frees the port or port set, which must be dead. */
export function ip_release(k: KernelState, port: number): void {
  const view = portAt(k, port);
  if (view.ip_references === 0) panic("ip_release: no references");
  view.ip_references -= 1;
  if (view.ip_references > 0) return;
  if (view.ip_bits >= IP.IP_BITS_ACTIVE) panic("ip_release: last reference to a live port");
  k.zfree(isPset(k, port) ? "ipc_pset" : "ipc_port", port);
}
