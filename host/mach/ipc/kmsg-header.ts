/**
 * The two rights of a message header, from names to ports (copyin) and back (copyout). Copyin is
 * atomic: when it fails, space and message are as they were, but for rights to dead ports that
 * became dead names. Copyout exchanges the fields: a received header has the reply right as remote
 * and the port that the message came to as local.
 * The body of a complex message follows its header (kmsg-body.ts).
 * After Mach's ipc/ipc_kmsg.c. One processor and no preemption in here: ports do not die half-way.
 */
import { IE } from "../../abi/kernel.ts";
import {
  KERN_RETURN,
  MACH_MSG_RETURN,
  MACH_MSG_TYPE,
  MACH_MSGH_BITS as MSGH_BITS,
  MACH_PORT,
} from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { entryAt, headerAt, spaceAt } from "../kern/views.ts";
import { ipc_port_dncancel, ipc_port_dnrename, ipc_port_dnrequest } from "./dead-name-request.ts";
import { ipc_kmsg_clean_body, ipc_object_destroy } from "./destroy.ts";
import { ipc_entry_lookup } from "./entry.ts";
import { ipc_kmsg_copyin_body, ipc_kmsg_copyout_body } from "./kmsg-body.ts";
import {
  IP_VALID,
  MACH_MSG_IPC_KERNEL,
  MACH_MSG_TYPE_PORT_ANY_SEND,
  MACH_MSGH_BITS,
  MACH_MSGH_BITS_CIRCULAR,
  MACH_MSGH_BITS_LOCAL,
  MACH_MSGH_BITS_OTHER,
  MACH_MSGH_BITS_REMOTE,
  MACH_PORT_VALID,
  NULL,
} from "./names.ts";
import {
  ipc_entry_dealloc_unused,
  ipc_object_copyin_type,
  ipc_object_copyout,
  ipc_object_copyout_dest,
} from "./object-copy.ts";
import { ip_active, ip_release } from "./object.ts";
import { ipc_port_copy_send, ipc_port_make_sonce, ipc_port_release_sonce } from "./port.ts";
import { ipc_right_copyin, ipc_right_copyin_check, ipc_right_copyin_two } from "./right-copy.ts";
import { ipc_right_reverse } from "./right.ts";

