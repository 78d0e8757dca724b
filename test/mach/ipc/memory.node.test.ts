/**
 * Where messages live: the cached kmsg, memory that runs out, full tables; and kernel objects that
 * answer.
 */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import { LAST_TABLE_SIZE } from "../../../host/mach/ipc/entry.ts";
import { mach_port_destroy, mach_port_mod_refs } from "../../../host/mach/ipc/mach-port.ts";
import { mach_task_self } from "../../../host/mach/kern/ipc-tt.ts";
import { headerAt, kmsgAt, portAt, replyHeaderAt, spaceAt } from "../../../host/mach/kern/views.ts";
import {
  bits,
  COPY_SEND,
  MAKE_SEND,
  MAKE_SEND_ONCE,
  message,
  PORT_SEND,
  PORT_SEND_ONCE,
  RCV,
  REQUEST,
  SEND,
} from "./scenario.ts";
import { fill, pair, World } from "./world.ts";

const M = MACH_MSG_RETURN;
const RPC = SEND | RCV;

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
