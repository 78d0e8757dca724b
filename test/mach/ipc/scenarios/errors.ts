/**
 * What `mach_msg_trap` refuses: sizes, memory, names, rights, header bits; and what that costs
 * whom.
 */
import { MACH_MSG_RETURN } from "../../../../host/abi/mach.ts";
import {
  at,
  bits,
  COPY_SEND,
  machMsg,
  machReplyPort,
  MAKE_SEND,
  MAKE_SEND_ONCE,
  message,
  MOVE_SEND,
  MOVE_SEND_ONCE,
  port,
  RCV,
  readOnly,
  received,
  RECEIVED_REPLY,
  REPLY,
  REQUEST,
  SEND,
  UNMAPPED,
  type Grant,
  type MachMsg,
  type Scenario,
  type Step,
} from "../scenario.ts";

const {
  MACH_RCV_INVALID_DATA,
  MACH_RCV_INVALID_NAME,
  MACH_RCV_TIMED_OUT,
  MACH_RCV_TOO_LARGE,
  MACH_SEND_INVALID_DATA,
  MACH_SEND_INVALID_DEST,
  MACH_SEND_INVALID_HEADER,
  MACH_SEND_INVALID_REPLY,
  MACH_SEND_MSG_TOO_SMALL,
  MACH_SEND_NO_BUFFER,
} = MACH_MSG_RETURN;

const SETUP: readonly Grant[] = [
  { task: "server", name: port(1), right: "receive" },
  { task: "client", name: port(1), right: "send", from: "server", port: port(1) },
];
/** A client with a send right (index 1) and a reply port (index 2) alone in the world. */
const alone = (name: string, ...steps: readonly Step[]): Scenario => ({
  name,
  setup: SETUP,
  tasks: [
    { name: "client", threads: [{ steps: [machReplyPort(port(2)), ...steps] }] },
    { name: "server", threads: [] },
  ],
});

const request = message(REQUEST, port(1), port(2), 1, 0xaaaa, 0xbbbb);
/** A call that must fail in its sending half, and one that shows that nothing has happened. */
const fails = (code: number, what: Partial<MachMsg>): Step =>
  machMsg({ option: SEND | RCV, message: request, rcv_name: port(2), code, ...what });
const nothingQueued: Step = machMsg({
  option: RCV | 0x100,
  rcv_name: port(2),
  code: MACH_RCV_TIMED_OUT,
});

const header = (msgh_bits: number, remote: number, local: number): Step =>
  fails(MACH_SEND_INVALID_HEADER, { message: message(msgh_bits, remote, local, 1) });

