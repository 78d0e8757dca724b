/**
 * The whole `mach_port` interface, by message, on one's own task and on another's; and what its traps
 * say of the same.
 */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, MACH_MSG_TYPE, MACH_NOTIFY, MACH_TRAP } from "../../../host/abi/mach.ts";
import type { Values } from "../../../host/kmig/binding.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { definitions } from "../../../host/mach/definitions.ts";
import { Caller, leaks, receiveFrom } from "../vm/caller.ts";
import { wordsAt } from "./words.ts";

const {
  KERN_SUCCESS,
  KERN_INVALID_ARGUMENT,
  KERN_INVALID_CAPABILITY,
  KERN_INVALID_NAME,
  KERN_INVALID_RIGHT,
  KERN_INVALID_TASK,
  KERN_INVALID_VALUE,
  KERN_NAME_EXISTS,
  KERN_NOT_IN_SET,
  KERN_RIGHT_EXISTS,
  KERN_UREFS_OVERFLOW,
} = KERN_RETURN;
const [SEND, RECEIVE, SEND_ONCE, PORT_SET, DEAD_NAME] = [0, 1, 2, 3, 4];
const type = (...rights: number[]): number => rights.reduce((all, r) => all | (0x10000 << r), 0);
const {
  MACH_MSG_TYPE_COPY_SEND,
  MACH_MSG_TYPE_MAKE_SEND,
  MACH_MSG_TYPE_MAKE_SEND_ONCE,
  MACH_MSG_TYPE_MOVE_RECEIVE,
  MACH_MSG_TYPE_MOVE_SEND,
  MACH_MSG_TYPE_PORT_SEND,
} = MACH_MSG_TYPE;

/** Routines that some test has called. */
const called = new Set<string>();

/** A caller that does things to a task's names: its own, or another's. */
async function onTask(whose: "own" | "another's") {
  const caller = await Caller.boot();
  const subject = whose === "own" ? caller : caller.another();
  const task = whose === "own" ? caller.self : caller.taskPort(subject.task);
  const call = (routine: string, values: Values) => {
    called.add(routine);
    return caller.call(task, `mach_port_${routine}`, values);
  };
  const code = (routine: string, values: Values): number => call(routine, values).code;
  const value = <T = number>(routine: string, values: Values, name: string): T => {
    const reply = call(routine, values);
    expect(reply.code).toBe(KERN_SUCCESS);
    return reply.values[name] as T;
  };
  return {
    caller,
    subject,
    task,
    call,
    code,
    value,
    allocate: (right: number): number => value("allocate", { right }, "name"),
    typeOf: (name: number): number => value("type", { name }, "ptype") >>> 0,
    refs: (name: number, right: number): number => value("get_refs", { name, right }, "refs"),
    /** A send right, made of a receive right there. */
    makeSend: (name: number): void =>
      expect(
        subject.call(subject.self, "mach_port_insert_right", {
          name,
          poly: { name: MACH_MSG_TYPE_MAKE_SEND, value: name },
        }).code,
      ).toBe(KERN_SUCCESS),
    end: (): void => {
      expect(checkKernel(caller.k)).toEqual([]);
      expect(leaks(caller.k)).toEqual([]);
    },
  };
}

