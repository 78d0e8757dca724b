/** Remote procedure calls: who waits for whom, message sizes, several clients, several servers. */
import {
  machMsg,
  machReplyPort,
  message,
  port,
  RCV,
  received,
  RECEIVED_REPLY,
  RECEIVED_REQUEST,
  REPLY,
  REQUEST,
  SEND,
  type Grant,
  type Scenario,
  type Step,
  type TaskProgram,
} from "../scenario.ts";

const SERVICE = port(1);
/** A server task with one port, and clients that can send to it. */
const service = (...clients: readonly string[]): Grant[] => [
  { task: "server", name: SERVICE, right: "receive" },
  ...clients.map((task): Grant => ({
    task,
    name: port(1),
    right: "send",
    from: "server",
    port: SERVICE,
  })),
];

/** A client's call: sends `body`, gets `answer`. The first call's sequence number is 0. */
export const call = (n: number, body: readonly number[], answer: readonly number[]): Step =>
  machMsg({
    option: SEND | RCV,
    message: message(REQUEST, port(1), port(2), 100 + n, ...body),
    rcv_name: port(2),
    expect: received(RECEIVED_REPLY, 0, port(2), n, 200 + n, ...answer),
  });

/** A server's first receive. */
const first = (body: readonly number[]): Step =>
  machMsg({
    option: RCV,
    rcv_name: SERVICE,
    expect: received(RECEIVED_REQUEST, port(2), SERVICE, 0, 100, ...body),
  });

/** Answers call `n` and gets the next; the reply's entry is used again, one generation on. */
const answer = (n: number, body: readonly number[], next: readonly number[]): Step =>
  machMsg({
    option: SEND | RCV,
    message: message(REPLY, port(2, n), 0, 200 + n, ...body),
    rcv_name: SERVICE,
    expect: received(RECEIVED_REQUEST, port(2, n + 1), SERVICE, n + 1, 101 + n, ...next),
  });

/** Answers call `n` and waits for ever. */
const last = (n: number, body: readonly number[]): Step =>
  machMsg({
    option: SEND | RCV,
    message: message(REPLY, port(2, n), 0, 200 + n, ...body),
    rcv_name: SERVICE,
    waits: true,
  });

const server = (...steps: readonly Step[]): TaskProgram => ({
  name: "server",
  threads: [{ steps }],
});
const client = (...steps: readonly Step[]): TaskProgram => ({
  name: "client",
  threads: [{ steps: [machReplyPort(port(2)), ...steps] }],
});

const words = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => (seed + i * 0x01010101) >>> 0);

/** One call with a request and a reply of the given numbers of words. */
const sized = (request: number, reply: number): Scenario => ({
  name: `rpc of ${24 + 4 * request} bytes out and ${24 + 4 * reply} back`,
  setup: service("client"),
  tasks: [
    server(first(words(request, 7)), last(0, words(reply, 9))),
    client(call(0, words(request, 7), words(reply, 9))),
  ],
});

const calls: Step[] = [call(0, [1, 2], [3]), call(1, [], [4, 5, 6]), call(2, [9], [])];
const serves: Step[] = [first([1, 2]), answer(0, [3], []), answer(1, [4, 5, 6], [9]), last(2, [])];

/** Client and server keep each other's port names, so that each `who` has its own reply name. */
const clientOf = (name: string, replyId: number): TaskProgram => ({
  name,
  threads: [
    {
      steps: [
        machReplyPort(port(2)),
        machMsg({
          option: SEND | RCV,
          message: message(REQUEST, port(1), port(2), 100, replyId),
          rcv_name: port(2),
          expect: received(RECEIVED_REPLY, 0, port(2), 0, replyId),
        }),
      ],
    },
  ],
});

