/**
 * The host, its one processor and its one processor set as kernel objects: their ports, made when
 * somebody first asks for one. What stands behind such a port is the object's number here.
 * After Mach's kern/host.c, kern/processor.c and kern/ipc_host.c.
 */
import { SCHED } from "../../abi/kernel.ts";
import { panic } from "../../diagnostic.ts";
import { ipc_kobject_set } from "../ipc/kobject.ts";
import {
  IKOT_BOOTSTRAP,
  IKOT_DEFAULT_PAGER,
  IKOT_HOST,
  IKOT_HOST_PRIV,
  IKOT_MASTER_DEVICE,
  IKOT_PROCESSOR,
  IKOT_PSET,
  IKOT_PSET_NAME,
} from "../ipc/names.ts";
import { ipc_port_alloc_special, ipc_port_make_send } from "../ipc/port.ts";
import type { KernelState } from "./state.ts";

const PORTS = {
  host: IKOT_HOST,
  hostPriv: IKOT_HOST_PRIV,
  processor: IKOT_PROCESSOR,
  set: IKOT_PSET,
  setName: IKOT_PSET_NAME,
  masterDevice: IKOT_MASTER_DEVICE,
  bootstrap: IKOT_BOOTSTRAP,
  defaultPager: IKOT_DEFAULT_PAGER,
} as const;
export type HostPort = keyof typeof PORTS;

export class Host {
  readonly #k: KernelState;
  readonly #ports = new Map<HostPort, number>();
  /** Policies that threads may have, besides time sharing: POLICY_ bits. */
  policies: number = SCHED.POLICY_TIMESHARE;
  /** The best priority that threads of the processor set are made with. */
  maxPriority: number = SCHED.BASEPRI_USER;

  constructor(k: KernelState) {
    this.#k = k;
  }

  /** A naked send right for one of the ports. */
  port(which: HostPort): number {
    const k = this.#k;
    let port = this.#ports.get(which);
    if (port === undefined) {
      port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel) || panic("Host: no memory");
      ipc_kobject_set(k, port, 1, PORTS[which]);
      this.#ports.set(which, port);
    }
    return ipc_port_make_send(k, port);
  }

  /** Ports that exist; the kernel keeps a reference of each. */
  ports(): readonly number[] {
    return [...this.#ports.values()];
  }
}
