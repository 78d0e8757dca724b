/**
 * Messages of an interface in TypeScript: functions that put values into requests and replies and
 * take them out, a server's dispatcher and a client's calls. For servers and clients on the host,
 * whose messages lie in guest memory; they do what the stubs in assembly text do, with the same checks.
 *
 * A binding is made from a description (`describeInterface`), or imported from the text that
 * `emitTypeScript` wrote of the same description, with types.
 */
import { MACH_MSGH_BITS, MACH_MSG_TYPE, MACH_NOTIFY, MIG_REPLY } from "../abi/mach.ts";
import type { Bytes } from "../abi/struct.ts";
import type { InterfaceDescription, Message, RoutineDescription } from "./description.ts";
import { type Values, readItems, writeItems } from "./items.ts";
import { CODE, HEADER, REPLY } from "./message-names.ts";

export type { Bytes } from "../abi/struct.ts";
export type { InterfaceDescription, Item, Message, RoutineDescription } from "./description.ts";
export type { Memory, Polymorphic, Value, Values } from "./items.ts";

const { MACH_MSGH_BITS_COMPLEX: COMPLEX } = MACH_MSGH_BITS;
const { MIG_RET_CODE_TYPE } = MIG_REPLY;

/** The rights in a request's header. */
export interface Ports {
  readonly requestPort: number;
  readonly replyPort: number;
  /** Their type names: a sender gives those that its interface leaves open, a receiver gets both. */
  readonly requestRight?: number;
  readonly replyRight?: number;
}

/** What a call comes back with: a return code, and the Out values if that is 0. */
export interface Answer<V> {
  readonly code: number;
  readonly values: V | undefined;
}

/** How a client's request travels; the reply comes to the same place. */
export interface Transport {
  readonly memory: Bytes;
  /** Room for the larger of a request and its reply. */
  readonly address: number;
  /** As `mach_msg`: sends, and receives if `receiveSize` is not 0. @returns its return code */
  send(sendSize: number, receiveSize: number): number;
  replyPort(): number;
}

/** In and Out values of a routine, as the client and as the server has them. */
export interface Shape {
  readonly request: { readonly sent: Values; readonly received: Values };
  readonly reply: { readonly sent: Values; readonly received: Values };
}
export type Shapes = Readonly<Record<string, Shape>>;

/** Work functions: In values to Out values, or to the code of a failure. */
export type Server<S extends Shapes> = {
  readonly [K in keyof S]?: (
    values: S[K]["request"]["received"],
    ports: Ports,
  ) => S[K]["reply"]["sent"] | number;
};

export type Client<S extends Shapes> = {
  readonly [K in keyof S]: (
    requestPort: number,
    values: S[K]["request"]["sent"],
    rights?: Pick<Ports, "requestRight" | "replyRight">,
  ) => Answer<S[K]["reply"]["received"]>;
};

/** The functions of one routine; `at` is the address of a message. */
export interface RoutineBinding<R extends Shape = Shape> {
  readonly description: RoutineDescription;
  /** Writes a whole request. @returns its size, or undefined if an array is too large */
  encodeRequest(
    memory: Bytes,
    at: number,
    ports: Ports,
    values: R["request"]["sent"],
  ): number | undefined;
  /** @returns undefined where a server answers MIG_BAD_ARGUMENTS */
  decodeRequest(memory: Bytes, at: number): R["request"]["received"] | undefined;
  /** Completes a reply whose header `serve` or the kernel has made. @returns its size */
  encodeReply(memory: Bytes, at: number, code: number, values?: R["reply"]["sent"]): number;
  /** The code is MIG_TYPE_ERROR, MIG_REPLY_MISMATCH or MIG_SERVER_DIED if it is no good reply. */
  decodeReply(memory: Bytes, at: number): Answer<R["reply"]["received"]>;
}

