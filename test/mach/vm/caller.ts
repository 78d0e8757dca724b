/**
 * A task whose calls a test makes: a thread of text sends the message that the test wrote, or takes the
 * trap, exactly as a program does, and keeps what came back. A call that waits goes on waiting;
 * several may be under way at once, each in a slot of its own.
 */
import { ArrayBytes } from "../../../host/abi/struct.ts";
import {
  MACH_MSG_OPTION,
  MACH_MSG_RETURN,
  MACH_MSG_TYPE,
  MACH_TRAP,
  TYPE_DESCRIPTOR,
} from "../../../host/abi/mach.ts";
import { bindInterface, type RoutineBinding, type Values } from "../../../host/kmig/binding.ts";
import { describeInterface } from "../../../host/kmig/description.ts";
import { analyseInterface } from "../../../host/kmig/kmig.ts";
import { definitions } from "../../../host/mach/definitions.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { ipc_port_copyout_send } from "../../../host/mach/ipc/object-copy.ts";
import { ipc_port_alloc } from "../../../host/mach/ipc/port.ts";
import type { Kernel } from "../../../host/mach/kernel.ts";
import { task_self_port } from "../../../host/mach/kern/special-ports.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { thread_terminate } from "../../../host/mach/kern/thread.ts";
import { taskAt } from "../../../host/mach/kern/views.ts";
import { loadImage, mapPages } from "../../../host/mach/load.ts";
import { guest, type GuestOptions } from "../kern/guest.ts";

/** Twelve words of arguments at %r26: the trap's number, 11 arguments; behind them result and mark. */
const TEXT = `
	.text
	.globl	_start
_start:
	copy	%r26,%r3
	ldw	4(%r3),%arg0
	ldw	8(%r3),%arg1
	ldw	12(%r3),%arg2
	ldw	16(%r3),%arg3
	ldw	20(%r3),%r19
	stw	%r19,-52(%sp)
	ldw	24(%r3),%r19
	stw	%r19,-56(%sp)
	ldw	28(%r3),%r19
	stw	%r19,-60(%sp)
	ldw	32(%r3),%r19
	stw	%r19,-64(%sp)
	ldw	36(%r3),%r19
	stw	%r19,-68(%sp)
	ldw	40(%r3),%r19
	stw	%r19,-72(%sp)
	ldw	44(%r3),%r19
	stw	%r19,-76(%sp)
	ldw	0(%r3),%r22
	comib,=,n	0,%r22,touch
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
finish:
	stw	%r28,48(%r3)
	ldi	1,%r19
	stw	%r19,52(%r3)
	stop
touch:
	comib,=,n	0,%arg1,load
	stw	%arg2,0(%arg0)
load:
	b	finish
	ldw	0(%arg0),%r28
`;

/** Where the callers' own memory is: far from what the tests allocate. */
const SLOTS = 0x78000000;
const SLOT = 0x20000;
const [ARGS, MESSAGE, STACK] = [0, 0x1000, 0x10000];
const LIMIT = 50_000_000;

/** What has come of a call so far; `undefined` while it waits. */
export interface Pending<T> {
  result(): T | undefined;
}

export interface Reply {
  /** The reply's code, or what mach_msg said if that is not 0. */
  readonly code: number;
  readonly values: Values;
}

export class Caller {
  readonly k: Kernel;
  readonly task: number;
  readonly self: number;
  readonly #entry: number;
  readonly routines: ReadonlyMap<string, RoutineBinding>;
  #slots = 0;
  readonly #replyPorts: number[] = [];

  private constructor(
    k: Kernel,
    task: number,
    entry: number,
    routines: ReadonlyMap<string, RoutineBinding>,
  ) {
    this.k = k;
    this.task = task;
    this.#entry = entry;
    this.routines = routines;
    this.self = this.send(task_self_port(k, task));
  }

  /** A kernel with one caller. */
  static async boot(options: GuestOptions = {}): Promise<Caller> {
    const { kernel, task, image } = await guest(TEXT, {
      stopAtExceptions: false,
      ...options,
      threads: [],
    });
    const routines = await bindings();
    void kernel.kernelTask;
    const caller = new Caller(kernel, task, image.symbols.get("_start")!, routines);
    caller.another = () => {
      const next = kernel.createTask("user");
      loadImage(kernel, next, image, "caller.s");
      const made = new Caller(kernel, next, image.symbols.get("_start")!, routines);
      made.another = caller.another;
      return made;
    };
    return caller;
  }
  /** Cycles that a call may take before the test goes on. */
  patience = LIMIT;
  /** Another task on the same kernel. */
  another: () => Caller = () => this;

