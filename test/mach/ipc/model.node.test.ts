/** Random operations on three spaces: the kernel and the reference model must agree after each. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MACH_MSG_TYPE } from "../../../host/abi/mach.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import { mach_msg_trap } from "../../../host/mach/ipc/mach-msg.ts";
import {
  mach_port_allocate,
  mach_port_deallocate,
  mach_port_destroy,
  mach_port_get_receive_status,
  mach_port_get_refs,
  mach_port_mod_refs,
  mach_port_set_qlimit,
} from "../../../host/mach/ipc/mach-port.ts";
import {
  mach_port_get_set_status,
  mach_port_move_member,
} from "../../../host/mach/ipc/mach-port-sets.ts";
import { ipc_object_copyout } from "../../../host/mach/ipc/object-copy.ts";
import { mach_port_request_notification } from "../../../host/mach/ipc/mach-port-names.ts";
import {
  ipc_port_make_send,
  ipc_port_make_sonce,
  ipc_port_release_sonce,
} from "../../../host/mach/ipc/port.ts";
import { ipc_right_lookup } from "../../../host/mach/ipc/right.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import { syscall_mach_port_insert_right } from "../../../host/mach/kern/ipc-mig.ts";
import { mach_task_self } from "../../../host/mach/kern/ipc-tt.ts";
import { thread_block } from "../../../host/mach/kern/sched.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { thread_create } from "../../../host/mach/kern/thread.ts";
import { entryAt, taskAt } from "../../../host/mach/kern/views.ts";
import { CONTINUATION } from "../../../host/abi/kernel.ts";
import { RIGHT, type Got } from "./model-space.ts";
import { setStatus } from "./model-sets.ts";
import { Model } from "./model.ts";
import {
  BEGINNING,
  nameFor,
  operation,
  SELF,
  TASKS,
  typeFor,
  type Operation,
} from "./operations.ts";
import { TestKernel, USER_BASE } from "./test-kernel.ts";
import { seeded } from "../../support/seed.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 60);

/** The kernel driven one call at a time by whichever task is to call. */
class Driver {
  readonly k = new TestKernel();
  readonly tasks: readonly number[];
  readonly #threads: readonly number[];
  readonly before = census(this.k);
  constructor() {
    this.tasks = Array.from({ length: TASKS }, () => this.k.createTask());
    this.#threads = this.tasks.map((each) => thread_create(this.k, each));
    for (const thread of this.#threads) thread_resume(this.k, thread);
    for (let i = 0; i < TASKS; i++) {
      this.become(i);
      expect(mach_task_self(this.k, this.#threads[i]!)).toBe(SELF);
    }
  }
  /** Makes a task's thread the current one. */
  become(index: number): number {
    const { k } = this;
    const wanted = this.#threads[index]!;
    while (k.cpu.active_thread !== wanted) {
      if (k.cpu.active_thread !== 0) thread_block(k, CONTINUATION.CONTINUATION_BOOTSTRAP);
      runNext(k);
    }
    return wanted;
  }
  space(index: number): number {
    return taskAt(this.k, this.tasks[index]!).itk_space;
  }
  machMsg(
    index: number,
    words: readonly number[],
    option: number,
    rcvName: number,
    rcvSize: number,
  ): Got {
    const { k } = this;
    this.become(index);
    const bytes = new Uint8Array(32);
    words.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value));
    k.copyout(this.tasks[index]!, USER_BASE, bytes);
    const code = mach_msg_trap(k, {
      msg: USER_BASE,
      option,
      send_size: 24,
      rcv_size: rcvSize,
      rcv_name: rcvName,
      time_out: 0,
      notify: 0,
    });
    if (typeof code !== "number") throw new Error("blocked with a timeout of 0");
    const back = new DataView(k.copyin(this.tasks[index]!, USER_BASE, 32)!.buffer);
    return { code, words: [0, 4, 8, 12, 16, 20, 24, 28].map((offset) => back.getUint32(offset)) };
  }
}

function apply(driver: Driver, model: Model, o: Operation): void {
  const { k } = driver;
  const space = model.spaces[o.task]!;
  const real = driver.space(o.task);
  switch (o.op) {
    case "allocate": {
      const made = mach_port_allocate(k, real, o.right);
      const got = "kr" in made ? { code: made.kr } : { code: 0, words: [made.name] };
      return expect(got).toEqual(model.allocate(space, o.right));
    }
    case "destroy": {
      const at = nameFor(space, o.name);
      return expect(mach_port_destroy(k, real, at)).toBe(model.destroy(space, at));
    }
    case "deallocate": {
      const at = nameFor(space, o.name);
      return expect(mach_port_deallocate(k, real, at)).toBe(model.deallocate(space, at));
    }
    case "modRefs": {
      const at = nameFor(space, o.name);
      const legal = model.modRefs(space, at, o.right, o.delta);
      return expect(legal).toContain(mach_port_mod_refs(k, real, at, o.right, o.delta));
    }
    case "insert": {
      const [to, from] = [nameFor(space, o.name), nameFor(space, o.from)];
      const thread = driver.become(o.task);
      const type = typeFor(space, from, o.type);
      const code = syscall_mach_port_insert_right(k, thread, SELF, to, from, type);
      return expect(code).toBe(model.insertRight(space, to, from, type));
    }
    case "send": {
      const dest = nameFor(space, o.dest);
      const reply = o.reply === "same" ? dest : o.reply === "none" ? 0 : nameFor(space, o.reply);
      const destType = typeFor(space, dest, o.types[0]);
      const replyType = typeFor(space, reply, o.types[1]);
      const type = o.reply === "none" && dest % 2 === 0 ? 0 : replyType;
      const words = [destType | (type << 8), 0, dest, reply, 0, 4242];
      const got = driver.machMsg(o.task, words, 0x11, 0, 0);
      const wanted = model.send(space, destType, dest, type, reply, 4242);
      expect(got.code).toBe(wanted.code);
      if (wanted.words) expect(got.words?.slice(0, 6)).toEqual(wanted.words);
      return;
    }
    case "receive": {
      const at = nameFor(space, o.name);
      const got = driver.machMsg(o.task, [], 0x102 | (o.large ? 0x800 : 0), at, o.size);
      const wanted = model.receive(space, at, o.size, o.large);
      expect(got.code).toBe(wanted.code);
      if (wanted.words) expect(got.words?.slice(0, wanted.words.length)).toEqual(wanted.words);
      return;
    }
    case "moveMember": {
      const at = nameFor(space, o.name);
      const after = o.after === "none" ? 0 : nameFor(space, o.after);
      return expect(mach_port_move_member(k, real, at, after)).toBe(
        model.moveMember(space, at, after),
      );
    }
    case "ask": {
      const at = nameFor(space, o.name);
      const listener = o.listener === "none" ? undefined : space.look(nameFor(space, o.listener));
      if (listener && (listener.what !== "port" || !listener.receive)) return;
      const entry =
        o.listener === "none" ? 0 : ipc_right_lookup(k, real, nameFor(space, o.listener));
      const soright =
        typeof entry === "number" ? 0 : ipc_port_make_sonce(k, entryAt(k, entry.entry).ie_object);
      const answer = mach_port_request_notification(k, real, at, o.id, o.sync, soright);
      const spare = "kr" in answer ? soright : answer.previous;
      if (spare !== 0) ipc_port_release_sonce(k, spare);
      const port = listener?.what === "port" ? listener.port : undefined;
      return expect("kr" in answer ? answer.kr : 0).toBe(model.ask(space, at, o.id, o.sync, port));
    }
    case "grant": {
      const at = nameFor(space, o.name);
      const to = model.grant(space, at, model.spaces[o.to]!);
      if (to === undefined) return;
      const entry = ipc_right_lookup(k, real, at);
      if (typeof entry === "number") throw new Error("grant: no such port");
      const sright = ipc_port_make_send(k, entryAt(k, entry.entry).ie_object);
      const type = MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND;
      return expect(ipc_object_copyout(k, driver.space(o.to), sright, type, true)).toEqual({
        name: to,
      });
    }
    case "setQlimit": {
      const at = nameFor(space, o.name);
      return expect(mach_port_set_qlimit(k, real, at, o.qlimit)).toBe(
        model.setQlimit(space, at, o.qlimit),
      );
    }
  }
}

/** Every name's rights and every receive right's status. */
function compare(k: TestKernel, spaces: readonly number[], model: Model): void {
  model.spaces.forEach((space, i) => {
    const real = spaces[i]!;
    for (const at of space.names.keys()) {
      if (at === SELF) continue;
      for (const right of Object.values(RIGHT))
        expect(mach_port_get_refs(k, real, at, right)).toEqual({
          urefs: model.getRefs(space, at, right),
        });
      const entry = space.look(at)!;
      const { words: members } = setStatus(space, at);
      if (members) expect(mach_port_get_set_status(k, real, at)).toEqual({ members });
      if (entry.what !== "port" || !entry.receive) continue;
      const { port } = entry;
      expect(mach_port_get_receive_status(k, real, at)).toEqual({
        pset: port.set
          ? [...space.names].find(([, e]) => e.what === "set" && e.set === port.set)![0]
          : 0,
        seqno: port.seqno,
        mscount: port.mscount,
        qlimit: port.qlimit,
        msgcount: port.queue.length,
        sorights: model.sendOnces(port),
        srights: model.sends(port) > 0,
        pdrequest: false,
        nsrequest: port.noSenders !== undefined,
      });
    }
  });
}

test(`${RUNS} random histories agree with the model`, () => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 40, maxLength: 200 }), (operations) => {
      const driver = new Driver();
      const { k } = driver;
      const model = new Model(TASKS);
      for (const space of model.spaces) space.names.set(space.fresh(), { what: "dead", urefs: 1 });
      const spaces = driver.tasks.map((_, i) => driver.space(i));
      for (const each of [...BEGINNING, ...operations]) {
        apply(driver, model, each);
        expect(checkKernel(k)).toEqual([]);
        compare(k, spaces, model);
      }
      for (const each of driver.tasks) task_terminate(k, each);
      expect(checkKernel(k)).toEqual([]);
      const cached = k.cpu.ipc_kmsg_cache === 0 ? 0 : 1;
      expect(census(k)).toEqual({ ...driver.before, "256": cached });
    }),
    { numRuns: RUNS, ...seeded() },
  );
});
