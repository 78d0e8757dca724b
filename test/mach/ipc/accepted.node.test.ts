/** MACH_SEND_NOTIFY and MACH_SEND_CANCEL: messages past the limit, and requests that are taken back. */
import { describe, expect, test } from "vitest";
import { MACH_MSG_OPTION, MACH_MSG_RETURN, MACH_NOTIFY } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import {
  mach_port_allocate,
  mach_port_deallocate,
  mach_port_destroy,
} from "../../../host/mach/ipc/mach-port.ts";
import {
  mach_port_rename,
  mach_port_request_notification,
  mach_port_type,
} from "../../../host/mach/ipc/mach-port-names.ts";
import { mach_port_move_member } from "../../../host/mach/ipc/mach-port-sets.ts";
import { ipc_port_make_sonce } from "../../../host/mach/ipc/port.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import {
  bits,
  COPY_SEND,
  MAKE_SEND_ONCE,
  message,
  MOVE_SEND,
  MOVE_SEND_ONCE,
  RCV,
  SEND,
} from "./scenario.ts";
import { fill, pair, request, type Actor, type Pair } from "./world.ts";

const { MACH_RCV_TIMEOUT, MACH_SEND_CANCEL, MACH_SEND_NOTIFY, MACH_SEND_TIMEOUT } = MACH_MSG_OPTION;
const M = MACH_MSG_RETURN;
const NOTIFY = SEND | MACH_SEND_NOTIFY;
const { MACH_NOTIFY_MSG_ACCEPTED, MACH_NOTIFY_PORT_DELETED } = MACH_NOTIFY;

/** A client with a port for notices, and a server whose queue is full. */
function full() {
  const p = pair();
  const notices = p.world.port(p.client);
  fill(p, 5);
  return { ...p, notices };
}
const send = (p: Pair & { readonly notices: number }, option = NOTIFY, notify = p.notices) =>
  p.world.msg(p.client, { option, message: request(p, 9), notify });
/** The next notice: its id and its name; undefined for none. */
function notice(p: Pair, who: Actor, from: number): [id: number, name: number] | undefined {
  const code = p.world.msg(who, { option: RCV | MACH_RCV_TIMEOUT, rcv_name: from });
  if (code === M.MACH_RCV_TIMED_OUT) return undefined;
  expect(code).toBe(0);
  const words = p.world.peek(who, 8);
  return [words[5]!, words[7]!];
}
const receive = (p: Pair, from = p.service) =>
  expect(p.world.msg(p.server, { option: RCV | MACH_RCV_TIMEOUT, rcv_name: from })).toBe(0);

