/** Writes to open devices on behalf of traps (device/device-traps.ts). */
import { KERN_RETURN, MIG_RETURN } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import { D } from "../device/device.ts";
import type { DeviceWrites, Piece } from "../device/device-traps.ts";
import { kernel_thread } from "../kern/kernel-thread.ts";
import type { Procedure } from "../kern/procedure.ts";
import { threadAt } from "../kern/views.ts";
import type { Kernel } from "../kernel.ts";
import { largestTransfer } from "./device-routines.ts";

/** A thread's memory, brought in if its pager has it; undefined when it may not be read. */
function* read(
  k: Kernel,
  thread: number,
  { address, bytes }: Piece,
): Procedure<Uint8Array | undefined> {
  const { task } = threadAt(k, thread);
  const kr = yield* k.faultIn(task, address, bytes, "read");
  return kr === KERN_RETURN.KERN_SUCCESS ? k.copyin(task, address, bytes) : undefined;
}

export function deviceWrites(k: Kernel): DeviceWrites {
  return {
    *pieces(thread, address, count) {
      const bytes = yield* read(k, thread, { address, bytes: 8 * count });
      if (!bytes) return undefined;
      const view = new DataView(bytes.buffer);
      return Array.from({ length: count }, (_, i) => ({
        address: view.getUint32(8 * i),
        bytes: view.getUint32(8 * i + 4),
      }));
    },
    *write(thread, device, { mode, recnum }, pieces) {
      const length = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
      if (length > largestTransfer(k)) return D.D_NO_MEMORY;
      const data = new Uint8Array(length);
      let at = 0;
      for (const piece of pieces) {
        const bytes = yield* read(k, thread, piece);
        if (!bytes) return KERN_RETURN.KERN_INVALID_ADDRESS;
        data.set(bytes, at);
        at += bytes.length;
      }
      // It may have been closed while memory was brought in.
      const open = k.openDevices.find(device);
      if (!open) return D.D_NO_SUCH_DEVICE;
      const writing = open.device.write(mode, recnum, data);
      const first = writing.next("awakened");
      if (first.done) return typeof first.value === "number" ? D.D_SUCCESS : first.value.code;
      if (kernel_thread(k, k.kernelTask, writing, first.value) === 0)
        panic("device write by trap: no memory for a thread");
      return MIG_RETURN.MIG_NO_REPLY;
    },
  };
}
