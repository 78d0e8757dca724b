/** `mach_msg` in the hands of a tester: what waiting threads leave, time, interruption, death, memory. */
import { describe, expect, test } from "vitest";
import { CONTINUATION, TH } from "../../../host/abi/kernel.ts";
import { KERN_RETURN, MACH_MSG_OPTION, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import {
  mach_port_destroy,
  mach_port_mod_refs,
  mach_port_set_qlimit,
} from "../../../host/mach/ipc/mach-port.ts";
import { slow_copyout } from "../../../host/mach/ipc/mach-msg.ts";
import { mqueueOf } from "../../../host/mach/ipc/mqueue.ts";
import { LAST_TABLE_SIZE } from "../../../host/mach/ipc/entry.ts";
import { mach_task_self } from "../../../host/mach/kern/ipc-tt.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_abort, thread_terminate } from "../../../host/mach/kern/thread.ts";
import {
  headerAt,
  kmsgAt,
  portAt,
  replyHeaderAt,
  spaceAt,
  threadAt,
} from "../../../host/mach/kern/views.ts";
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
  REQUEST,
  SEND,
} from "./scenario.ts";
import { World, type Actor } from "./world.ts";

const {
  MACH_RCV_LARGE,
  MACH_RCV_NOTIFY,
  MACH_RCV_TIMEOUT,
  MACH_SEND_CANCEL,
  MACH_SEND_NOTIFY,
  MACH_SEND_TIMEOUT,
} = MACH_MSG_OPTION;
const M = MACH_MSG_RETURN;
const RPC = SEND | RCV;

/** A client and a server with a port of the client's own and the server's known to it. */
function pair(limit?: number) {
  const world = new World(limit);
  const client = world.actor();
  const server = world.actor();
  const service = world.port(server);
  const dest = world.sendRight(server, service, client);
  const reply = world.port(client);
  return { world, k: world.k, client, server, service, dest, reply };
}
type Pair = ReturnType<typeof pair>;

const request = ({ dest, reply }: Pair, id = 1, ...body: number[]): number[] =>
  message(REQUEST, dest, reply, id, ...body);
const fill = (p: Pair, count: number): void => {
  for (let i = 0; i < count; i++)
    expect(p.world.msg(p.client, { option: SEND, message: request(p, i) })).toBe(0);
};
const returned = (actor: Actor, returnCode: number) => ({
  kind: "return",
  thread: actor.thread,
  returnCode,
});

describe("a thread that waits", () => {
  test.each([RCV, RPC])("with option %i alone can be handed to by kernel text", (option) => {
    const p = pair();
    const { world, k, client, reply } = p;
    const before = portAt(k, world.portOf(client, reply)).ip_references;
    const call = { option, message: request(p), rcv_name: reply, rcv_size: 0x120 };
    expect(world.msg(client, call)).toBe("blocked");
    const port = world.portOf(client, reply);
    expect(threadAt(k, client.thread)).toMatchObject({
      state: TH.TH_WAIT | TH.TH_SWAPPED,
      swap_func: CONTINUATION.CONTINUATION_MACH_MSG,
      kernel_stack: 0,
      timer_set: 0,
      ith_state: M.MACH_RCV_IN_PROGRESS,
      ith_msize: 0xffffffff,
      ith_msg: client.data,
      ith_rcv_size: 0x120,
      ith_object: port,
      ith_mqueue: mqueueOf(port),
    });
    const made = option === RPC ? 1 : 0;
    expect(portAt(k, port)).toMatchObject({
      ip_threads: client.thread,
      ip_references: before + 1 + made,
      ip_sorights: made,
    });
    expect(checkKernel(k)).toEqual([]);
  });

  test("with other options keeps them for its continuation", () => {
    const { world, k, client, reply } = pair();
    const option = RCV | MACH_RCV_LARGE | MACH_RCV_TIMEOUT;
    const call = { option, rcv_name: reply, rcv_size: 40, time_out: 77, notify: 5 };
    expect(world.msg(client, call)).toBe("blocked");
    expect(threadAt(k, client.thread)).toMatchObject({
      swap_func: CONTINUATION.CONTINUATION_MACH_MSG_RECEIVE,
      ith_msize: 40,
      ith_option: option,
      ith_timeout: 77,
      ith_notify: 5,
      timer_set: 1,
    });
    expect(k.timers.get(client.thread)).toBe(77);
  });

  test("to send keeps the message and what comes after", () => {
    const p = pair();
    const { world, k, client, server, service, reply } = p;
    fill(p, 5);
    expect(world.msg(client, { option: RPC, message: request(p, 9), rcv_name: reply })).toBe(
      "blocked",
    );
    const port = world.portOf(server, service);
    expect(threadAt(k, client.thread)).toMatchObject({
      swap_func: CONTINUATION.CONTINUATION_MACH_MSG_SEND,
      ith_state: M.MACH_SEND_IN_PROGRESS,
      ith_mqueue: portAt(k, port).addressOf("ip_blocked"),
    });
    expect(headerAt(k, threadAt(k, client.thread).ith_msize).msgh_id).toBe(9);
    expect(checkKernel(k)).toEqual([]);
  });
});

