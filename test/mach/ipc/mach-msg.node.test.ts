/** `mach_msg` and what can come between: time, interruption, death, termination, limits. */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, MACH_MSG_OPTION, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import {
  mach_port_destroy,
  mach_port_get_refs,
  mach_port_mod_refs,
  mach_port_set_qlimit,
} from "../../../host/mach/ipc/mach-port.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_abort, thread_terminate } from "../../../host/mach/kern/thread.ts";
import { portAt, threadAt } from "../../../host/mach/kern/views.ts";
import {
  bits,
  COPY_SEND,
  MAKE_SEND,
  MAKE_SEND_ONCE,
  message,
  PORT_SEND,
  PORT_SEND_ONCE,
  RCV,
  REPLY,
  SEND,
} from "./scenario.ts";
import { fill, pair, request, type Pair } from "./world.ts";

const { MACH_RCV_LARGE, MACH_RCV_NOTIFY, MACH_RCV_TIMEOUT, MACH_SEND_CANCEL, MACH_SEND_TIMEOUT } =
  MACH_MSG_OPTION;
const M = MACH_MSG_RETURN;
const RPC = SEND | RCV;

describe("time", () => {
  test("runs out for a receiver", () => {
    const { world, k, client, reply } = pair();
    world.msg(client, { option: RCV | MACH_RCV_TIMEOUT, rcv_name: reply, time_out: 20 });
    k.expire(client.thread);
    expect(world.returns(client)).toBe(M.MACH_RCV_TIMED_OUT);
    expect(checkKernel(k)).toEqual([]);
  });

  test("does not take a message away that came first", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    world.msg(server, { option: RCV | MACH_RCV_TIMEOUT, rcv_name: service, time_out: 20 });
    world.msg(client, { option: SEND, message: request(p, 5) });
    expect(k.timers.size).toBe(0);
    expect(world.returns(server)).toBe(0);
    expect(world.peek(server, 6)[5]).toBe(5);
  });

  test("runs out for a sender, who gets the message back as it would have been received", () => {
    const p = pair();
    const { world, k, client, dest } = p;
    fill(p, 5);
    const option = SEND | MACH_SEND_TIMEOUT;
    expect(world.msg(client, { option, message: request(p, 9, 0xbeef), time_out: 3 })).toBe(
      "blocked",
    );
    k.expire(client.thread);
    expect(world.returns(client)).toBe(M.MACH_SEND_TIMED_OUT);
    const [gotBits, size, remote, once, , id, body] = world.peek(client, 7);
    expect([gotBits, size, remote, id, body]).toEqual([
      bits(PORT_SEND, PORT_SEND_ONCE),
      28,
      dest,
      9,
      0xbeef,
    ]);
    expect(world.msg(client, { option: SEND, message: message(REPLY, once!, 0, 1) })).toBe(0);
    expect(checkKernel(k)).toEqual([]);
  });

  test("does not stop a sender for whom room was made", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    fill(p, 5);
    const option = SEND | MACH_SEND_TIMEOUT;
    world.msg(client, { option, message: request(p, 9), time_out: 3 });
    expect(world.msg(server, { option: RCV, rcv_name: service })).toBe(0);
    expect(k.timers.size).toBe(0);
    expect(world.returns(client)).toBe(0);
    for (let i = 0; i < 5; i++)
      expect(world.msg(server, { option: RCV, rcv_name: service })).toBe(0);
    expect(world.peek(server, 6)[5]).toBe(9);
  });
});

describe("interruption", () => {
  test("of a receiver", () => {
    const { world, k, client, reply } = pair();
    world.msg(client, { option: RCV, rcv_name: reply });
    thread_abort(k, client.thread);
    expect(world.returns(client)).toBe(M.MACH_RCV_INTERRUPTED);
    thread_abort(k, client.thread);
    expect(checkKernel(k)).toEqual([]);
  });

  test("of a sender, who gets the message back", () => {
    const p = pair();
    const { world, k, client, reply } = p;
    fill(p, 5);
    world.msg(client, { option: RPC, message: request(p, 9), rcv_name: reply });
    thread_abort(k, client.thread);
    expect(world.returns(client)).toBe(M.MACH_SEND_INTERRUPTED);
    expect(world.peek(client, 1)).toEqual([bits(PORT_SEND, PORT_SEND_ONCE)]);
    expect(checkKernel(k)).toEqual([]);
  });
});

