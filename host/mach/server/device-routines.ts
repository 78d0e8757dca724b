/**
 * The `device` interface. A call that has to wait for its device answers later: the sender goes on at
 * once and finds the reply at its reply port, whether it waits there (device) or not
 * (device_request, device_reply): on the wire the two are the same, as the reply to a request that
 * fails has all of its items. After Mach's device/ds_routines.c.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Kernel } from "../kernel.ts";
import { ipc_kobject_set } from "../ipc/kobject.ts";
import { IKOT_DEVICE, IKOT_MASTER_DEVICE, IKOT_NONE } from "../ipc/names.ts";
import { ipc_port_alloc_special, ipc_port_make_send } from "../ipc/port.ts";
import { ipc_port_dealloc_special } from "../ipc/destroy.ts";
import { D, type Device } from "../device/device.ts";
import type { Procedure } from "../kern/procedure.ts";
import { copyContents, vm_map_copy_of_bytes } from "../vm/copy-contents.ts";
import { vm_map_copy_discard } from "../vm/vm-map-copy.ts";
import {
  type Deferred,
  deferred,
  Failed,
  type In,
  type Result,
  type RoutineTable,
} from "./routines.ts";

/** The most bytes that go in line. */
const INBAND_MAX = 128;

/** A device that is open: how often, and the port that stands for it. */
interface OpenDevice {
  readonly device: Device;
  readonly port: number;
  opens: number;
}

/** Devices that are open; the kernel object behind a device's port is its key here. */
export class OpenDevices {
  readonly #byNumber = new Map<number, OpenDevice>();
  #next = 1;

  find(number: number): OpenDevice | undefined {
    return this.#byNumber.get(number);
  }
  /** Ports of open devices; the kernel has a reference of each. */
  ports(): number[] {
    return [...this.#byNumber.values()].map(({ port }) => port);
  }

  open(k: Kernel, device: Device): number {
    for (const open of this.#byNumber.values())
      if (open.device === device) {
        open.opens += 1;
        return open.port;
      }
    const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
    if (port === 0) return 0;
    const number = this.#next++;
    ipc_kobject_set(k, port, number, IKOT_DEVICE);
    this.#byNumber.set(number, { device, port, opens: 1 });
    return port;
  }
  close(k: Kernel, number: number): void {
    const open = this.#byNumber.get(number);
    if (!open) return;
    open.opens -= 1;
    if (open.opens > 0) return;
    this.#byNumber.delete(number);
    ipc_kobject_set(k, open.port, 0, IKOT_NONE);
    ipc_port_dealloc_special(k, open.port);
    open.device.close?.();
  }
}

function deviceOpen(k: Kernel, _master: number, values: In): Result {
  const name = values.text("name").replace(/\0[^]*$/, "");
  const fail = (code: number): Result => new Failed(code, { device: 0 });
  const device = k.devices.find(name);
  if (!device) return fail(D.D_NO_SUCH_DEVICE);
  const code = device.open?.(values.word("mode")) ?? D.D_SUCCESS;
  if (code !== D.D_SUCCESS) return fail(code);
  const port = k.openDevices.open(k, device);
  return port === 0 ? fail(D.D_NO_MEMORY) : { device: ipc_port_make_send(k, port) };
}

function* readInband(device: Device, values: In): Procedure<Result> {
  const fail = (code: number): Result => new Failed(code, { data: [] });
  const wanted = values.word("bytes_wanted");
  if (wanted > INBAND_MAX) return fail(D.D_INVALID_SIZE);
  const data = yield* device.read(values.word("mode"), values.word("recnum"), wanted);
  return typeof data === "number" ? fail(data) : { data };
}

/** The most bytes of one transfer: a quarter of memory, as they have to be there all at once. */
export const largestTransfer = (k: Kernel): number =>
  (k.vm.pages.count * MEMORY_MAP.PAGE_SIZE) >>> 2;

/** Data out of line, in pages of the receiver's own. */
function* read(k: Kernel, device: Device, values: In): Procedure<Result> {
  const fail = (code: number): Result => new Failed(code, { data: { address: 0, count: 0 } });
  const wanted = values.word("bytes_wanted");
  if (wanted > largestTransfer(k)) return fail(D.D_NO_MEMORY);
  const data = yield* device.read(values.word("mode"), values.word("recnum"), wanted);
  if (typeof data === "number") return fail(data);
  const copied = vm_map_copy_of_bytes(k.vm, data);
  if ("kr" in copied) return fail(D.D_NO_MEMORY);
  return { data: { address: copied.copy, count: data.length } };
}

function written(result: number | { readonly code: number }): Result {
  if (typeof result === "number") return { bytes_written: result };
  return new Failed(result.code, { bytes_written: 0 });
}

function* writeInband(device: Device, values: In): Procedure<Result> {
  const data = values.bytes("data");
  return written(yield* device.write(values.word("mode"), values.word("recnum"), data));
}

/** Takes memory out of line, which may have to come from its pager first. */
function write(k: Kernel, device: Device, values: In): Deferred | number {
  const copy = values.copy("data");
  if (copy === undefined) return D.D_INVALID_OPERATION;
  values.keep(k, "data");
  return deferred(writeCopy(k, device, values.word("mode"), values.word("recnum"), copy));
}

function* writeCopy(
  k: Kernel,
  device: Device,
  mode: number,
  recnum: number,
  copy: number,
): Procedure<Result> {
  try {
    const length = k.vm.copies.get(copy)?.length ?? 0;
    if (length > largestTransfer(k)) return written({ code: D.D_NO_MEMORY });
    const data = yield* copyContents(k.vm, copy, 0, length);
    if (typeof data === "number") return written({ code: D.D_IO_ERROR });
    return written(yield* device.write(mode, recnum, data));
  } finally {
    vm_map_copy_discard(k.vm, copy);
  }
}

/** A routine on an open device. */
const on =
  (work: (device: Device, values: In, k: Kernel) => ReturnType<RoutineTable["routines"][string]>) =>
  (k: Kernel, number: number, values: In) => {
    const open = k.openDevices.find(number);
    return open ? work(open.device, values, k) : D.D_NO_SUCH_DEVICE;
  };

const MASTER: RoutineTable = {
  kind: IKOT_MASTER_DEVICE,
  wrongKind: D.D_INVALID_OPERATION,
  routines: { device_open: deviceOpen },
};

const DEVICE: RoutineTable = {
  kind: IKOT_DEVICE,
  wrongKind: D.D_NO_SUCH_DEVICE,
  routines: {
    device_close: (k, number) => {
      k.openDevices.close(k, number);
      return D.D_SUCCESS;
    },
    device_read: on((device, values, k) => deferred(read(k, device, values))),
    device_write: on((device, values, k) => write(k, device, values)),
    device_read_inband: on((device, values) => deferred(readInband(device, values))),
    device_write_inband: on((device, values) => deferred(writeInband(device, values))),
    device_get_status: on((device, values) => {
      const status = device.getStatus(values.word("flavor"));
      if (typeof status === "number") return status;
      return status.length > values.word("statusCnt") ? D.D_INVALID_SIZE : { status };
    }),
    device_set_status: on((device, values) =>
      device.setStatus(values.word("flavor"), values.words("status")),
    ),
    device_map: on((device, values, k) => {
      const [offset, size] = [values.word("offset"), values.word("size")];
      return k.pagers.devicePages.map(device, values.word("prot"), offset, size);
    }),
    device_set_filter: () => D.D_INVALID_OPERATION, // no network device
  },
};

export const DEVICE_ROUTINES: readonly RoutineTable[] = [MASTER, DEVICE];
