/**
 * Rights in headers: every pairing of dispositions, what they leave in the sender's space, dead
 * names.
 */
import { KERN_RETURN, MACH_MSG_RETURN, MACH_TRAP } from "../../../../host/abi/mach.ts";
import {
  at,
  bits,
  COPY_SEND,
  machMsg,
  machReplyPort,
  machTaskSelf,
  MAKE_SEND,
  MAKE_SEND_ONCE,
  message,
  MOVE_SEND,
  MOVE_SEND_ONCE,
  port,
  PORT_SEND,
  PORT_SEND_ONCE,
  RCV,
  received,
  RECEIVED_REPLY,
  RECEIVED_REQUEST,
  REPLY,
  REQUEST,
  SEND,
  taskTerminate,
  trap,
  UNMAPPED,
  WORD,
  type Grant,
  type Scenario,
  type Step,
} from "../scenario.ts";

const {
  KERN_SUCCESS,
  KERN_INVALID_ARGUMENT,
  KERN_INVALID_CAPABILITY,
  KERN_INVALID_NAME,
  KERN_INVALID_RIGHT,
  KERN_INVALID_VALUE,
  KERN_NAME_EXISTS,
  KERN_RIGHT_EXISTS,
} = KERN_RETURN;
const {
  MACH_RCV_TIMED_OUT,
  MACH_SEND_INTERRUPTED,
  MACH_SEND_INVALID_DEST,
  MACH_SEND_INVALID_REPLY,
  MACH_SEND_TIMED_OUT,
} = MACH_MSG_RETURN;

const SELF = port(1);
const allocate = (right: number, code: number, name?: number): Step =>
  trap(
    MACH_TRAP.TRAP_MACH_PORT_ALLOCATE,
    [SELF, right, at(WORD)],
    code,
    name === undefined ? undefined : { at: WORD, words: [name] },
  );
const deallocate = (name: number, code: number): Step =>
  trap(MACH_TRAP.TRAP_MACH_PORT_DEALLOCATE, [SELF, name], code);
const insert = (name: number, right: number, type: number, code: number): Step =>
  trap(MACH_TRAP.TRAP_MACH_PORT_INSERT_RIGHT, [SELF, name, right, type], code);

const task = (name: string, ...steps: readonly Step[]) => ({ name, threads: [{ steps }] });
/** One task that knows itself as name 1. */
const solo = (name: string, ...steps: readonly Step[]): Scenario => ({
  name,
  setup: [],
  tasks: [task("solo", machTaskSelf(SELF), ...steps)],
});

const send = (msgh_bits: number, remote: number, local: number, code = 0): Step =>
  machMsg({ option: SEND, message: message(msgh_bits, remote, local, 1), code });
const take = (expectBits: number, remote: number, local: number, seqno: number): Step =>
  machMsg({ option: RCV, rcv_name: local, expect: received(expectBits, remote, local, seqno, 1) });

const TYPES = [MOVE_SEND, MOVE_SEND_ONCE, COPY_SEND, MAKE_SEND, MAKE_SEND_ONCE];
const carried = (type: number): number =>
  type === MOVE_SEND_ONCE || type === MAKE_SEND_ONCE ? PORT_SEND_ONCE : PORT_SEND;

/**
 * Destination and reply under one name with receive right and two user references of a send right:
 * the 25 pairings. A right to copy or make leaves the references alone, a moved one takes one.
 */
const sameName = TYPES.flatMap((dest) =>
  TYPES.map((reply): Scenario => {
    const name = `destination ${dest} and reply ${reply} under one name`;
    const P = port(2);
    const have = [
      allocate(1, KERN_SUCCESS, P),
      insert(P, P, MAKE_SEND, KERN_SUCCESS),
      insert(P, P, COPY_SEND, KERN_SUCCESS),
    ];
    if (reply === MOVE_SEND_ONCE)
      return solo(name, ...have, send(bits(dest, reply), P, P, MACH_SEND_INVALID_REPLY));
    if (dest === MOVE_SEND_ONCE)
      return solo(name, ...have, send(bits(dest, reply), P, P, MACH_SEND_INVALID_DEST));
    const moved = [dest, reply].filter((type) => type === MOVE_SEND).length;
    // A send right comes back under the same name as one more user reference.
    const returned = carried(reply) === PORT_SEND ? 1 : 0;
    const left = 2 - moved + returned;
    return solo(
      name,
      ...have,
      send(bits(dest, reply), P, P),
      take(bits(carried(reply), carried(dest)), returned ? P : port(3), P, 0),
      ...Array.from({ length: left }, () => deallocate(P, KERN_SUCCESS)),
      deallocate(P, KERN_INVALID_RIGHT),
    );
  }),
);

