/** Port sets: a server that waits for all of its ports at once, and what is odd about that. */
import {
  KERN_RETURN,
  MACH_MSG_OPTION,
  MACH_MSG_RETURN,
  MACH_TRAP,
} from "../../../../host/abi/mach.ts";
import {
  bits,
  machMsg,
  machReplyPort,
  MAKE_SEND,
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
  trap,
  type Grant,
  type Scenario,
  type Step,
  type TaskProgram,
} from "../scenario.ts";

const RPC = SEND | RCV;
const { MACH_RCV_LARGE, MACH_RCV_TIMEOUT } = MACH_MSG_OPTION;
const { KERN_INVALID_RIGHT } = KERN_RETURN;
const {
  MACH_RCV_IN_SET,
  MACH_RCV_TIMED_OUT,
  MACH_RCV_TOO_LARGE,
  MACH_SEND_INVALID_DEST,
  MACH_SEND_INVALID_REPLY,
} = MACH_MSG_RETURN;

/** The server's ports, one for each client, and the set that both are in. */
const [ONE, TWO, SET] = [port(1), port(2), port(3)];
const setup: readonly Grant[] = [
  { task: "server", name: ONE, right: "receive" },
  { task: "server", name: TWO, right: "receive" },
  { task: "server", name: SET, right: "set", members: [ONE, TWO] },
  { task: "anna", name: port(1), right: "send", from: "server", port: ONE },
  { task: "bert", name: port(1), right: "send", from: "server", port: TWO },
];

/** A client's call number `n`, which is answered. */
const call = (id: number, n = 0, ...body: readonly number[]): Step =>
  machMsg({
    option: RPC,
    message: message(REQUEST, port(1), port(2), id, ...body),
    rcv_name: port(2),
    expect: received(RECEIVED_REPLY, 0, port(2), n, id + 100),
  });
const client = (name: string, ...steps: readonly Step[]): TaskProgram => ({
  name,
  threads: [{ steps: [machReplyPort(port(2)), ...steps] }],
});

/** The server's entry for reply rights is the first after the set's: a grown table's, name 0x400. */
const reply = (n: number): number => port(4, n);
const get = (from: number, seqno: number, id: number, n: number, ...body: readonly number[]) =>
  received(RECEIVED_REQUEST, reply(n), from, seqno, id, ...body);
const first = (from: number, id: number): Step =>
  machMsg({ option: RCV, rcv_name: SET, expect: get(from, 0, id, 0) });
/** Answers request `id`, the server's `n`th, and gets the next. */
const next = (id: number, n: number, expected: ReturnType<typeof get>): Step =>
  machMsg({
    option: RPC,
    message: message(REPLY, reply(n), 0, id + 100),
    rcv_name: SET,
    expect: expected,
  });
const last = (id: number, n: number): Step =>
  machMsg({
    option: RPC,
    message: message(REPLY, reply(n), 0, id + 100),
    rcv_name: SET,
    waits: true,
  });
const server = (...steps: readonly Step[]): TaskProgram => ({
  name: "server",
  threads: [{ steps }],
});

const scenario = (name: string, ...tasks: readonly TaskProgram[]): Scenario => ({
  name,
  setup,
  tasks,
});
const nothing = machMsg({
  option: RCV | MACH_RCV_TIMEOUT,
  rcv_name: SET,
  code: MACH_RCV_TIMED_OUT,
});

export const SET_SCENARIOS: readonly Scenario[] = [
  scenario(
    "a server waits at a set for two clients",
    server(
      first(ONE, 10),
      next(10, 0, get(ONE, 1, 11, 1)),
      next(11, 1, get(TWO, 0, 20, 2)),
      next(20, 2, get(TWO, 1, 21, 3)),
      last(21, 3),
    ),
    client("anna", call(10), call(11, 1)),
    client("bert", call(20), call(21, 1)),
  ),
  scenario(
    "messages of a set come in the order in which they were sent, numbered by their ports",
    client("bert", call(20)),
    client("anna", call(10)),
    server(first(TWO, 20), next(20, 0, get(ONE, 0, 10, 1)), last(10, 1)),
  ),
  scenario(
    "a set that has nothing, with a timeout of 0",
    server(nothing, nothing),
    client("anna"),
    client("bert"),
  ),
  scenario(
    "a port in a set cannot be received from by itself",
    server(
      machMsg({ option: RCV, rcv_name: ONE, code: MACH_RCV_IN_SET }),
      machMsg({ option: RCV | MACH_RCV_TIMEOUT, rcv_name: TWO, code: MACH_RCV_IN_SET }),
      first(ONE, 10),
      machMsg({
        option: RPC,
        message: message(REPLY, reply(0), 0, 110),
        rcv_name: ONE,
        code: MACH_RCV_IN_SET,
      }),
    ),
    client("anna", call(10)),
    client("bert"),
  ),
  scenario(
    "too large a message stays in the set's queue",
    client("bert", call(20, 0, 1, 2, 3)),
    server(
      machMsg({
        option: RCV | MACH_RCV_LARGE,
        rcv_name: SET,
        rcv_size: 28,
        code: MACH_RCV_TOO_LARGE,
      }),
      machMsg({ option: RCV, rcv_name: SET, expect: get(TWO, 0, 20, 0, 1, 2, 3) }),
      last(20, 0),
    ),
    client("anna"),
  ),
  scenario(
    "two threads wait at one set, first come first served",
    {
      name: "server",
      threads: [
        { steps: [first(ONE, 10), last(10, 0)] },
        {
          steps: [machMsg({ option: RCV, rcv_name: SET, expect: get(TWO, 0, 20, 1) }), last(20, 1)],
        },
      ],
    },
    client("anna", call(10)),
    client("bert", call(20)),
  ),
  scenario(
    "a caller that waits for its answer at a set",
    {
      name: "server",
      threads: [
        {
          steps: [
            machMsg({
              option: SEND,
              message: message(bits(MAKE_SEND, MAKE_SEND_ONCE), ONE, TWO, 7),
            }),
            machMsg({
              option: RCV,
              rcv_name: SET,
              expect: received(RECEIVED_REQUEST, port(4), ONE, 0, 7),
            }),
            machMsg({
              option: RPC,
              message: message(REPLY, port(4), 0, 8),
              rcv_name: SET,
              expect: received(RECEIVED_REPLY, 0, TWO, 0, 8),
            }),
          ],
        },
      ],
    },
    client("anna"),
    client("bert"),
  ),
  scenario(
    "no reference of a set's can be released, and it takes no messages",
    server(
      trap(MACH_TRAP.TRAP_MACH_TASK_SELF, [], port(4)),
      trap(MACH_TRAP.TRAP_MACH_PORT_DEALLOCATE, [port(4), SET], KERN_INVALID_RIGHT),
      machMsg({
        option: SEND,
        message: message(bits(MAKE_SEND), SET, 0, 1),
        code: MACH_SEND_INVALID_DEST,
      }),
      machMsg({
        option: SEND,
        message: message(bits(MAKE_SEND, MAKE_SEND_ONCE), ONE, SET, 1),
        code: MACH_SEND_INVALID_REPLY,
      }),
    ),
    client("anna"),
    client("bert"),
  ),
];
