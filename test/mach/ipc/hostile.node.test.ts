/**
 * Hostile programs: any trap with any words, from several threads that block, time out, are broken
 * off and terminated. Whatever they do, the kernel returns codes or makes them wait, its invariants
 * hold after every step, and nothing is left when their tasks are gone.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONTINUATION, IE, TH } from "../../../host/abi/kernel.ts";
import { MACH_TRAP } from "../../../host/abi/mach.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import { spaceEntries, type SpaceEntry } from "../../../host/mach/ipc/space-entries.ts";
import { mach_port_allocate, mach_port_destroy } from "../../../host/mach/ipc/mach-port.ts";
import { mach_port_move_member } from "../../../host/mach/ipc/mach-port-sets.ts";
import { ipc_object_copyout } from "../../../host/mach/ipc/object-copy.ts";
import {
  mach_port_rename,
  mach_port_request_notification,
} from "../../../host/mach/ipc/mach-port-names.ts";
import {
  ipc_port_copy_send,
  ipc_port_make_sonce,
  ipc_port_release_sonce,
} from "../../../host/mach/ipc/port.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import { mach_task_self } from "../../../host/mach/kern/ipc-tt.ts";
import { thread_block } from "../../../host/mach/kern/sched.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { thread_abort, thread_terminate } from "../../../host/mach/kern/thread.ts";
import { taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { MACH_TRAPS, machTrap } from "../../../host/mach/traps.ts";
import { PORT_SEND } from "./scenario.ts";
import { READ_ONLY, UNMAPPED, USER_BASE } from "./test-kernel.ts";
import { World } from "./world.ts";
import { seeded } from "../../support/seed.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 40);
const THREADS = 6;
/** The host's port stays, with what was asked of it: test/mach/kern/hostile-calls has that one. */
const HOST_SELF = MACH_TRAP.TRAP_MACH_HOST_SELF | 0;

const word = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 0xffffffff, 0x7fffffff, 0x80000000, 0x00120000) },
  { weight: 1, arbitrary: fc.nat({ max: 0xffffffff }) },
);
/** Names as the kernel gives them, mostly of the first uses of an entry. */
const name = fc
  .oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 0, 0, 1, 2)),
    },
    { weight: 1, arbitrary: fc.tuple(fc.nat({ max: 600 }), fc.nat({ max: 255 })) },
  )
  .map(([index, generation]) => (index << 8) | generation);
/** A right of the caller's by position, with a kind that fits it; or any words. */
type Right = { readonly pick: number } | { readonly name: number; readonly type: number };
const address = fc.oneof(
  { weight: 12, arbitrary: fc.constant(USER_BASE) },
  { weight: 1, arbitrary: fc.constantFrom(UNMAPPED, READ_ONLY, USER_BASE + 3, 0, 0xfffffffc) },
);
const size = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(24, 28, 64, 240, 244, 1000) },
  { weight: 1, arbitrary: fc.constantFrom(0, 20, 23, 25, 8176, 8180, 16368, 16372, 0xfffffffc) },
);
const disposition = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(17, 18, 19, 19, 20, 21, 21) },
  { weight: 1, arbitrary: fc.constantFrom(0, 16, 22, 255) },
);
const right: fc.Arbitrary<Right> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ pick: fc.nat({ max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ name, type: disposition }) },
  { weight: 1, arbitrary: fc.record({ name: word, type: word }) },
);
const option = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(3, 3, 1, 2) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(0x102, 0x103, 0x11, 0x113, 0x802, 0x903, 0x202, 0x21, 0x83),
  },
  { weight: 1, arbitrary: fc.nat({ max: 0xfff }) },
);

type Step =
  | {
      readonly what: "msg";
      readonly dest: Right;
      readonly reply: Right | "none" | "same";
      readonly receive: Right;
      /** Rights in the message's body. */
      readonly body: readonly Right[];
      /** Address, option, sizes, timeout, notify. */
      readonly args: readonly [number, number, number, number, number, number];
    }
  | { readonly what: "trap"; readonly number: number; readonly args: readonly number[] }
  | { readonly what: "set"; readonly pick: number; readonly into: number }
  | { readonly what: "ask"; readonly pick: number; readonly id: number; readonly sync: number }
  | { readonly what: "rename"; readonly pick: number; readonly name: number }
  | { readonly what: "expire"; readonly pick: number }
  | { readonly what: "abort"; readonly pick: number }
  | { readonly what: "end"; readonly pick: number };
