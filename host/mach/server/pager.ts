/**
 * External pagers: memory objects whose data a task provides, by message (memory_object.defs). Each
 * object has a control port, at which the pager answers, and a name port. Nothing here waits for a
 * pager: requests go past its queue limit, and whoever needs an answer waits in vm_fault for the page.
 * A page on its way to a pager that does not take it ends in the paging space, so that a pager keeps
 * nobody's memory. A pager whose port dies fails what is asked of it; what it had is lost.
 * After Mach's vm/vm_object.c, vm/memory_object.c.
 */
import { KERN_RETURN, MACH_MSG_TYPE } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Values } from "../../kmig/binding.ts";
import {
  ipc_object_destroy,
  ipc_port_dealloc_special,
  ipc_port_release_send,
} from "../ipc/destroy.ts";
import { ipc_kobject_set } from "../ipc/kobject.ts";
import { IKOT_NONE, IKOT_PAGING_NAME, IKOT_PAGING_REQUEST, IP_VALID, NULL } from "../ipc/names.ts";
import { ip_active } from "../ipc/object.ts";
import { ipc_port_alloc_special, ipc_port_copy_send, ipc_port_make_send } from "../ipc/port.ts";
import type { Kernel } from "../kernel.ts";
import { thread_wakeup } from "../kern/procedure.ts";
import { portAt } from "../kern/views.ts";
import { vm_map_copy_of_bytes, vm_map_copy_of_page } from "../vm/copy-contents.ts";
import { vm_map_copy_discard } from "../vm/vm-map-copy.ts";
import {
  type CopyStrategy,
  type Pager,
  type VmObject,
  vm_object_allocate,
  vm_object_reference,
  vm_object_terminate,
  vm_page_wakeup,
} from "../vm/vm-object.ts";
import type { VmPage } from "../vm/vm-page.ts";
import type { Vm } from "../vm/vm.ts";
import { DevicePages } from "./device-pages.ts";
import { CreatedPager, PagedObjects } from "./paged-objects.ts";
import { giveUp, send } from "./pager-messages.ts";
import type { Right } from "./routines.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;
const { MACH_MSG_TYPE_PORT_RECEIVE, MACH_MSG_TYPE_PORT_SEND } = MACH_MSG_TYPE;
/** Objects without a reference that are kept for the next who maps them (Mach's vm_object_cached_max). */
const CACHED_MAX = 100;
/** As far as anybody knows: a pager does not say how large its object is. */
const OBJECT_SIZE = 2 ** 32;

/** One pager's object, as the kernel talks about it. */
export class ExternalPager implements Pager {
  readonly #k: Kernel;
  readonly number: number;
  /** The memory object's port: a send right of the kernel's, or dead. */
  readonly port: number;
  readonly control: number;
  readonly name: number;
  ready = false;
  mayCache = false;
  destroyed = false;
  strategy: CopyStrategy = "none";
  /** It became ready by `memory_object_set_attributes`: it knows `data_write`, not `data_return`. */
  usesDataWrite = false;

  constructor(k: Kernel, number: number, ports: Pick<ExternalPager, "port" | "control" | "name">) {
    this.#k = k;
    this.number = number;
    this.port = ports.port;
    this.control = ports.control;
    this.name = ports.name;
  }