export interface Binding<S extends Shapes = Shapes> {
  readonly description: InterfaceDescription;
  readonly routines: { readonly [K in keyof S]: RoutineBinding<S[K]> };
  /**
   * Serves a request: makes the reply's header, calls the work function, completes the reply.
   * @returns false, with MIG_BAD_ID in the reply, if there is no routine or no work function
   */
  serve(memory: Bytes, request: number, reply: number, server: Server<S>): boolean;
  /** The most bytes of the reply to a request with this id. */
  replySize(id: number): number;
  client(transport: Transport): Client<S>;
}

/** Makes the functions of a described interface. */
export function bindInterface<S extends Shapes = Shapes>(
  description: InterfaceDescription,
): Binding<S> {
  const bindings = new Map<string, RoutineBinding>();
  const byId = new Map<number, RoutineBinding>();
  for (const routine of description.routines) {
    const binding = bindRoutine(routine);
    bindings.set(routine.name, binding);
    byId.set(routine.requestId, binding);
  }

  function serve(memory: Bytes, request: number, reply: number, server: Server<S>): boolean {
    const ports = makeReply(memory, request, reply, description.kernelServer);
    const binding = byId.get(memory.read32(request + HEADER.msgh_id));
    const work = binding === undefined ? undefined : server[binding.description.name];
    if (binding === undefined || work === undefined) {
      memory.write32(reply + REPLY.RetCode, CODE.MIG_BAD_ID >>> 0);
      return false;
    }
    const values = binding.decodeRequest(memory, request);
    const done = values === undefined ? CODE.MIG_BAD_ARGUMENTS : work(values, ports);
    if (typeof done === "number") binding.encodeReply(memory, reply, done);
    else binding.encodeReply(memory, reply, CODE.KERN_SUCCESS, done);
    return true;
  }

  const entries = [...bindings];
  return {
    description,
    routines: Object.fromEntries(entries) as unknown as Binding<S>["routines"],
    serve,
    replySize: (id) => byId.get(id)?.description.reply?.maxSize ?? REPLY.size,
    client: (transport) =>
      Object.fromEntries(
        entries.map(([name, binding]) => [name, callOf(binding, transport)]),
      ) as unknown as Client<S>,
  };
}

/** What a demultiplexer does first: the reply's header with an empty return code. */
function makeReply(memory: Bytes, request: number, reply: number, kernelServer: boolean): Ports {
  const get = (field: keyof typeof HEADER): number => memory.read32(request + HEADER[field]);
  const put = (field: keyof typeof HEADER, value: number): void =>
    memory.write32(reply + HEADER[field], value >>> 0);
  const [remote, local] = [get("msgh_remote_port"), get("msgh_local_port")];
  const bits = get("msgh_bits");
  const [remoteRight, localRight] = [bits & 0xff, (bits >>> 8) & 0xff];
  const ports = kernelServer
    ? { requestPort: remote, replyPort: local, requestRight: remoteRight, replyRight: localRight }
    : { requestPort: local, replyPort: remote, requestRight: localRight, replyRight: remoteRight };
  put("msgh_bits", ports.replyRight);
  put("msgh_size", REPLY.size);
  put("msgh_remote_port", ports.replyPort);
  put("msgh_local_port", 0);
  put("msgh_seqno", 0);
  put("msgh_id", get("msgh_id") + 100);
  memory.write32(reply + REPLY.RetCodeType, MIG_RET_CODE_TYPE);
  memory.write32(reply + REPLY.RetCode, CODE.KERN_SUCCESS);
  return ports;
}