const kind = <const K extends Step["what"]>(what: K) => fc.constant(what);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      what: kind("msg"),
      dest: right,
      reply: fc.oneof(right, right, fc.constantFrom("none" as const, "same" as const)),
      receive: right,
      body: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(right, { maxLength: 3 })),
      args: fc.tuple(address, option, size, size, fc.constantFrom(0, 5), name),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      what: kind("trap"),
      number: fc.oneof(
        fc.constantFrom(...MACH_TRAPS.map(({ number }) => number), -72, -72, -74, -74, -74),
        fc.integer({ min: -140, max: 10 }),
      ),
      args: fc.tuple(
        fc.constant(0x100),
        ...Array.from({ length: 6 }, () => fc.oneof(name, disposition, address, word)),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constantFrom("expire" as const, "abort" as const),
      pick: fc.nat(20),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ what: kind("set"), pick: fc.nat(20), into: fc.nat(8) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: kind("ask"),
      pick: fc.nat(60),
      id: fc.constantFrom(69, 70, 70, 72, 72, 72, 66),
      sync: fc.constantFrom(0, 0, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: kind("rename"), pick: fc.nat(60), name }) },
  { weight: 1, arbitrary: fc.record({ what: kind("end"), pick: fc.nat(40) }) },
);

/** Tasks that know themselves, and one another, by send rights to their task ports. */
function people(world: World) {
  const { k } = world;
  const first = world.actor();
  const second = world.actor();
  const actors = [
    first,
    second,
    world.actor(first),
    world.actor(second),
    world.actor(first),
    world.actor(),
  ];
  for (const { thread } of actors) expect(mach_task_self(k, thread)).toBe(0x100);
  for (const from of actors)
    for (const to of actors) {
      if (from.task === to.task) continue;
      const sright = ipc_port_copy_send(k, taskAt(k, from.task).itk_sself);
      expect(ipc_object_copyout(k, to.space, sright, PORT_SEND, true)).toHaveProperty("name");
    }
  // A port each to begin with, and a way to it for everybody.
  for (const from of actors) {
    const own = world.port(from);
    for (const to of actors) world.sendRight(from, own, to);
  }
  return actors;
}

test(`${RUNS} hostile histories end in codes, waits, and no leak`, () => {
  let calls = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 250 }), (steps) => {
      const world = new World();
      const { k } = world;
      const before = census(k);
      const actors = people(world);
      expect(actors).toHaveLength(THREADS);
      const alive = () => new Set(k.liveElements("thread"));
      const waiting = () =>
        [...alive()].filter((thread) => (threadAt(k, thread).state & TH.TH_WAIT) !== 0);
      for (const each of steps) {
        if (k.cpu.active_thread === 0) runNext(k);
        act(world, each, waiting(), [...alive()]);
        calls += 1;
        expect(checkKernel(k)).toEqual([]);
        // Nobody keeps the processor for long, so that all of them get to misbehave.
        if (k.cpu.active_thread !== 0 && calls % 3 === 0)
          thread_block(k, CONTINUATION.CONTINUATION_BOOTSTRAP);
      }
      const live = new Set(k.liveElements("task"));
      for (const task of new Set(actors.map((actor) => actor.task)))
        if (live.has(task) && taskAt(k, task).active !== 0) task_terminate(k, task);
      expect(checkKernel(k)).toEqual([]);
      expect(k.timers.size).toBe(0);
      const cached = k.cpu.ipc_kmsg_cache === 0 ? 0 : 1;
      // The host's ports are made when somebody asks for them, and stay.
      const ports = k.kernelPorts.length;
      expect(census(k)).toEqual({ ...before, "256": cached, ipc_port: ports });
    }),
    { numRuns: RUNS, ...seeded() },
  );
  expect(calls).toBeGreaterThan(60 * RUNS - 1);
});

