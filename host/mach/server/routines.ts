/**
 * How a kernel routine is found and called: by message id its interface's routine, by that one's name
 * a function here, by the kind of kernel object behind the request port its object. Rights in a
 * request stay the request's: a routine copies what it keeps. After Mach's kern/ipc_kobject.c and
 * what MIG writes for a KernelServer.
 */
import { IKM, ipcKmsg } from "../../abi/kernel.ts";
import {
  KERN_RETURN,
  MACH_MSG_TYPE,
  MACH_MSGH_BITS,
  MIG_RETURN,
  migReplyHeader,
} from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { Values } from "../../kmig/binding.ts";
import type { Kernel } from "../kernel.ts";
import { ipc_kmsg_destroy, ipc_object_destroy } from "../ipc/destroy.ts";
import { kmsgItems, kmsgMemory, kmsgRights, setItemType } from "../ipc/kmsg-items.ts";
import { ikm_alloc } from "../ipc/kmsg.ts";
import { ipc_kobject_get } from "../ipc/kobject.ts";
import {
  IKOT_PSET,
  IKOT_TASK,
  IKOT_THREAD,
  IP_VALID,
  MACH_MSG_TYPE_PORT_ANY,
  MACH_MSGH_BITS_CIRCULAR,
  MACH_MSGH_BITS_REMOTE,
  NULL,
} from "../ipc/names.ts";
import { ipc_object_copyin_type } from "../ipc/object-copy.ts";
import { ipc_port_check_circularity } from "../ipc/port.ts";
import { ipc_mqueue_send_always } from "../ipc/send.ts";
import { kernel_thread, wrapProcedure } from "../kern/kernel-thread.ts";
import { isProcedure, type Procedure } from "../kern/procedure.ts";
import { task_deallocate, task_reference } from "../kern/task-reference.ts";
import { thread_deallocate, thread_reference } from "../kern/thread.ts";
import { headerAt, kmsgAt, readWords, replyHeaderAt, writeWords } from "../kern/views.ts";
import type { KernelInterfaces } from "./interfaces.ts";

/** A failure whose reply has all of its items all the same, as an asynchronous one's must. */
export class Failed {
  readonly code: number;
  readonly values: Values;
  constructor(code: number, values: Values) {
    this.code = code;
    this.values = values;
  }
}

/** A return code, or the Out values of a success; rights among them are naked. */
export type Result = number | Values | Failed;

/** A call that is answered when its procedure is done; its sender does not wait for that. */
export class Deferred {
  readonly procedure: Procedure<Result>;
  constructor(procedure: Procedure<Result>) {
    this.procedure = procedure;
  }
}
export const deferred = (procedure: Procedure<Result>): Deferred => new Deferred(procedure);

export type Work = (k: Kernel, object: number, values: In) => Result | Procedure<Result> | Deferred;

/** A naked right. */
export interface Right {
  readonly port: number;
  /** MACH_MSG_TYPE_PORT_…, what kind of right. */
  readonly type: number;
}