function bindRoutine(description: RoutineDescription): RoutineBinding {
  const { request, reply, requestId, replyId, requestRight, replyRight } = description;
  return {
    description,
    encodeRequest(memory, at, ports, values) {
      const { requestPort, replyPort } = ports;
      const written = writeItems(memory, at, request, values);
      if (written === undefined) return undefined;
      const { MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE } = MACH_MSG_TYPE;
      const named = (known: number, given: number | undefined, usual: number): number =>
        (known >= 0 ? known : (given ?? usual)) & 0xff;
      const rights =
        named(requestRight, ports.requestRight, MACH_MSG_TYPE_COPY_SEND) |
        (named(replyRight, ports.replyRight, MACH_MSG_TYPE_MAKE_SEND_ONCE) << 8);
      const put = (field: keyof typeof HEADER, value: number): void =>
        memory.write32(at + HEADER[field], value >>> 0);
      put("msgh_bits", rights | (written.complex ? COMPLEX : 0));
      put("msgh_size", written.size);
      put("msgh_remote_port", requestPort);
      put("msgh_local_port", replyPort);
      put("msgh_seqno", 0);
      put("msgh_id", requestId);
      return written.size;
    },
    decodeRequest(memory, at) {
      const { size, complex } = headOf(memory, at);
      return readItems(memory, at, request, size, complex);
    },
    encodeReply(memory, at, code, values = {}) {
      memory.write32(at + REPLY.RetCode, code >>> 0);
      if (code !== CODE.KERN_SUCCESS || reply === null || reply.items.length === 0)
        return REPLY.size;
      const written = writeItems(memory, at, reply, values);
      if (written === undefined) {
        memory.write32(at + REPLY.RetCode, CODE.MIG_ARRAY_TOO_LARGE >>> 0);
        return REPLY.size;
      }
      memory.write32(at + HEADER.msgh_size, written.size);
      const bits = memory.read32(at + HEADER.msgh_bits);
      const all = bits | (written.complex ? COMPLEX : 0);
      memory.write32(at + HEADER.msgh_bits, all >>> 0);
      return written.size;
    },
    decodeReply(memory, at) {
      const failed = (code: number): Answer<Values> => ({ code, values: undefined });
      const { size, complex, id } = headOf(memory, at);
      if (id !== replyId)
        return failed(
          id === MACH_NOTIFY.MACH_NOTIFY_SEND_ONCE ? CODE.MIG_SERVER_DIED : CODE.MIG_REPLY_MISMATCH,
        );
      const code = memory.read32(at + REPLY.RetCode) | 0;
      const bare = size === REPLY.size && !complex;
      const typed = memory.read32(at + REPLY.RetCodeType) === MIG_RET_CODE_TYPE;
      if (reply === null || size < REPLY.size || !typed) return failed(CODE.MIG_TYPE_ERROR);
      if (code !== CODE.KERN_SUCCESS && (bare || fits(reply, size, complex))) return failed(code);
      const values = readItems(memory, at, reply, size, complex);
      return values === undefined ? failed(CODE.MIG_TYPE_ERROR) : { code, values };
    },
  };
}

/** Whether a reply that carries a failure has the size and form of a success, as MIG allows. */
function fits(
  { receivedSimple, minSize, items }: Message,
  size: number,
  complex: boolean,
): boolean {
  if (receivedSimple !== null && complex === receivedSimple) return false;
  return items.some((item) => item.varying) ? size >= minSize : size === minSize;
}

function headOf(memory: Bytes, at: number): { size: number; complex: boolean; id: number } {
  return {
    size: memory.read32(at + HEADER.msgh_size),
    complex: (memory.read32(at + HEADER.msgh_bits) & COMPLEX) !== 0,
    id: memory.read32(at + HEADER.msgh_id),
  };
}

/** One routine of a client. */
function callOf(
  binding: RoutineBinding,
  transport: Transport,
): (requestPort: number, values: Values, rights?: Partial<Ports>) => Answer<Values> {
  const { reply } = binding.description;
  return (requestPort, values, rights = {}) => {
    const { memory, address } = transport;
    const replyPort = reply === null ? 0 : transport.replyPort();
    const ports = { ...rights, requestPort, replyPort };
    const size = binding.encodeRequest(memory, address, ports, values);
    if (size === undefined) return { code: CODE.MIG_ARRAY_TOO_LARGE, values: undefined };
    const code = transport.send(size, reply?.maxSize ?? 0);
    if (reply === null || code !== CODE.KERN_SUCCESS)
      return { code, values: code === CODE.KERN_SUCCESS ? {} : undefined };
    return binding.decodeReply(memory, address);
  };
}
