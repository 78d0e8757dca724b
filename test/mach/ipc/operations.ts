/**
 * Random operations for the model test. Names and kinds of rights are chosen by position among
 * those that would do, when the operation is applied, so that most find something and shrinking
 * stays useful.
 */
import fc from "fast-check";
import type { Space } from "./model-space.ts";
import { COPY_SEND, MAKE_SEND, MAKE_SEND_ONCE, MOVE_SEND, MOVE_SEND_ONCE } from "./scenario.ts";

/** Number of tasks that take part. */
export const TASKS = 3;
/** The name under which each task knows itself; operations leave it alone. */
export const SELF = 0x100;

/** A name: one that is used and has a receive right, one of a port set, any that is used, an old one, any number. */
interface Choice {
  readonly kind: "receive" | "set" | "used" | "stale" | "wild";
  readonly pick: number;
}
/** A kind of right: one that the name has, or any number. */
type Disposition = { readonly fitting: number } | { readonly any: number };

interface Of<O extends string> {
  readonly op: O;
  /** The task that calls. */
  readonly task: number;
}
type Named<O extends string> = Of<O> & { readonly name: Choice };
export type Operation =
  | (Of<"allocate"> & { readonly right: number })
  | Named<"destroy">
  | Named<"deallocate">
  | (Named<"modRefs"> & { readonly right: number; readonly delta: number })
  | (Named<"insert"> & { readonly from: Choice; readonly type: Disposition })
  | (Of<"send"> & {
      readonly dest: Choice;
      readonly reply: Choice | "same" | "none";
      readonly types: readonly [Disposition, Disposition];
    })
  | (Named<"receive"> & { readonly size: number; readonly large: boolean })
  | (Named<"moveMember"> & { readonly after: Choice | "none" })
  | (Named<"ask"> & {
      readonly id: number;
      readonly sync: number;
      readonly listener: Choice | "none";
    })
  | (Named<"grant"> & { readonly to: number })
  | (Named<"setQlimit"> & { readonly qlimit: number });

const task = fc.nat({ max: TASKS - 1 });
const pick = fc.nat({ max: 40 });
const nameOf = (usual: Choice["kind"]): fc.Arbitrary<Choice> =>
  fc.record({
    kind: fc.oneof(
      { weight: 20, arbitrary: fc.constant(usual) },
      { weight: 2, arbitrary: fc.constant("used" as const) },
      { weight: 1, arbitrary: fc.constantFrom("stale" as const, "wild" as const) },
    ),
    pick,
  });
const name = nameOf("used");
const receiveName = nameOf("receive");
const setName = nameOf("set");
const disposition: fc.Arbitrary<Disposition> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ fitting: fc.nat({ max: 11 }) }) },
  { weight: 2, arbitrary: fc.record({ any: fc.constantFrom(17, 18, 19, 20, 21) }) },
  { weight: 1, arbitrary: fc.record({ any: fc.constantFrom(0, 15, 16, 22, 255) }) },
);
const op = <const O extends string>(o: O) => fc.constant(o);
const reply = fc.oneof(
  { weight: 5, arbitrary: name },
  { weight: 2, arbitrary: fc.constant("same" as const) },
  { weight: 2, arbitrary: fc.constant("none" as const) },
);

export const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      op: op("allocate"),
      task,
      right: fc.constantFrom(1, 1, 1, 1, 4, 0, 3, 3, 3, 7),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: op("destroy"), task, name }) },
  { weight: 2, arbitrary: fc.record({ op: op("deallocate"), task, name }) },
  {
    weight: 3,
    arbitrary: fc.record({
      op: op("modRefs"),
      task,
      name,
      right: fc.constantFrom(0, 0, 0, 1, 2, 4, 4, 3, 3, 5),
      delta: fc.oneof(
        fc.constantFrom(-1, 1, 2, 0, -2),
        fc.constantFrom(65532, 65533, 65534, 65535, -65534, 0x7fffffff, -0x80000000),
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: op("insert"),
      task,
      name: fc.oneof(name, nameOf("wild")),
      from: name,
      type: disposition,
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      op: op("send"),
      task,
      dest: name,
      reply,
      types: fc.tuple(disposition, disposition),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      op: op("receive"),
      task,
      name: fc.oneof(receiveName, setName),
      size: fc.constantFrom(24, 24, 24, 23, 0, 1000),
      large: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: op("moveMember"),
      task,
      name: receiveName,
      after: fc.oneof(
        { weight: 5, arbitrary: setName },
        { weight: 1, arbitrary: fc.oneof(name, fc.constant("none" as const)) },
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      op: op("ask"),
      task,
      name: fc.oneof(name, receiveName),
      id: fc.constantFrom(72, 72, 72, 70, 70, 66),
      sync: fc.constantFrom(0, 0, 1, 2),
      listener: fc.oneof(
        { weight: 6, arbitrary: receiveName },
        { weight: 1, arbitrary: fc.constant("none" as const) },
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ op: op("grant"), task, name: receiveName, to: task }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: op("setQlimit"),
      task,
      name: receiveName,
      qlimit: fc.constantFrom(0, 1, 2, 5, 16, 17),
    }),
  },
);

/** What every history begins with: two ports and a set for each task, and a send right for each neighbour. */
export const BEGINNING: readonly Operation[] = [0, 1, 2].flatMap((each): Operation[] => [
  { op: "allocate", task: each, right: 1 },
  { op: "allocate", task: each, right: 1 },
  { op: "allocate", task: each, right: 3 },
  { op: "grant", task: each, name: { kind: "receive", pick: 0 }, to: (each + 1) % TASKS },
  { op: "grant", task: each, name: { kind: "receive", pick: 1 }, to: (each + 2) % TASKS },
]);

/** The name that a choice means in a space now. */
export function nameFor(space: Space, { kind, pick: position }: Choice): number {
  const used = [...space.names.keys()].filter((each) => each !== SELF);
  const receive = used.filter((each) => {
    const entry = space.look(each);
    return entry?.what === "port" && entry.receive;
  });
  const sets = used.filter((each) => space.look(each)?.what === "set");
  const wanted = { receive, set: sets, used, stale: used, wild: used }[kind];
  const from = wanted.length > 0 ? wanted : used;
  if (kind !== "wild" && from.length > 0) {
    const chosen = from[position % from.length]!;
    return kind === "stale" ? (chosen ^ (1 + (position % 255))) >>> 0 : chosen;
  }
  const wild = [0, 0xffffffff, 0x300, 0x500, 0x901, 0x1234, 0x20100, 0xffffff00, 2, 0x1ff00];
  return wild[position % wild.length]!;
}

/** The kind of right that a disposition means for a name now. */
export function typeFor(space: Space, at: number, disposition: Disposition): number {
  if ("any" in disposition) return disposition.any;
  const entry = space.look(at);
  const fitting: number[] = [];
  if (!entry || entry.what === "dead") fitting.push(COPY_SEND, MOVE_SEND, MOVE_SEND_ONCE);
  else if (entry.what === "set") fitting.push(COPY_SEND, MAKE_SEND);
  else if (entry.what === "once") fitting.push(MOVE_SEND_ONCE);
  else {
    if (entry.receive) fitting.push(MAKE_SEND, MAKE_SEND_ONCE);
    if (entry.urefs > 0) fitting.push(COPY_SEND, MOVE_SEND);
  }
  return fitting[disposition.fitting % fitting.length]!;
}
