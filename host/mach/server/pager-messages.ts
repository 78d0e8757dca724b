/** Messages of the kernel's to pagers, and the receive rights that travel in them. */
import { ipcKmsg } from "../../abi/kernel.ts";
import { MACH_MSGH_BITS as BITS } from "../../abi/mach.ts";
import type { Values } from "../../kmig/binding.ts";
import { ikm_alloc } from "../ipc/kmsg.ts";
import { MACH_MSGH_BITS, NULL } from "../ipc/names.ts";
import { ipc_port_clear_receiver } from "../ipc/port.ts";
import { ipc_mqueue_send_always } from "../ipc/send.ts";
import type { Kernel } from "../kernel.ts";
import { headerAt, portAt } from "../kern/views.ts";
import { asKernelMessage } from "./routines.ts";

/** Sends one message of a pager's interface to a naked right, which it consumes if it succeeds. */
export function send(
  k: Kernel,
  routine: string,
  port: number,
  type: number,
  values: Values,
  file = "mach/memory_object.defs",
): boolean {
  const binding = k.interfaces.named(file, routine);
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

/** The receive right of a port of the kernel's becomes a naked one, for a message. */
export function giveUp(k: Kernel, port: number): void {
  const view = portAt(k, port);
  ipc_port_clear_receiver(k, port);
  view.ip_receiver = NULL;
  view.ip_receiver_name = NULL;
}
