/** The calls on user references, right by right, as Mach's contracts have them. */
import { describe, expect, test } from "vitest";
import { KERN_RETURN } from "../../../host/abi/mach.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import {
  mach_port_allocate,
  mach_port_deallocate,
  mach_port_destroy,
  mach_port_get_receive_status,
  mach_port_get_refs,
  mach_port_insert_right,
  mach_port_mod_refs,
  mach_port_set_qlimit,
} from "../../../host/mach/ipc/mach-port.ts";
import { ipc_port_make_send, ipc_port_make_sonce } from "../../../host/mach/ipc/port.ts";
import { ipc_space_destroy } from "../../../host/mach/ipc/space.ts";
import { PORT_SEND, PORT_SEND_ONCE } from "./scenario.ts";
import { World } from "./world.ts";

const {
  KERN_SUCCESS,
  KERN_INVALID_CAPABILITY,
  KERN_INVALID_NAME,
  KERN_INVALID_RIGHT,
  KERN_INVALID_TASK,
  KERN_INVALID_VALUE,
  KERN_RIGHT_EXISTS,
  KERN_UREFS_OVERFLOW,
} = KERN_RETURN;
const [SEND, RECEIVE, ONCE, SET, DEAD] = [0, 1, 2, 3, 4] as const;

/**
 * One task with a name of each kind: receive; send; both; send-once; dead; and a send right gone
 * dead.
 */
function kinds() {
  const world = new World();
  const { k } = world;
  const other = world.actor();
  const me = world.actor();
  const theirs = world.port(other);
  const doomed = world.port(other);
  const receive = world.port(me);
  const send = world.sendRight(other, theirs, me);
  const both = world.port(me);
  world.sendRight(me, both, me);
  const once = 0x500;
  const sonce = ipc_port_make_sonce(k, world.portOf(other, theirs));
  expect(mach_port_insert_right(k, me.space, once, sonce, PORT_SEND_ONCE)).toBe(KERN_SUCCESS);
  const made = mach_port_allocate(k, me.space, DEAD);
  if ("kr" in made) throw new Error("no dead name");
  const dead = made.name;
  const gone = world.sendRight(other, doomed, me);
  mach_port_destroy(k, other.space, doomed);
  expect(checkKernel(k)).toEqual([]);
  return { world, k, me, other, names: { receive, send, both, once, dead, gone } };
}
type Kind = keyof ReturnType<typeof kinds>["names"];

describe("mach_port_mod_refs", () => {
  test.each<[Kind, number, number, number]>([
    ["receive", RECEIVE, 0, KERN_SUCCESS],
    ["receive", RECEIVE, -1, KERN_SUCCESS],
    ["receive", RECEIVE, 1, KERN_INVALID_VALUE],
    ["receive", RECEIVE, -2, KERN_INVALID_VALUE],
    ["receive", SEND, -1, KERN_INVALID_RIGHT],
    ["receive", SET, -1, KERN_INVALID_RIGHT],
    ["receive", 5, -1, KERN_INVALID_VALUE],
    ["send", SEND, 0, KERN_SUCCESS],
    ["send", SEND, -1, KERN_SUCCESS],
    ["send", SEND, -2, KERN_INVALID_VALUE],
    ["send", SEND, 65533, KERN_SUCCESS],
    ["send", SEND, 65534, KERN_UREFS_OVERFLOW],
    ["send", RECEIVE, -1, KERN_INVALID_RIGHT],
    ["send", ONCE, -1, KERN_INVALID_RIGHT],
    ["send", DEAD, -1, KERN_INVALID_RIGHT],
    ["both", SEND, -1, KERN_SUCCESS],
    ["both", RECEIVE, -1, KERN_SUCCESS],
    ["both", DEAD, -1, KERN_INVALID_RIGHT],
    ["once", ONCE, 0, KERN_SUCCESS],
    ["once", ONCE, -1, KERN_SUCCESS],
    ["once", ONCE, -2, KERN_INVALID_VALUE],
    ["once", ONCE, 1, KERN_INVALID_VALUE],
    ["once", SEND, -1, KERN_INVALID_RIGHT],
    ["dead", DEAD, 0, KERN_SUCCESS],
    ["dead", DEAD, -1, KERN_SUCCESS],
    ["dead", DEAD, -2, KERN_INVALID_VALUE],
    ["dead", DEAD, 65534, KERN_SUCCESS],
    ["dead", DEAD, 65535, KERN_UREFS_OVERFLOW],
    ["dead", SEND, -1, KERN_INVALID_RIGHT],
    ["gone", SEND, -1, KERN_INVALID_RIGHT],
    // What cannot be is refused before the port is found dead.
    ["gone", SEND, -2, KERN_INVALID_VALUE],
    ["gone", DEAD, -1, KERN_SUCCESS],
  ])("on a %s name, right %i by %i: %i", (kind, right, delta, code) => {
    const { k, me, names } = kinds();
    const name = names[kind];
    // Asking would look at the port.
    const isFine = code === KERN_SUCCESS;
    const before = isFine ? mach_port_get_refs(k, me.space, name, right) : { kr: code };
    expect(mach_port_mod_refs(k, me.space, name, right, delta)).toBe(code);
    expect(checkKernel(k)).toEqual([]);
    if (!isFine) return;
    const urefs = "urefs" in before ? before.urefs + delta : 0;
    const after = mach_port_get_refs(k, me.space, name, right);
    const isLeft = urefs > 0 || kind === "both";
    expect(after).toEqual(isLeft ? { urefs } : { kr: KERN_INVALID_NAME });
  });

  test("receive away from under a send right leaves a dead name", () => {
    const { k, me, names } = kinds();
    mach_port_mod_refs(k, me.space, names.both, RECEIVE, -1);
    expect(mach_port_get_refs(k, me.space, names.both, DEAD)).toEqual({ urefs: 1 });
  });
});