function act(world: World, step: Step, waiting: readonly number[], alive: readonly number[]): void {
  const { k } = world;
  const thread = k.cpu.active_thread;
  const pick = <T>(from: readonly T[]): T | undefined =>
    "pick" in step && from.length > 0 ? from[step.pick % from.length] : undefined;
  if (step.what === "expire") {
    const timed = pick([...k.timers.keys()]);
    if (timed !== undefined) k.expire(timed);
  } else if (step.what === "abort") {
    const victim = pick(waiting);
    if (victim !== undefined) thread_abort(k, victim);
  } else if (step.what === "end") {
    const victim = pick(alive);
    if (victim !== undefined && step.pick < 2) thread_terminate(k, victim);
  } else if (thread !== 0) {
    const { task } = threadAt(k, thread);
    if (step.what === "msg") {
      const rights = spaceEntries(k, taskAt(k, task).itk_space);
      const dest = choose(rights, step.dest);
      const reply =
        step.reply === "same"
          ? dest
          : step.reply === "none"
            ? { name: 0, type: 0 }
            : choose(rights, step.reply);
      const receive = choose(
        rights.filter(({ type }) => (type & (IE.IE_BITS_RECEIVE | IE.IE_BITS_PORT_SET)) !== 0),
        step.receive,
      );
      const [msg, option, sendSize, rcvSize, timeout, notify] = step.args;
      const complex = step.body.length > 0 ? 0x80000000 : 0;
      const header = [
        (dest.type | (reply.type << 8) | complex) >>> 0,
        0,
        dest.name,
        reply.name,
        0,
        1,
      ];
      const body = step.body.flatMap((each) => {
        const { name, type } = choose(rights, each, true);
        return [((type << 24) | 0x00200018) >>> 0, name];
      });
      world.poke({ task, thread, space: 0, data: USER_BASE }, [...header, ...body]);
      const size = complex === 0 || sendSize === 64 ? sendSize : 24 + 4 * body.length;
      const args = [msg, option, size, rcvSize, receive.name, timeout, notify];
      isCode(machTrap(k, thread, -25, args));
    } else if (step.what === "ask") ask(world, taskAt(k, task).itk_space, step);
    else if (step.what === "rename") {
      const space = taskAt(k, task).itk_space;
      const entry = pick(spaceEntries(k, space));
      if (entry && entry.name !== 0x100) mach_port_rename(k, space, entry.name, step.name);
    } else if (step.what === "set") move(world, taskAt(k, task).itk_space, step.pick, step.into);
    else if (step.number !== HOST_SELF) isCode(machTrap(k, thread, step.number, step.args));
  }
}

/** Asks for a notice at one of the task's own ports, or takes a request back. */
function ask(
  { k }: World,
  space: number,
  { pick, id, sync }: { readonly pick: number; readonly id: number; readonly sync: number },
): void {
  const rights = spaceEntries(k, space);
  const ports = rights.filter(({ type }) => (type & IE.IE_BITS_RECEIVE) !== 0);
  const named = rights[pick % Math.max(1, rights.length)];
  const listener = ports[(pick >> 2) % Math.max(1, ports.length)];
  if (!named || !listener) return;
  const soright = pick % 7 === 0 ? 0 : ipc_port_make_sonce(k, listener.object);
  const answer = mach_port_request_notification(k, space, named.name, id, sync, soright);
  if ("kr" in answer) {
    if (soright !== 0) ipc_port_release_sonce(k, soright);
  } else if (answer.previous !== 0) ipc_port_release_sonce(k, answer.previous);
}

/** Moves a receive right into a set, a new one perhaps, or out of all; or ends a set. */
function move({ k }: World, space: number, pick: number, into: number): void {
  const rights = spaceEntries(k, space);
  const ports = rights.filter(({ type }) => (type & IE.IE_BITS_RECEIVE) !== 0);
  const sets = rights.filter(({ type }) => type === IE.IE_BITS_PORT_SET);
  const set = sets[into % Math.max(1, sets.length)];
  const member = ports[pick % Math.max(1, ports.length)];
  if (!set || into === 0) mach_port_allocate(k, space, 3);
  else if (into === 1) mach_port_destroy(k, space, set.name);
  else if (member) mach_port_move_member(k, space, member.name, into === 2 ? 0 : set.name);
}

/** The right at a position, as a message may ask for it. */
function choose(
  rights: readonly SpaceEntry[],
  right: Right,
  inBody = false,
): { name: number; type: number } {
  if ("name" in right) return right;
  const entry = rights[right.pick % Math.max(1, rights.length)];
  if (!entry) return { name: 0, type: 0 };
  const types: number[] = [];
  if ((entry.type & IE.IE_BITS_RECEIVE) !== 0) types.push(20, 21, 21, ...(inBody ? [16, 16] : []));
  if ((entry.type & IE.IE_BITS_SEND) !== 0) types.push(19, 19, 17);
  if ((entry.type & IE.IE_BITS_SEND_ONCE) !== 0) types.push(18);
  if ((entry.type & IE.IE_BITS_DEAD_NAME) !== 0) types.push(19, 17, 18);
  if ((entry.type & IE.IE_BITS_PORT_SET) !== 0) types.push(20, 19);
  return { name: entry.name, type: types[right.pick % types.length]! };
}

function isCode(result: number | "blocked"): void {
  if (result !== "blocked") expect(Number.isInteger(result)).toBe(true);
}