describe("handoff", () => {
  test("hands a request, and then its reply, past a thread that waits for the processor", () => {
    const p = pair();
    const { world, k, client, server, service, reply } = p;
    expect(world.msg(server, { option: RCV, rcv_name: service })).toBe("blocked");
    world.become(client);
    const bystander = world.actor();
    expect(k.cpu.run_queue).toBe(bystander.thread);
    expect(world.msg(client, { option: RPC, message: request(p), rcv_name: reply })).toBe(
      "blocked",
    );
    expect(world.next()).toEqual(returned(server, 0));
    const replyName = world.peek(server, 6)[2]!;
    expect(
      world.msg(server, {
        option: RPC,
        message: message(REPLY, replyName, 0, 2),
        rcv_name: service,
      }),
    ).toBe("blocked");
    expect(world.next()).toEqual(returned(client, 0));
    expect(k.cpu.stack_handoffs).toBe(2);
    expect(k.cpu.run_queue).toBe(bystander.thread);
  });

  test.each<[string, number, (p: Pair) => void]>([
    ["with a timeout", RPC | MACH_RCV_TIMEOUT, () => {}],
    [
      "to a receiver that is suspended",
      RPC,
      (p) => void (threadAt(p.k, p.server.thread).state |= 2),
    ],
    [
      "when a reply is there already",
      RPC,
      (p) => {
        const early = message(bits(MAKE_SEND_ONCE), p.reply, 0, 3);
        expect(p.world.msg(p.client, { option: SEND, message: early })).toBe(0);
      },
    ],
  ])("does not happen %s; the message goes the long way", (_why, option, prepare) => {
    const p = pair();
    const { world, k, client, server, service, reply } = p;
    world.msg(server, { option: RCV, rcv_name: service });
    prepare(p);
    world.msg(client, { option, message: request(p), rcv_name: reply, time_out: 5 });
    expect(k.cpu.stack_handoffs).toBe(0);
    expect(threadAt(k, server.thread).ith_state).toBe(0);
    expect(checkKernel(k)).toEqual([]);
  });

  test("reaches receivers with options, if the message fits", () => {
    for (const [rcv_size, handoffs] of [
      [28, 1],
      [27, 0],
    ] as const) {
      const p = pair();
      const { world, k, client, server, service, reply } = p;
      const option = RCV | MACH_RCV_LARGE | MACH_RCV_TIMEOUT;
      world.msg(server, { option, rcv_name: service, rcv_size, time_out: 9 });
      world.msg(client, { option: RPC, message: request(p, 1, 2), rcv_name: reply });
      expect(k.cpu.stack_handoffs).toBe(handoffs);
      expect(k.timers.size).toBe(0);
      expect(world.next()).toEqual(returned(server, handoffs ? 0 : M.MACH_RCV_TOO_LARGE));
      expect(portAt(k, world.portOf(server, service)).ip_msgcount).toBe(handoffs ? 0 : 1);
    }
  });

  test("to oneself: a second thread of the task waits at the port that the first sends to", () => {
    const world = new World();
    const a = world.actor();
    const b = world.actor(a);
    const port = world.port(a);
    const send = world.sendRight(a, port, a);
    expect(send).toBe(port);
    expect(world.msg(b, { option: RCV, rcv_name: port })).toBe("blocked");
    const call = message(bits(COPY_SEND, MAKE_SEND_ONCE), port, port, 8);
    expect(world.msg(a, { option: RPC, message: call, rcv_name: port })).toBe("blocked");
    expect(world.k.cpu.stack_handoffs).toBe(1);
    expect(world.next()).toEqual(returned(b, 0));
    expect(portAt(world.k, world.portOf(a, port)).ip_threads).toBe(a.thread);
    expect(checkKernel(world.k)).toEqual([]);
  });
});

