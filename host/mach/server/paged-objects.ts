/**
 * Memory objects of the kernel's own: those that its default pager makes when it is asked to
 * (`default_pager_object_create`), and pages of devices: temporary memory behind a port. Who has a send right can map it; its
 * pages leave for the paging space like any others. An object lives while somebody has a send right for
 * it, or maps it. After Mach's default pager, which is a task and tells the kernel by message.
 */
import { panic } from "../../diagnostic.ts";
import { ipc_port_dealloc_special } from "../ipc/destroy.ts";
import { ipc_kobject_set } from "../ipc/kobject.ts";
import { IKOT_NONE, IKOT_PAGER, IKOT_PAGING_NAME, NULL } from "../ipc/names.ts";
import { ipc_port_alloc_special, ipc_port_make_send } from "../ipc/port.ts";
import type { Kernel } from "../kernel.ts";
import { roundPage } from "../vm/vm-map.ts";
import {
  type CopyStrategy,
  type Pager,
  type VmObject,
  vm_object_allocate,
  vm_object_deallocate,
  vm_object_reference,
} from "../vm/vm-object.ts";

export interface CreateOptions {
  /** Nobody may map it to write. What is in it changes unseen, and so it is copied at once. */
  readonly readOnly?: boolean;
}

/** What an object of the kernel's own has for a pager: nothing but a name. */
export class CreatedPager implements Pager {
  readonly ready = true;
  readonly strategy: CopyStrategy;
  readonly takesPages = false;
  readonly name: number;
  readonly readOnly: boolean;
  readonly #ended: () => void;

  constructor(name: number, { readOnly = false }: CreateOptions, ended: () => void) {
    this.name = name;
    this.readOnly = readOnly;
    this.strategy = readOnly ? "none" : "delay";
    this.#ended = ended;
  }
  mayHave(): boolean {
    return false;
  }
  data_request(): void {
    panic("CreatedPager: asked for data");
  }
  data_unlock(): void {
    panic("CreatedPager: asked to unlock");
  }
  /** Only when the object is gone: nobody will look at it again. */
  data_return(): boolean {
    return true;
  }
  copy(): undefined {
    return undefined;
  }
  unreferenced(): boolean {
    return false;
  }
  terminate(): void {
    this.#ended();
  }
}

export class PagedObjects {
  readonly #k: Kernel;
  /** Objects by their ports, of which each has a reference. */
  readonly #byPort = new Map<number, VmObject>();
  /** Objects by their names, while they live. */
  readonly #byName = new Map<number, VmObject>();
  #next = 1;

  constructor(k: Kernel) {
    this.#k = k;
  }

  /** Ports of which the kernel has a reference each. */
  ports(): number[] {
    return [...this.#byPort.keys(), ...this.#byName.keys()];
  }
  /** The object behind a memory object's port. */
  find(port: number): VmObject | undefined {
    return this.#byPort.get(port);
  }
  /** The object that a name port names. */
  named(name: number): VmObject | undefined {
    return this.#byName.get(name);
  }

  /** Whether an object is one of these that may only be read. */
  isReadOnly(object: VmObject): boolean {
    return object.pager instanceof CreatedPager && object.pager.readOnly;
  }
  /** Whether it is one that somebody asked the default pager for. */
  isPaged(object: VmObject): boolean {
    return object.pager instanceof CreatedPager && !object.pager.readOnly;
  }

  /** A new object, of at least so many bytes: a naked send right for it, or 0: no memory. */
  create(size: number, options: CreateOptions = {}): number {
    const { vm } = this.#k;
    const port = this.#port(IKOT_PAGER);
    const name = port && this.#port(IKOT_PAGING_NAME);
    if (name === NULL) {
      if (port !== NULL) this.#kill(port);
      return NULL;
    }
    const object = vm_object_allocate(vm, roundPage(size));
    object.pager = new CreatedPager(name, options, () => {
      this.#byName.delete(name);
      this.#kill(name);
    });
    this.#byPort.set(port, object);
    this.#byName.set(name, object);
    return ipc_port_make_send(this.#k, port);
  }

  /** A naked send right more for an object that lives; 0: no memory. */
  right(object: VmObject): number {
    for (const [port, each] of this.#byPort)
      if (each === object) return ipc_port_make_send(this.#k, port);
    const port = this.#port(IKOT_PAGER);
    if (port === NULL) return NULL;
    this.#byPort.set(port, vm_object_reference(object));
    return ipc_port_make_send(this.#k, port);
  }

  #port(kind: number): number {
    const k = this.#k;
    const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    if (port !== NULL) ipc_kobject_set(k, port, this.#next++, kind);
    return port;
  }

  /** A port has no send rights any more: if it was an object's, only who maps that has it now. */
  noSenders(port: number): void {
    const object = this.#byPort.get(port);
    if (!object) return;
    this.#byPort.delete(port);
    this.#kill(port);
    vm_object_deallocate(this.#k.vm, object);
  }

  #kill(port: number): void {
    ipc_kobject_set(this.#k, port, 0, IKOT_NONE);
    ipc_port_dealloc_special(this.#k, port);
  }
}
