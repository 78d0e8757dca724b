/**
 * A small world for tests that drive threads by hand: tasks with threads that are started once,
 * calls made by any of them, and messages as words.
 */
import { CONTINUATION } from "../../../host/abi/kernel.ts";
import { MACH_MSG_TYPE } from "../../../host/abi/mach.ts";
import { mach_msg_trap } from "../../../host/mach/ipc/mach-msg.ts";
import { ipc_object_copyout } from "../../../host/mach/ipc/object-copy.ts";
import { ipc_port_alloc, ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { ipc_right_lookup } from "../../../host/mach/ipc/right.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import { thread_block } from "../../../host/mach/kern/sched.ts";
import type { Resumption, TrapResult } from "../../../host/mach/kern/state.ts";
import { procedure_call } from "../../../host/mach/kern/procedure.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { thread_create } from "../../../host/mach/kern/thread.ts";
import { entryAt, taskAt } from "../../../host/mach/kern/views.ts";
import { expect } from "vitest";
import { DATA_SIZE, message, REQUEST, SEND, type MachMsg } from "./scenario.ts";
import { TestKernel, USER_BASE } from "./test-kernel.ts";

export interface Actor {
  readonly task: number;
  readonly thread: number;
  readonly space: number;
  /** Address of its message buffer. */
  readonly data: number;
}

export class World {
  readonly k: TestKernel;
  #actors = 0;
  /** What calls returned that nobody has asked for yet. */
  readonly #finished = new Map<number, number>();
  constructor(limit?: number) {
    this.k = new TestKernel(limit);
  }

  /** A thread in a new task, or in another actor's. */
  actor(peer?: Actor): Actor {
    const { k } = this;
    const task = peer?.task ?? k.createTask();
    const thread = thread_create(k, task);
    thread_resume(k, thread);
    const data = USER_BASE + (this.#actors++ % 5) * DATA_SIZE;
    return { task, thread, space: taskAt(k, task).itk_space, data };
  }

  /** A receive right; its name. */
  port({ space }: Actor): number {
    const made = ipc_port_alloc(this.k, space);
    if (typeof made === "number") throw new Error(`ipc_port_alloc: ${made}`);
    return made.name;
  }
  /** The port behind a name. */
  portOf({ space }: Actor, name: number): number {
    const named = ipc_right_lookup(this.k, space, name);
    if (typeof named === "number") throw new Error(`no name ${name}`);
    return entryAt(this.k, named.entry).ie_object;
  }
  /** A send right for `from`'s port in `to`'s space; its name there. */
  sendRight(from: Actor, name: number, to: Actor): number {
    const sright = ipc_port_make_send(this.k, this.portOf(from, name));
    const type = MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND;
    const out = ipc_object_copyout(this.k, to.space, sright, type, true);
    if ("kr" in out) throw new Error(`ipc_object_copyout: ${out.kr}`);
    return out.name;
  }

  /** Makes a runnable actor's thread the current one; others wait for the processor meanwhile. */
  become({ thread }: Actor): void {
    while (this.k.cpu.active_thread !== thread) this.#step();
  }
  /** Lets threads run until a waiting actor's call returns; its value. */
  returns({ thread }: Actor): number {
    while (!this.#finished.has(thread)) this.#step();
    const code = this.#finished.get(thread)!;
    this.#finished.delete(thread);
    return code;
  }
  #step(): void {
    const { k } = this;
    if (k.cpu.active_thread !== 0) thread_block(k, CONTINUATION.CONTINUATION_BOOTSTRAP);
    const next = runNext(k);
    if (next === "idle") throw new Error("World: nobody can run");
    if (next.kind === "return") this.#finished.set(next.thread, next.returnCode);
  }

  /** An actor's `mach_msg`. */
  msg(actor: Actor, call: MachMsg): TrapResult {
    this.become(actor);
    if (call.message) this.poke(actor, call.message);
    return procedure_call(
      this.k,
      mach_msg_trap(this.k, {
        msg: typeof call.msg === "number" ? call.msg : actor.data,
        option: call.option,
        send_size: call.send_size ?? 4 * (call.message?.length ?? 0),
        rcv_size: call.rcv_size ?? DATA_SIZE,
        rcv_name: call.rcv_name ?? 0,
        time_out: call.time_out ?? 0,
        notify: call.notify ?? 0,
      }),
    );
  }
  /** Who runs next, and what its call returns. */
  next(): Resumption {
    return runNext(this.k);
  }

  poke({ task, data }: Actor, words: readonly number[]): void {
    const bytes = new Uint8Array(words.length * 4);
    words.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value));
    this.k.copyout(task, data, bytes);
  }
  /** The first words of an actor's buffer. */
  peek({ task, data }: Actor, count: number): number[] {
    const view = new DataView(this.k.copyin(task, data, 4 * count)!.buffer);
    return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
  }
}

/** A client and a server with a port of the client's own and the server's known to it. */
export function pair(limit?: number) {
  const world = new World(limit);
  const client = world.actor();
  const server = world.actor();
  const service = world.port(server);
  const dest = world.sendRight(server, service, client);
  const reply = world.port(client);
  return { world, k: world.k, client, server, service, dest, reply };
}
export type Pair = ReturnType<typeof pair>;

/** The client's request to the server. */
export const request = ({ dest, reply }: Pair, id = 1, ...body: number[]): number[] =>
  message(REQUEST, dest, reply, id, ...body);

/** Queues so many requests at the server's port. */
export function fill(p: Pair, count: number): void {
  for (let i = 0; i < count; i++)
    expect(p.world.msg(p.client, { option: SEND, message: request(p, i) })).toBe(0);
}

/** The resumption of an actor whose call returns. */
export const returned = (actor: Actor, returnCode: number): Resumption => ({
  kind: "return",
  thread: actor.thread,
  returnCode,
});