/** In values, already checked by the interface's binding. */
export class In {
  readonly #values: Values;
  readonly #request: number;
  constructor(values: Values, request: number) {
    this.#values = values;
    this.#request = request;
  }
  /** Takes a right out of the request: it is the caller's then. */
  take(k: Kernel, name: string): Right {
    const port = this.word(name);
    const found = kmsgRights(k, this.#request).find(
      ({ address }) => k.memory.read32(address) === port,
    );
    if (!found || !IP_VALID(port)) return { port: NULL, type: 0 };
    k.memory.write32(found.address, NULL);
    return { port, type: found.type };
  }
  /** A word. */
  word(name: string): number {
    const value = this.#values[name];
    if (typeof value === "number") return value >>> 0;
    const named = value as { readonly value: number }; // polymorphic
    return named.value >>> 0;
  }
  /** The type name of a polymorphic right. */
  type(name: string): number {
    return (this.#values[name] as { readonly name: number }).name;
  }
  /** Takes memory out of line out of the request: the copy is the caller's then. */
  keep(k: Kernel, name: string): void {
    const copy = this.copy(name);
    for (const word of kmsgMemory(k, this.#request))
      if (k.memory.read32(word) === copy) k.memory.write32(word, NULL);
  }
  /** The handle of memory out of line; undefined when the data came in line. */
  copy(name: string): number | undefined {
    const value = this.#values[name];
    return typeof value === "object" && "address" in value ? value.address : undefined;
  }
  /** How many elements came out of line. */
  count(name: string): number {
    return (this.#values[name] as { readonly count: number }).count;
  }
  /** A list of rights that came out of line. They stay the request's. */
  rights(k: Kernel, name: string): readonly number[] {
    const { address, count } = this.#values[name] as { readonly address: number; count: number };
    return Array.from({ length: address === 0 ? 0 : count }, (_, i) =>
      k.memory.read32(address + 4 * i),
    );
  }
  flag(name: string): boolean {
    return this.word(name) !== 0;
  }
  words(name: string): readonly number[] {
    return (this.#values[name] as readonly number[]).map((word) => word >>> 0);
  }
  text(name: string): string {
    const value = this.#values[name];
    return typeof value === "string" ? value : new TextDecoder().decode(this.bytes(name));
  }
  bytes(name: string): Uint8Array {
    return Uint8Array.from(this.#values[name] as Uint8Array | readonly number[]);
  }
}

/** The processor set that a right in a request stands for, or 0; its name will do where `kinds` say so. */
export function psetOf(
  k: Kernel,
  values: In,
  name: string,
  kinds: readonly number[] = [IKOT_PSET],
): number {
  const port = values.word(name);
  if (!IP_VALID(port)) return NULL;
  return kinds.map((kind) => ipc_kobject_get(k, port, kind)).find((set) => set !== NULL) ?? NULL;
}

/** Routines on one kind of kernel object. */
export interface RoutineTable {
  /** IKOT_ of the request port. */
  readonly kind: number | readonly number[];
  /** What a port of another kind answers; by default KERN_INVALID_ARGUMENT. */
  readonly wrongKind?: number;
  readonly routines: Readonly<Record<string, Work>>;
}

/** All routines of a kernel, by name. */
export class RoutineTables {
  readonly #interfaces: KernelInterfaces;
  readonly #tables = new Map<string, RoutineTable>();

  constructor(interfaces: KernelInterfaces, tables: readonly RoutineTable[]) {
    this.#interfaces = interfaces;
    for (const table of tables)
      for (const name of Object.keys(table.routines)) this.#tables.set(name, table);
  }

  replySize(id: number): number {
    return this.#interfaces.routine(id)?.description.reply?.maxSize ?? 0;
  }

  /** Serves a request; false when no routine has its id. */
  serve(k: Kernel, request: number, reply: number): boolean | Procedure<boolean> {
    const routine = this.#interfaces.routine(headerAt(k, request).msgh_id);
    const table = routine && this.#tables.get(routine.description.name);
    if (!routine || !table) return false;
    const at = (kmsg: number): number => kmsg + ipcKmsg.offset.ikm_header;
    const answerIn = (kmsg: number, result: Result): void => {
      if (typeof result === "number") {
        routine.encodeReply(k.memory, at(kmsg), result);
        return;
      }
      const values = result instanceof Failed ? result.values : result;
      routine.encodeReply(k.memory, at(kmsg), KERN_RETURN.KERN_SUCCESS, values);
      if (result instanceof Failed) replyHeaderAt(k, kmsg).ret_code = result.code;
      asKernelMessage(k, kmsg);
    };
    const answer = (result: Result): boolean => {
      if (result === MIG_RETURN.MIG_NO_REPLY) forgetReply(k, reply);
      answerIn(reply, result);
      return true;
    };
    const values = routine.decodeRequest(k.memory, at(request));
    if (!values) return answer(MIG_RETURN.MIG_BAD_ARGUMENTS);
    const port = headerAt(k, request).msgh_remote_port;
    const kinds = typeof table.kind === "number" ? [table.kind] : table.kind;
    const kind = kinds.find((each) => ipc_kobject_get(k, port, each) !== NULL) ?? kinds[0]!;
    const object = ipc_kobject_get(k, port, kind);
    if (object === NULL) return answer(table.wrongKind ?? KERN_RETURN.KERN_INVALID_ARGUMENT);
    const work = table.routines[routine.description.name]!;
    const release = hold(k, kind, object);
    const result = work(k, object, new In(values, request));
    if (result instanceof Deferred) {
      release();
      return answerLater(k, result.procedure, reply, answerIn, answer);
    }
    if (isProcedure(result)) return later(result, answer, release);
    release();
    return answer(result);
  }
}

/** In a kernel's message rights have the types that a receiver sees. */
export function asKernelMessage(k: Kernel, kmsg: number): void {
  if ((headerAt(k, kmsg).msgh_bits & MACH_MSGH_BITS.MACH_MSGH_BITS_COMPLEX) === 0) return;
  for (const item of kmsgItems(k, kmsg).items)
    if (MACH_MSG_TYPE_PORT_ANY(item.type)) {
      const type = ipc_object_copyin_type(item.type);
      setItemType(k, item, type);
      if (type === MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_RECEIVE) sendReceive(k, kmsg, item.data);
    }
}

/** A receive right in a kernel's message travels to where the message goes. */
function sendReceive(k: Kernel, kmsg: number, address: number): void {
  const header = headerAt(k, kmsg);
  const port = k.memory.read32(address);
  if (!IP_VALID(port) || !IP_VALID(header.msgh_remote_port)) return;
  if (ipc_port_check_circularity(k, port, header.msgh_remote_port))
    header.msgh_bits = (header.msgh_bits | MACH_MSGH_BITS_CIRCULAR) >>> 0;
}

/**
 * Begins a deferred call. If it need not wait, its answer is the reply; otherwise a thread of the
 * kernel's goes on with it and sends the answer, in a message of its own.
 */
function answerLater(
  k: Kernel,
  procedure: Procedure<Result>,
  reply: number,
  answerIn: (kmsg: number, result: Result) => void,
  answer: (result: Result) => boolean,
): boolean {
  const first = procedure.next("awakened");
  if (first.done) return answer(first.value);
  const { ikm_size } = kmsgAt(k, reply);
  const later = ikm_alloc(k, ikm_size - IKM.IKM_OVERHEAD);
  if (later === NULL) {
    procedure.return(0);
    return answer(KERN_RETURN.KERN_RESOURCE_SHORTAGE);
  }
  const from = reply + ipcKmsg.offset.ikm_header;
  const to = later + ipcKmsg.offset.ikm_header;
  writeWords(k.memory, to, readWords(k.memory, from, migReplyHeader.size));
  const started = kernel_thread(
    k,
    k.kernelTask,
    sending(k, procedure, later, answerIn),
    first.value,
  );
  if (started === NULL) panic("answerLater: no memory for a thread");
  answerIn(reply, MIG_RETURN.MIG_NO_REPLY);
  return true;
}

/** There will be no reply, whatever right to one the request brought: it was a simple routine's. */
function forgetReply(k: Kernel, reply: number): void {
  const header = headerAt(k, reply);
  const { msgh_remote_port: port } = header;
  if (!IP_VALID(port)) return;
  header.msgh_remote_port = NULL;
  ipc_object_destroy(k, port, MACH_MSGH_BITS_REMOTE(header.msgh_bits));
}

/** A procedure that has begun, and the message that its result goes into. */
function sending(
  k: Kernel,
  procedure: Procedure<Result>,
  kmsg: number,
  answerIn: (kmsg: number, result: Result) => void,
): Procedure<unknown> {
  k.procedures.messages.add(kmsg);
  const finish = (result: Result): unknown => {
    k.procedures.messages.delete(kmsg);
    answerIn(kmsg, result);
    if (IP_VALID(headerAt(k, kmsg).msgh_remote_port)) ipc_mqueue_send_always(k, kmsg);
    else ipc_kmsg_destroy(k, kmsg);
    return undefined;
  };
  return wrapProcedure(procedure, finish, () => {
    k.procedures.messages.delete(kmsg);
    ipc_kmsg_destroy(k, kmsg);
  });
}

/** Keeps the object while its routine is at work. */
function hold(k: Kernel, kind: number, object: number): () => void {
  if (kind === IKOT_TASK) {
    const { tasks } = k.procedures;
    task_reference(k, object);
    tasks.push(object);
    return () => {
      tasks.splice(tasks.indexOf(object), 1);
      task_deallocate(k, object);
    };
  }
  if (kind !== IKOT_THREAD) return () => {};
  thread_reference(k, object);
  return () => thread_deallocate(k, object);
}

function* later(
  procedure: Procedure<Result>,
  answer: (result: Result) => boolean,
  release: () => void,
): Procedure<boolean> {
  try {
    return answer(yield* procedure);
  } finally {
    release();
  }
}
