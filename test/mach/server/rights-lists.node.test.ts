/**
 * Messages between tasks with rights and memory out of line: every way to send a right, with and
 * without deallocation, received, refused, and never received.
 */
import { describe, expect, test } from "vitest";
import {
  MACH_MSG_OPTION,
  MACH_MSG_RETURN,
  MACH_MSG_TYPE,
  MACH_NOTIFY,
  MACH_TRAP,
} from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { mapPages } from "../../../host/mach/load.ts";
import { Caller, leaks, receiveFrom, type Received } from "../vm/caller.ts";

const T = MACH_MSG_TYPE;
const M = MACH_MSG_RETURN;
const LIST = 0x50000000;
const MESSAGE = 0x51000000;
const COMPLEX = 0x80000000;
const type = (...rights: number[]): number => rights.reduce((all, r) => all | (0x10000 << r), 0);
const [SEND, RECEIVE, SEND_ONCE, DEAD_NAME] = [0, 1, 2, 4];

/** A descriptor of `number` words out of line. */
const far = (name: number, number: number, deallocates = false): number =>
  ((name << 24) | (32 << 16) | (number << 4) | (deallocates ? 2 : 0)) >>> 0;

/** Anna, who sends to Bert. */
async function two() {
  const anna = await Caller.boot();
  const bert = anna.another();
  const { k } = anna;
  const inbox = bert.receive();
  const { poly } = bert.call(bert.self, "mach_port_extract_right", {
    name: inbox,
    msgt_name: T.MACH_MSG_TYPE_MAKE_SEND,
  }).values;
  const right = (poly as { value: number }).value;
  // Bert's send right, given to Anna by the name that it will have with her.
  const dest = 0x4200;
  const bertsTask = bert.taskPort(anna.task);
  const given = bert.call(bertsTask, "mach_port_insert_right", {
    name: dest,
    poly: { name: T.MACH_MSG_TYPE_MOVE_SEND, value: right },
  });
  expect(given.code).toBe(0);
  for (const address of [LIST, MESSAGE]) mapPages(k, anna.task, address, 0x8000, "userData");
  const typeOf = (who: Caller, name: number): number => {
    const reply = who.call(who.self, "mach_port_type", { name });
    return reply.code === 0 ? (reply.values["ptype"] as number) >>> 0 : -reply.code;
  };
  return {
    k,
    anna,
    bert,
    dest,
    inbox,
    typeOf,
    /** Anna sends items; the code. */
    send: (...words: number[]): number => {
      const header = [(COMPLEX | T.MACH_MSG_TYPE_COPY_SEND) >>> 0, 0, dest, 0, 0, 4242];
      anna.put(MESSAGE, ...header, ...words);
      const { MACH_SEND_MSG } = MACH_MSG_OPTION;
      const size = 4 * (header.length + words.length);
      return anna.trap(MACH_TRAP.TRAP_MACH_MSG | 0, MESSAGE, MACH_SEND_MSG, size, 0, 0, 0, 0);
    },
    /** Bert receives; the words behind the header. */
    receive: (count: number): number[] => wordsOf(receiveFrom(bert, inbox), count),
    /** A list of Bert's, as it came. */
    list: (address: number, count: number): number[] =>
      Array.from({ length: count }, (_, i) => bert.word(address + 4 * i)!),
    end: (): void => {
      expect(checkKernel(k)).toEqual([]);
      expect(leaks(k)).toEqual([]);
    },
  };
}
const wordsOf = (got: Received | undefined, count: number): number[] => {
  if (!got) throw new Error("no message");
  return Array.from({ length: count }, (_, i) => got.message.read32(24 + 4 * i));
};

