/**
 * Kernel routines on address maps: what `mach` and `mach_host` have of them. After the interfaces of Mach's vm/vm_user.c.
 */
import { KERN_RETURN, VM_PROT } from "../../abi/mach.ts";
import type { Kernel } from "../kernel.ts";
import { ipc_kobject_get } from "../ipc/kobject.ts";
import { IKOT_HOST, IKOT_HOST_PRIV, IKOT_TASK, IP_VALID } from "../ipc/names.ts";
import type { Procedure } from "../kern/procedure.ts";
import { task_create } from "../kern/task.ts";
import { taskAt } from "../kern/views.ts";
import { vm_map_fork } from "../vm/vm-map-fork.ts";
import { type Caches, pmap_flush } from "../vm/pmap.ts";
import { roundPage, truncPage, vm_map_create, vm_map_deallocate } from "../vm/vm-map.ts";
import { vm_object_deallocate } from "../vm/vm-object.ts";
import type { AddressSpaces, MapArguments } from "../vm/vm-traps.ts";
import {
  type Placed,
  vm_allocate,
  vm_copy,
  vm_deallocate,
  vm_inherit,
  vm_map,
  vm_protect,
  vm_read,
  vm_region,
  vm_statistics,
  vm_wire,
  vm_write,
} from "../vm/vm-user.ts";
import type { In, Result, RoutineTable } from "./routines.ts";

const { KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

/** `vm_machine_attribute`: the only attribute of this machine is its caches, and they can be flushed. */
const MATTR_CACHE = 1;
/** MATTR_VAL_CACHE_FLUSH, MATTR_VAL_DCACHE_FLUSH, MATTR_VAL_ICACHE_FLUSH. */
const FLUSHES: ReadonlyMap<number, Caches> = new Map([
  [6, "both"],
  [7, "data"],
  [8, "text"],
]);

const placed = (result: Placed): Result =>
  "kr" in result ? result.kr : { address: result.address };

/**
 * Purpose: a task whose memory is what the parent's passes on, or, without `inherit`, empty.
 * Returns: the task, or 0: no memory.
 */
export function* createChild(k: Kernel, parent: number, inherit: boolean): Procedure<number> {
  const map = inherit
    ? yield* vm_map_fork(k.vm, k.vmMapOf(parent))
    : (vm_map_create(k.vm) ?? KERN_RESOURCE_SHORTAGE);
  if (typeof map === "number") return 0;
  const child = taskAt(k, parent).active === 0 ? 0 : task_create(k, map.address, parent);
  if (child === 0) vm_map_deallocate(k.vm, map);
  return child;
}

/** A map's call on `[address, address + size)`. */
const onRange =
  (
    call: (k: Kernel, task: number, address: number, size: number, values: In) => number,
  ): RoutineTable["routines"][string] =>
  (k, task, values) =>
    call(k, task, values.word("address"), values.word("size"), values);

function* read(k: Kernel, task: number, values: In): Procedure<Result> {
  const size = values.word("size");
  const copied = yield* vm_read(k.vm, k.vmMapOf(task), values.word("address"), size);
  if ("kr" in copied) return copied.kr;
  return { data: { address: copied.copy, count: size } };
}

function* write(k: Kernel, task: number, values: In): Procedure<Result> {
  const copy = values.copy("data");
  if (copy === undefined) return KERN_INVALID_ARGUMENT;
  return yield* vm_write(k.vm, k.vmMapOf(task), values.word("address"), copy);
}

function region(k: Kernel, task: number, values: In): Result {
  const found = vm_region(k.vmMapOf(task), values.word("address"));
  if (typeof found === "number") return found;
  const { object, is_shared, ...rest } = found;
  const name = object?.pager ? k.pagers.namePort(object) : 0;
  return { ...rest, is_shared: Number(is_shared), object_name: name };
}

function* mapObject(
  k: Kernel,
  task: number,
  address: number,
  wanted: MapArguments,
): Procedure<Placed> {
  const object = k.pagers.enter(wanted.memory_object);
  if (typeof object === "number") return { kr: object };
  const { size, mask, anywhere, offset, copy, inheritance } = wanted;
  const writes = ((wanted.cur_protection | wanted.max_protection) & VM_PROT.VM_PROT_WRITE) !== 0;
  if (object && writes && !copy && k.pagers.created.isReadOnly(object)) {
    vm_object_deallocate(k.vm, object);
    return { kr: KERN_RETURN.KERN_PROTECTION_FAILURE };
  }
  return yield* vm_map(k.vm, k.vmMapOf(task), {
    ...{ address, size, mask, anywhere, object, offset, copy, inheritance },
    protection: wanted.cur_protection,
    maxProtection: wanted.max_protection,
    owner: task,
  });
}

function* map(k: Kernel, task: number, values: In): Procedure<Result> {
  const wanted = {
    size: values.word("size"),
    mask: values.word("mask"),
    anywhere: values.flag("anywhere"),
    memory_object: values.word("memory_object"),
    offset: values.word("offset"),
    copy: values.flag("copy"),
    cur_protection: values.word("cur_protection"),
    max_protection: values.word("max_protection"),
    inheritance: values.word("inheritance"),
  };
  return placed(yield* mapObject(k, task, values.word("address"), wanted));
}

/** What the traps of the VM ask for. */
export const addressSpaces = (k: Kernel): AddressSpaces => ({
  vm_allocate: (task, address, size, anywhere) =>
    vm_allocate(k.vm, k.vmMapOf(task), address, size, anywhere, task),
  vm_deallocate: (task, address, size) => vm_deallocate(k.vm, k.vmMapOf(task), address, size),
  vm_map: (task, address, wanted) => mapObject(k, task, address, wanted),
  task_create: (parent, inherit) => createChild(k, parent, inherit),
});

/** Flushes what a range of a map's has in the caches: text that was written is then what runs. */
function machineAttribute(k: Kernel, task: number, values: In): Result {
  const map = k.vmMapOf(task);
  const [address, value] = [values.word("address"), values.word("value")];
  const end = address + values.word("size");
  const caches = values.word("attribute") === MATTR_CACHE ? FLUSHES.get(value) : undefined;
  if (address < map.min || end > map.max || !caches) return KERN_INVALID_ARGUMENT;
  pmap_flush(k.vm, map.pmap, [truncPage(address), roundPage(end)], caches);
  return { value };
}

function* wire(k: Kernel, _host: number, values: In): Procedure<Result> {
  const port = values.word("task");
  const task = IP_VALID(port) ? ipc_kobject_get(k, port, IKOT_TASK) : 0;
  if (task === 0) return KERN_RETURN.KERN_INVALID_TASK;
  const [address, size] = [values.word("address"), values.word("size")];
  return yield* vm_wire(k.vm, k.vmMapOf(task), address, size, values.word("access"));
}

export const VM_ROUTINES: readonly RoutineTable[] = [
  {
    kind: IKOT_TASK,
    routines: {
      vm_allocate: (k, task, values) => {
        const [address, size] = [values.word("address"), values.word("size")];
        const anywhere = values.flag("anywhere");
        return placed(vm_allocate(k.vm, k.vmMapOf(task), address, size, anywhere, task));
      },
      vm_deallocate: onRange((k, task, address, size) =>
        vm_deallocate(k.vm, k.vmMapOf(task), address, size),
      ),
      vm_protect: onRange((k, task, address, size, values) => {
        const protection = values.word("new_protection");
        const isMaximum = values.flag("set_maximum");
        return vm_protect(k.vm, k.vmMapOf(task), address, size, isMaximum, protection);
      }),
      vm_inherit: onRange((k, task, address, size, values) =>
        vm_inherit(k.vm, k.vmMapOf(task), address, size, values.word("new_inheritance")),
      ),
      vm_read: read,
      vm_write: write,
      vm_copy: (k, task, values) =>
        vm_copy(
          k.vm,
          k.vmMapOf(task),
          values.word("source_address"),
          values.word("size"),
          values.word("dest_address"),
        ),
      vm_region: region,
      vm_statistics: (k) => ({ vm_stats: vm_statistics(k.vm) }),
      vm_map: map,
      vm_machine_attribute: machineAttribute,
    },
  },
  { kind: [IKOT_HOST_PRIV, IKOT_HOST], routines: { vm_wire: wire } },
];
