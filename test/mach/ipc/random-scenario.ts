/**
 * Scenarios made at random, for comparing two ways of running them: nothing is known of what they
 * should return, so no step expects a code, and every step shows the first words of its buffer. Tasks
 * know a port of their own as name 1 and the next task's as name 2, and begin by making a reply port;
 * most calls are of the forms that the hot path knows, or nearly so.
 */
import fc from "fast-check";
import {
  at,
  COPY_SEND,
  machMsg,
  machReplyPort,
  MAKE_SEND,
  MAKE_SEND_ONCE,
  message,
  MOVE_SEND,
  port,
  RCV,
  readOnly,
  REPLY,
  REQUEST,
  SEND,
  UNMAPPED,
  type Arg,
  type Grant,
  type Scenario,
  type Step,
  type ThreadProgram,
} from "./scenario.ts";

const RPC = SEND | RCV;
const SHOWN = { at: 0, words: Array.from({ length: 8 }, () => undefined) };

const often = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 10, arbitrary: usual }, { weight: 1, arbitrary: rare });

/** Where a task receives calls and answers, and where the first send-once right will arrive. */
interface Names {
  readonly own: number;
  readonly reply: number;
  readonly first: number;
}
const WITHOUT_SETS: Names = { own: port(1), reply: port(3), first: 4 };
/** Its port is in a set, at which it waits. */
const WITH_SETS: Names = { own: port(3), reply: port(4), first: 5 };

const body = fc.oneof(
  fc.array(fc.nat({ max: 0xffff }), { maxLength: 3 }),
  fc.constantFrom(54, 55, 300).map((length) => Array.from({ length }, (_, i) => i)),
);
const buffer: fc.Arbitrary<Arg> = often(
  fc.constant(at(0)),
  fc.constantFrom<Arg>(at(2), readOnly(0), UNMAPPED),
);
const size = often(fc.constant(0x2000), fc.constantFrom(0, 24, 28, 31, 240, 244));