describe("a port that dies", () => {
  test.each([RCV, RCV | MACH_RCV_TIMEOUT | MACH_RCV_LARGE])(
    "wakes who waits to receive (option %i)",
    (option) => {
      const { world, k, client, reply } = pair();
      const other = world.actor(client);
      world.msg(client, { option, rcv_name: reply, time_out: 9 });
      world.become(other);
      expect(mach_port_mod_refs(k, client.space, reply, 1, -1)).toBe(KERN_RETURN.KERN_SUCCESS);
      expect(world.returns(client)).toBe(M.MACH_RCV_PORT_DIED);
      expect(k.timers.size).toBe(0);
      expect(checkKernel(k)).toEqual([]);
    },
  );

  test("between the message and its receiver: the destination reads as dead", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    world.msg(server, { option: RCV, rcv_name: service });
    world.msg(client, { option: SEND, message: request(p, 6) });
    expect(mach_port_destroy(k, server.space, service)).toBe(0);
    expect(checkKernel(k)).toEqual([]);
    expect(world.returns(server)).toBe(0);
    expect(world.peek(server, 4)[3]).toBe(0xffffffff);
    expect(checkKernel(k)).toEqual([]);
  });

  test("as a reply right: a message shown without its body says so", () => {
    const p = pair();
    const { world, k, client, server, service, dest, reply } = p;
    mach_port_destroy(k, client.space, reply);
    const dead = world.port(client);
    world.sendRight(client, dead, server);
    const send = world.sendRight(client, dead, client);
    expect(send).toBe(dead);
    expect(mach_port_mod_refs(k, client.space, dead, 1, -1)).toBe(0);
    const call = message(bits(COPY_SEND, COPY_SEND), dest, dead, 1, 5);
    expect(world.msg(client, { option: SEND, message: call })).toBe(0);
    expect(world.msg(server, { option: RCV, rcv_name: service, rcv_size: 24 })).toBe(
      M.MACH_RCV_TOO_LARGE,
    );
    expect(world.peek(server, 4)).toEqual([bits(PORT_SEND, PORT_SEND), 28, 0xffffffff, service]);
    expect(checkKernel(k)).toEqual([]);
  });

  test("lets those who wait to send through: their messages are destroyed", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    fill(p, 5);
    world.msg(client, { option: SEND, message: request(p, 9) });
    mach_port_destroy(k, server.space, service);
    expect(world.returns(client)).toBe(0);
    // Six reply rights, six notices.
    expect(portAt(k, world.portOf(client, p.reply)).ip_msgcount).toBe(6);
    expect(checkKernel(k)).toEqual([]);
  });
});

describe("a thread that is terminated in mach_msg", () => {
  test.each<[string, (p: Pair) => void]>([
    ["waiting to receive", (p) => void p.world.msg(p.client, { option: RCV, rcv_name: p.reply })],
    [
      "waiting to send",
      (p) => {
        fill(p, 5);
        p.world.msg(p.client, {
          option: SEND | MACH_SEND_TIMEOUT,
          message: request(p),
          time_out: 4,
        });
      },
    ],
    [
      "woken with a message",
      (p) => {
        p.world.msg(p.client, { option: RCV, rcv_name: p.reply });
        const own = p.world.sendRight(p.client, p.reply, p.server);
        const gift = message(bits(COPY_SEND, MAKE_SEND), own, p.service, 4);
        expect(p.world.msg(p.server, { option: SEND, message: gift })).toBe(0);
      },
    ],
    [
      "woken because its port died",
      (p) => {
        p.world.msg(p.client, { option: RCV, rcv_name: p.reply });
        mach_port_destroy(p.k, p.client.space, p.reply);
      },
    ],
    [
      "let in to send",
      (p) => {
        fill(p, 5);
        p.world.msg(p.client, { option: SEND, message: request(p) });
        p.world.msg(p.server, { option: RCV, rcv_name: p.service });
      },
    ],
  ])("%s holds nothing any more", (_where, bring) => {
    const p = pair();
    bring(p);
    expect(checkKernel(p.k)).toEqual([]);
    thread_terminate(p.k, p.client.thread);
    expect(checkKernel(p.k)).toEqual([]);
    expect(p.k.timers.size).toBe(0);
    for (const { task } of [p.client, p.server]) task_terminate(p.k, task);
    expect(checkKernel(p.k)).toEqual([]);
    expect(p.k.liveElements("ipc_port")).toEqual([]);
  });

  test("and was let in to send leaves its place to the next", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    const second = world.actor(client);
    fill(p, 5);
    world.msg(client, { option: SEND, message: request(p, 50) });
    world.msg(second, { option: SEND, message: request(p, 51) });
    world.msg(server, { option: RCV, rcv_name: service });
    thread_terminate(k, client.thread);
    expect(portAt(k, world.portOf(server, service)).ip_blocked).toBe(0);
    expect(world.returns(second)).toBe(0);
    expect(checkKernel(k)).toEqual([]);
  });
});

