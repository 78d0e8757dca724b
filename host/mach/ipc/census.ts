/**
 * Counting over the whole kernel: every reference, right, message and piece of memory must have
 * someone who holds it. Live objects are found by the zones' own records, holders by walking
 * spaces, queues and threads; what is counted differently from what an object says of itself is a
 * leak or a use after free. Holds whenever no slow path is running.
 */
import { CONTINUATION, cpuData, IE, inksRow, inksServer, TH } from "../../abi/kernel.ts";
import { MACH_MSG_RETURN, MACH_MSG_TYPE } from "../../abi/mach.ts";
import { homeTask } from "../inks/migrated.ts";
import { KMSG_LINKS, LIST_LINKS, RUN_LINKS } from "../kern/queue.ts";
import { registeredPorts } from "../kern/registered-ports.ts";
import type { KernelState } from "../kern/state.ts";
import { headerAt, portAt, psetAt, spaceAt, taskAt, threadAt } from "../kern/views.ts";
import { ZONE_KEYS, type ZoneKey } from "../kern/zone.ts";
import { checkPort, checkPset, checkSpace, hex, RECEIVING, walkQueue } from "./checks.ts";
import { dnrequests } from "./dead-name-request.ts";
import { kmsgRights, kmsgRightsLists } from "./kmsg-items.ts";
import { marequestOf } from "./marequest.ts";
import { ownMqueue, setMqueue } from "./mqueue.ts";
import { IP_VALID, MACH_MSGH_BITS_LOCAL, MACH_MSGH_BITS_REMOTE, NULL } from "./names.ts";
import { ip_active } from "./object.ts";
import { spaceEntries } from "./space-entries.ts";

/** A kernel whose zones can be listed. */
export interface InspectableKernel extends KernelState {
  /** Addresses of a zone's elements in use. */
  liveElements(key: ZoneKey): number[];
  /** Ports that the kernel itself keeps, besides those of tasks and threads. */
  readonly kernelPorts?: readonly number[];
}

/** What others hold besides the objects walked here. */
export interface Holdings {
  /** Ports of which the kernel holds a naked send right, with repetitions. */
  readonly sends?: readonly number[];
  /** kalloc elements in use for something else. */
  readonly kalloc?: readonly number[];
  /** Tasks of which a reference is held, with repetitions. */
  readonly tasks?: readonly number[];
}

/** How many elements each zone has in use. Equal before and after means that nothing leaked. */
export function census(k: InspectableKernel): Record<string, number> {
  return Object.fromEntries(ZONE_KEYS.map((key) => [String(key), k.liveElements(key).length]));
}

/**
 * Everything that is wrong with the kernel's IPC objects, tasks and threads; empty when all is
 * well.
 */
export function checkKernel(k: InspectableKernel, holdings: Holdings = {}): string[] {
  const problems: string[] = [];
  const count = countHolders(k, holdings, problems);
  for (const space of k.liveElements("ipc_space")) problems.push(...checkSpace(k, space));
  const ports = k.liveElements("ipc_port");
  for (const port of ports) {
    problems.push(...checkPort(k, port));
    const view = portAt(k, port);
    const held = count.ports.get(port);
    compare(problems, `port ${hex(port)}: references`, view.ip_references, held.references);
    if (view.ip_bits >>> 31 === 0) continue;
    compare(problems, `port ${hex(port)}: send rights`, view.ip_srights, held.sends);
    compare(problems, `port ${hex(port)}: send-once rights`, view.ip_sorights, held.sendOnces);
    compare(problems, `port ${hex(port)}: messages`, view.ip_msgcount, held.messages);
    problems.push(...checkRequests(k, port));
  }
  const sets = k.liveElements("ipc_pset");
  for (const pset of sets) {
    problems.push(...checkPset(k, pset));
    const held = count.ports.get(pset).references;
    compare(problems, `set ${hex(pset)}: references`, psetAt(k, pset).ips_references, held);
  }
  for (const port of count.ports.keys())
    if (!ports.includes(port) && !sets.includes(port))
      problems.push(`port ${hex(port)}: used, but free`);
  checkSpaceReferences(k, count.spaces, problems);
  checkThreads(k, holdings, problems);
  checkMemory(k, [...count.memory, ...(holdings.kalloc ?? [])], problems);
  return problems;
}

function compare(problems: string[], what: string, says: number, counted: number): void {
  if (says !== counted) problems.push(`${what} ${says}, counted ${counted}`);
}

interface Held {
  references: number;
  sends: number;
  sendOnces: number;
  messages: number;
}

/** What is held of each port. */
class Ports {
  readonly #held = new Map<number, Held>();
  get(port: number): Held {
    let held = this.#held.get(port);
    if (!held)
      this.#held.set(port, (held = { references: 0, sends: 0, sendOnces: 0, messages: 0 }));
    return held;
  }
  keys(): Iterable<number> {
    return this.#held.keys();
  }
  /** Counts a naked send-once right, if it is one. */
  sendOnce(port: number): void {
    if (!IP_VALID(port)) return;
    this.get(port).references += 1;
    this.get(port).sendOnces += 1;
  }
  /** Counts a naked send right, if it is one. */
  send(port: number): void {
    if (!IP_VALID(port)) return;
    this.get(port).references += 1;
    this.get(port).sends += 1;
  }
}