describe.each([false, true])("a list of rights, deallocated: %s", (deallocates) => {
  test.each([
    [T.MACH_MSG_TYPE_COPY_SEND, T.MACH_MSG_TYPE_PORT_SEND, [SEND], type(SEND, RECEIVE)],
    [T.MACH_MSG_TYPE_MOVE_SEND, T.MACH_MSG_TYPE_PORT_SEND, [SEND], type(RECEIVE)],
    [T.MACH_MSG_TYPE_MAKE_SEND, T.MACH_MSG_TYPE_PORT_SEND, [SEND], type(SEND, RECEIVE)],
    [
      T.MACH_MSG_TYPE_MAKE_SEND_ONCE,
      T.MACH_MSG_TYPE_PORT_SEND_ONCE,
      [SEND_ONCE],
      type(SEND, RECEIVE),
    ],
    [T.MACH_MSG_TYPE_MOVE_RECEIVE, T.MACH_MSG_TYPE_PORT_RECEIVE, [RECEIVE], type(SEND)],
  ])("disposition %i", async (disposition, received, rights, left) => {
    const t = await two();
    const { anna, bert } = t;
    const ports = [anna.receive(), anna.receive(), anna.receive()];
    for (const name of ports)
      anna.call(anna.self, "mach_port_insert_right", {
        name,
        poly: { name: T.MACH_MSG_TYPE_MAKE_SEND, value: name },
      });
    anna.put(LIST, ports[0]!, 0, ports[1]!, 0xffffffff, ports[2]!);
    expect(t.send(far(disposition, 5, deallocates), LIST)).toBe(0);
    expect(anna.word(LIST)).toBe(deallocates ? undefined : ports[0]);
    expect(ports.map((name) => t.typeOf(anna, name))).toEqual(ports.map(() => left));
    expect(checkKernel(t.k)).toEqual([]);
    const [descriptor, address] = t.receive(2);
    // What comes is the receiver's to deallocate.
    expect(descriptor).toBe(far(received, 5, true));
    const names = t.list(address!, 5);
    expect([names[1], names[3]]).toEqual([0, 0xffffffff]);
    expect([0, 2, 4].map((i) => t.typeOf(bert, names[i]!))).toEqual(
      [0, 2, 4].map(() => type(...rights)),
    );
    t.end();
  });
});

test("a moved send-once right comes as one", async () => {
  const t = await two();
  const { anna } = t;
  const port = anna.receive();
  expect(
    anna.call(anna.self, "mach_port_insert_right", {
      name: 0x5500,
      poly: { name: T.MACH_MSG_TYPE_MAKE_SEND_ONCE, value: port },
    }).code,
  ).toBe(0);
  anna.put(LIST, 0x5500);
  expect(t.send(far(T.MACH_MSG_TYPE_MOVE_SEND_ONCE, 1), LIST)).toBe(0);
  const [, address] = t.receive(2);
  expect(t.typeOf(t.bert, t.list(address!, 1)[0]!)).toBe(type(SEND_ONCE));
  t.end();
});

test("lists, memory and rights in line in one message; empty ones, too", async () => {
  const t = await two();
  const { anna, bert } = t;
  const [one, two_] = [anna.receive(), anna.receive()];
  anna.put(LIST, one, two_, 0x11223344);
  const code = t.send(
    ...[far(T.MACH_MSG_TYPE_MAKE_SEND, 2), LIST],
    ...[far(T.MACH_MSG_TYPE_INTEGER_32, 1), LIST + 8],
    ...[0x14200018, one],
    ...[far(T.MACH_MSG_TYPE_COPY_SEND, 0), 0x12345678],
    ...[far(T.MACH_MSG_TYPE_INTEGER_32, 0), 0x12345678],
    ...[0x02200018, 99],
  );
  expect(code).toBe(0);
  const words = t.receive(12);
  const names = t.list(words[1]!, 2);
  expect(bert.word(words[3]!)).toBe(0x11223344);
  expect(words.slice(4, 6)).toEqual([0x11200018, names[0]]);
  expect([words[7], words[9]]).toEqual([0, 0]);
  expect(words.slice(10)).toEqual([0x02200018, 99]);
  // One right came twice: two user references.
  const refs = bert.call(bert.self, "mach_port_get_refs", { name: names[0], right: SEND });
  expect(refs.values).toEqual({ refs: 2 });
  t.end();
});

test("a complex message with neither rights nor memory is none", async () => {
  const t = await two();
  expect(t.send(0x02200018, 7)).toBe(0);
  const got = receiveFrom(t.bert, t.inbox)!;
  expect(got.message.read32(0)).toBe(T.MACH_MSG_TYPE_PORT_SEND << 8);
  t.end();
});

