/**
 * A default memory manager that is a task (`vm_set_default_memory_manager`): who gets the pages of memory
 * that has no pager. An object whose page has to leave memory for the first time gets a pager then: the
 * manager is sent `memory_object_create` with the receive right of a new memory object, and each page the
 * first time in `memory_object_data_initialize`. Without such a task pages go to the bootstrap thread's
 * paging space (vm/default-pager.ts), and what is there stays there. A manager must keep its own memory
 * wired, or it waits for itself. After Mach's vm/vm_object.c (vm_object_pager_create), vm/memory_object.c.
 */
import { MACH_MSG_TYPE } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import {
  ipc_object_destroy,
  ipc_port_dealloc_special,
  ipc_port_release_send,
} from "../ipc/destroy.ts";
import { IP_VALID, NULL } from "../ipc/names.ts";
import { ip_active } from "../ipc/object.ts";
import { ipc_port_alloc_special, ipc_port_copy_send, ipc_port_make_send } from "../ipc/port.ts";
import type { Kernel } from "../kernel.ts";
import { vm_map_copy_of_page } from "../vm/copy-contents.ts";
import { vm_map_copy_discard } from "../vm/vm-map-copy.ts";
import type { VmObject } from "../vm/vm-object.ts";
import type { VmPage } from "../vm/vm-page.ts";
import { ExternalPager } from "./pager.ts";
import { giveUp, send } from "./pager-messages.ts";
import type { Right } from "./routines.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { MACH_MSG_TYPE_PORT_RECEIVE, MACH_MSG_TYPE_PORT_SEND } = MACH_MSG_TYPE;
const DEFINITIONS = "mach/memory_object_default.defs";

/** An object's pager that the default memory manager is. */
class ManagedPager extends ExternalPager {
  readonly #kernel: Kernel;
  /** Offsets of the pages that the manager has. */
  readonly #given = new Set<number>();

  constructor(k: Kernel, number: number, ports: Pick<ExternalPager, "port" | "control" | "name">) {
    super(k, number, ports);
    this.#kernel = k;
    this.ready = true;
    this.strategy = "delay";
  }

  /** What the manager was never given is nowhere: a shadow has it, or it is zero. */
  override mayHave(offset: number): boolean {
    return this.#given.has(offset);
  }
  /** When it is gone, what is in memory goes to the paging space: only what it had is lost. */
  override get takesPages(): boolean {
    return !this.isDead;
  }

  override data_return(object: VmObject, page: VmPage, dirty: boolean, kept: boolean): boolean {
    if (!object.alive) return true; // nobody will look at it again
    const { offset } = page;
    if (this.#given.has(offset)) return super.data_return(object, page, dirty, kept);
    if (this.isDead) return true;
    const { vm } = this.#kernel;
    const copied = vm_map_copy_of_page(vm, page);
    if ("kr" in copied) return false;
    const data = { offset, data: { address: copied.copy, count: PAGE_SIZE } };
    const control = "memory_control_port";
    if (this.tell("memory_object_data_initialize", data, control, DEFINITIONS)) {
      this.#given.add(offset);
      return true;
    }
    page.laundry = 0;
    vm.pages.insert(page, object, offset);
    vm_map_copy_discard(vm, copied.copy);
    return false;
  }
}

/** A naked send right for the kernel's own default pager, or the null port, before there is one. */
const ownPager = (k: Kernel): number => (k.vm.paging.store ? k.host.port("defaultPager") : NULL);

/**
 * Takes a right for a new manager, if it is one; a naked send right for the manager until now, or the
 * null port. The kernel's own default pager is one, too, until there is another, and when that one's port dies.
 */
export function setDefaultManager(k: Kernel, to: Right): number {
  const { pagers } = k;
  const { manager } = pagers;
  if (IP_VALID(to.port) && to.type === MACH_MSG_TYPE_PORT_SEND && ip_active(k, to.port)) {
    pagers.manager = to.port;
    return manager === NULL ? ownPager(k) : manager;
  }
  if (IP_VALID(to.port)) ipc_object_destroy(k, to.port, to.type);
  return manager === NULL ? ownPager(k) : ipc_port_copy_send(k, manager);
}

/** Gives an object without a pager one of the manager's; without a manager, or memory, nothing changes. */
export function adoptObject(k: Kernel, object: VmObject): void {
  const { pagers } = k;
  if (pagers.manager === NULL) return;
  const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
  if (port === NULL) return;
  const own = pagers.ownPorts();
  if (!own) return ipc_port_dealloc_special(k, port);
  const { number, control, name } = own;
  const pager = new ManagedPager(k, number, { port, control, name });
  ipc_port_make_send(k, port);
  giveUp(k, port);
  pagers.add(pager, object);
  const manager = ipc_port_copy_send(k, pagers.manager);
  const values = {
    new_memory_object: port,
    new_object_size: object.size,
    new_control_port: ipc_port_make_send(k, control),
    new_name: ipc_port_make_send(k, name),
    new_page_size: PAGE_SIZE,
  };
  const type = MACH_MSG_TYPE_PORT_SEND;
  if (send(k, "memory_object_create", manager, type, values, DEFINITIONS)) return;
  for (const each of [manager, control, name]) ipc_port_release_send(k, each);
  ipc_object_destroy(k, port, MACH_MSG_TYPE_PORT_RECEIVE);
  object.pager = undefined;
  pagers.terminate(pager);
}