describe("time", () => {
  test("runs out for a receiver", () => {
    const { world, k, client, reply } = pair();
    world.msg(client, { option: RCV | MACH_RCV_TIMEOUT, rcv_name: reply, time_out: 20 });
    world.k.expire(client.thread);
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
  test("MACH_SEND_NOTIFY sends what can be sent, and cannot promise a notice", () => {
    const p = pair();
    const { world, k, client, reply } = p;
    const option = SEND | MACH_SEND_NOTIFY;
    for (let i = 0; i < 5; i++)
      expect(world.msg(client, { option, message: request(p), notify: reply })).toBe(0);
    expect(world.msg(client, { option, message: request(p), notify: reply })).toBe(
      M.MACH_SEND_NO_NOTIFY,
    );
    expect(world.msg(client, { option, message: request(p) })).toBe(M.MACH_SEND_INVALID_NOTIFY);
    expect(checkKernel(k)).toEqual([]);
  });

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

  test("MACH_RCV_NOTIFY: a bad port, a new name, a known one", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    const option = RCV | MACH_RCV_NOTIFY;
    fill(p, 3);
    const receive = (notify: number) => world.msg(server, { option, rcv_name: service, notify });
    expect([receive(0), receive(0x900), receive(service)]).toEqual([
      M.MACH_RCV_INVALID_NOTIFY,
      M.MACH_RCV_INVALID_NOTIFY,
      M.MACH_RCV_HEADER_ERROR | 0x800,
    ]);
    // All three messages are gone, and their reply rights told the client.
    expect(portAt(k, world.portOf(client, p.reply)).ip_msgcount).toBe(3);
    const known = world.sendRight(client, p.reply, server);
    const again = message(bits(COPY_SEND, MAKE_SEND), p.dest, p.reply, 1);
    world.msg(client, { option: SEND, message: again });
    expect(receive(service)).toBe(0);
    expect(world.peek(server, 3)[2]).toBe(known);
    expect(checkKernel(k)).toEqual([]);
  });
});

describe("queue limits", () => {
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

describe("memory", () => {
  test("the cached kmsg goes and comes back; failures and notices do not feed it", () => {
    const p = pair();
    const { world, k, client, server, service, reply } = p;
    expect(k.cpu.ipc_kmsg_cache).toBe(0);
    fill(p, 1);
    expect(world.msg(server, { option: RCV, rcv_name: service })).toBe(0);
    const cached = k.cpu.ipc_kmsg_cache;
    expect(kmsgAt(k, cached).ikm_size).toBe(256);
    fill(p, 1);
    expect(k.cpu.ipc_kmsg_cache).toBe(0);
    expect(portAt(k, world.portOf(server, service)).ip_messages).toBe(cached);
    world.msg(server, { option: RCV, rcv_name: service });
    // A message that fails takes the cached one with it.
    expect(world.msg(client, { option: SEND, message: message(0, 0, 0, 0) })).toBe(
      M.MACH_SEND_INVALID_HEADER,
    );
    expect(k.cpu.ipc_kmsg_cache).toBe(0);
    // A notice has a buffer of its own size.
    mach_port_destroy(k, server.space, world.peek(server, 3)[2]!);
    const notice = portAt(k, world.portOf(client, reply)).ip_messages;
    expect(kmsgAt(k, notice).ikm_size).toBe(40);
    world.msg(client, { option: RCV, rcv_name: reply });
    expect([k.cpu.ipc_kmsg_cache, k.liveElements(64).includes(notice)]).toEqual([0, false]);
  });

  test("without any, nothing is sent and nothing lost", () => {
    const world = new World(0x120000 + 12 * 4096);
    const { k } = world;
    const actor = world.actor();
    const port = world.port(actor);
    const big = message(bits(MAKE_SEND_ONCE), port, 0, 1, ...Array.from({ length: 2000 }, () => 7));
    world.become(actor);
    const before = census(k);
    const codes: number[] = [];
    for (;;) {
      const code = world.msg(actor, { option: SEND, message: big });
      if (code === "blocked") throw new Error("a send-once right waits");
      codes.push(code);
      if (code !== 0) break;
    }
    expect(codes.at(-1)).toBe(M.MACH_SEND_NO_BUFFER);
    expect(checkKernel(k)).toEqual([]);
    for (let i = 1; i < codes.length; i++)
      expect(world.msg(actor, { option: RCV, rcv_name: port })).toBe(0);
    expect(census(k)).toEqual(before);
  });

  test("without any for a larger table, or at its greatest size, the header says so", () => {
    const p = pair();
    const { world, k, client, server, service } = p;
    while (spaceAt(k, server.space).is_table_size < LAST_TABLE_SIZE) world.port(server);
    let names = 0;
    for (const used = k.liveElements("ipc_port").length; ; names++) {
      try {
        world.port(server);
      } catch {
        expect(k.liveElements("ipc_port").length).toBe(used + names);
        break;
      }
    }
    fill(p, 1);
    expect(world.msg(server, { option: RCV, rcv_name: service })).toBe(
      M.MACH_RCV_HEADER_ERROR | M.MACH_MSG_IPC_SPACE,
    );
    // The header is shown, without the reply right; that one tells.
    expect(world.peek(server, 6)).toEqual([bits(PORT_SEND_ONCE, PORT_SEND), 24, 0, service, 0, 0]);
    expect(portAt(k, world.portOf(client, p.reply)).ip_msgcount).toBe(1);
    expect(checkKernel(k)).toEqual([]);
  });

  test("user references of a send right stay at their greatest", () => {
    const p = pair();
    const { world, k, client, server, service, dest } = p;
    const known = world.sendRight(client, p.reply, server);
    expect(mach_port_mod_refs(k, server.space, known, 0, 65533)).toBe(0);
    const call = message(bits(COPY_SEND, MAKE_SEND), dest, p.reply, 1);
    for (let i = 0; i < 2; i++) {
      world.msg(client, { option: SEND, message: call });
      expect(world.msg(server, { option: RCV, rcv_name: service })).toBe(0);
      expect(world.peek(server, 3)[2]).toBe(known);
    }
    expect(mach_port_mod_refs(k, server.space, known, 0, 1)).toBe(KERN_RETURN.KERN_UREFS_OVERFLOW);
    expect(mach_port_mod_refs(k, server.space, known, 0, -65534)).toBe(0);
    expect(checkKernel(k)).toEqual([]);
  });
});

test("a receiver finishes what kernel text hands it with the table full", () => {
  const p = pair();
  const { world, k, client, server, service } = p;
  // Fill the server's table, so that the reply right needs a larger one.
  while (world.port(server) >>> 8 !== 3);
  fill(p, 1);
  world.become(server);
  const port = portAt(k, world.portOf(server, service));
  // As the hot path: the message is off the queue and counts, its sequence number is set.
  const kmsg = port.ip_messages;
  port.ip_messages = 0;
  port.ip_msgcount = 0;
  headerAt(k, kmsg).msgh_seqno = port.ip_seqno;
  port.ip_seqno += 1;
  expect(slow_copyout(k, server.data, 256, kmsg, 0)).toBe(0);
  expect(world.peek(server, 4)).toEqual([bits(PORT_SEND_ONCE, PORT_SEND), 24, 0x400, service]);
  expect(spaceAt(k, server.space).is_table_size).toBe(8);
  expect(checkKernel(k)).toEqual([]);
  expect(client.space).not.toBe(server.space);
});

test("kernel objects answer through the routines that the kernel has", () => {
  const p = pair();
  const { world, k, client, reply } = p;
  world.become(client);
  const self = mach_task_self(k, client.thread);
  k.serve = (asked, answer) => {
    if (headerAt(k, asked).msgh_id !== 2008) return false;
    replyHeaderAt(k, answer).ret_code = k.memory.read32(headerAt(k, asked).address + 24);
    return true;
  };
  const ask = (id: number) =>
    world.msg(client, {
      option: RPC,
      message: message(REQUEST, self, reply, id, 0x1234),
      rcv_name: reply,
    });
  expect(ask(2008)).toBe(0);
  expect(world.peek(client, 8)).toEqual([0x1200, 32, 0, reply, 0, 2108, 0x02200018, 0x1234]);
  expect(ask(2009)).toBe(0);
  expect(world.peek(client, 8)[7]).toBe(0xfffffed1);
  expect(checkKernel(k)).toEqual([]);
});