describe.each(["own", "another's"] as const)("on one's %s names", (whose) => {
  test("allocate, allocate_name, type, names, rename, destroy", async () => {
    const t = await onTask(whose);
    const port = t.allocate(RECEIVE);
    const set = t.allocate(PORT_SET);
    const dead = t.allocate(DEAD_NAME);
    expect([port, set, dead].map(t.typeOf)).toEqual([
      ...[type(RECEIVE), type(PORT_SET), type(DEAD_NAME)],
    ]);
    for (const right of [SEND, SEND_ONCE, 5, 0xffffffff])
      expect(t.code("allocate", { right })).toBe(KERN_INVALID_VALUE);
    const chosen = 0x4242;
    for (const right of [RECEIVE, PORT_SET, DEAD_NAME]) {
      expect(t.code("allocate_name", { right, name: chosen })).toBe(KERN_SUCCESS);
      expect(t.typeOf(chosen)).toBe(type(right));
      expect(t.code("allocate_name", { right, name: chosen })).toBe(KERN_NAME_EXISTS);
      expect(t.code("destroy", { name: chosen })).toBe(KERN_SUCCESS);
    }
    expect(t.code("allocate_name", { right: SEND, name: chosen })).toBe(KERN_INVALID_VALUE);
    for (const name of [0, 0xffffffff])
      expect(t.code("allocate_name", { right: RECEIVE, name })).toBe(KERN_INVALID_VALUE);
    expect(t.code("rename", { old_name: port, new_name: chosen })).toBe(KERN_SUCCESS);
    expect(t.code("type", { name: port })).toBe(KERN_INVALID_NAME);
    expect(t.code("rename", { old_name: set, new_name: chosen })).toBe(KERN_NAME_EXISTS);
    expect(t.code("rename", { old_name: 0x9900, new_name: 0x5500 })).toBe(KERN_INVALID_NAME);
    expect(t.code("rename", { old_name: set, new_name: 0 })).toBe(KERN_INVALID_VALUE);
    const all = t.call("names", {});
    const names = wordsAt(t.caller, all, "names");
    const types = wordsAt(t.caller, all, "types");
    expect(names).toHaveLength(types.length);
    const known = new Map(names.map((name, i) => [name, types[i]]));
    expect([chosen, set, dead].map((name) => known.get(name))).toEqual([
      ...[type(RECEIVE), type(PORT_SET), type(DEAD_NAME)],
    ]);
    for (const name of names) if (name !== 0) expect(known.get(name)).toBe(t.typeOf(name));
    for (const name of [chosen, set, dead]) {
      expect(t.code("destroy", { name })).toBe(KERN_SUCCESS);
      expect(t.code("destroy", { name })).toBe(KERN_INVALID_NAME);
    }
    t.end();
  });

  test("get_refs, mod_refs, deallocate", async () => {
    const t = await onTask(whose);
    const port = t.allocate(RECEIVE);
    t.makeSend(port);
    t.makeSend(port);
    expect([SEND, RECEIVE, SEND_ONCE, PORT_SET, DEAD_NAME].map((r) => t.refs(port, r))).toEqual([
      ...[2, 1, 0, 0, 0],
    ]);
    expect(t.code("get_refs", { name: port, right: 5 })).toBe(KERN_INVALID_VALUE);
    expect(t.code("get_refs", { name: 0x9900, right: SEND })).toBe(KERN_INVALID_NAME);
    const change = (name: number, right: number, delta: number): number =>
      t.code("mod_refs", { name, right, delta });
    expect(change(port, SEND, 65532)).toBe(KERN_SUCCESS);
    expect(change(port, SEND, 1)).toBe(KERN_UREFS_OVERFLOW);
    expect(change(port, SEND, -65535)).toBe(KERN_INVALID_VALUE);
    expect(change(port, SEND, -65533)).toBe(KERN_SUCCESS);
    expect(t.code("deallocate", { name: port })).toBe(KERN_SUCCESS);
    expect(t.code("deallocate", { name: port })).toBe(KERN_INVALID_RIGHT);
    expect(change(port, PORT_SET, 1)).toBe(KERN_INVALID_RIGHT);
    expect(change(port, 7, 1)).toBe(KERN_INVALID_VALUE);
    const set = t.allocate(PORT_SET);
    expect(change(set, PORT_SET, 1)).toBe(KERN_INVALID_VALUE);
    expect(t.refs(set, PORT_SET)).toBe(1);
    expect(change(set, PORT_SET, -1)).toBe(KERN_SUCCESS);
    const dead = t.allocate(DEAD_NAME);
    expect(change(dead, DEAD_NAME, 3)).toBe(KERN_SUCCESS);
    expect(t.refs(dead, DEAD_NAME)).toBe(4);
    expect(change(dead, DEAD_NAME, -4)).toBe(KERN_SUCCESS);
    expect(change(dead, DEAD_NAME, 1)).toBe(KERN_INVALID_NAME);
    expect(change(port, RECEIVE, 1)).toBe(KERN_INVALID_VALUE);
    expect(change(port, RECEIVE, -1)).toBe(KERN_SUCCESS);
    t.end();
  });

  test("sets: move_member, get_set_status, and the status of a receive right", async () => {
    const t = await onTask(whose);
    const [one, two, other] = [t.allocate(RECEIVE), t.allocate(RECEIVE), t.allocate(PORT_SET)];
    const set = t.allocate(PORT_SET);
    const move = (member: number, after: number): number =>
      t.code("move_member", { member, after });
    const members = (name: number): number[] =>
      wordsAt(t.caller, t.call("get_set_status", { name }), "members");
    expect(members(set)).toEqual([]);
    expect(move(one, 0)).toBe(KERN_NOT_IN_SET);
    expect([move(one, set), move(two, set), move(two, set)]).toEqual([0, 0, 0]);
    expect(members(set)).toEqual([one, two]);
    expect(move(two, other)).toBe(KERN_SUCCESS);
    expect([members(set), members(other)]).toEqual([[one], [two]]);
    expect(move(one, 0)).toBe(KERN_SUCCESS);
    expect(members(set)).toEqual([]);
    expect(move(set, other)).toBe(KERN_INVALID_RIGHT);
    expect(move(one, two)).toBe(KERN_INVALID_RIGHT);
    expect([move(0x9900, set), move(one, 0x9900)]).toEqual([KERN_INVALID_NAME, KERN_INVALID_NAME]);
    expect(t.code("get_set_status", { name: one })).toBe(KERN_INVALID_RIGHT);
    expect(t.code("get_set_status", { name: 0x9900 })).toBe(KERN_INVALID_NAME);
    t.makeSend(two);
    expect(t.code("set_qlimit", { name: two, qlimit: 9 })).toBe(KERN_SUCCESS);
    expect(t.code("set_qlimit", { name: two, qlimit: 17 })).toBe(KERN_INVALID_VALUE);
    expect(t.code("set_mscount", { name: two, mscount: 77 })).toBe(KERN_SUCCESS);
    expect(t.code("set_seqno", { name: two, seqno: 5 })).toBe(KERN_SUCCESS);
    for (const [routine, values] of [
      ["set_qlimit", { qlimit: 1 }],
      ["set_mscount", { mscount: 1 }],
      ["set_seqno", { seqno: 1 }],
      ["get_receive_status", {}],
    ] as const) {
      expect(t.code(routine, { name: set, ...values })).toBe(KERN_INVALID_RIGHT);
      expect(t.code(routine, { name: 0x9900, ...values })).toBe(KERN_INVALID_NAME);
    }
    // Set, sequence number, make-send count, limit, messages, send-once rights, send rights, requests.
    const status = t.value<number[]>("get_receive_status", { name: two }, "status");
    expect(status).toEqual([other, 5, 77, 9, 0, 0, 1, 0, 0]);
    const old = t.caller.call(t.task, "old_mach_port_get_receive_status", { name: two });
    expect(old.values).toEqual({ status: status.toSpliced(1, 1) });
    // A set goes, its member stays.
    expect(t.code("destroy", { name: other })).toBe(KERN_SUCCESS);
    expect(t.value<number[]>("get_receive_status", { name: two }, "status")[0]).toBe(0);
    t.end();
  });

  test("insert_right and extract_right, every kind", async () => {
    const t = await onTask(whose);
    const { caller } = t;
    const insert = (name: number, right: number, disposition: number): number =>
      t.code("insert_right", { name, poly: { name: disposition, value: right } });
    const own = caller.receive();
    expect(insert(0x3300, own, MACH_MSG_TYPE_MAKE_SEND)).toBe(
      whose === "own" ? KERN_RIGHT_EXISTS : KERN_SUCCESS,
    );
    const name = whose === "own" ? own : 0x3300;
    if (whose === "own") expect(insert(own, own, MACH_MSG_TYPE_MAKE_SEND)).toBe(KERN_SUCCESS);
    expect(t.typeOf(name)).toBe(whose === "own" ? type(SEND, RECEIVE) : type(SEND));
    expect(insert(0x3400, own, MACH_MSG_TYPE_MAKE_SEND_ONCE)).toBe(KERN_SUCCESS);
    expect(t.typeOf(0x3400)).toBe(type(SEND_ONCE));
    expect(insert(0x3400, own, MACH_MSG_TYPE_MAKE_SEND_ONCE)).toBe(KERN_NAME_EXISTS);
    expect(insert(0, own, MACH_MSG_TYPE_MAKE_SEND)).toBe(KERN_INVALID_VALUE);
    expect(insert(0x3500, 0, MACH_MSG_TYPE_COPY_SEND)).toBe(KERN_INVALID_CAPABILITY);
    const extract = (from: number, msgt_name: number) =>
      t.call("extract_right", { name: from, msgt_name });
    expect(extract(name, 15).code).toBe(KERN_INVALID_VALUE);
    expect(extract(0x9900, MACH_MSG_TYPE_COPY_SEND).code).toBe(KERN_INVALID_NAME);
    expect(extract(0x3400, MACH_MSG_TYPE_COPY_SEND).code).toBe(KERN_INVALID_RIGHT);
    const copied = extract(name, MACH_MSG_TYPE_COPY_SEND);
    expect(copied).toEqual({
      code: KERN_SUCCESS,
      values: { poly: { name: MACH_MSG_TYPE_PORT_SEND, value: own } },
    });
    expect(extract(name, MACH_MSG_TYPE_MOVE_SEND).code).toBe(KERN_SUCCESS);
    // A receive right goes over and comes back, with its queue and its senders.
    const subjectPort = t.allocate(RECEIVE);
    const moved = extract(subjectPort, MACH_MSG_TYPE_MOVE_RECEIVE);
    const there = (moved.values["poly"] as { value: number }).value;
    expect(moved.code).toBe(KERN_SUCCESS);
    expect(t.code("type", { name: subjectPort })).toBe(
      there === subjectPort ? KERN_SUCCESS : KERN_INVALID_NAME,
    );
    expect(insert(0x3600, there, MACH_MSG_TYPE_MOVE_RECEIVE)).toBe(KERN_SUCCESS);
    expect(t.typeOf(0x3600)).toBe(type(RECEIVE));
    t.end();
  });

  test("request_notification: every notice, and requests taken back", async () => {
    const t = await onTask(whose);
    const { caller } = t;
    const notices = caller.receive();
    const ask = (name: number, id: number, sync: number) =>
      caller.call(
        t.task,
        "mach_port_request_notification",
        { name, id, sync, notify: { name: MACH_MSG_TYPE_MAKE_SEND_ONCE, value: notices } },
        {},
      );
    called.add("request_notification");
    const next = (): [number, number] => {
      const got = receiveFrom(caller, notices);
      if (!got) throw new Error("no notice");
      return [got.message.read32(20), got.message.read32(28)];
    };
    /** The right of a request that is refused ends: its port hears of that. */
    const refused = (name: number, id: number, sync: number): number => {
      const { code } = ask(name, id, sync);
      expect(next()[0]).toBe(MACH_NOTIFY.MACH_NOTIFY_SEND_ONCE);
      return code;
    };
    const { MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED } =
      MACH_NOTIFY;
    const port = t.allocate(RECEIVE);
    // No senders: at once when there are none and enough were made, else when the last one goes.
    expect(ask(port, MACH_NOTIFY_NO_SENDERS, 0).code).toBe(KERN_SUCCESS);
    expect(next()).toEqual([MACH_NOTIFY_NO_SENDERS, 0]);
    t.makeSend(port);
    expect(ask(port, MACH_NOTIFY_NO_SENDERS, 1).code).toBe(KERN_SUCCESS);
    expect(receiveFrom(caller, notices)).toBeUndefined();
    expect(t.code("deallocate", { name: port })).toBe(KERN_SUCCESS);
    expect(next()).toEqual([MACH_NOTIFY_NO_SENDERS, 1]);
    // A dead name.
    t.makeSend(port);
    expect(ask(port, MACH_NOTIFY_DEAD_NAME, 0).code).toBe(KERN_SUCCESS);
    expect(t.typeOf(port)).toBe((type(SEND, RECEIVE) | 0x80000000) >>> 0);
    expect(t.code("mod_refs", { name: port, right: RECEIVE, delta: -1 })).toBe(KERN_SUCCESS);
    expect(next()).toEqual([MACH_NOTIFY_DEAD_NAME, port]);
    expect(t.typeOf(port)).toBe(type(DEAD_NAME));
    expect(refused(port, MACH_NOTIFY_DEAD_NAME, 0)).toBe(KERN_INVALID_ARGUMENT);
    expect(ask(port, MACH_NOTIFY_DEAD_NAME, 1).code).toBe(KERN_SUCCESS);
    expect(next()).toEqual([MACH_NOTIFY_DEAD_NAME, port]);
    // A name with a request that goes: port deleted.
    const gone = t.allocate(RECEIVE);
    expect(ask(gone, MACH_NOTIFY_DEAD_NAME, 0).code).toBe(KERN_SUCCESS);
    expect(t.code("destroy", { name: gone })).toBe(KERN_SUCCESS);
    expect(next()).toEqual([MACH_NOTIFY.MACH_NOTIFY_PORT_DELETED, gone]);
    // Port destroyed: the receive right comes instead of its end.
    const kept = t.allocate(RECEIVE);
    expect(refused(kept, MACH_NOTIFY_PORT_DESTROYED, 1)).toBe(KERN_INVALID_VALUE);
    expect(ask(kept, MACH_NOTIFY_PORT_DESTROYED, 0).code).toBe(KERN_SUCCESS);
    expect(t.code("destroy", { name: kept })).toBe(KERN_SUCCESS);
    const [id, name] = next();
    expect(id).toBe(MACH_NOTIFY_PORT_DESTROYED);
    expect(caller.call(caller.self, "mach_port_type", { name }).values).toEqual({
      ptype: type(RECEIVE),
    });
    // What there is not.
    expect(refused(port, 99, 0)).toBe(KERN_INVALID_VALUE);
    expect(refused(0x9900, MACH_NOTIFY_DEAD_NAME, 0)).toBe(KERN_INVALID_NAME);
    const set = t.allocate(PORT_SET);
    expect(refused(set, MACH_NOTIFY_NO_SENDERS, 0)).toBe(KERN_INVALID_RIGHT);
    expect(refused(set, MACH_NOTIFY_DEAD_NAME, 0)).toBe(KERN_INVALID_RIGHT);
    t.end();
  });
});