export const RPC_SCENARIOS: readonly Scenario[] = [
  {
    name: "rpc, the server waits first",
    setup: service("client"),
    tasks: [server(...serves), client(...calls)],
  },
  {
    name: "rpc, the client calls first",
    setup: service("client"),
    tasks: [client(...calls), server(...serves)],
  },
  // 240 bytes is the largest message of the cached kmsg, 8176 the largest that kernel text allocates.
  ...[0, 1, 53, 54, 55, 250, 2038, 2298].map((n) => sized(n, 1)),
  ...[0, 54, 55, 250, 2038, 2298].map((n) => sized(1, n)),
  sized(54, 54),
  sized(55, 55),
  {
    name: "two clients, the second is served after the first",
    setup: service("anna", "bert"),
    tasks: [
      clientOf("anna", 300),
      clientOf("bert", 400),
      server(
        machMsg({
          option: RCV,
          rcv_name: SERVICE,
          expect: received(RECEIVED_REQUEST, port(2), SERVICE, 0, 100, 300),
        }),
        machMsg({
          option: SEND | RCV,
          message: message(REPLY, port(2), 0, 300),
          rcv_name: SERVICE,
          expect: received(RECEIVED_REQUEST, port(2, 1), SERVICE, 1, 100, 400),
        }),
        machMsg({
          option: SEND | RCV,
          message: message(REPLY, port(2, 1), 0, 400),
          rcv_name: SERVICE,
          waits: true,
        }),
      ),
    ],
  },
  {
    name: "two server threads wait, each serves one client",
    setup: service("anna", "bert"),
    tasks: [
      {
        name: "server",
        threads: [300, 400].map((id, i) => ({
          steps: [
            machMsg({
              option: RCV,
              rcv_name: SERVICE,
              expect: received(RECEIVED_REQUEST, port(2, i), SERVICE, i, 100, id),
            }),
            machMsg({
              option: SEND | RCV,
              message: message(REPLY, port(2, i), 0, id),
              rcv_name: SERVICE,
              waits: true,
            }),
          ],
        })),
      },
      clientOf("anna", 300),
      clientOf("bert", 400),
    ],
  },
  {
    name: "a call that carries its own reply as a send right to make",
    setup: service("client"),
    tasks: [
      server(
        machMsg({
          option: RCV,
          rcv_name: SERVICE,
          expect: received(0x1111, port(2), SERVICE, 0, 1),
        }),
        machMsg({
          option: SEND | RCV,
          message: message(19, port(2), 0, 2),
          rcv_name: SERVICE,
          waits: true,
        }),
      ),
      client(
        machMsg({
          option: SEND | RCV,
          message: message(0x1413, port(1), port(2), 1),
          rcv_name: port(2),
          expect: received(0x1100, 0, port(2), 0, 2),
        }),
      ),
    ],
  },
  {
    name: "a task calls itself on one port",
    setup: [{ task: "client", name: port(1), right: "receive" }],
    tasks: [
      {
        name: "client",
        threads: [
          {
            steps: [
              // The reply right is to the same port; the message is found there at once.
              machMsg({
                option: SEND | RCV,
                message: message(0x1514, port(1), port(1), 5, 77),
                rcv_name: port(1),
                expect: received(0x1112, port(2), port(1), 0, 5, 77),
              }),
              machMsg({
                option: SEND | RCV,
                message: message(REPLY, port(2), 0, 6, 78),
                rcv_name: port(1),
                expect: received(RECEIVED_REPLY, 0, port(1), 1, 6, 78),
              }),
            ],
          },
        ],
      },
    ],
  },
  {
    name: "requests fill the receiver's table, which grows from 4 to 8 to 16 entries",
    setup: service("client"),
    tasks: [
      {
        name: "client",
        threads: [
          {
            steps: [2, 3, 4, 5, 6].flatMap((index) => [
              machReplyPort(port(index)),
              machMsg({ option: SEND, message: message(REQUEST, port(1), port(index), index) }),
            ]),
          },
          {
            steps: [7, 8, 9, 10, 11].flatMap((index) => [
              machReplyPort(port(index)),
              // The queue holds five: these wait for room, one after the other.
              machMsg({ option: SEND, message: message(REQUEST, port(1), port(index), index) }),
            ]),
          },
        ],
      },
      server(
        ...[2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((index) =>
          machMsg({
            option: RCV,
            rcv_name: SERVICE,
            expect: received(RECEIVED_REQUEST, port(index), SERVICE, index - 2, index),
          }),
        ),
      ),
    ],
  },
];