test("what cannot be sent: no message, nothing kept", async () => {
  const t = await two();
  const { anna } = t;
  const port = anna.receive();
  anna.put(LIST, port, 0x9900);
  const MAKE = T.MACH_MSG_TYPE_MAKE_SEND;
  expect(t.send(far(MAKE, 2), LIST)).toBe(M.MACH_SEND_INVALID_RIGHT);
  expect(t.send(far(MAKE, 1), 0x30000000)).toBe(M.MACH_SEND_INVALID_MEMORY);
  expect(t.send(far(MAKE, 1), LIST, far(MAKE, 1), 0x30000000)).toBe(M.MACH_SEND_INVALID_MEMORY);
  expect(t.send(far(MAKE, 1), LIST, far(2, 1), 0x30000000)).toBe(M.MACH_SEND_INVALID_MEMORY);
  // A long descriptor: more rights than any kernel memory holds.
  expect(t.send(4, (MAKE << 16) | 32, 5000, LIST)).toBe(M.MACH_SEND_NO_BUFFER);
  expect(t.send(far(MAKE, 1), LIST, far(MAKE, 1))).toBe(M.MACH_SEND_MSG_TOO_SMALL);
  expect(t.send((far(MAKE, 1) & ~0xff0000) | (16 << 16), LIST)).toBe(M.MACH_SEND_INVALID_TYPE);
  expect(t.send(far(23, 1), LIST)).toBe(M.MACH_SEND_INVALID_TYPE);
  expect(t.send(far(MAKE, 1) | 1, LIST)).toBe(M.MACH_SEND_INVALID_TYPE);
  expect(t.send(far(MAKE, 1) | 0xa, LIST)).toBe(M.MACH_SEND_INVALID_TYPE);
  expect(t.typeOf(anna, port)).toBe(type(RECEIVE));
  expect(checkKernel(t.k)).toEqual([]);
  expect(receiveFrom(t.bert, t.inbox)).toBeUndefined();
  t.end();
});

test("a list that nobody receives ends with its rights", async () => {
  const t = await two();
  const { anna, bert } = t;
  const port = anna.receive();
  anna.put(LIST, port);
  expect(t.send(far(T.MACH_MSG_TYPE_MAKE_SEND_ONCE, 1), LIST)).toBe(0);
  expect(t.send(far(T.MACH_MSG_TYPE_MOVE_RECEIVE, 1), LIST)).toBe(0);
  expect(checkKernel(t.k)).toEqual([]);
  bert.call(bert.self, "mach_port_destroy", { name: t.inbox });
  expect(t.typeOf(anna, t.dest)).toBe(type(DEAD_NAME));
  t.end();
});

test("a receiver without room for a list: the rights end, the rest of the message comes", async () => {
  const t = await two();
  const { anna, bert, k } = t;
  const port = anna.receive();
  const notices = anna.receive();
  anna.put(LIST, port);
  anna.call(anna.self, "mach_port_insert_right", {
    name: port,
    poly: { name: T.MACH_MSG_TYPE_MAKE_SEND, value: port },
  });
  anna.call(anna.self, "mach_port_request_notification", {
    name: port,
    id: MACH_NOTIFY.MACH_NOTIFY_NO_SENDERS,
    sync: 0,
    notify: { name: T.MACH_MSG_TYPE_MAKE_SEND_ONCE, value: notices },
  });
  const [at, stack] = [0x77000000, 0x78000000];
  mapPages(k, bert.task, at, 0x2000, "userData");
  mapPages(k, bert.task, stack, 0x20000, "userData");
  // All of what is left.
  for (let size = 0x80000000; size >= 4096; size /= 2)
    while (bert.call(bert.self, "vm_allocate", { address: 0, size, anywhere: 1 }).code === 0);
  expect(t.send(far(T.MACH_MSG_TYPE_MOVE_SEND, 1), LIST, ...[0x02200018, 31])).toBe(0);
  const { MACH_RCV_MSG } = MACH_MSG_OPTION;
  const code = bert.trap(MACH_TRAP.TRAP_MACH_MSG | 0, at, MACH_RCV_MSG, 0, 64, t.inbox, 0, 0);
  expect(code).toBe(M.MACH_RCV_BODY_ERROR | M.MACH_MSG_VM_SPACE);
  expect([bert.word(at + 28), bert.word(at + 36)]).toEqual([0, 31]);
  expect(receiveFrom(anna, notices)!.message.read32(20)).toBe(MACH_NOTIFY.MACH_NOTIFY_NO_SENDERS);
  t.end();
});
