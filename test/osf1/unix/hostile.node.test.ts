// Calls with arguments that nobody means well with, in random sequences, by several processes: each answers
// or fails with an errno, none breaks the server, and when the processes have ended nothing is left.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERRNO_NAMES } from "../../../host/osf1/errno.ts";
import { OPEN, PAGE_SIZE } from "../../../host/osf1/unix/constants.ts";
import { pipe } from "../../../host/osf1/unix/files/pipe.ts";
import { setuid } from "../../../host/osf1/unix/process/identity.ts";
import { seeded } from "../../support/seed.ts";
import { Bed, chooser } from "../support/bed.ts";
import { leaks } from "../support/leaks.ts";
import type { Running } from "../support/running.ts";
import { HOSTILE, type Source } from "./hostile-calls.ts";
import { survives } from "./survives.ts";

const RUNS = Number(process.env["INKWELL_FUZZ"] ?? 60);
const CALLS = 60;

const PATHS = [
  "",
  "/",
  ".",
  "..",
  "/tmp",
  "/tmp/a",
  "/tmp/a/b",
  "/tmp/link",
  "/dev/null",
  "/dev/zero",
  "/dev/full",
  "/dev/random",
  "/dev/tty",
  "/dev",
  "/proc",
  "/proc/self",
  "/proc/self/fd/0",
  "/proc/self/exe",
  "/proc/self/maps",
  "/proc/self/stat",
  "/proc/1/fd",
  "/proc/99999",
  "x".repeat(256),
  "/tmp/".repeat(300),
  "a/".repeat(600),
];

function sourceOf(p: Running, choose: (count: number) => number): Source {
  const pick: Source["pick"] = (...choices) => choices[choose(choices.length)]!;
  const buffer = p.room(2 * PAGE_SIZE);
  const edge = 0x1000_0000 + 64 * PAGE_SIZE;
  return {
    pick,
    fd: () => pick(0, 1, 2, 3, 4, 5, 6, 63, 64, 255, -1, -100, 0x7fffffff, -0x80000000),
    address: () =>
      pick(0, 4, buffer, buffer + 1, edge - 3, edge, 0x7ffff000, 0xfffff000, 0xffffffff),
    length: () => pick(0, 1, 8, 4096, 10_000, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, -1),
    word: () => pick(0, 1, 2, 3, 5, 255, 4096, -1, -2, 0x7fffffff, -0x80000000, 0x200, 0x40a02),
    path: () => pick(...PATHS),
  };
}

/** A process that makes calls as they come. */
function attack(choose: (count: number) => number, log: string[]) {
  const all = Object.keys(HOSTILE);
  return function* (p: Running) {
    // Something to be hit: a file, a directory, both ends of a pipe.
    yield* p.open("/tmp/a", OPEN.O_RDWR | OPEN.O_CREAT);
    yield* p.open("/tmp", OPEN.O_RDONLY);
    yield* p.do((unix, call) => pipe(unix, call, { nonblocking: true }));
    yield* p.handle("SIGPIPE", "ignore");
    yield* p.handle("SIGXFSZ", "ignore");
    if (choose(2) === 0) yield* p.do((unix, call) => setuid(unix, call, 5));
    const source = sourceOf(p, choose);
    for (let i = 0; i < CALLS; i++) {
      const name = all[choose(all.length)]!;
      // A limit or a closed door may be in the way of the test itself: that is fine, too.
      const answer = yield* p.try((unix, call) => {
        log.push(`${p.process.pid}: ${name}`);
        return HOSTILE[name]!(source, unix, call);
      });
      if (name === "execve") expect(answer).not.toBeUndefined();
    }
  };
}

function run(seed: number): void {
  const log: string[] = [];
  const choose = chooser(seed);
  survives(seed, log, function* (p) {
    for (let i = 0; i < 3; i++) yield* p.fork(attack(choose, log));
    for (let i = 0; i < 3; i++) yield* p.wait();
  });
}

describe("calls that mean no good", () => {
  test("in random sequences break nothing and leave nothing", () => {
    fc.assert(fc.property(fc.integer(), run), { numRuns: RUNS, ...seeded() });
  });

  test.each(Object.keys(HOSTILE))("%s fails with an errno, or not at all", (name) => {
    const bed = Bed.boot();
    const choose = chooser(7);
    bed.startInit(function* (p) {
      yield* p.handle("SIGPIPE", "ignore");
      yield* p.handle("SIGXFSZ", "ignore");
      const source = sourceOf(p, choose);
      for (let i = 0; i < 60; i++) {
        const answer = yield* p.try((unix, call) => HOSTILE[name]!(source, unix, call));
        if (typeof answer === "string" && /^E[A-Z]/.test(answer))
          expect(ERRNO_NAMES).toContain(answer);
      }
    });
    expect(bed.run()).toEqual([]);
    expect(leaks(bed)).toEqual({});
  });
});
