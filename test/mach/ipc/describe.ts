/**
 * The kernel as its tasks can see it, in words that do not depend on addresses: two runs of a
 * scenario that agree in this text, and in what the calls returned, cannot be told apart by
 * programs.
 */
import { CONTINUATION, IE, TH } from "../../../host/abi/kernel.ts";
import { machMsgHeader } from "../../../host/abi/mach.ts";
import { hex, walkQueue } from "../../../host/mach/ipc/checks.ts";
import { mqueueOf } from "../../../host/mach/ipc/mqueue.ts";
import { IP_VALID } from "../../../host/mach/ipc/names.ts";
import { ip_active, isPset } from "../../../host/mach/ipc/object.ts";
import { spaceEntries } from "../../../host/mach/ipc/space-entries.ts";
import { KMSG_LINKS } from "../../../host/mach/kern/queue.ts";
import { headerAt, portAt, psetAt, taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import type { InspectableKernel } from "../../../host/mach/ipc/census.ts";

const TYPES: Readonly<Record<number, string>> = {
  [IE.IE_BITS_SEND]: "send",
  [IE.IE_BITS_RECEIVE]: "receive",
  [IE.IE_BITS_SEND_RECEIVE]: "send and receive",
  [IE.IE_BITS_SEND_ONCE]: "send-once",
  [IE.IE_BITS_PORT_SET]: "port set",
  [IE.IE_BITS_DEAD_NAME]: "dead name",
};

const WAITS: Readonly<Record<number, string>> = {
  [CONTINUATION.CONTINUATION_MACH_MSG]: "receives",
  [CONTINUATION.CONTINUATION_MACH_MSG_RECEIVE]: "receives with options",
  [CONTINUATION.CONTINUATION_MACH_MSG_SEND]: "sends",
  [CONTINUATION.CONTINUATION_BOOTSTRAP]: "has not started",
};

/** One line per right, port and thread, tasks and threads by the given names. */
export function describeKernel(
  k: InspectableKernel,
  tasks: ReadonlyMap<string, number>,
  threads: ReadonlyMap<number, string>,
): string[] {
  const lines: string[] = [];
  const live = new Set(k.liveElements("task"));
  const alive = [...tasks].filter(([, task]) => live.has(task) && taskAt(k, task).active !== 0);
  const labels = new Map<number, string>();
  const spaces = new Map(alive.map(([name, task]) => [taskAt(k, task).itk_space, name]));
  for (const [name, task] of alive) labels.set(taskAt(k, task).itk_self, `task ${name}`);
  for (const [thread, name] of threads)
    if (k.liveElements("thread").includes(thread))
      labels.set(threadAt(k, thread).ith_self, `thread ${name}`);
  const label = (port: number): string => {
    if (!IP_VALID(port)) return hex(port);
    if (!ip_active(k, port)) return "a dead port";
    if (isPset(k, port)) return `the set ${hex(psetAt(k, port).ips_local_name)}`;
    const { ip_receiver, ip_receiver_name } = portAt(k, port);
    return labels.get(port) ?? `${spaces.get(ip_receiver) ?? "?"}:${hex(ip_receiver_name)}`;
  };
  const message = (kmsg: number): string => {
    const header = headerAt(k, kmsg);
    const body: string[] = [];
    for (let i = machMsgHeader.size; i < header.msgh_size; i += 4)
      body.push(hex(k.memory.read32(header.address + i)));
    const to = `to ${label(header.msgh_remote_port)} reply ${label(header.msgh_local_port)}`;
    return `${hex(header.msgh_bits)} ${to} id ${header.msgh_id} [${body.join(" ")}]`;
  };
  for (const [name, task] of alive)
    for (const { name: at, type, urefs, object } of spaceEntries(k, taskAt(k, task).itk_space)) {
      lines.push(
        `${name} ${hex(at)}: ${TYPES[type]} ${urefs} ${object === 0 ? "" : label(object)}`,
      );
      if ((type & IE.IE_BITS_RECEIVE) === 0) continue;
      const port = portAt(k, object);
      const status = [
        ip_active(k, port.ip_pset || object) && port.ip_pset !== 0
          ? `in ${label(port.ip_pset)}`
          : "",
        `seqno ${port.ip_seqno} mscount ${port.ip_mscount} srights ${port.ip_srights}`,
        `sorights ${port.ip_sorights} msgcount ${port.ip_msgcount} qlimit ${port.ip_qlimit}`,
      ];
      lines.push(`  ${status.join(" ")}`);
      for (const kmsg of walkQueue(k, mqueueOf(k, object), KMSG_LINKS).elements)
        if (headerAt(k, kmsg).msgh_remote_port === object) lines.push(`  ${message(kmsg)}`);
    }
  for (const [thread, name] of threads) {
    if (!k.liveElements("thread").includes(thread)) continue;
    const view = threadAt(k, thread);
    const isWaiting = (view.state & TH.TH_WAIT) !== 0;
    const port =
      view.swap_func === CONTINUATION.CONTINUATION_MACH_MSG_SEND
        ? headerAt(k, view.ith_msize).msgh_remote_port
        : view.ith_object;
    lines.push(isWaiting ? `${name} ${WAITS[view.swap_func]} ${label(port)}` : `${name} ran`);
  }
  return lines;
}