describe("options that need requests", () => {
  test("MACH_SEND_CANCEL looks at the port to be told", () => {
    const p = pair();
    const { world, client, reply, dest } = p;
    const option = SEND | MACH_SEND_CANCEL;
    const send = (notify: number) => world.msg(client, { option, message: request(p), notify });
    expect([send(0), send(dest), send(0x900), send(reply)]).toEqual([
      M.MACH_SEND_INVALID_NOTIFY,
      M.MACH_SEND_INVALID_NOTIFY,
      M.MACH_SEND_INVALID_NOTIFY,
      0,
    ]);
  });

  test("MACH_RCV_NOTIFY: too large a message is that first of all", () => {
    const p = pair();
    const { world, server, service } = p;
    fill(p, 1);
    const call = { option: RCV | MACH_RCV_NOTIFY, rcv_name: service, rcv_size: 23 };
    expect(world.msg(server, call)).toBe(M.MACH_RCV_TOO_LARGE);
  });

  test("MACH_RCV_NOTIFY: a bad port, a new name, a known one", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    const option = RCV | MACH_RCV_NOTIFY;
    fill(p, 3);
    const receive = (notify: number) => world.msg(server, { option, rcv_name: service, notify });
    expect([receive(0), receive(0x900), receive(service)]).toEqual([
      M.MACH_RCV_INVALID_NOTIFY,
      M.MACH_RCV_INVALID_NOTIFY,
      M.MACH_MSG_SUCCESS,
    ]);
    // Two messages are gone, and their reply rights told the client.
    expect(portAt(k, world.portOf(client, p.reply)).ip_msgcount).toBe(2);
    // The third one's reply right has a new name, about which the server will hear.
    const [, , once] = world.peek(server, 3);
    mach_port_destroy(k, client.space, p.reply);
    expect(world.msg(server, { option: RCV, rcv_name: service })).toBe(M.MACH_MSG_SUCCESS);
    const notice = world.peek(server, 8);
    expect([notice[1], notice[5], ...notice.slice(6)]).toEqual([32, 72, 0x0f200018, once]);
    // The right itself, and one user reference for the notice.
    expect(mach_port_get_refs(k, server.space, once!, 4)).toEqual({ urefs: 2 });
    expect(checkKernel(k)).toEqual([]);
  });

  test("MACH_RCV_NOTIFY asks for nothing on a name that is known", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    const option = RCV | MACH_RCV_NOTIFY;
    const receive = (notify: number) => world.msg(server, { option, rcv_name: service, notify });
    const known = world.sendRight(client, p.reply, server);
    const again = message(bits(COPY_SEND, MAKE_SEND), p.dest, p.reply, 1);
    world.msg(client, { option: SEND, message: again });
    expect(receive(service)).toBe(0);
    expect(world.peek(server, 3)[2]).toBe(known);
    expect(checkKernel(k)).toEqual([]);
  });
});

describe("queue limits", () => {
  test("a message taken from an overfull queue lets nobody in", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    const waiting = world.actor(client);
    world.become(server);
    const once = message(bits(MAKE_SEND_ONCE), service, 0, 1);
    for (let i = 0; i < 7; i++) expect(world.msg(server, { option: SEND, message: once })).toBe(0);
    expect(world.msg(waiting, { option: SEND, message: request(p) })).toBe("blocked");
    const state = threadAt(k, waiting.thread);
    for (const expected of [M.MACH_SEND_IN_PROGRESS, M.MACH_SEND_IN_PROGRESS, 0]) {
      expect(world.msg(server, { option: RCV, rcv_name: service })).toBe(0);
      expect(state.ith_state).toBe(expected);
    }
    expect(world.returns(waiting)).toBe(0);
    expect(checkKernel(k)).toEqual([]);
  });

  test("raising one lets as many senders in", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    const others = [world.actor(client), world.actor(client), world.actor(client)];
    fill(p, 5);
    for (const other of others)
      expect(world.msg(other, { option: SEND, message: request(p) })).toBe("blocked");
    expect(mach_port_set_qlimit(k, server.space, service, 7)).toBe(0);
    expect([world.returns(others[0]!), world.returns(others[1]!)]).toEqual([0, 0]);
    expect(threadAt(k, others[2]!.thread).ith_state).toBe(M.MACH_SEND_IN_PROGRESS);
    expect(portAt(k, world.portOf(server, service)).ip_msgcount).toBe(7);
    expect(checkKernel(k)).toEqual([]);
  });
});
