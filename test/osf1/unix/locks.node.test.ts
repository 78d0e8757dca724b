// Locks on files: record locks against a model that has an owner for each byte, deadlocks, flock.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UnixError } from "../../../host/osf1/errno.ts";
import { OPEN } from "../../../host/osf1/unix/constants.ts";
import {
  flock,
  getLock,
  setLock,
  type LockRequest,
} from "../../../host/osf1/unix/files/control.ts";
import { dup } from "../../../host/osf1/unix/files/descriptors.ts";
import { seeded } from "../../support/seed.ts";
import { runAsChild } from "../support/run.ts";
import type { Running } from "../support/running.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 60);
const BYTES = 24;
const PROCESSES = 3;

interface Step {
  readonly who: number;
  readonly type: LockRequest["type"] | "get";
  readonly start: number;
  readonly length: number;
}

/** For each byte, who has which lock; the last byte stands for all behind it. */
class Model {
  readonly #held: ("read" | "write" | undefined)[][] = Array.from({ length: PROCESSES }, () =>
    Array.from({ length: BYTES }, () => undefined),
  );

  #range({ start, length }: Step): number[] {
    const end = length === 0 ? BYTES : Math.min(BYTES, start + length);
    return Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);
  }

  /** Whether another's lock is in the way. */
  conflicts(step: Step, wanted: "read" | "write"): boolean {
    return this.#range(step).some((byte) =>
      this.#held.some(
        (locks, who) =>
          who !== step.who &&
          locks[byte] !== undefined &&
          (wanted === "write" || locks[byte] === "write"),
      ),
    );
  }

  set(step: Step, type: "read" | "write" | undefined): void {
    for (const byte of this.#range(step)) this.#held[step.who]![byte] = type;
  }
}

const step: fc.Arbitrary<Step> = fc.record({
  who: fc.nat(PROCESSES - 1),
  type: fc.constantFrom("read" as const, "write" as const, "unlock" as const, "get" as const),
  // A range that ends does so before the byte that stands for all behind.
  start: fc.nat(BYTES - 8),
  length: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 6 })),
});

const request = ({ type, start, length }: Step): LockRequest => ({
  type: type === "get" ? "write" : type,
  whence: "set",
  start,
  length,
});

test("record locks are a model's", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      runAsChild(function* (p) {
        const model = new Model();
        const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
        // The processes share nothing but the file; they take their turns by the list.
        let turn = 0;
        const body = (who: number) =>
          function* (child: Running) {
            for (; turn < steps.length;) {
              const next = steps[turn]!;
              if (next.who !== who) {
                yield* child.pass();
                continue;
              }
              yield* check(child, model, next, number);
              turn++;
            }
            // All stay until the end: who leaves lets go.
            yield* child.pass(10);
          };
        for (let who = 0; who < PROCESSES; who++) yield* p.fork(body(who));
        for (let who = 0; who < PROCESSES; who++)
          expect((yield* p.wait())!.status).toEqual({ kind: "exited", code: 0 });
        const whole = { type: "write", whence: "set", start: 0, length: 0 } as const;
        expect(yield* p.do((unix, call) => getLock(unix, call, number, whole))).toBeUndefined();
      });
    }),
    { numRuns: RUNS, ...seeded() },
  );
});

function* check(p: Running, model: Model, next: Step, number: number) {
  const wanted = request(next);
  if (next.type === "get") {
    const lock = yield* p.do((unix, call) => getLock(unix, call, number, wanted));
    expect(lock !== undefined).toBe(model.conflicts(next, "write"));
    return;
  }
  const answer = yield* p.try((unix, call) => setLock(unix, call, number, wanted, false));
  const isRefused = next.type !== "unlock" && model.conflicts(next, next.type);
  expect(answer).toBe(isRefused ? "EAGAIN" : undefined);
  if (!isRefused) model.set(next, next.type === "unlock" ? undefined : next.type);
}

describe("waiting", () => {
  const byte = (start: number, type: "read" | "write" | "unlock" = "write"): LockRequest => ({
    type,
    whence: "set",
    start,
    length: 1,
  });
  const lock = (p: Running, number: number, wanted: LockRequest) =>
    p.do((unix, call) => setLock(unix, call, number, wanted, true));

  test("a circle is EDEADLK for who closes it, and the others go on", () => {
    runAsChild(function* (p) {
      const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
      let failures = 0;
      for (let i = 0; i < 3; i++)
        yield* p.fork(function* (child) {
          yield* lock(child, number, byte(i));
          yield* child.pass(20);
          try {
            yield* lock(child, number, byte((i + 1) % 3));
          } catch (error) {
            if (!(error instanceof UnixError)) throw error;
            expect(error.errno).toBe("EDEADLK");
            failures++;
          }
        });
      for (let i = 0; i < 3; i++)
        expect((yield* p.wait())!.status).toEqual({ kind: "exited", code: 0 });
      expect(failures).toBe(1);
    });
  });

  test("a lock goes with any descriptor of the file, and with the process", () => {
    runAsChild(function* (p) {
      const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
      const order: string[] = [];
      yield* lock(p, number, byte(0));
      yield* p.fork(function* (child) {
        yield* lock(child, number, byte(0));
        order.push("child");
        yield* child.pass(20);
      });
      yield* p.pass(30);
      order.push("parent");
      const other = yield* p.do((unix, call) => dup(unix, call, number));
      yield* p.close(other);
      yield* p.pass(10);
      yield* lock(p, number, byte(0));
      order.push("parent again");
      expect(order).toEqual(["parent", "child", "parent again"]);
      yield* p.wait();
      const readOnly = yield* p.open("/tmp/file", OPEN.O_RDONLY);
      const wanted = byte(0);
      expect(yield* p.try((unix, call) => setLock(unix, call, readOnly, wanted, false))).toBe(
        "EBADF",
      );
      const negative = byte(-1);
      expect(yield* p.try((unix, call) => setLock(unix, call, number, negative, false))).toBe(
        "EINVAL",
      );
    });
  });

  test("flock belongs to the open file, and does not see record locks", () => {
    runAsChild(function* (p) {
      const [a, b] = [
        yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT),
        yield* p.open("/tmp/file", OPEN.O_RDWR),
      ];
      const take = (number: number, type: "shared" | "exclusive" | "unlock") =>
        p.try((unix, call) => flock(unix, call, number, type, false));
      yield* lock(p, a, byte(0));
      expect(yield* take(a, "shared")).toBeUndefined();
      expect(yield* take(b, "shared")).toBeUndefined();
      expect(yield* take(b, "exclusive")).toBe("EAGAIN");
      const again = yield* p.do((unix, call) => dup(unix, call, a));
      expect(yield* take(again, "unlock")).toBeUndefined();
      expect(yield* take(b, "exclusive")).toBeUndefined();
      expect(yield* take(a, "shared")).toBe("EAGAIN");
      yield* p.close(b);
      expect(yield* take(a, "shared")).toBeUndefined();
    });
  });
});
