/**
 * The edges of the hot path: calls of its form that need more than it does, at each of its checks,
 * and the corners of its lists. All of them must look the same whoever does the work.
 */
import { MACH_MSG_RETURN, machMsgHeader } from "../../../../host/abi/mach.ts";
import {
  at,
  bits,
  COPY_SEND,
  machMsg,
  machReplyPort,
  machTaskSelf,
  MAKE_SEND_ONCE,
  message,
  port,
  RCV,
  received,
  RECEIVED_REPLY,
  RECEIVED_REQUEST,
  REPLY,
  REQUEST,
  SEND,
  taskTerminate,
  type Expected,
  type Grant,
  type Scenario,
  type Step,
  type ThreadProgram,
} from "../scenario.ts";

const { MACH_RCV_INVALID_NAME, MACH_RCV_TOO_LARGE, MACH_SEND_INVALID_DEST } = MACH_MSG_RETURN;
const RPC = SEND | RCV;
const SERVICE = port(1);

const SETUP: readonly Grant[] = [
  { task: "server", name: SERVICE, right: "receive" },
  { task: "client", name: port(1), right: "send", from: "server", port: SERVICE },
];
const thread = (...steps: readonly Step[]): ThreadProgram => ({ steps });
/** A server that waits first and a client, one thread each unless more are given. */
const between = (
  name: string,
  server: readonly Step[] | readonly ThreadProgram[],
  client: readonly Step[] | readonly ThreadProgram[],
): Scenario => ({
  name,
  setup: SETUP,
  tasks: [
    { name: "server", threads: threads(server) },
    { name: "client", threads: threads(client) },
  ],
});
const threads = (program: readonly Step[] | readonly ThreadProgram[]): readonly ThreadProgram[] =>
  program.every((each) => "steps" in each) ? program : [{ steps: program as readonly Step[] }];

const receive = (seqno: number, id: number, reply: number, ...body: number[]): Step =>
  machMsg({
    option: RCV,
    rcv_name: SERVICE,
    expect: received(RECEIVED_REQUEST, reply, SERVICE, seqno, id, ...body),
  });
/** Answers and waits for ever. */
const answer = (reply: number, id: number, ...body: number[]): Step =>
  machMsg({
    option: RPC,
    message: message(REPLY, reply, 0, id, ...body),
    rcv_name: SERVICE,
    waits: true,
  });
const call = (id: number, seqno: number, replyId: number, ...body: number[]): Step =>
  machMsg({
    option: RPC,
    message: message(REQUEST, port(1), port(2), id, ...body),
    rcv_name: port(2),
    expect: received(RECEIVED_REPLY, 0, port(2), seqno, replyId),
  });
const NOTICE = 71;

/** The words at offset 0 that put a message at byte `by`. */
function shifted(words: readonly number[], by: number): number[] {
  const bytes = new DataView(new ArrayBuffer(4 * words.length + 4));
  words.forEach((word, i) => bytes.setUint32(4 * i + by, word));
  return Array.from({ length: words.length + 1 }, (_, i) => bytes.getUint32(4 * i));
}
/** What is at offset 0 when `sent` was put there by `shifted` and `got` was received over it. */
function shiftedExpected(sent: readonly number[], got: Expected, by: number): Expected {
  const bytes = new DataView(new ArrayBuffer(4 * sent.length + 4));
  for (const words of [sent, got.words])
    words.forEach((word, i) => bytes.setUint32(4 * i + by, word ?? 0));
  return {
    at: 0,
    words: Array.from({ length: sent.length + 1 }, (_, i) => bytes.getUint32(4 * i)),
  };
}

/** A call whose buffers begin at byte `by` of a word. */
function unaligned(by: number): Scenario {
  const sent = message(REQUEST, port(1), port(2), 1, 0x01020304, 0x05060708, 0x090a0b0c);
  const got = received(RECEIVED_REPLY, 0, port(2), 0, 2, 0xa1a2a3a4);
  return between(
    `buffers at byte ${by} of a word`,
    [receive(0, 1, port(2), 0x01020304, 0x05060708, 0x090a0b0c), answer(port(2), 2, 0xa1a2a3a4)],
    [
      machReplyPort(port(2)),
      machMsg({
        option: RPC,
        message: shifted(sent, by),
        send_size: 4 * sent.length,
        msg: at(by),
        rcv_name: port(2),
        expect: shiftedExpected(sent, got, by),
      }),
    ],
  );
}