const { KERN_INVALID_CAPABILITY, KERN_INVALID_TASK, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;
const {
  MACH_MSG_SUCCESS,
  MACH_MSG_IPC_SPACE,
  MACH_RCV_BODY_ERROR,
  MACH_RCV_HEADER_ERROR,
  MACH_RCV_INVALID_NOTIFY,
  MACH_SEND_INVALID_DEST,
  MACH_SEND_INVALID_HEADER,
  MACH_SEND_INVALID_NOTIFY,
  MACH_SEND_INVALID_REPLY,
} = MACH_MSG_RETURN;
const {
  MACH_MSG_TYPE_COPY_SEND,
  MACH_MSG_TYPE_MAKE_SEND,
  MACH_MSG_TYPE_MAKE_SEND_ONCE,
  MACH_MSG_TYPE_MOVE_SEND,
  MACH_MSG_TYPE_MOVE_SEND_ONCE,
  MACH_MSG_TYPE_PORT_SEND_ONCE,
} = MACH_MSG_TYPE;
const { MACH_PORT_NULL, MACH_PORT_DEAD } = MACH_PORT;

/** The rights of a header, as naked rights. */
interface Rights {
  readonly dest: number;
  /** Null, IP_DEAD, or a port. */
  readonly reply: number;
}

/**
 * Purpose: copies in the rights of a message just gotten from the task of `space`.
 * Conditions: `notify` is MACH_PORT_NULL, or with MACH_SEND_CANCEL names a receive right: dead-name
 * requests to it, of names that go, are not answered.
 * Returns: MACH_MSG_SUCCESS: the destination is a port, alive when it was looked up. Else
 * MACH_SEND_INVALID_HEADER (bits), _INVALID_DEST (also: dead space), _INVALID_NOTIFY,
 * _INVALID_REPLY; the message is then still the task's. Or what `ipc_kmsg_copyin_body` says; then
 * the kmsg holds nothing any more.
 */
export function ipc_kmsg_copyin(
  k: KernelState,
  kmsg: number,
  space: number,
  notify: number,
): number {
  const header = headerAt(k, kmsg);
  const bits = header.msgh_bits & ~MACH_MSGH_BITS_CIRCULAR;
  const destType = MACH_MSGH_BITS_REMOTE(bits);
  const replyType = MACH_MSGH_BITS_LOCAL(bits);
  const { msgh_remote_port: destName, msgh_local_port: replyName } = header;
  const legalReply =
    replyType === 0 ? replyName === MACH_PORT_NULL : MACH_MSG_TYPE_PORT_ANY_SEND(replyType);
  if (!MACH_MSG_TYPE_PORT_ANY_SEND(destType) || !legalReply) return MACH_SEND_INVALID_HEADER;
  if (spaceAt(k, space).is_active === 0) return MACH_SEND_INVALID_DEST;
  const quiet = notify === MACH_PORT_NULL ? NULL : receiveRight(k, space, notify);
  if (notify !== MACH_PORT_NULL && quiet === NULL) return MACH_SEND_INVALID_NOTIFY;

  const rights =
    destName === replyName
      ? copyinSame(k, space, destName, destType, replyType, quiet)
      : copyinBoth(k, space, destName, destType, replyName, replyType, quiet);
  if (typeof rights === "number") return rights;
  header.msgh_bits =
    (MACH_MSGH_BITS_OTHER(bits) |
      MACH_MSGH_BITS(ipc_object_copyin_type(destType), ipc_object_copyin_type(replyType))) >>>
    0;
  header.msgh_remote_port = rights.dest;
  header.msgh_local_port = rights.reply;
  if ((bits & MSGH_BITS.MACH_MSGH_BITS_COMPLEX) === 0) return MACH_MSG_SUCCESS;
  const mr = ipc_kmsg_copyin_body(k, kmsg, space);
  if (mr === MACH_MSG_SUCCESS) return mr;
  ipc_object_destroy(k, rights.dest, MACH_MSGH_BITS_REMOTE(header.msgh_bits));
  if (IP_VALID(rights.reply))
    ipc_object_destroy(k, rights.reply, MACH_MSGH_BITS_LOCAL(header.msgh_bits));
  return mr;
}

/** The port whose receive right a name denotes, or 0. */
function receiveRight(k: KernelState, space: number, name: number): number {
  const entry = ipc_entry_lookup(k, space, name);
  if (entry === NULL) return NULL;
  const { ie_bits, ie_object } = entryAt(k, entry);
  return (ie_bits & IE.IE_BITS_RECEIVE) !== 0 ? ie_object : NULL;
}

/** Destination and reply under different names; the reply name may be null or dead. */
function copyinBoth(
  k: KernelState,
  space: number,
  destName: number,
  destType: number,
  replyName: number,
  replyType: number,
  quiet: number,
): Rights | number {
  const dest = { name: destName, entry: ipc_entry_lookup(k, space, destName) };
  if (dest.entry === NULL) return MACH_SEND_INVALID_DEST;
  if (!MACH_PORT_VALID(replyName)) {
    const copied = ipc_right_copyin(k, space, dest, destType, false, quiet);
    if (typeof copied === "number") return MACH_SEND_INVALID_DEST;
    ipc_entry_dealloc_unused(k, space, dest);
    return { dest: copied.object, reply: replyName };
  }
  const reply = { name: replyName, entry: ipc_entry_lookup(k, space, replyName) };
  if (reply.entry === NULL) return MACH_SEND_INVALID_REPLY;
  if (!ipc_right_copyin_check(k, reply.entry, replyType)) return MACH_SEND_INVALID_REPLY;
  const destCopied = ipc_right_copyin(k, space, dest, destType, false, quiet);
  if (typeof destCopied === "number") return MACH_SEND_INVALID_DEST;
  const replyCopied = ipc_right_copyin(k, space, reply, replyType, true, quiet);
  if (typeof replyCopied === "number") panic("ipc_kmsg_copyin: checked reply right is gone");
  ipc_entry_dealloc_unused(k, space, reply);
  ipc_entry_dealloc_unused(k, space, dest);
  return { dest: destCopied.object, reply: replyCopied.object };
}

/**
 * Destination and reply under one name, of 25 pairings: a moved send-once right can serve only one
 * of the two; with a right to make, the receive right is there and both succeed; of copied and
 * moved send rights one is taken out and doubled, so that the pair takes one user reference if it
 * moves any and two if it moves both.
 */
function copyinSame(
  k: KernelState,
  space: number,
  name: number,
  destType: number,
  replyType: number,
  quiet: number,
): Rights | number {
  const named = { name, entry: ipc_entry_lookup(k, space, name) };
  if (named.entry === NULL) return MACH_SEND_INVALID_DEST;
  if (!ipc_right_copyin_check(k, named.entry, replyType)) return MACH_SEND_INVALID_REPLY;
  const types = [destType, replyType];
  if (types.includes(MACH_MSG_TYPE_MOVE_SEND_ONCE)) return MACH_SEND_INVALID_DEST;
  if (types.includes(MACH_MSG_TYPE_MAKE_SEND) || types.includes(MACH_MSG_TYPE_MAKE_SEND_ONCE)) {
    const dest = ipc_right_copyin(k, space, named, destType, false);
    if (typeof dest === "number") return MACH_SEND_INVALID_DEST;
    const reply = ipc_right_copyin(k, space, named, replyType, true);
    if (typeof reply === "number") panic("ipc_kmsg_copyin: checked reply right is gone");
    return { dest: dest.object, reply: reply.object };
  }
  const moves = types.filter((type) => type === MACH_MSG_TYPE_MOVE_SEND).length;
  const copied =
    moves === 2
      ? ipc_right_copyin_two(k, space, named, quiet)
      : ipc_right_copyin(
          k,
          space,
          named,
          moves === 1 ? MACH_MSG_TYPE_MOVE_SEND : MACH_MSG_TYPE_COPY_SEND,
          false,
          quiet,
        );
  if (typeof copied === "number") return MACH_SEND_INVALID_DEST;
  ipc_entry_dealloc_unused(k, space, named);
  const dest = copied.object;
  return { dest, reply: moves === 2 ? dest : ipc_port_copy_send(k, dest) };
}

/**
 * Purpose: copies out the rights of a received message to the receiving task's space.
 * Conditions: `notify` is MACH_PORT_NULL, or with MACH_RCV_NOTIFY names a receive right, which is
 * told when a new reply name dies.
 * Returns: MACH_MSG_SUCCESS, MACH_RCV_INVALID_NOTIFY, or MACH_RCV_HEADER_ERROR with
 * MACH_MSG_IPC_SPACE (dead space, or no room) or MACH_MSG_IPC_KERNEL (no memory); the message is
 * then untouched. MACH_RCV_BODY_ERROR: the message is out, without some of its rights.
 */
export function ipc_kmsg_copyout(
  k: KernelState,
  kmsg: number,
  space: number,
  notify: number,
): number {
  const header = headerAt(k, kmsg);
  const { msgh_bits: bits, msgh_remote_port: dest, msgh_local_port: reply } = header;
  const destType = MACH_MSGH_BITS_REMOTE(bits);
  const replyType = MACH_MSGH_BITS_LOCAL(bits);
  if (spaceAt(k, space).is_active === 0) return MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_SPACE;
  const listener = notify === MACH_PORT_NULL ? NULL : receiveRight(k, space, notify);
  if (notify !== MACH_PORT_NULL && listener === NULL) return MACH_RCV_INVALID_NOTIFY;
  let replyName = reply;
  if (IP_VALID(reply)) {
    if (!ip_active(k, reply)) {
      ip_release(k, reply);
      replyName = MACH_PORT_DEAD;
    } else {
      const isNew =
        replyType === MACH_MSG_TYPE_PORT_SEND_ONCE || !ipc_right_reverse(k, space, reply);
      let request = 0;
      if (listener !== NULL && isNew) {
        const soright = ipc_port_make_sonce(k, listener);
        request = ipc_port_dnrequest(k, reply, MACH_PORT_NULL, soright);
        if (request === 0) {
          ipc_port_release_sonce(k, soright);
          return MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_KERNEL;
        }
      }
      const out = ipc_object_copyout(k, space, reply, replyType, true);
      if ("kr" in out) {
        if (request !== 0) ipc_port_release_sonce(k, ipc_port_dncancel(k, reply, request));
        return MACH_RCV_HEADER_ERROR | specialBits(out.kr);
      }
      if (request !== 0) {
        ipc_port_dnrename(k, reply, request, out.name);
        entryAt(k, ipc_entry_lookup(k, space, out.name)).ie_next = request;
      }
      replyName = out.name;
    }
  }
  header.msgh_local_port = copyoutDest(k, space, dest, destType);
  header.msgh_remote_port = replyName;
  header.msgh_bits = (MACH_MSGH_BITS_OTHER(bits) | MACH_MSGH_BITS(replyType, destType)) >>> 0;
  return ipc_kmsg_copyout_body(k, kmsg, space);
}

const specialBits = (kr: number): number =>
  kr === KERN_RESOURCE_SHORTAGE ? MACH_MSG_IPC_KERNEL : MACH_MSG_IPC_SPACE;

function copyoutDest(k: KernelState, space: number, dest: number, type: number): number {
  if (ip_active(k, dest)) return ipc_object_copyout_dest(k, space, dest, type);
  ip_release(k, dest);
  return MACH_PORT_DEAD;
}

/**
 * Purpose: copies out the destination only and destroys the reply right and what is in the body, so
 * that a header can be given to a receiver that does not get the message.
 */
export function ipc_kmsg_copyout_dest(k: KernelState, kmsg: number, space: number): void {
  const header = headerAt(k, kmsg);
  const { msgh_bits: bits, msgh_remote_port: dest, msgh_local_port: reply } = header;
  const destType = MACH_MSGH_BITS_REMOTE(bits);
  const replyType = MACH_MSGH_BITS_LOCAL(bits);
  const destName = copyoutDest(k, space, dest, destType);
  if (IP_VALID(reply)) ipc_object_destroy(k, reply, replyType);
  ipc_kmsg_clean_body(k, kmsg);
  header.msgh_bits = (MACH_MSGH_BITS_OTHER(bits) | MACH_MSGH_BITS(replyType, destType)) >>> 0;
  header.msgh_local_port = destName;
  header.msgh_remote_port = IP_VALID(reply) ? MACH_PORT_NULL : reply;
}

/**
 * Purpose: gives a message that could not be sent back to its sender: both rights go into the space
 * as if received in a body, the fields keep their places.
 * Returns: special bits, MACH_MSG_IPC_SPACE or MACH_MSG_IPC_KERNEL, for a right that found no room
 * and was destroyed; 0 when all went well.
 */
export function ipc_kmsg_copyout_pseudo(k: KernelState, kmsg: number, space: number): number {
  const header = headerAt(k, kmsg);
  const bits = header.msgh_bits;
  const body = ipc_kmsg_copyout_body(k, kmsg, space);
  const dest = copyoutObject(k, space, header.msgh_remote_port, MACH_MSGH_BITS_REMOTE(bits));
  const reply = copyoutObject(k, space, header.msgh_local_port, MACH_MSGH_BITS_LOCAL(bits));
  header.msgh_bits = (bits & ~MACH_MSGH_BITS_CIRCULAR) >>> 0;
  header.msgh_remote_port = dest.name;
  header.msgh_local_port = reply.name;
  return dest.special | reply.special | (body & ~MACH_RCV_BODY_ERROR);
}

/** Puts a right, or null or dead, into a space; one that cannot go in is destroyed. */
function copyoutObject(
  k: KernelState,
  space: number,
  object: number,
  type: number,
): { readonly name: number; readonly special: number } {
  if (!IP_VALID(object)) return { name: object, special: 0 };
  const out = ipc_object_copyout(k, space, object, type, true);
  if ("name" in out) return { name: out.name, special: 0 };
  ipc_object_destroy(k, object, type);
  if (out.kr === KERN_INVALID_CAPABILITY) return { name: MACH_PORT_DEAD, special: 0 };
  if (out.kr === KERN_INVALID_TASK) return { name: MACH_PORT_NULL, special: MACH_MSG_IPC_SPACE };
  return { name: MACH_PORT_NULL, special: specialBits(out.kr) };
}