interface Counted {
  readonly ports: Ports;
  /** kalloc elements in use. */
  readonly memory: number[];
  /** Spaces that requests refer to. */
  readonly spaces: readonly number[];
}

function countHolders(k: InspectableKernel, holdings: Holdings, problems: string[]): Counted {
  const ports = new Ports();
  const memory: number[] = [];
  const spaces: number[] = [];
  const message = (kmsg: number): void => {
    memory.push(kmsg);
    const { msgh_bits, msgh_remote_port, msgh_local_port } = headerAt(k, kmsg);
    countRight(ports, msgh_remote_port, MACH_MSGH_BITS_REMOTE(msgh_bits), problems);
    countRight(ports, msgh_local_port, MACH_MSGH_BITS_LOCAL(msgh_bits), problems);
    for (const { address, type } of kmsgRights(k, kmsg))
      countRight(ports, k.memory.read32(address), type, problems);
    const request = marequestOf(k, kmsg);
    if (request) {
      memory.push(request.address);
      ports.sendOnce(request.soright);
      spaces.push(request.space);
    }
    memory.push(...kmsgRightsLists(k, kmsg).map((list) => list.address));
  };
  for (const space of k.liveElements("ipc_space")) {
    if (spaceAt(k, space).is_active === 0) continue;
    memory.push(spaceAt(k, space).is_table);
    for (const { type, object } of spaceEntries(k, space)) {
      if (object === NULL) continue;
      const held = ports.get(object);
      held.references += 1;
      if ((type & IE.IE_BITS_SEND) !== 0) held.sends += 1;
      if ((type & IE.IE_BITS_SEND_ONCE) !== 0) held.sendOnces += 1;
    }
  }
  for (const port of k.liveElements("ipc_port")) countRequests(k, port, ports, memory);
  const queues = [
    ...k.liveElements("ipc_port").map(ownMqueue),
    ...k.liveElements("ipc_pset").map(setMqueue),
  ];
  for (const queue of queues)
    for (const kmsg of walkQueue(k, queue, KMSG_LINKS).elements) {
      message(kmsg);
      ports.get(headerAt(k, kmsg).msgh_remote_port).messages += 1;
    }
  const vectors = new Set<number>();
  for (const task of k.liveElements("task")) {
    const { itk_self, itk_sself, itk_exception, itk_bootstrap, eml_dispatch, inks } = taskAt(
      k,
      task,
    );
    if (eml_dispatch !== NULL) vectors.add(eml_dispatch);
    if (inks !== NULL) countServer(k, inks, ports, memory);
    if (itk_self !== NULL) ports.get(itk_self).references += 1;
    const registered = registeredPorts(k, task);
    for (const port of [itk_sself, itk_exception, itk_bootstrap, ...registered]) ports.send(port);
  }
  for (const thread of k.liveElements("thread")) countThread(k, thread, ports, message);
  for (const port of holdings.sends ?? []) ports.send(port);
  for (const port of [...(k.kernelPorts ?? []), ...k.procedures.ports])
    ports.get(port).references += 1;
  if (k.cpu.ipc_kmsg_cache !== NULL) memory.push(k.cpu.ipc_kmsg_cache);
  for (const kmsg of k.procedures.messages) message(kmsg);
  memory.push(...vectors, ...k.inks_orphans.keys());
  return { ports, memory, spaces };
}

/** What an in-kernel server has registered: its record, its tables, and the ports that those are for. */
function countServer(k: InspectableKernel, server: number, ports: Ports, memory: number[]): void {
  const { table, table_count } = inksServer.at(k.memory, server);
  memory.push(server, table);
  for (let i = 0; i < table_count; i++) {
    const { port } = inksRow.at(k.memory, table + i * inksRow.size);
    if (port !== NULL) ports.get(port).references += 1;
  }
}

/** What a port keeps for notices, and where it travels to. */
function countRequests(k: InspectableKernel, port: number, ports: Ports, memory: number[]): void {
  const view = portAt(k, port);
  if (!ip_active(k, port)) return;
  if (view.ip_pset !== NULL) ports.get(view.ip_pset).references += 1;
  if (view.ip_dnrequests !== NULL) memory.push(view.ip_dnrequests);
  const rights = dnrequests(k, port).map(({ soright }) => soright);
  for (const right of [view.ip_nsrequest, view.ip_pdrequest, ...rights]) ports.sendOnce(right);
  const travels = view.ip_receiver_name === NULL && view.ip_receiver !== NULL;
  if (travels) ports.get(view.ip_receiver).references += 1;
}

/** Each dead-name request is some entry's, and each entry's request is there. */
function checkRequests(k: InspectableKernel, port: number): string[] {
  const asked = dnrequests(k, port).map(({ index, name }) => `${index}: ${hex(name)}`);
  const had = k.liveElements("ipc_space").flatMap((space) =>
    spaceAt(k, space).is_active === 0
      ? []
      : spaceEntries(k, space)
          .filter(({ object, request }) => object === port && request !== 0)
          .map(({ name, request }) => `${request}: ${hex(name)}`),
  );
  const same = asked.length === had.length && had.every((each) => asked.includes(each));
  return same ? [] : [`port ${hex(port)}: dead-name requests ${asked}, entries have ${had}`];
}

