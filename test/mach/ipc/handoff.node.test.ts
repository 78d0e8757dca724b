/**
 * What a thread leaves when it waits in `mach_msg`, and when it hands the processor to its
 * receiver.
 */
import { describe, expect, test } from "vitest";
import { CONTINUATION, TH } from "../../../host/abi/kernel.ts";
import { MACH_MSG_OPTION, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { slow_copyout } from "../../../host/mach/ipc/mach-msg-receive.ts";
import { mach_port_set_qlimit } from "../../../host/mach/ipc/mach-port.ts";
import { mqueueOf } from "../../../host/mach/ipc/mqueue.ts";
import { headerAt, portAt, spaceAt, threadAt } from "../../../host/mach/kern/views.ts";
import {
  bits,
  COPY_SEND,
  MAKE_SEND_ONCE,
  message,
  PORT_SEND,
  PORT_SEND_ONCE,
  RCV,
  REPLY,
  SEND,
} from "./scenario.ts";
import { fill, pair, request, returned, World, type Pair } from "./world.ts";

const { MACH_RCV_LARGE, MACH_RCV_TIMEOUT } = MACH_MSG_OPTION;
const M = MACH_MSG_RETURN;
const RPC = SEND | RCV;

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
      ith_mqueue: mqueueOf(k, port),
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

  test("does not happen past a queue limit of nothing, though a receiver waits", () => {
    const p = pair();
    const { world, k, client, server, service, reply } = p;
    world.msg(server, { option: RCV, rcv_name: service });
    mach_port_set_qlimit(k, server.space, service, 0);
    const call = { option: RPC, message: request(p, 7), rcv_name: reply };
    expect(world.msg(client, call)).toBe("blocked");
    expect([k.cpu.stack_handoffs, threadAt(k, client.thread).ith_state]).toEqual([
      0,
      M.MACH_SEND_IN_PROGRESS,
    ]);
    mach_port_set_qlimit(k, server.space, service, 1);
    expect(world.returns(server)).toBe(0);
    expect(world.peek(server, 6)[5]).toBe(7);
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

  test.each([
    [28, 0],
    [27, M.MACH_RCV_TOO_LARGE],
  ])("a plain send wakes a receiver of %i bytes with %i", (rcv_size, code) => {
    const p = pair();
    const { world, k, client, server, service } = p;
    world.msg(server, { option: RCV | MACH_RCV_LARGE, rcv_name: service, rcv_size });
    expect(world.msg(client, { option: SEND, message: request(p, 1, 2) })).toBe(0);
    expect(world.returns(server)).toBe(code);
    expect(world.peek(server, 2)[1]).toBe(28);
    expect(checkKernel(k)).toEqual([]);
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