  /** A name for a send right, which is consumed. */
  send(right: number): number {
    return ipc_port_copyout_send(this.k, this.space, right);
  }
  /** A name for another task's port. */
  taskPort(task: number): number {
    return this.send(task_self_port(this.k, task));
  }
  /** A new port's receive right. */
  receive(): number {
    const made = ipc_port_alloc(this.k, this.space);
    if (typeof made === "number") throw new Error(`no port: ${made}`);
    return made.name;
  }
  get space(): number {
    return taskAt(this.k, this.task).itk_space;
  }
  get map() {
    return this.k.vmMapOf(this.task);
  }

  read(address: number, length: number): Uint8Array | undefined {
    return this.k.copyin(this.task, address, length);
  }
  word(address: number): number | undefined {
    const bytes = this.read(address, 4);
    return bytes && new DataView(bytes.buffer).getUint32(0);
  }
  write(address: number, bytes: Uint8Array): boolean {
    return this.k.copyout(this.task, address, bytes);
  }
  put(address: number, ...words: number[]): boolean {
    const bytes = new Uint8Array(4 * words.length);
    words.forEach((word, i) => new DataView(bytes.buffer).setUint32(4 * i, word >>> 0));
    return this.write(address, bytes);
  }

  /** Begins a trap in a thread of its own. */
  beginTrap(number: number, ...args: number[]): Pending<number> & { readonly slot: number } {
    const { k, task } = this;
    const slot = SLOTS + this.#slots++ * SLOT;
    return this.#begin(k, task, slot, number, args);
  }
  #begin(k: Kernel, task: number, slot: number, number: number, args: readonly number[]) {
    mapPages(k, task, slot, SLOT, "userData");
    this.put(slot + ARGS, number, ...args, ...Array.from({ length: 13 - args.length }, () => 0));
    const start = { entry: this.#entry, stack: slot + STACK, args: [slot + ARGS] };
    const thread = k.createThread(task, start);
    thread_resume(k, thread);
    k.run({ cycles: this.patience });
    let value: number | undefined;
    const result = (): number | undefined => {
      if (value === undefined && this.word(slot + ARGS + 52) === 1) {
        value = this.word(slot + ARGS + 48)! | 0;
        if (k.liveElements("thread").includes(thread)) thread_terminate(k, thread);
        k.run({ cycles: LIMIT });
        if (slot === SLOTS + (this.#slots - 1) * SLOT) this.#slots -= 1;
      }
      return value;
    };
    return { slot, result };
  }
  /** A trap that does not wait; its value, signed. */
  trap(number: number, ...args: number[]): number {
    const value = this.beginTrap(number, ...args).result();
    if (value === undefined) throw new Error(`trap ${number} waits`);
    return value;
  }

  /** Begins to load the word at an address, or to store one there first. */
  beginTouch(address: number, ...store: number[]): Pending<number> {
    return this.beginTrap(0, address, store.length, ...store);
  }

  /**
   * Begins a call by message, at a port's name; with `deallocate` the memory that it sends goes, even
   * where the interface does not say so.
   */
  beginCall(
    port: number,
    routine: string,
    values: Values = {},
    { deallocate = false, replyTo = 0 } = {},
  ): Pending<Reply> {
    const { k, task } = this;
    const binding = this.routines.get(routine);
    if (!binding) throw new Error(`no routine ${routine}`);
    const slot = SLOTS + this.#slots++ * SLOT;
    mapPages(k, task, slot, SLOT, "userData");
    const isSimple = binding.description.reply === null;
    const replyPort = isSimple ? replyTo : (this.#replyPorts.pop() ?? this.receive());
    const message = new ArrayBytes(new Uint8Array(8192));
    const right = MACH_MSG_TYPE.MACH_MSG_TYPE_COPY_SEND;
    const ports = { requestPort: port, replyPort, requestRight: right };
    const size = binding.encodeRequest(message, 0, ports, values)!;
    for (const { place, descriptor } of deallocate ? binding.description.request.items : [])
      if (place === "out of line")
        message.write32(descriptor, message.read32(descriptor) | TYPE_DESCRIPTOR.DEALLOCATE);
    this.write(slot + MESSAGE, message.bytes.subarray(0, size));
    const { MACH_SEND_MSG, MACH_RCV_MSG } = MACH_MSG_OPTION;
    const option = isSimple ? MACH_SEND_MSG : MACH_SEND_MSG | MACH_RCV_MSG;
    const limit = isSimple ? 0 : 8192;
    const args = [slot + MESSAGE, option, size, limit, replyPort, 0, 0];
    const begun = this.#begin(k, task, slot, MACH_TRAP.TRAP_MACH_MSG, args);
    let reply: Reply | undefined;
    const result = (): Reply | undefined => {
      if (reply) return reply;
      const code = begun.result();
      if (code === undefined) return undefined;
      if (!isSimple) this.#replyPorts.push(replyPort);
      if (code !== 0 || isSimple) return (reply = { code, values: {} });
      message.bytes.set(this.read(slot + MESSAGE, 8192)!);
      const answer = binding.decodeReply(message, 0);
      return (reply = { code: answer.code, values: answer.values ?? {} });
    };
    return { result };
  }
  /** A call that does not wait. */
  call(port: number, routine: string, values: Values = {}, how = {}): Reply {
    const reply = this.beginCall(port, routine, values, how).result();
    if (!reply) throw new Error(`${routine} waits`);
    return reply;
  }
}

/** Receives the next message at a port; what a server of the interfaces below makes of it. */
export function receiveFrom(caller: Caller, port: number): Received | undefined {
  const at = 0x77000000;
  mapPages(caller.k, caller.task, at, 8192, "userData");
  const { MACH_RCV_MSG, MACH_RCV_TIMEOUT } = MACH_MSG_OPTION;
  const args = [at, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 8192, port, 0, 0];
  const code = caller.trap(MACH_TRAP.TRAP_MACH_MSG, ...args);
  if (code === MACH_MSG_RETURN.MACH_RCV_TIMED_OUT) return undefined;
  if (code !== 0) throw new Error(`receive: ${code.toString(16)}`);
  const message = new ArrayBytes(caller.read(at, 8192)!);
  const id = message.read32(20);
  for (const { description, decodeRequest } of caller.routines.values())
    if (description.requestId === id && description.reply === null)
      return { routine: description.name, values: decodeRequest(message, 0), message };
  return { routine: String(id), values: undefined, message };
}

export interface Received {
  /** Its name, or its id in digits. */
  readonly routine: string;
  readonly values: Values | undefined;
  readonly message: ArrayBytes;
}

const FILES = [
  "mach/mach.defs",
  "mach/mach_host.defs",
  "mach/device.defs",
  "mach/mach_port.defs",
  "mach/device_request.defs",
  "mach/device_reply.defs",
  "mach/memory_object.defs",
  "mach/memory_object_default.defs",
  "mach/default_pager.defs",
];
let bound: Promise<ReadonlyMap<string, RoutineBinding>> | undefined;

/** The client's side of the kernel's interfaces. */
function bindings(): Promise<ReadonlyMap<string, RoutineBinding>> {
  bound ??= definitions().then((include) => {
    const routines = new Map<string, RoutineBinding>();
    for (const file of FILES) {
      const source = include(file)!;
      const { interface: analysed } = analyseInterface(source, { include });
      for (const [name, binding] of Object.entries(
        bindInterface(describeInterface(analysed)).routines,
      ))
        routines.set(name, binding);
    }
    return routines;
  });
  return bound;
}

/** A memory out of line, of a request. */
export const far = (address: number, count: number, deallocate = false) => ({
  address,
  count,
  deallocate,
});
/** Where memory out of line came to in a reply. */
export const cameTo = ({ values }: Reply, name: string): { address: number; count: number } =>
  values[name] as { address: number; count: number };

/** Ends all tasks of a kernel; what they leave, ports, rights, kmsgs, pages and all. */
export function leaks(k: Kernel): string[] {
  for (const task of k.liveElements("task"))
    if (task !== k.kernelTask && taskAt(k, task).active !== 0) task_terminate(k, task);
  k.run({ cycles: LIMIT });
  const { vm } = k;
  const used = vm.pages.all().filter(({ queue }) => queue !== "free");
  return [
    ...checkKernel(k, { sends: k.pagers.sends() }),
    ...used.map(({ frame, object }) => `page ${frame} of object ${object?.id}`),
    ...[...vm.objects].map(({ id }) => `object ${id}`),
    ...[...vm.copies.keys()].map((handle) => `copy ${handle}`),
    ...(vm.paging.used === 0 ? [] : [`${vm.paging.used} pages in the paging space`]),
    ...k
      .liveElements("task")
      .filter((task) => task !== k.kernelTask)
      .map((task) => `task ${task}`),
    ...(k.liveElements("mapping").length === 1 ? [] : ["mappings"]), // the gateway's
  ];
}
