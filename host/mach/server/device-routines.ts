/**
 * The `device` interface. A call that has to wait for its device answers later: the sender goes on at
 * once and finds the reply at its reply port, whether it waits there (device) or not
 * (device_request, device_reply): on the wire the two are the same. Data go in line; memory out of
 * line comes with the VM. After Mach's device/ds_routines.c.
 */
import type { Kernel } from "../kernel.ts";
import { ipc_kobject_set } from "../ipc/kobject.ts";
import { IKOT_DEVICE, IKOT_MASTER_DEVICE, IKOT_NONE } from "../ipc/names.ts";
import { ipc_port_alloc_special, ipc_port_make_send } from "../ipc/port.ts";
import { ipc_port_dealloc_special } from "../ipc/destroy.ts";
import { D, type Device } from "../device/device.ts";
import type { Procedure } from "../kern/procedure.ts";
import { deferred, type In, type Result, type RoutineTable } from "./routines.ts";

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
  const device = k.devices.find(name);
  if (!device) return D.D_NO_SUCH_DEVICE;
  const code = device.open?.(values.word("mode")) ?? D.D_SUCCESS;
  if (code !== D.D_SUCCESS) return code;
  const port = k.openDevices.open(k, device);
  return port === 0 ? D.D_NO_MEMORY : { device: ipc_port_make_send(k, port) };
}

function* readInband(device: Device, values: In): Procedure<Result> {
  const wanted = values.word("bytes_wanted");
  if (wanted > INBAND_MAX) return D.D_INVALID_SIZE;
  const data = yield* device.read(values.word("mode"), values.word("recnum"), wanted);
  return typeof data === "number" ? data : { data };
}

function* writeInband(device: Device, values: In): Procedure<Result> {
  const data = values.bytes("data");
  const written = yield* device.write(values.word("mode"), values.word("recnum"), data);
  return typeof written === "number" ? { bytes_written: written } : written.code;
}

/** A routine on an open device. */
const on =
  (work: (device: Device, values: In) => ReturnType<RoutineTable["routines"][string]>) =>
  (k: Kernel, number: number, values: In) => {
    const open = k.openDevices.find(number);
    return open ? work(open.device, values) : D.D_NO_SUCH_DEVICE;
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
    device_map: () => D.D_INVALID_OPERATION, // no device of this machine can be mapped
    device_set_filter: () => D.D_INVALID_OPERATION, // no network device
  },
};

export const DEVICE_ROUTINES: readonly RoutineTable[] = [MASTER, DEVICE];