describe("MACH_SEND_NOTIFY", () => {
  test("sends past the limit once, and tells when the message is received", () => {
    const p = full();
    expect(send(p)).toBe(M.MACH_SEND_WILL_NOTIFY);
    expect(checkKernel(p.k)).toEqual([]);
    expect(mach_port_type(p.k, p.client.space, p.dest)).toEqual({ type: 0x40010000 });
    expect(send(p)).toBe(M.MACH_SEND_NOTIFY_IN_PROGRESS);
    for (let i = 0; i < 5; i++) receive(p);
    expect(notice(p, p.client, p.notices)).toBeUndefined();
    receive(p);
    expect(notice(p, p.client, p.notices)).toEqual([MACH_NOTIFY_MSG_ACCEPTED, p.dest]);
    expect(mach_port_type(p.k, p.client.space, p.dest)).toEqual({ type: 0x00010000 });
    // The queue has room again: nothing to tell.
    expect(send(p)).toBe(0);
    expect(checkKernel(p.k)).toEqual([]);
  });

  test("needs a port to tell; a message that is refused comes back", () => {
    const p = full();
    expect(send(p, NOTIFY, 0)).toBe(M.MACH_SEND_INVALID_NOTIFY);
    expect(send(p, NOTIFY, p.dest)).toBe(M.MACH_SEND_INVALID_NOTIFY);
    expect(send(p, NOTIFY, 0x9900)).toBe(M.MACH_SEND_INVALID_NOTIFY);
    expect(p.world.peek(p.client, 6)[5]).toBe(9);
    expect(checkKernel(p.k)).toEqual([]);
  });

  test("waits as long as it is told to before that", () => {
    const p = full();
    const { world, client, k } = p;
    const call = { option: NOTIFY | MACH_SEND_TIMEOUT, message: request(p, 9), time_out: 20 };
    expect(world.msg(client, { ...call, notify: p.notices })).toBe("blocked");
    k.expire(client.thread);
    expect(world.returns(client)).toBe(M.MACH_SEND_WILL_NOTIFY);
    expect(checkKernel(k)).toEqual([]);
  });

  test.each([
    [
      "the receiver's port dies",
      (p: Pair) => mach_port_destroy(p.k, p.server.space, p.service),
      (p: Pair) => p.dest,
    ],
    [
      "the sender's name goes first",
      (p: Pair) => {
        mach_port_deallocate(p.k, p.client.space, p.dest);
        for (let i = 0; i < 6; i++) receive(p);
      },
      () => 0,
    ],
    [
      "the sender's name is changed",
      (p: Pair) => {
        mach_port_rename(p.k, p.client.space, p.dest, 0x7700);
        for (let i = 0; i < 6; i++) receive(p);
      },
      () => 0x7700,
    ],
    [
      "the port goes into a set",
      (p: Pair) => {
        const made = mach_port_allocate(p.k, p.server.space, 3);
        const set = "name" in made ? made.name : 0;
        mach_port_move_member(p.k, p.server.space, p.service, set);
        for (let i = 0; i < 6; i++) receive(p, set);
      },
      (p: Pair) => p.dest,
    ],
  ])("%s", (_name, happen, name) => {
    const p = full();
    expect(send(p)).toBe(M.MACH_SEND_WILL_NOTIFY);
    happen(p);
    const all = [];
    for (let each = notice(p, p.client, p.notices); each; each = notice(p, p.client, p.notices))
      all.push(each);
    expect(all).toEqual([[MACH_NOTIFY_MSG_ACCEPTED, name(p)]]);
    expect(checkKernel(p.k)).toEqual([]);
  });

  test("the sender's task ends: nobody to tell, nothing left", () => {
    const p = full();
    expect(send(p)).toBe(M.MACH_SEND_WILL_NOTIFY);
    p.world.become(p.server);
    task_terminate(p.k, p.client.task);
    expect(checkKernel(p.k)).toEqual([]);
    for (let i = 0; i < 6; i++) receive(p);
    expect(checkKernel(p.k)).toEqual([]);
    expect(p.k.liveElements("ipc_space")).toHaveLength(2);
  });

  test("without memory for a request", () => {
    const p = full();
    const held = [];
    for (let piece = p.k.kalloc(16); piece !== 0; piece = p.k.kalloc(16)) held.push(piece);
    // The reply right that comes back finds no room, either: that is said by a special bit.
    expect(send(p)).toBe(M.MACH_SEND_NO_NOTIFY | 0x0800);
    for (const piece of held) p.k.kfree(piece, 16);
    expect(checkKernel(p.k)).toEqual([]);
  });
});

describe("MACH_SEND_CANCEL", () => {
  /** A dead-name request of the client's for a name, told to `notices`. */
  const ask = (p: Pair & { notices: number }, name: number): void => {
    const soright = ipc_port_make_sonce(p.k, p.world.portOf(p.client, p.notices));
    expect(mach_port_request_notification(p.k, p.client.space, name, 72, 0, soright)).toEqual({
      previous: 0,
    });
  };
  test.each([
    ["cancels requests of names that the message takes away", "own", undefined],
    ["leaves requests to other ports to their notices", "other", MACH_NOTIFY_PORT_DELETED],
  ])("%s", (_name, whose, expected) => {
    const p = { ...pair(), notices: 0 };
    p.notices = p.world.port(p.client);
    const { world, client, k, dest } = p;
    ask(p, dest);
    const notify = whose === "own" ? p.notices : p.reply;
    const once = message(bits(MOVE_SEND, MAKE_SEND_ONCE), dest, p.reply, 1);
    expect(world.msg(client, { option: SEND | MACH_SEND_CANCEL, message: once, notify })).toBe(0);
    expect(notice(p, client, p.notices)?.[0]).toBe(expected);
    expect(checkKernel(k)).toEqual([]);
  });

  test("of a reply right that moves, too", () => {
    const p = { ...pair(), notices: 0 };
    p.notices = p.world.port(p.client);
    const { world, client, server, k } = p;
    // The server's request brings the client a send-once right.
    const back = world.sendRight(client, p.reply, server);
    const own = world.port(server);
    world.msg(server, {
      option: SEND,
      message: message(bits(COPY_SEND, MAKE_SEND_ONCE), back, own, 1),
    });
    expect(world.msg(client, { option: RCV, rcv_name: p.reply })).toBe(0);
    const once = world.peek(client, 3)[2]!;
    ask(p, once);
    const words = message(bits(COPY_SEND, MOVE_SEND_ONCE), p.dest, once, 1);
    const call = { option: SEND | MACH_SEND_CANCEL, message: words, notify: p.notices };
    expect(world.msg(client, call)).toBe(0);
    expect(notice(p, client, p.notices)).toBeUndefined();
    expect(checkKernel(k)).toEqual([]);
  });
});