  /** Nothing more is asked of it: its port is dead, or it destroyed its object. */
  get isDead(): boolean {
    return this.destroyed || !ip_active(this.#k, this.port);
  }

  mayHave(_offset: number): boolean {
    return true;
  }
  get takesPages(): boolean {
    return true;
  }

  data_request(object: VmObject, offset: number, access: number): void {
    const length = PAGE_SIZE;
    const sent = this.tell("memory_object_data_request", {
      offset,
      length,
      desired_access: access,
    });
    const page = object.pages.get(offset);
    if (sent || !page) return;
    page.error = true;
    page.absent = false;
    vm_page_wakeup(this.#k.vm, page);
  }

  data_unlock(object: VmObject, offset: number, access: number): void {
    const length = PAGE_SIZE;
    const sent = this.tell("memory_object_data_unlock", { offset, length, desired_access: access });
    const page = object.pages.get(offset);
    if (sent || !page) return;
    page.pageLock = 0; // nobody is left to allow it
    this.#k.vm.host.wakeup(page);
  }

  data_return(object: VmObject, page: VmPage, dirty: boolean, kept: boolean): boolean {
    if (this.isDead) return true;
    const { vm } = this.#k;
    const { offset } = page;
    const copied = kept
      ? vm_map_copy_of_bytes(vm, vm.pages.read(page))
      : vm_map_copy_of_page(vm, page);
    if ("kr" in copied) return false;
    const data = { offset, data: { address: copied.copy, count: PAGE_SIZE } };
    const sent = this.usesDataWrite
      ? this.tell("memory_object_data_write", data)
      : this.tell("memory_object_data_return", {
          ...data,
          dirty: Number(dirty),
          kernel_copy: Number(kept),
        });
    if (sent) return true;
    if (!kept) takeBack(vm, object, page, offset);
    vm_map_copy_discard(vm, copied.copy);
    return false;
  }

  copy(offset: number, length: number): VmObject | undefined {
    return this.isDead ? undefined : this.#k.pagers.copy(this, offset, length);
  }

  unreferenced(): boolean {
    const isKept = this.mayCache && !this.isDead;
    if (isKept) this.#k.pagers.keep(this);
    return isKept;
  }

  terminate(_object: VmObject, owed: number): void {
    this.#k.pagers.terminate(this, owed);
  }

  /** Sends a message about the object; false when the pager is dead, or there is no memory for it. */
  tell(routine: string, values: Values, control = "memory_control", file?: string): boolean {
    if (this.isDead) return false;
    const right = ipc_port_copy_send(this.#k, this.port);
    const said = { [control]: ipc_port_make_send(this.#k, this.control), ...values };
    if (send(this.#k, routine, right, MACH_MSG_TYPE_PORT_SEND, said, file)) return true;
    ipc_port_release_send(this.#k, right);
    ipc_port_release_send(this.#k, this.control);
    return false;
  }
}

/** A page that could not be given away is its object's again. */
function takeBack(vm: Vm, object: VmObject, page: VmPage, offset: number): void {
  page.laundry = 0;
  vm.pages.insert(page, object, offset);
}

/** All memory objects of tasks. */
export class Pagers {
  readonly #k: Kernel;
  readonly #byNumber = new Map<
    number,
    { readonly pager: ExternalPager; readonly object: VmObject }
  >();
  /** Numbers of objects that are kept without a reference, the longest kept first. */
  readonly #kept = new Set<number>();
  #next = 1;
  /** Objects of the kernel's own default pager that tasks have asked for. */
  readonly created: PagedObjects;
  /** Pages of devices. */
  readonly devicePages: DevicePages;
  /** A task's port that is the default memory manager, or the null port: see default-manager.ts. */
  manager: number = NULL;

  constructor(k: Kernel) {
    this.#k = k;
    this.created = new PagedObjects(k);
    this.devicePages = new DevicePages(k, this.created);
  }

  /** Control and name ports, and those of objects made here; the kernel has a reference of each. */
  ports(): number[] {
    const own = [...this.#byNumber.values()].flatMap(({ pager }) => [pager.control, pager.name]);
    return [...own, ...this.created.ports()];
  }
  /** Memory objects' ports, and the default memory manager's, of which the kernel has a send right each. */
  sends(): number[] {
    const objects = [...this.#byNumber.values()].map(({ pager }) => pager.port);
    return this.manager === NULL ? objects : [...objects, this.manager];
  }
  /** The pager and the object that a control port stands for. */
  find(number: number) {
    return this.#byNumber.get(number);
  }
  /** A send right for an object's name. */
  namePort(object: VmObject): number {
    const { pager } = object;
    const isNamed = pager instanceof ExternalPager || pager instanceof CreatedPager;
    return isNamed ? ipc_port_make_send(this.#k, pager.name) : NULL;
  }

  /**
   * Purpose: the object behind a memory object's port, which the caller keeps.
   * Returns: a reference; undefined for the null port (zeroes); KERN_INVALID_ARGUMENT (a dead port, a
   * kernel object's that is none), KERN_RESOURCE_SHORTAGE.
   */
  enter(port: number): VmObject | undefined | number {
    const k = this.#k;
    if (port === NULL) return undefined;
    const created = this.created.find(port);
    if (created) return vm_object_reference(created);
    if (!IP_VALID(port) || !ip_active(k, port) || isKernels(k, port)) return KERN_INVALID_ARGUMENT;
    for (const { pager, object } of this.#byNumber.values()) {
      if (pager.port !== port) continue;
      object.references += 1; // from 0, if it was only kept
      this.#kept.delete(pager.number);
      return object;
    }
    const own = this.ownPorts();
    if (!own) return KERN_RESOURCE_SHORTAGE;
    const { number, control, name } = own;
    const pager = new ExternalPager(k, number, {
      port: ipc_port_copy_send(k, port),
      control,
      name,
    });
    const object = vm_object_allocate(k.vm, OBJECT_SIZE);
    this.add(pager, object);
    pager.tell("memory_object_init", {
      memory_object_name: ipc_port_make_send(k, name),
      memory_object_page_size: PAGE_SIZE,
    });
    return object;
  }

  /** A number for a new pager, and its control and name ports; undefined: no memory. */
  ownPorts(): { number: number; control: number; name: number } | undefined {
    const k = this.#k;
    const control = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    const name = control && ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    if (name === NULL) {
      if (control !== NULL) ipc_port_dealloc_special(k, control);
      return undefined;
    }
    const number = this.#next++;
    ipc_kobject_set(k, control, number, IKOT_PAGING_REQUEST);
    ipc_kobject_set(k, name, number, IKOT_PAGING_NAME);
    return { number, control, name };
  }

  /** An object has a pager from now on. */
  add(pager: ExternalPager, object: VmObject): void {
    object.pager = pager;
    this.#byNumber.set(pager.number, { pager, object });
  }

  /** An object without references is kept; those kept too long go. */
  keep(pager: ExternalPager): void {
    this.#kept.add(pager.number);
    for (const oldest of this.#kept) {
      if (this.#kept.size <= CACHED_MAX) return;
      this.#end(oldest);
    }
  }
  /** An object may no longer be kept: it goes, if it only is. */
  drop(pager: ExternalPager): void {
    if (this.#kept.has(pager.number)) this.#end(pager.number);
  }
  #end(number: number): void {
    const kept = this.#byNumber.get(number);
    if (kept) vm_object_terminate(this.#k.vm, kept.object);
  }

  /**
   * The object is gone: the pager gets the receive rights of its control and name ports, and the
   * kernel's send right. If it is gone, too, or there is no memory to tell it, they die. Until it hears of
   * it, the `owed` answers that it still sends must not wait: nobody would receive them but itself.
   */
  terminate(pager: ExternalPager, owed = 0): void {
    const k = this.#k;
    this.#byNumber.delete(pager.number);
    this.#kept.delete(pager.number);
    const { port, control, name } = pager;
    for (const each of [control, name]) {
      ipc_kobject_set(k, each, 0, IKOT_NONE);
      giveUp(k, each);
    }
    portAt(k, control).ip_qlimit += owed;
    const isTold =
      !pager.isDead &&
      send(k, "memory_object_terminate", port, MACH_MSG_TYPE_PORT_SEND, {
        memory_control: control,
        memory_object_name: name,
      });
    if (isTold) return;
    for (const each of [control, name]) ipc_object_destroy(k, each, MACH_MSG_TYPE_PORT_RECEIVE);
    ipc_port_release_send(k, port);
  }

  /**
   * A copy that the pager makes (memory_object_copy): a new memory object, whose receive right it
   * gets, and which it is asked for data like any other.
   */
  copy(of: ExternalPager, offset: number, length: number): VmObject | undefined {
    const k = this.#k;
    const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    if (port === NULL) return undefined;
    const right = ipc_port_make_send(k, port);
    giveUp(k, port);
    const said = { offset, length, new_memory_object: port };
    const isSent = of.tell("memory_object_copy", said, "old_memory_control");
    if (!isSent) ipc_object_destroy(k, port, MACH_MSG_TYPE_PORT_RECEIVE);
    const object = isSent ? this.enter(right) : undefined;
    ipc_port_release_send(k, right);
    if (typeof object === "number") return undefined;
    if (object) object.size = length;
    return object;
  }

  /** A task's port has died: if it was a memory object's, nobody waits for it any longer. */
  portDestroyed(port: number): void {
    if (port === this.manager) {
      this.manager = NULL;
      ipc_port_release_send(this.#k, port);
    }
    for (const { pager, object } of [...this.#byNumber.values()]) {
      if (pager.port !== port) continue;
      this.fail(pager, object);
    }
  }

  /** What was asked of a pager will not come; an object that was only kept goes. */
  fail(pager: ExternalPager, object: VmObject): void {
    const { vm } = this.#k;
    pager.destroyed = true;
    for (const page of object.pages.values()) {
      page.pageLock = 0;
      if (page.absent && page.busy) {
        page.error = true;
        page.absent = false;
      }
      vm_page_wakeup(vm, page);
    }
    pager.ready = true; // those who wait for it ask, and are refused
    thread_wakeup(this.#k, pager);
    if (object.references === 0) vm_object_terminate(vm, object);
  }

  /** Answers a request of a pager with one of the `…_completed` messages; consumes the right. */
  complete(pager: ExternalPager, to: Right, routine: string, values: Values): void {
    const k = this.#k;
    if (!IP_VALID(to.port)) return;
    if (to.type === MACH_MSG_TYPE_PORT_RECEIVE) return ipc_object_destroy(k, to.port, to.type);
    const isNamed = routine !== "memory_object_change_completed";
    const control = isNamed ? ipc_port_make_send(k, pager.control) : NULL;
    if (send(k, routine, to.port, to.type, { memory_control: control, ...values })) return;
    ipc_object_destroy(k, to.port, to.type);
    if (isNamed) ipc_port_release_send(k, control);
  }
}

const isKernels = (k: Kernel, port: number): boolean =>
  portAt(k, port).ip_receiver === k.cpu.ipc_space_kernel;