/** Random threads of one task. */
function threads({ own, reply: replyPort, first }: Names): fc.Arbitrary<ThreadProgram[]> {
  /** A name under which a send-once right may have arrived. */
  const arrived = fc
    .tuple(fc.integer({ min: first, max: first + 2 }), fc.constantFrom(0, 0, 0, 1, 1, 2))
    .map(([index, generation]) => port(index, generation));
  const name = often(
    fc.constantFrom(port(1), port(2), own, replyPort),
    fc.oneof(arrived, fc.constantFrom(0, 0xffffffff, port(1, 1), port(9))),
  );
  const request = fc
    .record({
      dest: often(fc.constant(port(2)), name),
      reply: often(fc.constant(replyPort), name),
      body,
    })
    .map(({ dest, reply, body: words }) => ({
      message: message(REQUEST, dest, reply, 1, ...words),
      rcv_name: reply,
    }));
  const reply = fc
    .record({ dest: often(arrived, name), rcv_name: often(fc.constant(own), name), body })
    .map(({ dest, rcv_name, body: words }) => ({
      message: message(REPLY, dest, 0, 2, ...words),
      rcv_name,
    }));
  const disposition = fc.constantFrom(MOVE_SEND, COPY_SEND, MAKE_SEND, MAKE_SEND_ONCE, 18, 0, 16);
  const other = fc
    .record({
      dest: name,
      local: name,
      types: fc.tuple(disposition, disposition),
      rcv_name: name,
      body,
    })
    .map(({ dest, local, types: [remote, type], rcv_name, body: words }) => ({
      message: message(remote | (type << 8), dest, type ? local : 0, 3, ...words),
      rcv_name,
    }));

  /** Nothing waits for ever in these: the last receive of a thread may, and mostly does. */
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 5,
      arbitrary: fc
        .record({ call: request, rcv_size: size, msg: buffer })
        .map((r) =>
          machMsg({ option: RPC, ...r.call, rcv_size: r.rcv_size, msg: r.msg, expect: SHOWN }),
        ),
    },
    {
      weight: 5,
      arbitrary: fc
        .record({ call: reply, rcv_size: size, msg: buffer })
        .map((r) =>
          machMsg({ option: RPC, ...r.call, rcv_size: r.rcv_size, msg: r.msg, expect: SHOWN }),
        ),
    },
    {
      weight: 5,
      arbitrary: fc
        .record({ rcv_name: often(fc.constant(own), name), rcv_size: size })
        .map((r) => machMsg({ option: RCV, ...r, expect: SHOWN })),
    },
    {
      weight: 3,
      arbitrary: fc
        .record({
          call: fc.oneof(request, reply, other),
          option: fc.constantFrom(SEND, RPC, 0x11, 0x113),
        })
        .map((r) => machMsg({ option: r.option, ...r.call, expect: SHOWN })),
    },
    {
      weight: 1,
      arbitrary: fc
        .record({ rcv_name: name, option: fc.constantFrom(0x102, 0x802, 0x902) })
        .map((r) => machMsg({ ...r, rcv_size: 28, expect: SHOWN })),
    },
  );

  const program: fc.Arbitrary<ThreadProgram> = fc
    .array(step, { minLength: 2, maxLength: 10 })
    .map((steps) => ({ steps }));

  const plainCall = (words: readonly number[]): Step =>
    machMsg({
      option: RPC,
      message: message(REQUEST, port(2), replyPort, 1, ...words),
      rcv_name: replyPort,
      expect: SHOWN,
    });
  const plainAnswer = (n: number, words: readonly number[]): Step =>
    machMsg({
      option: RPC,
      message: message(REPLY, port(first, n), 0, 2, ...words),
      rcv_name: own,
      expect: SHOWN,
    });
  /** A thread that calls the next task and one that serves the last, with an odd step here and there. */
  const wellBehaved = fc
    .record({
      bodies: fc.array(body, { minLength: 2, maxLength: 8 }),
      odd: fc.array(fc.tuple(fc.nat({ max: 1 }), fc.nat({ max: 8 }), step), { maxLength: 2 }),
    })
    .map(({ bodies, odd }): ThreadProgram[] => {
      const calls = bodies.map(plainCall);
      const serves = [
        machMsg({ option: RCV, rcv_name: own, expect: SHOWN }),
        ...bodies.map((words, n) => plainAnswer(n, words)),
      ];
      for (const [which, at, extra] of odd) [calls, serves][which]!.splice(at, 0, extra);
      return [{ steps: calls }, { steps: serves }];
    });
  return fc.oneof(fc.array(program, { minLength: 1, maxLength: 2 }), wellBehaved, wellBehaved);
}

export const randomScenario: fc.Arbitrary<Scenario> = fc
  .constantFrom(WITHOUT_SETS, WITHOUT_SETS, WITH_SETS)
  .chain((each) =>
    fc.array(threads(each), { minLength: 2, maxLength: 3 }).map((tasks) => scenarioOf(each, tasks)),
  );

function scenarioOf(each: Names, tasks: readonly (readonly ThreadProgram[])[]): Scenario {
  const names = ["anna", "bert", "carl"].slice(0, tasks.length);
  const own = names.map((task): Grant => ({ task, name: port(1), right: "receive" }));
  const next = names.map((task, i): Grant => ({
    task,
    name: port(2),
    right: "send",
    from: names[(i + 1) % names.length]!,
    port: port(1),
  }));
  const sets = names.map((task): Grant => ({
    task,
    name: each.own,
    right: "set",
    members: [port(1)],
  }));
  return {
    name: "random",
    setup: [...own, ...next, ...(each === WITH_SETS ? sets : [])],
    tasks: tasks.map((programs, i) => ({
      name: names[i]!,
      threads: programs.map(({ steps }, n) => ({
        steps: n === 0 ? [machReplyPort(each.reply), ...steps] : steps,
      })),
    })),
  };
}