const SERVICE: readonly Grant[] = [
  { task: "server", name: port(1), right: "receive" },
  { task: "client", name: port(1), right: "send", from: "server", port: port(1) },
];

export const RIGHT_SCENARIOS: readonly Scenario[] = [
  ...sameName,
  solo(
    "moving the only send right away takes its name",
    allocate(1, KERN_SUCCESS, port(2)),
    allocate(1, KERN_SUCCESS, port(3)),
    insert(port(3), port(3), MAKE_SEND, KERN_SUCCESS),
    // Two of one reference cannot be moved.
    send(bits(MOVE_SEND, MOVE_SEND), port(3), port(3), MACH_SEND_INVALID_DEST),
    send(bits(MOVE_SEND, MAKE_SEND_ONCE), port(3), port(2)),
    take(bits(PORT_SEND_ONCE, PORT_SEND), port(4), port(3), 0),
    deallocate(port(3), KERN_INVALID_RIGHT),
    send(bits(MOVE_SEND), port(3), 0, MACH_SEND_INVALID_DEST),
    // A send-once right works once.
    send(REPLY, port(4), 0),
    send(REPLY, port(4), 0, MACH_SEND_INVALID_DEST),
    take(RECEIVED_REPLY, 0, port(2), 0),
    // Its name comes again, one generation on.
    allocate(1, KERN_SUCCESS, port(4, 1)),
  ),
  solo(
    "dropping a send-once right tells the port",
    allocate(1, KERN_SUCCESS, port(2)),
    insert(port(3), port(2), MAKE_SEND_ONCE, KERN_SUCCESS),
    insert(port(3), port(2), MAKE_SEND_ONCE, KERN_NAME_EXISTS),
    deallocate(port(3), KERN_SUCCESS),
    // Both rights made came to nothing.
    ...[0, 1].map((seqno) =>
      machMsg({
        option: RCV,
        rcv_name: port(2),
        expect: received(RECEIVED_REPLY, 0, port(2), seqno, 71),
      }),
    ),
  ),
  solo(
    "names and rights that the port calls refuse",
    allocate(0, KERN_INVALID_VALUE),
    allocate(2, KERN_INVALID_VALUE),
    allocate(5, KERN_INVALID_VALUE),
    allocate(4, KERN_SUCCESS, port(2)),
    deallocate(port(2), KERN_SUCCESS),
    deallocate(port(2), KERN_INVALID_NAME),
    deallocate(0, KERN_INVALID_NAME),
    deallocate(0xffffffff, KERN_INVALID_NAME),
    allocate(1, KERN_SUCCESS, port(2, 1)),
    deallocate(port(2, 1), KERN_INVALID_RIGHT),
    insert(0, port(2, 1), MAKE_SEND, KERN_INVALID_VALUE),
    insert(0xffffffff, port(2, 1), MAKE_SEND, KERN_INVALID_VALUE),
    insert(port(3), port(2, 1), MAKE_SEND, KERN_RIGHT_EXISTS),
    insert(port(3), 0, MAKE_SEND, KERN_INVALID_CAPABILITY),
    insert(port(3), 0xffffffff, 16, KERN_INVALID_CAPABILITY),
    insert(port(3), port(9), COPY_SEND, KERN_INVALID_NAME),
    insert(port(3), port(2, 1), COPY_SEND, KERN_INVALID_RIGHT),
    insert(port(3), port(2, 1), 15, KERN_INVALID_VALUE),
    insert(port(3), port(2, 1), 22, KERN_INVALID_VALUE),
    // Results go where the caller says, even if that is nowhere.
    trap(MACH_TRAP.TRAP_MACH_PORT_ALLOCATE, [SELF, 1, UNMAPPED], KERN_SUCCESS),
    allocate(1, KERN_SUCCESS, port(4)),
    // No task behind the name: the library must send a message.
    trap(MACH_TRAP.TRAP_MACH_PORT_ALLOCATE, [0, 1, at(WORD)], MACH_SEND_INTERRUPTED),
    trap(MACH_TRAP.TRAP_MACH_PORT_DEALLOCATE, [port(4), port(4)], MACH_SEND_INTERRUPTED),
    trap(MACH_TRAP.TRAP_MACH_PORT_INSERT_RIGHT, [port(9), 1, 1, 20], MACH_SEND_INTERRUPTED),
    taskTerminate(0, MACH_SEND_INTERRUPTED),
    taskTerminate(port(4), MACH_SEND_INTERRUPTED),
    trap(-1, [], KERN_INVALID_ARGUMENT),
    trap(-24, [], KERN_INVALID_ARGUMENT),
    trap(-1000, [], KERN_INVALID_ARGUMENT),
  ),
  {
    name: "a server that dies: the caller hears of it, the send right becomes a dead name",
    setup: SERVICE,
    tasks: [
      task(
        "server",
        machTaskSelf(port(2)),
        {
          ...machMsg({
            option: RCV,
            rcv_name: port(1),
            expect: received(RECEIVED_REQUEST, port(3), port(1), 0, 1),
          }),
        },
        { ...taskTerminate(port(2), 0), waits: true },
      ),
      task(
        "client",
        machReplyPort(port(2)),
        machMsg({
          option: SEND | RCV,
          message: message(REQUEST, port(1), port(2), 1),
          rcv_name: port(2),
          expect: received(RECEIVED_REPLY, 0, port(2), 0, 71),
        }),
        send(bits(COPY_SEND), port(1), 0, MACH_SEND_INVALID_DEST),
        // The dead name as reply is legal, and arrives dead.
        machTaskSelf(port(3)),
        send(bits(MAKE_SEND, COPY_SEND), port(2), port(1)),
        machMsg({
          option: RCV,
          rcv_name: port(2),
          expect: received(bits(PORT_SEND, PORT_SEND), 0xffffffff, port(2), 1, 1),
        }),
        trap(
          MACH_TRAP.TRAP_MACH_PORT_INSERT_RIGHT,
          [port(3), port(4), port(1), COPY_SEND],
          KERN_INVALID_CAPABILITY,
        ),
        trap(MACH_TRAP.TRAP_MACH_PORT_DEALLOCATE, [port(3), port(1)], KERN_SUCCESS),
        trap(MACH_TRAP.TRAP_MACH_PORT_DEALLOCATE, [port(3), port(1)], KERN_INVALID_NAME),
      ),
    ],
  },
  {
    name: "messages queued at a port that dies: their reply rights tell",
    setup: SERVICE,
    tasks: [
      task(
        "client",
        machReplyPort(port(2)),
        send(REQUEST, port(1), port(2)),
        send(bits(COPY_SEND, MAKE_SEND), port(1), port(2)),
        send(REQUEST, port(1), port(2)),
        ...[0, 1].map((seqno) =>
          machMsg({
            option: RCV,
            rcv_name: port(2),
            expect: received(RECEIVED_REPLY, 0, port(2), seqno, 71),
          }),
        ),
        machMsg({ option: RCV | 0x100, rcv_name: port(2), code: MACH_RCV_TIMED_OUT }),
        send(REQUEST, port(1), port(2), MACH_SEND_INVALID_DEST),
      ),
      task("server", machTaskSelf(port(2)), { ...taskTerminate(port(2), 0), waits: true }),
    ],
  },
  {
    name: "a full queue: timeout gives the message back, waiting gets it through",
    setup: SERVICE,
    tasks: [
      {
        name: "client",
        threads: [
          {
            steps: [
              machReplyPort(port(2)),
              ...[0, 1, 2, 3, 4].map(() => send(REQUEST, port(1), port(2))),
              // The rights come back: a send right under its name, the send-once right under a new
              // one.
              machMsg({
                option: SEND | 0x10,
                message: message(REQUEST, port(1), port(2), 6, 0xcafe),
                code: MACH_SEND_TIMED_OUT,
                expect: {
                  at: 0,
                  words: [bits(PORT_SEND, PORT_SEND_ONCE), 28, port(1), port(3), 0, 6, 0xcafe],
                },
              }),
              // A send-once right need not wait.
              send(REPLY, port(3), 0),
              machMsg({
                option: RCV,
                rcv_name: port(2),
                expect: received(RECEIVED_REPLY, 0, port(2), 0, 1),
              }),
              send(REQUEST, port(1), port(2)),
              machMsg({
                option: SEND | RCV,
                message: message(REQUEST, port(1), port(2), 8),
                rcv_name: port(2),
                expect: received(RECEIVED_REPLY, 0, port(2), 1, 88),
              }),
            ],
          },
        ],
      },
      task(
        "server",
        ...[0, 1, 2, 3, 4, 5].map((n) => take(RECEIVED_REQUEST, port(n + 2), port(1), n)),
        machMsg({
          option: RCV,
          rcv_name: port(1),
          expect: received(RECEIVED_REQUEST, port(8), port(1), 6, 8),
        }),
        machMsg({ option: SEND, message: message(REPLY, port(8), 0, 88) }),
      ),
    ],
  },
  {
    name: "senders that wait for room when the port dies: their messages count as sent",
    setup: SERVICE,
    tasks: [
      {
        name: "client",
        threads: [
          { steps: [0, 1, 2, 3, 4].map(() => send(bits(COPY_SEND), port(1), 0)) },
          { steps: [send(bits(COPY_SEND), port(1), 0)] },
          {
            steps: [
              machReplyPort(port(2)),
              machMsg({
                option: SEND | RCV,
                message: message(REQUEST, port(1), port(2), 3),
                rcv_name: port(2),
                expect: received(RECEIVED_REPLY, 0, port(2), 0, 71),
              }),
            ],
          },
        ],
      },
      task("server", machTaskSelf(port(2)), { ...taskTerminate(port(2), 0), waits: true }),
    ],
  },
  solo(
    "a message to a kernel object without such a routine",
    machReplyPort(port(2)),
    machMsg({
      option: SEND | RCV,
      message: message(bits(COPY_SEND, MAKE_SEND_ONCE), SELF, port(2), 4711, 1, 2, 3),
      rcv_name: port(2),
      expect: received(RECEIVED_REPLY, 0, port(2), 0, 4811, 0x02200018, 0xfffffed1),
    }),
    // Without a reply right there is nobody to tell.
    send(bits(COPY_SEND), SELF, 0),
    machMsg({ option: RCV | 0x100, rcv_name: port(2), code: MACH_RCV_TIMED_OUT }),
  ),
  {
    name: "a task that is terminated while its threads wait",
    setup: [
      ...SERVICE,
      { task: "server", name: port(2), right: "receive" },
      { task: "client", name: port(2), right: "send", from: "server", port: port(2) },
    ],
    tasks: [
      {
        name: "client",
        threads: [
          {
            steps: [
              machReplyPort(port(3)),
              ...[0, 1, 2, 3, 4].map(() => send(bits(COPY_SEND), port(1), 0)),
              // Gives its own task away as the reply right.
              machTaskSelf(port(4)),
              send(bits(COPY_SEND, COPY_SEND), port(2), port(4)),
              { ...machMsg({ option: RCV, rcv_name: port(3) }), waits: true },
            ],
          },
          { steps: [{ ...send(bits(COPY_SEND), port(1), 0), waits: true }] },
        ],
      },
      task(
        "server",
        machMsg({
          option: RCV,
          rcv_name: port(2),
          expect: received(bits(PORT_SEND, PORT_SEND), port(3), port(2), 0, 1),
        }),
        taskTerminate(port(3), KERN_SUCCESS),
        taskTerminate(port(3), MACH_SEND_INTERRUPTED),
        // The sender that waited took its message with it.
        ...[0, 1, 2, 3, 4].map((n) => take(bits(0, PORT_SEND), 0, port(1), n)),
        machMsg({ option: RCV | 0x100, rcv_name: port(1), code: MACH_RCV_TIMED_OUT }),
      ),
    ],
  },
];
