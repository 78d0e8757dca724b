// Setting the time of day, which no program may try under the oracle, and what waits for a time of day;
// POSIX.1 (clock_settime) is the oracle. And whose children are whose: prctl(2).
import { expect, test } from "vitest";
import type { Unix } from "../../../host/osf1/unix/unix.ts";
import { setuid } from "../../../host/osf1/unix/process/identity.ts";
import { deadline, sleepUntil } from "../../../host/osf1/unix/time/clocks.ts";
import {
  timer_create,
  timer_gettime,
  timer_settime,
} from "../../../host/osf1/unix/time/posix-timers.ts";
import { setTime } from "../../../host/osf1/unix/time/set-time.ts";
import { OPEN, SIGNAL } from "../../../host/osf1/unix/constants.ts";
import { fstat } from "../../../host/osf1/unix/files/status.ts";
import { runAsChild, runAsInit } from "../support/run.ts";
import type { Running } from "../support/running.ts";

const SECOND = 1_000_000_000;

const ahead = (unix: Unix, seconds: number) => ({
  ...unix.now(),
  seconds: unix.now().seconds + seconds,
});
const set = (p: Running, seconds: number) =>
  p.try((unix, call) => setTime(unix, call, ahead(unix, seconds)));

test("who waits for a time of day has waited when the clock is set past it, or waits longer", () => {
  runAsChild(function* (p) {
    const start = p.bed.uptime();
    const since = (): number => Math.round((p.bed.uptime() - start) / SECOND);
    const sleeper = yield* p.fork(function* (child) {
      const wanted = ahead(child.unix, 100);
      const end = (): number => deadline(child.unix, "realtime", wanted);
      yield* child.do((unix, call) => sleepUntil(unix, call, end));
    });
    yield* p.pass(20);
    expect(yield* set(p, -20)).toBeUndefined();
    yield* p.pass(20);
    expect(yield* set(p, 90)).toBeUndefined();
    yield* p.wait(sleeper);
    expect(since()).toBe(30);
  });
});

test("a timer of a time of day goes by the clock as it is set, one of an interval does not", () => {
  runAsChild(function* (p) {
    const left = (id: number) => p.do((unix, call) => timer_gettime(unix, call, id));
    const made: number[] = [];
    for (const first of [ahead(p.unix, 100), 100 * SECOND]) {
      const id = yield* p.do((unix, call) => timer_create(unix, call, "realtime"));
      yield* p.do((unix, call) => timer_settime(unix, call, id, { first, interval: 0 }));
      made.push(id);
    }
    yield* set(p, 60);
    const lefts = [(yield* left(made[0]!)).left, (yield* left(made[1]!)).left];
    expect(lefts.map((each) => Math.round(each / SECOND))).toEqual([40, 100]);
  });
});

test("the time of day is the superuser's to set, and files have it", () => {
  runAsInit(function* (p) {
    const seconds = 946_684_800;
    yield* p.do((unix, call) => setTime(unix, call, { seconds, nanoseconds: 7 }));
    const file = yield* p.open("/tmp/new", OPEN.O_CREAT);
    const { mtime } = yield* p.do((unix, call) => fstat(unix, call, file));
    expect(mtime.seconds).toBe(seconds);
    const wrong = { seconds: -1, nanoseconds: 0 };
    expect(yield* p.try((unix, call) => setTime(unix, call, wrong))).toBe("EINVAL");
    yield* p.do((unix, call) => setuid(unix, call, 5));
    expect(yield* set(p, 0)).toBe("EPERM");
  });
});

test("a process that asks for them gets its descendants, and they a signal if they ask for that", () => {
  runAsInit(function* (p) {
    const seen: unknown[] = [];
    const reaper = yield* p.fork(function* (subreaper) {
      subreaper.process.control.isSubreaper = true;
      const parent = yield* subreaper.fork(function* (middle) {
        yield* middle.fork(function* (lowest) {
          lowest.process.control.parentDeathSignal = SIGNAL.SIGTERM;
          for (;;) yield* lowest.pass();
        });
        yield* middle.pass(5);
      });
      seen.push((yield* subreaper.wait(parent))!.status.kind);
      seen.push((yield* subreaper.wait())!.status);
    });
    yield* p.wait(reaper);
    expect(seen).toEqual(["exited", { kind: "killed", signal: SIGNAL.SIGTERM, core: false }]);
  });
});
