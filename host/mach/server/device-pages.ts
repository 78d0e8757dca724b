/**
 * Pages of devices that tasks map (`device_map`), to read: one for each device, of the kernel's own
 * memory and wired, while anybody has a right for it or maps it. Devices write theirs at every tick of
 * the clock, or rather at those at which a thread runs and can see it. After Mach's device/dev_pager.c.
 */
import { VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { D, type Device } from "../device/device.ts";
import { NULL } from "../ipc/names.ts";
import type { Kernel } from "../kernel.ts";
import type { VmObject } from "../vm/vm-object.ts";
import type { PagedObjects } from "./paged-objects.ts";
import type { Result } from "./routines.ts";

const { PAGE_SIZE } = MEMORY_MAP;

interface Shown {
  readonly object: VmObject;
  readonly frame: number;
}

export class DevicePages {
  readonly #k: Kernel;
  readonly #objects: PagedObjects;
  readonly #byDevice = new Map<Device, Shown>();
  /** The cycle of the next tick at which a page is written; infinite while there are none. */
  due = Number.POSITIVE_INFINITY;

  constructor(k: Kernel, objects: PagedObjects) {
    this.#k = k;
    this.#objects = objects;
  }

  /** `device_map`: a right for a device's page as a memory object. */
  map(device: Device, prot: number, offset: number, size: number): Result {
    if (!device.page || (prot & ~VM_PROT.VM_PROT_READ) !== 0) return D.D_INVALID_OPERATION;
    if (offset !== 0 || size > PAGE_SIZE) return D.D_INVALID_SIZE;
    const pager = this.#right(device);
    if (pager === NULL) return D.D_NO_MEMORY;
    this.show();
    return { pager };
  }

  #right(device: Device): number {
    const shown = this.#byDevice.get(device);
    if (shown?.object.alive === true) return this.#objects.right(shown.object);
    const { pages } = this.#k.vm;
    const page = pages.grab();
    if (!page) return NULL;
    const right = this.#objects.create(PAGE_SIZE, { readOnly: true });
    const object = this.#objects.find(right);
    if (!object) {
      pages.free(page);
      return NULL;
    }
    pages.zeroFill(page);
    pages.insert(page, object, 0);
    pages.wire(page);
    this.#byDevice.set(device, { object, frame: page.frame });
    return right;
  }

  /** Writes what devices show now, into the pages that are still somebody's. */
  show(): void {
    const { memory, clock } = this.#k;
    for (const [device, { object, frame }] of this.#byDevice) {
      if (object.alive) device.page?.().forEach((word, i) => memory.write32(frame + 4 * i, word));
      else this.#byDevice.delete(device);
    }
    this.due = this.#byDevice.size === 0 ? Number.POSITIVE_INFINITY : clock.nextTick;
  }
}
