/**
 * External pagers: memory objects whose data a task provides, by message (memory_object.defs). Each
 * object has a control port, at which the pager answers, and a name port. Nothing here waits for a
 * pager: requests go past its queue limit, and whoever needs an answer waits in vm_fault for the page.
 * Data on their way to a pager are in the paging space, so a pager that never takes them keeps
 * nobody's memory. A pager whose port dies fails what is asked of it; what it had is lost.
 * After Mach's vm/vm_object.c, vm/memory_object.c. Unlike there, memory_object_terminate carries no
 * receive rights: control and name port die with the object.
 */
import { ipcKmsg } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_TYPE, MACH_MSGH_BITS as BITS } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Values } from "../../kmig/binding.ts";
import {
  ipc_object_destroy,
  ipc_port_dealloc_special,
  ipc_port_release_send,
} from "../ipc/destroy.ts";
import { ikm_alloc } from "../ipc/kmsg.ts";
import { ipc_kobject_set } from "../ipc/kobject.ts";
import {
  IKOT_NONE,
  IKOT_PAGING_NAME,
  IKOT_PAGING_REQUEST,
  IP_VALID,
  MACH_MSGH_BITS,
  NULL,
} from "../ipc/names.ts";
import { ip_active } from "../ipc/object.ts";
import { ipc_port_alloc_special, ipc_port_copy_send, ipc_port_make_send } from "../ipc/port.ts";
import { ipc_mqueue_send_always } from "../ipc/send.ts";
import type { Kernel } from "../kernel.ts";
import { thread_wakeup } from "../kern/procedure.ts";
import { headerAt, portAt } from "../kern/views.ts";
import { vm_map_copy_of_bytes } from "../vm/copy-contents.ts";
import { vm_map_copy_discard } from "../vm/vm-map-copy.ts";
import {
  type CopyStrategy,
  type Pager,
  type VmObject,
  vm_object_allocate,
  vm_object_terminate,
  vm_page_wakeup,
} from "../vm/vm-object.ts";
import { asKernelMessage, type Right } from "./routines.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;
const { MACH_MSG_TYPE_PORT_SEND } = MACH_MSG_TYPE;
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

  data_return(
    _object: VmObject,
    offset: number,
    bytes: Uint8Array,
    dirty: boolean,
    kept: boolean,
  ): boolean {
    if (this.isDead) return true;
    const { vm } = this.#k;
    const copied = vm_map_copy_of_bytes(vm, bytes);
    if ("kr" in copied) return false;
    const sent = this.tell("memory_object_data_return", {
      offset,
      data: { address: copied.copy, count: bytes.length },
      dirty: Number(dirty),
      kernel_copy: Number(kept),
    });
    if (!sent) vm_map_copy_discard(vm, copied.copy);
    return sent;
  }

  unreferenced(): boolean {
    return this.mayCache && !this.isDead;
  }

  terminate(): void {
    this.tell("memory_object_terminate", { memory_control: 0, memory_object_name: 0 });
    this.#k.pagers.forget(this);
  }

  /** Sends a message about the object; false when the pager is dead, or there is no memory for it. */
  tell(routine: string, values: Values): boolean {
    if (this.isDead) return false;
    const right = ipc_port_copy_send(this.#k, this.port);
    const control = values["memory_control"] ?? ipc_port_make_send(this.#k, this.control);
    const sent = send(this.#k, routine, right, MACH_MSG_TYPE_PORT_SEND, {
      memory_control: control,
      ...values,
    });
    if (sent) return true;
    ipc_port_release_send(this.#k, right);
    if (typeof control === "number" && control !== NULL) ipc_port_release_send(this.#k, control);
    return false;
  }
}

/** Sends one message of memory_object.defs to a naked right, which it consumes if it succeeds. */
function send(k: Kernel, routine: string, port: number, type: number, values: Values): boolean {
  const binding = k.interfaces.named("mach/memory_object.defs", routine);
  const kmsg = ikm_alloc(k, binding.description.request.maxSize);
  if (kmsg === NULL) return false;
  const at = kmsg + ipcKmsg.offset.ikm_header;
  const size = binding.encodeRequest(
    k.memory,
    at,
    { requestPort: port, replyPort: 0, requestRight: type },
    values,
  );
  const header = headerAt(k, kmsg);
  const isComplex = (header.msgh_bits & BITS.MACH_MSGH_BITS_COMPLEX) !== 0;
  header.msgh_bits =
    (MACH_MSGH_BITS(type, 0) | (isComplex ? BITS.MACH_MSGH_BITS_COMPLEX : 0)) >>> 0;
  header.msgh_size = size ?? header.msgh_size;
  header.msgh_seqno = 0;
  asKernelMessage(k, kmsg);
  ipc_mqueue_send_always(k, kmsg);
  return true;
}

/** All memory objects of tasks. */
export class Pagers {
  readonly #k: Kernel;
  readonly #byNumber = new Map<
    number,
    { readonly pager: ExternalPager; readonly object: VmObject }
  >();
  #next = 1;

  constructor(k: Kernel) {
    this.#k = k;
  }

  /** Control and name ports, of which the kernel has a reference each. */
  ports(): number[] {
    return [...this.#byNumber.values()].flatMap(({ pager }) => [pager.control, pager.name]);
  }
  /** Memory objects' ports, of which the kernel has a send right each. */
  sends(): number[] {
    return [...this.#byNumber.values()].map(({ pager }) => pager.port);
  }
  /** The pager and the object that a control port stands for. */
  find(number: number) {
    return this.#byNumber.get(number);
  }
  /** A send right for an object's name. */
  namePort(object: VmObject): number {
    return object.pager instanceof ExternalPager
      ? ipc_port_make_send(this.#k, object.pager.name)
      : NULL;
  }

  /**
   * Purpose: the object behind a memory object's port, which the caller keeps.
   * Returns: a reference; undefined for the null port (zeroes); KERN_INVALID_ARGUMENT (a dead port, a
   * kernel object's), KERN_RESOURCE_SHORTAGE.
   */
  enter(port: number): VmObject | undefined | number {
    const k = this.#k;
    if (port === NULL) return undefined;
    if (!IP_VALID(port) || !ip_active(k, port) || isKernels(k, port)) return KERN_INVALID_ARGUMENT;
    for (const { pager, object } of this.#byNumber.values()) {
      if (pager.port !== port) continue;
      object.references += 1; // from 0, if it was only kept
      return object;
    }
    const control = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    const name = control && ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    if (name === NULL) {
      if (control !== NULL) ipc_port_dealloc_special(k, control);
      return KERN_RESOURCE_SHORTAGE;
    }
    const number = this.#next++;
    ipc_kobject_set(k, control, number, IKOT_PAGING_REQUEST);
    ipc_kobject_set(k, name, number, IKOT_PAGING_NAME);
    const ports = { port: ipc_port_copy_send(k, port), control, name };
    const pager = new ExternalPager(k, number, ports);
    const object = vm_object_allocate(k.vm, OBJECT_SIZE);
    object.pager = pager;
    this.#byNumber.set(number, { pager, object });
    pager.tell("memory_object_init", {
      memory_object_name: ipc_port_make_send(k, name),
      memory_object_page_size: PAGE_SIZE,
    });
    return object;
  }

  /** The object is gone: its ports die, its right goes. */
  forget(pager: ExternalPager): void {
    const k = this.#k;
    this.#byNumber.delete(pager.number);
    for (const port of [pager.control, pager.name]) {
      ipc_kobject_set(k, port, 0, IKOT_NONE);
      ipc_port_dealloc_special(k, port);
    }
    ipc_port_release_send(k, pager.port);
  }

  /** A task's port has died: if it was a memory object's, nobody waits for it any longer. */
  portDestroyed(port: number): void {
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
    const control = ipc_port_make_send(k, pager.control);
    if (send(k, routine, to.port, to.type, { memory_control: control, ...values })) return;
    ipc_object_destroy(k, to.port, to.type);
    ipc_port_release_send(k, control);
  }
}

const isKernels = (k: Kernel, port: number): boolean =>
  portAt(k, port).ip_receiver === k.cpu.ipc_space_kernel;