export const ERROR_SCENARIOS: readonly Scenario[] = [
  alone(
    "sizes that are no message",
    ...[0, 4, 20, 23, 25, 26, 27, 31, 0x80000001, 0xffffffff].map((send_size) =>
      fails(MACH_SEND_MSG_TOO_SMALL, { send_size }),
    ),
    ...[16372, 0x10000, 0x7ffffffc, 0xfffffffc].map((send_size) =>
      fails(MACH_SEND_NO_BUFFER, { send_size }),
    ),
    nothingQueued,
  ),
  alone(
    "messages that cannot be read",
    fails(MACH_SEND_INVALID_DATA, { msg: UNMAPPED, send_size: 32 }),
    fails(MACH_SEND_INVALID_DATA, { msg: 0, send_size: 24 }),
    // The kernel's own memory is none of a task's.
    fails(MACH_SEND_INVALID_DATA, { msg: 0x00120000, send_size: 32 }),
    fails(MACH_SEND_INVALID_DATA, { msg: readOnly(4096 - 16), send_size: 32 }),
    fails(MACH_SEND_INVALID_DATA, { msg: readOnly(4096 - 16), send_size: 256 }),
    fails(MACH_SEND_INVALID_DATA, { msg: 0xfffffff0, send_size: 24 }),
    nothingQueued,
  ),
  alone(
    "header bits that name no right",
    header(0, port(1), port(2)),
    header(bits(16, MAKE_SEND_ONCE), port(2), port(2)),
    header(bits(22, MAKE_SEND_ONCE), port(1), port(2)),
    header(bits(0xff, 0xff), port(1), port(2)),
    header(bits(COPY_SEND, 16), port(1), port(2)),
    header(bits(COPY_SEND, 22), port(1), port(2)),
    // A reply name without a right for it.
    header(bits(COPY_SEND, 0), port(1), port(2)),
    nothingQueued,
  ),
  alone(
    "destinations that are none",
    ...[0, 0xffffffff, port(3), port(1, 1), port(1, 0xff), port(0), port(4), port(0xffffff)].map(
      (dest) => fails(MACH_SEND_INVALID_DEST, { message: message(REQUEST, dest, port(2), 1) }),
    ),
    // A receive right is no send right, a send right no receive right.
    fails(MACH_SEND_INVALID_DEST, { message: message(bits(COPY_SEND), port(2), 0, 1) }),
    fails(MACH_SEND_INVALID_DEST, { message: message(bits(MOVE_SEND), port(2), 0, 1) }),
    fails(MACH_SEND_INVALID_DEST, { message: message(bits(MOVE_SEND_ONCE), port(2), 0, 1) }),
    fails(MACH_SEND_INVALID_DEST, { message: message(bits(MAKE_SEND), port(1), 0, 1) }),
    fails(MACH_SEND_INVALID_DEST, { message: message(bits(MAKE_SEND_ONCE), port(1), 0, 1) }),
    fails(MACH_SEND_INVALID_DEST, { message: message(REPLY, port(1), 0, 1) }),
    nothingQueued,
  ),
  alone(
    "reply rights that are none",
    ...[port(3), port(2, 1), port(77)].map((reply) =>
      fails(MACH_SEND_INVALID_REPLY, { message: message(REQUEST, port(1), reply, 1) }),
    ),
    fails(MACH_SEND_INVALID_REPLY, {
      message: message(bits(COPY_SEND, COPY_SEND), port(1), port(2), 1),
    }),
    fails(MACH_SEND_INVALID_REPLY, {
      message: message(bits(COPY_SEND, MOVE_SEND_ONCE), port(1), port(2), 1),
    }),
    fails(MACH_SEND_INVALID_REPLY, {
      message: message(bits(COPY_SEND, MAKE_SEND), port(1), port(1), 1),
    }),
    nothingQueued,
  ),
  {
    name: "no reply right, or a dead one, whatever its kind says",
    setup: SETUP,
    tasks: [
      {
        name: "client",
        threads: [
          {
            steps: [0, 0xffffffff].flatMap((reply) =>
              [MAKE_SEND_ONCE, MOVE_SEND].map((type) =>
                machMsg({
                  option: SEND,
                  message: message(bits(COPY_SEND, type), port(1), reply, 1),
                }),
              ),
            ),
          },
        ],
      },
      {
        name: "server",
        threads: [
          {
            steps: [0, 0xffffffff].flatMap((reply, i) =>
              [MOVE_SEND_ONCE, MOVE_SEND].map((type, j) =>
                machMsg({
                  option: RCV,
                  rcv_name: port(1),
                  expect: received(bits(type, MOVE_SEND), reply, port(1), 2 * i + j, 1),
                }),
              ),
            ),
          },
        ],
      },
    ],
  },
  alone(
    "names that one cannot receive from",
    ...[0, 0xffffffff, port(1), port(3), port(2, 1), port(99)].map((rcv_name) =>
      machMsg({ option: RCV, rcv_name, code: MACH_RCV_INVALID_NAME }),
    ),
    // The message is sent all the same: five fill the queue.
    ...[0, port(1), port(7), port(2, 9), 0xffffffff].map((rcv_name) =>
      fails(MACH_RCV_INVALID_NAME, { message: message(bits(COPY_SEND), port(1), 0, 1), rcv_name }),
    ),
    machMsg({
      option: SEND | 0x10,
      message: message(bits(COPY_SEND), port(1), 0, 1),
      code: MACH_MSG_RETURN.MACH_SEND_TIMED_OUT,
    }),
  ),
  {
    name: "receive buffers: too small, not writable, none",
    setup: [{ task: "client", name: port(1), right: "receive" }],
    tasks: [
      {
        name: "client",
        threads: [
          {
            steps: [
              ...[32, 36, 40, 44].map((size) =>
                machMsg({
                  option: SEND,
                  message: message(bits(MAKE_SEND_ONCE), port(1), 0, size, ...body(size)),
                }),
              ),
              // Too large without RCV_LARGE: the message is destroyed, its header shown.
              machMsg({
                option: RCV,
                rcv_name: port(1),
                rcv_size: 24,
                code: MACH_RCV_TOO_LARGE,
                expect: { at: 0, words: [RECEIVED_REPLY, 32, 0, port(1), 0, 32] },
              }),
              // With RCV_LARGE it stays, and its size is told.
              machMsg({
                option: RCV | 0x800,
                rcv_name: port(1),
                rcv_size: 35,
                code: MACH_RCV_TOO_LARGE,
                expect: { at: 4, words: [36] },
              }),
              machMsg({
                option: RCV | 0x800,
                rcv_name: port(1),
                rcv_size: 36,
                expect: received(RECEIVED_REPLY, 0, port(1), 1, 36, ...body(36)),
              }),
              machMsg({
                option: RCV,
                rcv_name: port(1),
                msg: readOnly(0),
                code: MACH_RCV_INVALID_DATA,
              }),
              machMsg({
                option: RCV,
                rcv_name: port(1),
                msg: UNMAPPED,
                code: MACH_RCV_INVALID_DATA,
              }),
              machMsg({ option: RCV | 0x100, rcv_name: port(1), code: MACH_RCV_TIMED_OUT }),
            ],
          },
        ],
      },
    ],
  },
  {
    name: "a waiting receiver whose buffer is too small",
    setup: [
      ...SETUP,
      { task: "server", name: port(2), right: "receive" },
      { task: "client", name: port(2), right: "send", from: "server", port: port(2) },
    ],
    tasks: [
      {
        name: "server",
        threads: [
          {
            steps: [
              machMsg({
                option: RCV | 0x800,
                rcv_name: port(1),
                rcv_size: 24,
                code: MACH_RCV_TOO_LARGE,
                expect: { at: 4, words: [32] },
              }),
              machMsg({
                option: RCV | 0x800,
                rcv_name: port(1),
                expect: received(bits(MOVE_SEND_ONCE, 17), port(3), port(1), 0, 1, 8, 9),
              }),
            ],
          },
          {
            steps: [
              machMsg({
                option: RCV,
                rcv_name: port(2),
                rcv_size: 28,
                code: MACH_RCV_TOO_LARGE,
                expect: { at: 0, words: [bits(MOVE_SEND_ONCE, 17), 32, 0, port(2), 0, 2] },
              }),
            ],
          },
        ],
      },
      {
        name: "client",
        threads: [
          {
            steps: [
              machReplyPort(port(3)),
              machMsg({ option: SEND, message: message(REQUEST, port(1), port(3), 1, 8, 9) }),
              // The second thread throws the request away, so the reply right tells.
              machMsg({
                option: SEND | RCV,
                message: message(REQUEST, port(2), port(3), 2, 8, 9),
                rcv_name: port(3),
                expect: received(RECEIVED_REPLY, 0, port(3), 0, 71),
              }),
            ],
          },
        ],
      },
    ],
  },
  {
    name: "the request arrives where the receiver cannot write",
    setup: SETUP,
    tasks: [
      {
        name: "server",
        threads: [
          {
            steps: [
              machMsg({
                option: RCV,
                rcv_name: port(1),
                msg: readOnly(8),
                code: MACH_RCV_INVALID_DATA,
              }),
              // The rights had been copied out before: the reply goes by the name that nobody was
              // told.
              machMsg({ option: SEND, message: message(REPLY, port(2), 0, 9), msg: at(0) }),
            ],
          },
        ],
      },
      {
        name: "client",
        threads: [
          {
            steps: [
              machReplyPort(port(2)),
              machMsg({
                option: SEND | RCV,
                message: request,
                rcv_name: port(2),
                expect: received(RECEIVED_REPLY, 0, port(2), 0, 9),
              }),
            ],
          },
        ],
      },
    ],
  },
];

function body(size: number): number[] {
  return Array.from({ length: size / 4 - 6 }, (_, i) => size * 16 + i);
}