test.each<[Kind, number]>([
  ["receive", KERN_INVALID_RIGHT],
  ["send", KERN_SUCCESS],
  ["both", KERN_SUCCESS],
  ["once", KERN_SUCCESS],
  ["dead", KERN_SUCCESS],
  ["gone", KERN_SUCCESS],
])("mach_port_deallocate on a %s name: %i", (kind, code) => {
  const { k, me, names } = kinds();
  expect(mach_port_deallocate(k, me.space, names[kind])).toBe(code);
  const isLeft = kind === "both" || kind === "receive";
  expect(mach_port_deallocate(k, me.space, names[kind])).toBe(
    isLeft ? KERN_INVALID_RIGHT : KERN_INVALID_NAME,
  );
  expect(checkKernel(k)).toEqual([]);
});

test.each<Kind>(["receive", "send", "both", "once", "dead", "gone"])(
  "mach_port_destroy ends a %s name",
  (kind) => {
    const { k, me, names } = kinds();
    expect(mach_port_destroy(k, me.space, names[kind])).toBe(KERN_SUCCESS);
    expect(mach_port_destroy(k, me.space, names[kind])).toBe(KERN_INVALID_NAME);
    expect(checkKernel(k)).toEqual([]);
  },
);

test("mach_port_get_refs tells the kinds apart", () => {
  const { k, me, names } = kinds();
  const refs = (kind: Kind) =>
    [SEND, RECEIVE, ONCE, SET, DEAD].map((right) => {
      const answer = mach_port_get_refs(k, me.space, names[kind], right);
      return "urefs" in answer ? answer.urefs : -1;
    });
  expect(refs("receive")).toEqual([0, 1, 0, 0, 0]);
  expect(refs("send")).toEqual([1, 0, 0, 0, 0]);
  expect(refs("both")).toEqual([1, 1, 0, 0, 0]);
  expect(refs("once")).toEqual([0, 0, 1, 0, 0]);
  expect(refs("dead")).toEqual([0, 0, 0, 0, 1]);
  expect(refs("gone")).toEqual([0, 0, 0, 0, 1]);
  expect(mach_port_get_refs(k, me.space, names.send, 5)).toEqual({ kr: KERN_INVALID_VALUE });
});

describe("mach_port_insert_right", () => {
  test("adds to a known right and refuses a second name for it", () => {
    const { world, k, me, names } = kinds();
    const port = world.portOf(me, names.send);
    const insert = (name: number, type: number, right = port) =>
      mach_port_insert_right(k, me.space, name, right, type);
    expect(insert(names.send, PORT_SEND, ipc_port_make_send(k, port))).toBe(KERN_SUCCESS);
    expect(mach_port_get_refs(k, me.space, names.send, SEND)).toEqual({ urefs: 2 });
    expect(insert(0x900, PORT_SEND)).toBe(KERN_RIGHT_EXISTS);
    expect(insert(names.send, 19)).toBe(KERN_INVALID_VALUE);
    expect(insert(0, PORT_SEND)).toBe(KERN_INVALID_VALUE);
    expect(insert(0x900, PORT_SEND, 0)).toBe(KERN_INVALID_CAPABILITY);
    expect(mach_port_mod_refs(k, me.space, names.send, SEND, 65532)).toBe(KERN_SUCCESS);
    expect(insert(names.send, PORT_SEND)).toBe(KERN_UREFS_OVERFLOW);
    expect(checkKernel(k)).toEqual([]);
  });
});

test("a null or dead space has no names", () => {
  const { k, me, names } = kinds();
  for (const space of [0, me.space]) {
    if (space !== 0) ipc_space_destroy(k, space);
    expect(mach_port_allocate(k, space, RECEIVE)).toEqual({ kr: KERN_INVALID_TASK });
    expect(mach_port_get_refs(k, space, names.send, SEND)).toEqual({ kr: KERN_INVALID_TASK });
    expect([
      mach_port_destroy(k, space, names.send),
      mach_port_deallocate(k, space, names.send),
      mach_port_mod_refs(k, space, names.send, SEND, -1),
      mach_port_set_qlimit(k, space, names.receive, 3),
      mach_port_get_receive_status(k, space, names.receive),
      mach_port_insert_right(k, space, 0x900, 0x120000, PORT_SEND),
    ]).toEqual(Array.from({ length: 6 }, () => KERN_INVALID_TASK));
  }
});

test("mach_port_set_qlimit and the status of a receive right", () => {
  const { k, me, names } = kinds();
  const set = (name: number, qlimit: number) => mach_port_set_qlimit(k, me.space, name, qlimit);
  expect([set(names.receive, 0), set(names.receive, 16), set(names.receive, 17)]).toEqual([
    KERN_SUCCESS,
    KERN_SUCCESS,
    KERN_INVALID_VALUE,
  ]);
  expect([set(names.send, 1), set(0x900, 1)]).toEqual([KERN_INVALID_RIGHT, KERN_INVALID_NAME]);
  expect(mach_port_get_receive_status(k, me.space, names.both)).toEqual({
    pset: 0,
    seqno: 0,
    mscount: 1,
    qlimit: 5,
    msgcount: 0,
    sorights: 0,
    srights: true,
    pdrequest: false,
    nsrequest: false,
  });
  expect(mach_port_get_receive_status(k, me.space, names.once)).toBe(KERN_INVALID_RIGHT);
});
