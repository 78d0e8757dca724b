/**
 * Memory objects that the kernel's default pager makes when it is asked to
 * (`default_pager_object_create`): temporary memory behind a port. Who has a send right can map it; its
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
} from "../vm/vm-object.ts";

/** What an object of the default pager's has for a pager: nothing but a name. */
export class CreatedPager implements Pager {
  readonly ready = true;
  readonly strategy: CopyStrategy = "delay";
  readonly takesPages = false;
  readonly name: number;
  readonly #ended: () => void;

  constructor(name: number, ended: () => void) {
    this.name = name;
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

  isOne(object: VmObject): boolean {
    return object.pager instanceof CreatedPager;
  }

  /** A new object, of at least so many bytes: a naked send right for it, or 0: no memory. */
  create(size: number): number {
    const k = this.#k;
    const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    const name = port && ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    if (name === NULL) {
      if (port !== NULL) ipc_port_dealloc_special(k, port);
      return NULL;
    }
    const number = this.#next++;
    ipc_kobject_set(k, port, number, IKOT_PAGER);
    ipc_kobject_set(k, name, number, IKOT_PAGING_NAME);
    const object = vm_object_allocate(k.vm, roundPage(size));
    object.pager = new CreatedPager(name, () => {
      this.#byName.delete(name);
      this.#kill(name);
    });
    this.#byPort.set(port, object);
    this.#byName.set(name, object);
    return ipc_port_make_send(k, port);
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