function countRight(ports: Ports, port: number, type: number, problems: string[]): void {
  if (!IP_VALID(port)) return;
  ports.get(port).references += 1;
  if (type === MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND) ports.get(port).sends += 1;
  else if (type === MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND_ONCE) ports.get(port).sendOnces += 1;
  else if (type !== MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_RECEIVE)
    problems.push(`message carries right ${type} to port ${hex(port)}`);
}

/** A thread's own port, and what it holds in the middle of `mach_msg`. */
function countThread(
  k: KernelState,
  thread: number,
  ports: Ports,
  message: (kmsg: number) => void,
): void {
  const view = threadAt(k, thread);
  if (view.ith_self !== NULL) ports.get(view.ith_self).references += 1;
  ports.send(view.ith_sself);
  ports.send(view.ith_exception);
  // Only a thread that has given up its stack is in the middle of a call.
  if ((view.state & TH.TH_SWAPPED) === 0) return;
  if (view.swap_func === CONTINUATION.CONTINUATION_MACH_MSG_SEND) message(view.ith_msize);
  const isKernels = k.procedures.receiving.has(thread);
  if (!isKernels && !RECEIVING.includes(view.swap_func)) return;
  if (!isKernels) ports.get(view.ith_object).references += 1;
  if (view.ith_state !== MACH_MSG_RETURN.MACH_MSG_SUCCESS) return;
  message(view.ith_msize);
  ports.get(headerAt(k, view.ith_msize).msgh_remote_port).messages += 1;
}

function checkSpaceReferences(
  k: InspectableKernel,
  held: readonly number[],
  problems: string[],
): void {
  const { ipc_space_kernel, ipc_space_reply } = k.cpu;
  const holders = new Map<number, number>([
    [ipc_space_kernel, 1],
    [ipc_space_reply, 1],
  ]);
  const add = (space: number) => holders.set(space, (holders.get(space) ?? 0) + 1);
  for (const task of k.liveElements("task")) add(taskAt(k, task).itk_space);
  for (const space of held) add(space);
  for (const space of k.liveElements("ipc_space")) {
    const { is_references, is_active } = spaceAt(k, space);
    const counted = (holders.get(space) ?? 0) + (is_active === 0 ? 0 : 1);
    compare(problems, `space ${hex(space)}: references`, is_references, counted);
  }
}

function checkThreads(k: InspectableKernel, holdings: Holdings, problems: string[]): void {
  const threads = k.liveElements("thread");
  const runnable = walkQueue(k, k.cpu.address + cpuData.offset.run_queue, RUN_LINKS);
  problems.push(...runnable.problems);
  const held = new Map<number, number>();
  const add = (task: number) => held.set(task, (held.get(task) ?? 0) + 1);
  let pcbs = 0;
  for (const thread of threads) {
    const { state, pcb, kernel_stack } = threadAt(k, thread);
    const at = `thread ${hex(thread)}`;
    add(homeTask(k, thread));
    if (pcb !== NULL) pcbs += 1;
    const runs = k.cpu.active_thread === thread;
    if (runs && k.cpu.active_pcb !== pcb) problems.push(`${at}: its PCB is not the active one`);
    if ((kernel_stack !== NULL) !== runs) problems.push(`${at}: stack ${hex(kernel_stack)}`);
    const isReady = (state & TH.TH_RUN) !== 0;
    if (isReady !== (runs || runnable.elements.includes(thread)))
      problems.push(`${at}: state ${hex(state)} is not where it is`);
  }
  if (pcbs !== k.liveElements("pcb").length) problems.push(`PCBs: ${pcbs} are in use`);
  const others = [...k.inks_orphans.values(), ...k.procedures.tasks];
  for (const task of [...(holdings.tasks ?? []), ...others]) add(task);
  for (const task of k.liveElements("task")) {
    const view = taskAt(k, task);
    const list = walkQueue(k, view.addressOf("thread_next"), LIST_LINKS);
    problems.push(...list.problems);
    for (const thread of list.elements)
      if (homeTask(k, thread) !== task) problems.push(`thread ${hex(thread)} is on a wrong list`);
    const counted = (held.get(task) ?? 0) + (view.active === 0 ? 0 : 1);
    compare(problems, `task ${hex(task)}: references`, view.ref_count, counted);
  }
}

/** Every kalloc element must be one of those known to be in use, once. */
function checkMemory(k: InspectableKernel, used: readonly number[], problems: string[]): void {
  const known = new Set(used);
  if (known.size !== used.length) problems.push("a piece of kalloc memory is used twice");
  for (const size of ZONE_KEYS) {
    if (typeof size !== "number") continue;
    for (const element of k.liveElements(size))
      if (!known.delete(element)) problems.push(`kalloc ${size}: ${hex(element)} leaked`);
  }
  for (const element of known) problems.push(`kalloc: ${hex(element)} is used, but free`);
}
