/**
 * Every return code of `mach_msg` that a task can see, with the call that gets it: a table, and a look at
 * the list of codes for one that the table lacks.
 */
import { describe, expect, test } from "vitest";
import { MACH_MSG_OPTION, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import {
  mach_port_allocate,
  mach_port_destroy,
  mach_port_mod_refs,
} from "../../../host/mach/ipc/mach-port.ts";
import { mach_port_move_member } from "../../../host/mach/ipc/mach-port-sets.ts";
import { thread_abort } from "../../../host/mach/kern/thread.ts";
import {
  bits,
  COPY_SEND,
  message,
  MOVE_SEND,
  RCV,
  REQUEST,
  SEND,
  UNMAPPED,
  type MachMsg,
} from "./scenario.ts";
import { fill, pair, request, type Pair } from "./world.ts";
import { READ_ONLY } from "./test-kernel.ts";

const O = MACH_MSG_OPTION;
const M = MACH_MSG_RETURN;
const COMPLEX = 0x80000000;
const complex = (p: Pair, ...body: number[]): number[] =>
  message((REQUEST | COMPLEX) >>> 0, p.dest, p.reply, 1, ...body);

/** Who calls what; `before` sets the scene, `during` happens while the call waits. */
interface Row {
  readonly what: string;
  readonly code: keyof typeof M;
  readonly special?: number;
  /** It uses up all memory, and holds it. */
  readonly keeps?: boolean;
  readonly by?: "server";
  readonly before?: (p: Pair) => void;
  readonly call: (p: Pair) => MachMsg;
  readonly during?: (p: Pair) => void;
}

const inSet = (p: Pair): number => {
  const made = mach_port_allocate(p.k, p.server.space, 3);
  const set = "name" in made ? made.name : 0;
  mach_port_move_member(p.k, p.server.space, p.service, set);
  return set;
};

const ROWS: readonly Row[] = [
  { what: "nothing at all", code: "MACH_MSG_SUCCESS", call: () => ({ option: 0 }) },
  {
    what: "a message that cannot be read",
    code: "MACH_SEND_INVALID_DATA",
    call: () => ({ option: SEND, msg: UNMAPPED, send_size: 24 }),
  },
  {
    what: "a destination that is none",
    code: "MACH_SEND_INVALID_DEST",
    call: (p) => ({ option: SEND, message: message(REQUEST, 0x9900, p.reply, 1) }),
  },
  {
    what: "a full queue, and no time to wait",
    code: "MACH_SEND_TIMED_OUT",
    before: (p) => fill(p, 5),
    call: (p) => ({ option: SEND | O.MACH_SEND_TIMEOUT, message: request(p) }),
  },
  {
    what: "a full queue until time is over",
    code: "MACH_SEND_TIMED_OUT",
    before: (p) => fill(p, 5),
    call: (p) => ({ option: SEND | O.MACH_SEND_TIMEOUT, message: request(p), time_out: 9 }),
    during: (p) => p.k.expire(p.client.thread),
  },
  {
    what: "a full queue, and a notice promised",
    code: "MACH_SEND_WILL_NOTIFY",
    before: (p) => fill(p, 5),
    call: (p) => ({ option: SEND | O.MACH_SEND_NOTIFY, message: request(p), notify: p.reply }),
  },
  {
    what: "a full queue, and a notice promised before",
    code: "MACH_SEND_NOTIFY_IN_PROGRESS",
    before: (p) => {
      fill(p, 5);
      const option = SEND | O.MACH_SEND_NOTIFY;
      p.world.msg(p.client, { option, message: request(p), notify: p.reply });
    },
    call: (p) => ({ option: SEND | O.MACH_SEND_NOTIFY, message: request(p), notify: p.reply }),
  },
  {
    what: "a sender that is broken off",
    code: "MACH_SEND_INTERRUPTED",
    before: (p) => fill(p, 5),
    call: (p) => ({ option: SEND, message: request(p) }),
    during: (p) => thread_abort(p.k, p.client.thread),
  },
  {
    what: "less than a header",
    code: "MACH_SEND_MSG_TOO_SMALL",
    call: (p) => ({ option: SEND, message: request(p), send_size: 20 }),
  },
  {
    what: "a body that ends in a descriptor",
    code: "MACH_SEND_INVALID_TYPE",
    call: (p) => ({ option: SEND, message: complex(p, 0xff200018) }),
  },
  {
    what: "a body that ends before its data",
    code: "MACH_SEND_MSG_TOO_SMALL",
    call: (p) => ({ option: SEND, message: complex(p, 0x02200028, 1) }),
  },
  {
    what: "a reply right that one has not",
    code: "MACH_SEND_INVALID_REPLY",
    call: (p) => ({
      option: SEND,
      message: message(bits(COPY_SEND, MOVE_SEND), p.dest, p.reply, 1),
    }),
  },
  {
    what: "a right in the body that one has not",
    code: "MACH_SEND_INVALID_RIGHT",
    call: (p) => ({ option: SEND, message: complex(p, 0x13200018, p.reply) }),
  },
  {
    what: "cancelling without a port",
    code: "MACH_SEND_INVALID_NOTIFY",
    call: (p) => ({ option: SEND | O.MACH_SEND_CANCEL, message: request(p) }),
  },
  {
    what: "more than any buffer",
    code: "MACH_SEND_NO_BUFFER",
    call: () => ({ option: SEND, send_size: 0x4000 }),
  },
  {
    what: "no memory for a promise",
    code: "MACH_SEND_NO_NOTIFY",
    keeps: true,
    before: (p) => {
      fill(p, 5);
      while (p.k.kalloc(16) !== 0);
    },
    call: (p) => ({ option: SEND | O.MACH_SEND_NOTIFY, message: request(p), notify: p.reply }),
  },
  {
    what: "header bits that name no right",
    code: "MACH_SEND_INVALID_HEADER",
    call: (p) => ({ option: SEND, message: message(bits(16, 21), p.dest, p.reply, 1) }),
  },
  {
    what: "receiving from nothing",
    code: "MACH_RCV_INVALID_NAME",
    call: (p) => ({ option: RCV, rcv_name: p.dest }),
  },
  {
    what: "nothing there, and no time to wait",
    code: "MACH_RCV_TIMED_OUT",
    call: (p) => ({ option: RCV | O.MACH_RCV_TIMEOUT, rcv_name: p.reply }),
  },
  {
    what: "nothing there until time is over",
    code: "MACH_RCV_TIMED_OUT",
    call: (p) => ({ option: RCV | O.MACH_RCV_TIMEOUT, rcv_name: p.reply, time_out: 9 }),
    during: (p) => p.k.expire(p.client.thread),
  },
  {
    what: "too large a message",
    code: "MACH_RCV_TOO_LARGE",
    by: "server",
    before: (p) => fill(p, 1),
    call: (p) => ({ option: RCV, rcv_name: p.service, rcv_size: 20 }),
  },
  {
    what: "too large a message, whose rights end with it",
    code: "MACH_RCV_TOO_LARGE",
    by: "server",
    before: (p) => {
      const words = complex(p, 0x14200018, p.reply, 0x15200018, p.reply);
      expect(p.world.msg(p.client, { option: SEND, message: words })).toBe(0);
    },
    call: (p) => ({ option: RCV, rcv_name: p.service, rcv_size: 24 }),
  },
  {
    what: "too large a message, which stays",
    code: "MACH_RCV_TOO_LARGE",
    by: "server",
    before: (p) => fill(p, 1),
    call: (p) => ({ option: RCV | O.MACH_RCV_LARGE, rcv_name: p.service, rcv_size: 20 }),
  },
  {
    what: "a receiver that is broken off",
    code: "MACH_RCV_INTERRUPTED",
    call: (p) => ({ option: RCV, rcv_name: p.reply }),
    during: (p) => thread_abort(p.k, p.client.thread),
  },
  {
    what: "a port that goes into a set meanwhile",
    code: "MACH_RCV_PORT_CHANGED",
    by: "server",
    call: (p) => ({ option: RCV, rcv_name: p.service }),
    during: inSet,
  },
  {
    what: "a notice to no port",
    code: "MACH_RCV_INVALID_NOTIFY",
    by: "server",
    before: (p) => fill(p, 1),
    call: (p) => ({ option: RCV | O.MACH_RCV_NOTIFY, rcv_name: p.service }),
  },
  {
    what: "a buffer that cannot be written",
    code: "MACH_RCV_INVALID_DATA",
    by: "server",
    before: (p) => fill(p, 1),
    call: (p) => ({ option: RCV, rcv_name: p.service, msg: READ_ONLY }),
  },
  {
    what: "a port that dies meanwhile",
    code: "MACH_RCV_PORT_DIED",
    by: "server",
    call: (p) => ({ option: RCV, rcv_name: p.service }),
    during: (p) => mach_port_destroy(p.k, p.server.space, p.service),
  },
  {
    what: "a set that dies meanwhile",
    code: "MACH_RCV_PORT_DIED",
    by: "server",
    call: (p) => ({ option: RCV, rcv_name: inSet(p) }),
    during: (p) => {
      const sets = [0x200, 0x300, 0x400].filter(
        (name) => mach_port_mod_refs(p.k, p.server.space, name, 3, -1) === 0,
      );
      expect(sets).toHaveLength(1);
    },
  },
  {
    what: "a port that is in a set",
    code: "MACH_RCV_IN_SET",
    by: "server",
    before: inSet,
    call: (p) => ({ option: RCV, rcv_name: p.service }),
  },
  {
    what: "no room for the reply right",
    code: "MACH_RCV_HEADER_ERROR",
    special: M.MACH_MSG_IPC_SPACE,
    by: "server",
    before: (p) => {
      fill(p, 1);
      for (let made = mach_port_allocate(p.k, p.server.space, 4); "name" in made;)
        made = mach_port_allocate(p.k, p.server.space, 4);
    },
    call: (p) => ({ option: RCV, rcv_name: p.service }),
  },
  {
    what: "no memory for a right in the body",
    code: "MACH_RCV_BODY_ERROR",
    special: 0x0800,
    keeps: true,
    by: "server",
    before: (p) => {
      const words = message(
        (bits(COPY_SEND) | COMPLEX) >>> 0,
        ...([p.dest, 0, 1, 0x14200018, p.reply] as const),
      );
      expect(p.world.msg(p.client, { option: SEND, message: words })).toBe(0);
      for (const size of [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384])
        while (p.k.kalloc(size) !== 0);
      for (let made = mach_port_allocate(p.k, p.server.space, 4); "name" in made;)
        made = mach_port_allocate(p.k, p.server.space, 4);
    },
    call: (p) => ({ option: RCV, rcv_name: p.service }),
  },
];

describe("mach_msg returns", () => {
  test.each(ROWS.map((row) => [row.code, row.what, row] as const))("%s: %s", (_c, _w, row) => {
    const p = pair();
    row.before?.(p);
    const actor = row.by === "server" ? p.server : p.client;
    const first = p.world.msg(actor, row.call(p));
    expect(first === "blocked").toBe(row.during !== undefined);
    row.during?.(p);
    const code = first === "blocked" ? p.world.returns(actor) : first;
    expect(code.toString(16)).toBe((Number(M[row.code]) | (row.special ?? 0)).toString(16));
    if (!row.keeps) expect(checkKernel(p.k)).toEqual([]);
  });

  /** What only the kernel says to itself, what is a bit of another, and what needs a whole VM. */
  const ELSEWHERE = [
    "MACH_SEND_IN_PROGRESS",
    "MACH_RCV_IN_PROGRESS",
    "MACH_MSG_VM_SPACE",
    "MACH_MSG_VM_KERNEL",
    "MACH_MSG_IPC_SPACE",
    "MACH_SEND_INVALID_MEMORY", // test/mach/server/rights-lists
  ];
  test("all codes are in the table", () => {
    const missing = Object.keys(M).filter((name) => !ROWS.some(({ code }) => code === name));
    expect(missing.toSorted()).toEqual(ELSEWHERE.toSorted());
  });
});

/** Options of the library are nothing to the kernel: it does as without them. */
test.each([O.MACH_SEND_INTERRUPT, O.MACH_RCV_INTERRUPT])("option %i changes nothing", (extra) => {
  const p = pair();
  expect(p.world.msg(p.client, { option: SEND | extra, message: request(p, 3) })).toBe(0);
  expect(p.world.msg(p.server, { option: RCV | extra, rcv_name: p.service })).toBe(0);
  expect(p.world.peek(p.server, 6)[5]).toBe(3);
});