test("traps say the same, and leave other tasks than local ones to messages", async () => {
  const t = await onTask("another's");
  const at = 0x78000000 + 0x800000;
  const { caller } = t;
  caller.call(caller.self, "vm_allocate", { address: at, size: 4096, anywhere: 0 });
  const { TRAP_MACH_PORT_ALLOCATE, TRAP_MACH_PORT_DEALLOCATE, TRAP_MACH_PORT_INSERT_RIGHT } =
    MACH_TRAP;
  const { TRAP_MACH_PORT_ALLOCATE_NAME: ALLOCATE_NAME } = MACH_TRAP;
  const trap = (number: number, ...args: number[]): number => caller.trap(number | 0, ...args);
  for (const [right, denotes] of [
    [RECEIVE, type(RECEIVE)],
    [PORT_SET, type(PORT_SET)],
    [DEAD_NAME, type(DEAD_NAME)],
  ] as const) {
    expect(trap(TRAP_MACH_PORT_ALLOCATE, t.task, right, at)).toBe(KERN_SUCCESS);
    expect(t.typeOf(caller.word(at)!)).toBe(denotes);
    const deallocates = right === DEAD_NAME ? KERN_SUCCESS : KERN_INVALID_RIGHT;
    expect(trap(TRAP_MACH_PORT_DEALLOCATE, t.task, caller.word(at)!)).toBe(deallocates);
  }
  expect(trap(TRAP_MACH_PORT_ALLOCATE, t.task, SEND, at)).toBe(KERN_INVALID_VALUE);
  expect(trap(TRAP_MACH_PORT_ALLOCATE, 0x9900, RECEIVE, at)).toBe(0x10000007);
  for (const right of [RECEIVE, PORT_SET, DEAD_NAME]) {
    expect(trap(ALLOCATE_NAME, t.task, right, 0x6600)).toBe(KERN_SUCCESS);
    expect(t.typeOf(0x6600)).toBe(type(right));
    expect(trap(ALLOCATE_NAME, t.task, right, 0x6600)).toBe(KERN_NAME_EXISTS);
    expect(t.code("destroy", { name: 0x6600 })).toBe(KERN_SUCCESS);
  }
  expect(trap(ALLOCATE_NAME, t.task, SEND, 0x6600)).toBe(KERN_INVALID_VALUE);
  expect(trap(ALLOCATE_NAME, 0x9900, RECEIVE, 0x6600)).toBe(0x10000007);
  const own = caller.receive();
  expect(trap(TRAP_MACH_PORT_INSERT_RIGHT, t.task, 0x5500, own, MACH_MSG_TYPE_MAKE_SEND)).toBe(0);
  expect(t.typeOf(0x5500)).toBe(type(SEND));
  expect(trap(TRAP_MACH_PORT_INSERT_RIGHT, t.task, 0x5500, own, 22)).toBe(KERN_INVALID_VALUE);
  t.end();
});

test("a port that is no task's has no names", async () => {
  const caller = await Caller.boot();
  const host = caller.trap(MACH_TRAP.TRAP_MACH_HOST_SELF | 0);
  expect(caller.call(host, "mach_port_names", {}).code).toBe(KERN_INVALID_TASK);
  expect(caller.call(host, "mach_port_allocate", { right: RECEIVE }).code).toBe(KERN_INVALID_TASK);
});

test("no routine of the interface was left out", async () => {
  const include = await definitions();
  const { text } = include("mach/mach_port.defs")!;
  const routines = [...text.matchAll(/^routine mach_port_(\w+)/gm)].map(([, name]) => name!);
  expect([...called].toSorted()).toEqual(routines.toSorted());
});
