/**
 * A pager that a test plays: it takes the messages at its memory object's port, between two runs, and
 * speaks to the kernel at the control port.
 */
import { ipcKmsg } from "../../../host/abi/kernel.ts";
import { MACH_MSG_TYPE, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { ipc_kmsg_destroy, ipc_port_destroy } from "../../../host/mach/ipc/destroy.ts";
import { ikm_alloc } from "../../../host/mach/ipc/kmsg.ts";
import { ipc_kobject_server } from "../../../host/mach/ipc/kobject.ts";
import { ip_release } from "../../../host/mach/ipc/object.ts";
import { mqueueOf } from "../../../host/mach/ipc/mqueue.ts";
import {
  ipc_port_alloc_special,
  ipc_port_clear_receiver,
  ipc_port_make_send,
} from "../../../host/mach/ipc/port.ts";
import type { Kernel } from "../../../host/mach/kernel.ts";
import { dequeue, KMSG_LINKS } from "../../../host/mach/kern/queue.ts";
import { headerAt, portAt } from "../../../host/mach/kern/views.ts";
import type { Values } from "../../../host/kmig/binding.ts";
import { copyBytes, vm_map_copy_of_bytes } from "../../../host/mach/vm/copy-contents.ts";
import type { VmObject } from "../../../host/mach/vm/vm-object.ts";
import { vm_map } from "../../../host/mach/vm/vm-user.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const IDS = {
  memory_object_data_provided: 2038,
  memory_object_data_unavailable: 2039,
  memory_object_lock_request: 2044,
  memory_object_data_error: 2090,
  memory_object_destroy: 2092,
  memory_object_ready: 2094,
} as const;
export const [INIT, TERMINATE, REQUEST, UNLOCK, RETURN] = [2200, 2201, 2203, 2204, 2208] as const;
/** Of memory_object_default.defs. */
export const [CREATE, INITIALIZE] = [2250, 2251] as const;
const WITH_DATA: readonly number[] = [RETURN, INITIALIZE];

export interface Told {
  readonly id: number;
  /** The body, descriptors included. */
  readonly words: readonly number[];
  /** What came out of line. */
  readonly data: Uint8Array | undefined;
}

/** A port whose receive right is neither the kernel's nor a task's, but the test's. */
export function testPort(k: Kernel): number {
  const port = ipc_port_alloc_special(k, k.cpu.ipc_space_kernel);
  portAt(k, port).ip_receiver = 1;
  return port;
}
export function dropPort(k: Kernel, port: number): void {
  ipc_port_clear_receiver(k, port);
  ipc_port_destroy(k, port);
}

/**
 * The messages at a port of the test's, which are taken and destroyed; the receive right of a new memory
 * object is the test's then.
 */
export function takeMessages(k: Kernel, port: number): Told[] {
  const told: Told[] = [];
  for (;;) {
    const kmsg = dequeue(k.memory, mqueueOf(k, port), KMSG_LINKS);
    if (kmsg === 0) return told;
    portAt(k, port).ip_msgcount -= 1;
    const { msgh_id, msgh_size } = headerAt(k, kmsg);
    const at = kmsg + ipcKmsg.offset.ikm_header;
    const words = Array.from({ length: (msgh_size - 24) / 4 }, (_, i) =>
      k.memory.read32(at + 24 + 4 * i),
    );
    const copy = WITH_DATA.includes(msgh_id) ? k.vm.copies.get(words[7]!) : undefined;
    const read = copy && k.runNow(copyBytes(k.vm, copy, 0, PAGE_SIZE));
    told.push({ id: msgh_id, words, data: typeof read === "object" ? read : undefined });
    if (msgh_id === CREATE) {
      k.memory.write32(at + 28, 0);
      ip_release(k, portAt(k, words[1]!).ip_receiver); // where it was going
      portAt(k, words[1]!).ip_receiver = 1;
    }
    ipc_kmsg_destroy(k, kmsg);
  }
}

/** What a pager says at a control port. */
export function sayTo(k: Kernel, control: number, routine: keyof typeof IDS, values: Values): void {
  const binding = k.interfaces.routine(IDS[routine])!;
  const kmsg = ikm_alloc(k, binding.description.request.maxSize);
  const at = kmsg + ipcKmsg.offset.ikm_header;
  const right = ipc_port_make_send(k, control);
  const size = binding.encodeRequest(k.memory, at, { requestPort: right, replyPort: 0 }, values);
  const header = headerAt(k, kmsg);
  const isComplex = header.msgh_bits & 0x80000000;
  header.msgh_bits = (MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND | isComplex) >>> 0;
  header.msgh_size = size!;
  header.msgh_remote_port = right;
  header.msgh_local_port = 0;
  if (ipc_kobject_server(k, kmsg) !== 0) throw new Error(`${routine} was answered`);
}

/** Maps the first pages of a memory object into a task. */
export function mapObject(
  k: Kernel,
  task: number,
  object: VmObject,
  { address, pages }: { readonly address: number; readonly pages: number },
): void {
  const placed = k.runNow(
    vm_map(k.vm, k.vmMapOf(task), {
      address,
      size: pages * PAGE_SIZE,
      mask: 0,
      anywhere: false,
      object,
      offset: 0,
      copy: false,
      protection: VM_PROT.VM_PROT_DEFAULT,
      maxProtection: VM_PROT.VM_PROT_ALL,
      inheritance: 1,
    }),
  );
  if (!placed || "kr" in placed) throw new Error("not mapped");
}

export class TestPager {
  readonly kernel: Kernel;
  readonly port: number;
  control = 0;

  /** Maps `pages` pages of a new memory object into a task, at `address`. */
  constructor(kernel: Kernel, task: number, address: number, pages: number) {
    this.kernel = kernel;
    this.port = testPort(kernel);
    const object = kernel.pagers.enter(this.port);
    if (typeof object !== "object") throw new Error(`no object: ${object}`);
    mapObject(kernel, task, object, { address, pages });
    const [init] = this.messages();
    if (init?.id !== INIT) throw new Error("no memory_object_init");
    this.control = init.words[1]!;
  }

  messages(): Told[] {
    return takeMessages(this.kernel, this.port);
  }
  /** What the pager says at the control port. */
  say(routine: keyof typeof IDS, values: Values): void {
    sayTo(this.kernel, this.control, routine, values);
  }
  ready(strategy = 2): void {
    this.say("memory_object_ready", { may_cache: 0, copy_strategy: strategy });
  }
  provideBytes(offset: number, bytes: Uint8Array, lock = 0): void {
    const copied = vm_map_copy_of_bytes(this.kernel.vm, bytes);
    if ("kr" in copied) throw new Error(`no copy: ${copied.kr}`);
    const data = { address: copied.copy, count: bytes.length };
    this.say("memory_object_data_provided", { offset, data, lock_value: lock });
  }
  provide(offset: number, word: number, lock = 0): void {
    const bytes = new Uint8Array(PAGE_SIZE);
    new DataView(bytes.buffer).setUint32(0, word);
    this.provideBytes(offset, bytes, lock);
  }
  unavailable(offset: number): void {
    this.say("memory_object_data_unavailable", { offset, size: PAGE_SIZE });
  }
  /** The port dies, as with its task. */
  die(): void {
    dropPort(this.kernel, this.port);
  }
}