export const EDGE_SCENARIOS: readonly Scenario[] = [
  ...[1, 2, 3].map(unaligned),
  between(
    "a reply larger than the caller's buffer",
    [receive(0, 1, port(2)), answer(port(2), 2, 0xfeed)],
    [
      machReplyPort(port(2)),
      machMsg({
        option: RPC,
        message: message(REQUEST, port(1), port(2), 1),
        rcv_name: port(2),
        rcv_size: machMsgHeader.size + 3,
        code: MACH_RCV_TOO_LARGE,
        expect: { at: 0, words: [RECEIVED_REPLY, 28, 0, port(2), 0, 2] },
      }),
    ],
  ),
  between(
    "a request larger than the server's buffer: the caller is told that its reply right is gone",
    [
      machMsg({
        option: RCV,
        rcv_name: SERVICE,
        rcv_size: 31,
        code: MACH_RCV_TOO_LARGE,
        expect: { at: 0, words: [RECEIVED_REQUEST, 32, 0, SERVICE, 0, 1] },
      }),
      machMsg({
        option: RCV,
        rcv_name: SERVICE,
        rcv_size: 32,
        expect: received(RECEIVED_REQUEST, port(2), SERVICE, 1, 2, 5, 6),
      }),
      answer(port(2), 3),
    ],
    [machReplyPort(port(2)), call(1, 0, NOTICE, 5, 6), call(2, 1, 3, 5, 6)],
  ),
  between(
    "a server whose table is full when the request comes",
    [machReplyPort(port(2)), machReplyPort(port(3)), receive(0, 1, port(4)), answer(port(4), 2)],
    [machReplyPort(port(2)), call(1, 0, 2)],
  ),
  between(
    "a reply, and then nothing to receive from",
    [
      receive(0, 1, port(2)),
      machMsg({
        option: RPC,
        message: message(REPLY, port(2), 0, 2),
        rcv_name: port(9),
        code: MACH_RCV_INVALID_NAME,
      }),
      receive(1, 3, port(2, 1)),
      // One cannot receive from the right that one replies by.
      machMsg({
        option: RPC,
        message: message(REPLY, port(2, 1), 0, 4),
        rcv_name: port(2, 1),
        code: MACH_RCV_INVALID_NAME,
      }),
    ],
    [machReplyPort(port(2)), call(1, 0, 2), call(3, 1, 4)],
  ),
  between(
    "a reply twice by one right, by an old name of it, and to nobody",
    [
      receive(0, 1, port(2)),
      machMsg({ option: SEND, message: message(REPLY, port(2), 0, 2) }),
      ...[port(2), port(2, 1), port(2, 255), SERVICE, 0, 0xffffffff].map((dest) =>
        machMsg({
          option: RPC,
          message: message(REPLY, dest, 0, 2),
          rcv_name: SERVICE,
          code: MACH_SEND_INVALID_DEST,
        }),
      ),
    ],
    [machReplyPort(port(2)), call(1, 0, 2)],
  ),
  between(
    "a reply to a caller that is gone",
    [
      receive(0, 1, port(2)),
      machMsg({ option: RCV, rcv_name: SERVICE, expect: received(bits(0, 17), 0, SERVICE, 1, 9) }),
      machMsg({
        option: RPC,
        message: message(REPLY, port(2), 0, 2),
        rcv_name: SERVICE,
        code: MACH_SEND_INVALID_DEST,
      }),
    ],
    [
      thread(machReplyPort(port(2)), {
        ...machMsg({
          option: RPC,
          message: message(REQUEST, port(1), port(2), 1),
          rcv_name: port(2),
        }),
        waits: true,
      }),
      thread(
        machTaskSelf(port(3)),
        machMsg({ option: SEND, message: message(bits(COPY_SEND), port(1), 0, 9) }),
        { ...taskTerminate(port(3), 0), waits: true },
      ),
    ],
  ),
  between(
    "a caller whose reply port has a message already",
    [receive(0, 1, port(2)), answer(port(2), 2)],
    [
      machReplyPort(port(2)),
      machMsg({ option: SEND, message: message(bits(MAKE_SEND_ONCE), port(2), 0, 8) }),
      call(1, 0, 8),
      machMsg({
        option: RCV,
        rcv_name: port(2),
        expect: received(RECEIVED_REPLY, 0, port(2), 1, 2),
      }),
    ],
  ),
  between(
    "three callers wait at one reply port: replies go to them in turn",
    [
      receive(0, 1, port(2)),
      receive(1, 2, port(3)),
      receive(2, 3, port(4)),
      // The last request is answered first; the first caller gets that.
      machMsg({ option: SEND, message: message(REPLY, port(4), 0, 103) }),
      machMsg({ option: SEND, message: message(REPLY, port(2), 0, 101) }),
      answer(port(3), 102),
    ],
    [
      thread(machReplyPort(port(2)), call(1, 0, 103)),
      thread(call(2, 1, 101)),
      thread(call(3, 2, 102)),
    ],
  ),
  between(
    "three servers wait at one port, one call each, and wait again in turn",
    [0, 1, 2].map((n) =>
      thread(
        machMsg({
          option: RCV,
          rcv_name: SERVICE,
          expect: received(RECEIVED_REQUEST, port(2, n), SERVICE, n, n),
        }),
        machMsg({
          option: RPC,
          message: message(REPLY, port(2, n), 0, 100 + n),
          rcv_name: SERVICE,
          expect: received(RECEIVED_REQUEST, port(2, n + 3), SERVICE, n + 3, n + 3),
        }),
        answer(port(2, n + 3), 103 + n),
      ),
    ),
    [machReplyPort(port(2)), ...[0, 1, 2, 3, 4, 5].map((n) => call(n, n, 100 + n))],
  ),
  {
    name: "two threads of a task call each other by one port",
    setup: [
      { task: "solo", name: port(1), right: "receive" },
      { task: "solo", name: port(1), right: "send", from: "solo", port: port(1) },
    ],
    tasks: [
      {
        name: "solo",
        threads: [
          thread(
            machMsg({
              option: RCV,
              rcv_name: port(1),
              expect: received(RECEIVED_REQUEST, port(2), port(1), 0, 1),
            }),
            machMsg({
              option: RPC,
              message: message(REPLY, port(2), 0, 2),
              rcv_name: port(1),
              waits: true,
            }),
          ),
          thread(
            machMsg({
              option: RPC,
              message: message(REQUEST, port(1), port(1), 1),
              rcv_name: port(1),
              expect: received(RECEIVED_REPLY, 0, port(1), 1, 2),
            }),
          ),
        ],
      },
    ],
  },
  {
    name: "a chain of servers: each calls the next before it answers",
    setup: [
      ...SETUP,
      { task: "back", name: port(1), right: "receive" },
      { task: "server", name: port(2), right: "send", from: "back", port: port(1) },
    ],
    tasks: [
      {
        name: "back",
        threads: [
          thread(
            machMsg({
              option: RCV,
              rcv_name: port(1),
              expect: received(RECEIVED_REQUEST, port(2), port(1), 0, 11, 7),
            }),
            machMsg({
              option: RPC,
              message: message(REPLY, port(2), 0, 12, 8),
              rcv_name: port(1),
              waits: true,
            }),
          ),
        ],
      },
      {
        name: "server",
        threads: [
          thread(
            machReplyPort(port(3)),
            receive(0, 1, port(4), 7),
            machMsg({
              option: RPC,
              message: message(REQUEST, port(2), port(3), 11, 7),
              rcv_name: port(3),
              expect: received(RECEIVED_REPLY, 0, port(3), 0, 12, 8),
            }),
            answer(port(4), 2),
          ),
        ],
      },
      { name: "client", threads: [thread(machReplyPort(port(2)), call(1, 0, 2, 7))] },
    ],
  },
];
