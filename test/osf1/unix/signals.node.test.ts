// Signals: actions, masks, what they do to calls that wait, job control, timers; POSIX.1 is the oracle, and
// for restarts signal(7).
import { describe, expect, test } from "vitest";
import { OPEN, SIGNAL, signalBit, signalSet } from "../../../host/osf1/unix/constants.ts";
import { pipe } from "../../../host/osf1/unix/files/pipe.ts";
import { poll, POLL } from "../../../host/osf1/unix/files/poll.ts";
import { read, write } from "../../../host/osf1/unix/files/transfer.ts";
import { setpgid, setuid } from "../../../host/osf1/unix/process/identity.ts";
import { prlimit } from "../../../host/osf1/unix/process/limits.ts";
import {
  sigaction,
  sigaltstack,
  sigpending,
  sigprocmask,
} from "../../../host/osf1/unix/signals/actions.ts";
import { faultSignal, kill, sigqueue, tgkill } from "../../../host/osf1/unix/signals/kill.ts";
import { sigsuspend, sigtimedwait } from "../../../host/osf1/unix/signals/suspend.ts";
import { nanosleep, SleepInterrupted } from "../../../host/osf1/unix/time/clocks.ts";
import { alarm, getitimer, setitimer } from "../../../host/osf1/unix/time/interval.ts";
import { runAsChild, runAsInit } from "../support/run.ts";
import type { Running } from "../support/running.ts";

const SECOND = 1_000_000_000;
const block = (p: Running, set: bigint) =>
  p.do((unix, call) => sigprocmask(unix, call, "block", set));
const unblock = (p: Running, set: bigint) =>
  p.do((unix, call) => sigprocmask(unix, call, "unblock", set));

describe("default actions", () => {
  test.each([
    ["SIGTERM", { kind: "killed", signal: SIGNAL.SIGTERM, core: false }],
    ["SIGKILL", { kind: "killed", signal: SIGNAL.SIGKILL, core: false }],
    ["SIGSEGV", { kind: "killed", signal: SIGNAL.SIGSEGV, core: false }],
    ["SIGCHLD", { kind: "exited", code: 3 }],
    ["SIGCONT", { kind: "exited", code: 3 }],
  ] as const)("%s", (signal, status) => {
    runAsInit(function* (p) {
      const pid = yield* p.fork(function* (child) {
        const limit = { soft: 4096, hard: 4096 };
        yield* child.do((unix, call) => prlimit(unix, call, 0, "RLIMIT_CORE", limit));
        yield* child.pass(20);
        return 3;
      });
      yield* p.pass(5);
      yield* p.kill(pid, signal);
      expect((yield* p.wait())!.status).toEqual(status);
    });
  });
});

describe("masks and queues", () => {
  test("a blocked signal waits, once; a queued one as often as it was sent, in order", () => {
    runAsChild(function* (p) {
      const seen: unknown[] = [];
      const set = signalSet("SIGUSR1") | signalBit(40);
      yield* p.handle("SIGUSR1", ({ code, pid }) => void seen.push([code, pid]));
      p.handlers.set(77, ({ value }) => void seen.push(value));
      const action = { ...(yield* p.do((unix, call) => sigaction(unix, call, 40))), handler: 77 };
      yield* p.do((unix, call) => sigaction(unix, call, 40, action));
      yield* block(p, set);
      const { pid } = p.process;
      for (const value of [1, 2, 3]) {
        yield* p.do((unix, call) => sigqueue(unix, call, pid, 40, value));
        yield* p.kill(pid, "SIGUSR1");
      }
      expect(seen).toEqual([]);
      expect(yield* p.do((unix, call) => sigpending(unix, call))).toBe(set);
      yield* unblock(p, set);
      expect(seen).toEqual([["SI_USER", pid], 1, 2, 3]);
    });
  });

  test("too many queued signals are EAGAIN; SIGKILL and SIGSTOP cannot be held or caught", () => {
    runAsChild(function* (p) {
      const { pid } = p.process;
      yield* block(p, ~0n);
      expect(p.process.signals.mask & signalSet("SIGKILL", "SIGSTOP")).toBe(0n);
      let sent = 0;
      const queue = () => p.try((unix, call) => sigqueue(unix, call, pid, 50, sent));
      while ((yield* queue()) === undefined) sent++;
      expect(yield* queue()).toBe("EAGAIN");
      expect(sent).toBe(32);
      const before = yield* p.do((unix, call) => sigaction(unix, call, SIGNAL.SIGKILL));
      const change = (signal: number) =>
        p.try((unix, call) => sigaction(unix, call, signal, { ...before, handler: "ignore" }));
      expect(yield* change(SIGNAL.SIGKILL)).toBe("EINVAL");
      expect(yield* change(SIGNAL.SIGSTOP)).toBe("EINVAL");
      expect(yield* change(0)).toBe("EINVAL");
      expect(yield* change(65)).toBe("EINVAL");
    });
  });

  test("a handler's own signal and its mask are held while it runs", () => {
    runAsChild(function* (p) {
      const order: string[] = [];
      const { pid } = p.process;
      yield* p.handle(
        "SIGUSR1",
        function* () {
          order.push("one");
          if (order.length === 1) yield* p.kill(pid, "SIGUSR1");
          yield* p.kill(pid, "SIGUSR2");
          order.push("end");
        },
        { mask: signalSet("SIGUSR2") },
      );
      yield* p.handle("SIGUSR2", () => void order.push("two"));
      yield* p.kill(pid, "SIGUSR1");
      expect(order).toEqual(["one", "end", "one", "end", "two"]);
      expect(p.process.signals.mask).toBe(0n);
    });
  });

  test("ignoring drops what waits", () => {
    runAsChild(function* (p) {
      yield* block(p, signalSet("SIGTERM"));
      yield* p.kill(p.process.pid, "SIGTERM");
      yield* p.handle("SIGTERM", "ignore");
      yield* p.handle("SIGTERM", "default");
      yield* unblock(p, signalSet("SIGTERM"));
    });
  });
});

describe("calls that wait", () => {
  /** A reader at an empty pipe gets a signal, then bytes. */
  const interruptedRead = (restart: boolean) => {
    const seen: string[] = [];
    runAsChild(function* (p) {
      const [reader, writer] = yield* p.do((unix, call) => pipe(unix, call));
      const pid = yield* p.fork(function* (child) {
        yield* child.handle("SIGUSR1", () => void seen.push("handler"), { restart });
        yield* child.close(writer);
        const at = child.room(5);
        const got = yield* child.try((unix, call) => read(unix, call, reader, at, 5));
        seen.push(typeof got === "string" ? got : String.fromCharCode(...child.peek(at, got)));
      });
      yield* p.pass(20);
      yield* p.kill(pid, "SIGUSR1");
      yield* p.pass(20);
      // Nobody may be left to read.
      yield* p.handle("SIGPIPE", "ignore");
      yield* p.write(writer, "bytes");
      yield* p.wait();
    });
    return seen;
  };
  test("begin again when the handler asks for it, or end with EINTR", () => {
    expect(interruptedRead(true)).toEqual(["handler", "bytes"]);
    expect(interruptedRead(false)).toEqual(["handler", "EINTR"]);
  });

  test("poll and sleep end with EINTR always; a sleep tells what is left", () => {
    runAsChild(function* (p) {
      yield* p.handle("SIGALRM", () => {}, { restart: true });
      yield* p.do((unix, call) => alarm(unix, call, 2));
      const start = p.bed.uptime();
      const left: number[] = [];
      const slept = yield* p.try(function* (unix, call) {
        try {
          yield* nanosleep(unix, call, 5 * SECOND);
        } catch (error) {
          if (error instanceof SleepInterrupted) left.push(error.left);
          throw error;
        }
      });
      expect(slept).toBe("EINTR");
      expect(Math.round(left[0]! / SECOND)).toBe(3);
      expect(Math.round((p.bed.uptime() - start) / SECOND)).toBe(2);
      yield* p.do((unix, call) => alarm(unix, call, 1));
      expect(yield* p.try((unix, call) => poll(unix, call, []))).toBe("EINTR");
    });
  });

  test("an ignored signal, and one that stops and continues, do not end them", () => {
    runAsChild(function* (p) {
      const start = p.bed.uptime();
      const pid = yield* p.fork(function* (child) {
        yield* child.do((unix, call) => nanosleep(unix, call, 3 * SECOND));
      });
      yield* p.pass(10);
      yield* p.kill(pid, "SIGWINCH");
      yield* p.kill(pid, "SIGSTOP");
      expect((yield* p.wait(pid, { stopped: true }))!.status).toEqual({
        kind: "stopped",
        signal: SIGNAL.SIGSTOP,
      });
      yield* p.do((unix, call) => nanosleep(unix, call, SECOND));
      yield* p.kill(pid, "SIGCONT");
      expect((yield* p.wait(pid, { continued: true }))!.status).toEqual({ kind: "continued" });
      expect((yield* p.wait(pid))!.status).toEqual({ kind: "exited", code: 0 });
      expect(Math.round((p.bed.uptime() - start) / SECOND)).toBe(3);
    });
  });

  test("sigsuspend takes exactly what its mask lets through, and the old mask is back", () => {
    runAsChild(function* (p) {
      const seen: string[] = [];
      yield* p.handle("SIGUSR1", () => void seen.push("one"));
      yield* p.handle("SIGUSR2", () => void seen.push("two"));
      const both = signalSet("SIGUSR1", "SIGUSR2");
      yield* block(p, both);
      yield* p.kill(p.process.pid, "SIGUSR1");
      yield* p.kill(p.process.pid, "SIGUSR2");
      const mask = signalSet("SIGUSR1");
      expect(yield* p.try((unix, call) => sigsuspend(unix, call, mask))).toBe("EINTR");
      expect(seen).toEqual(["two"]);
      expect(p.process.signals.mask).toBe(both);
      expect(yield* p.do((unix, call) => sigpending(unix, call))).toBe(mask);
    });
  });

  test("sigtimedwait takes a signal without its handler, or times out", () => {
    runAsChild(function* (p) {
      const set = signalSet("SIGUSR1");
      yield* block(p, set);
      const { pid } = p.process;
      yield* p.fork(function* (child) {
        yield* child.pass(30);
        yield* child.kill(pid, "SIGUSR1");
      });
      const info = yield* p.do((unix, call) => sigtimedwait(unix, call, set));
      expect(info.signal).toBe(SIGNAL.SIGUSR1);
      const until = p.bed.uptime() + SECOND;
      expect(yield* p.try((unix, call) => sigtimedwait(unix, call, set, until))).toBe("EAGAIN");
      yield* p.wait();
    });
  });
});

describe("who may send what to whom", () => {
  test("users, groups, all", () => {
    runAsInit(function* (p) {
      const body = function* (child: Running) {
        yield* child.do((unix, call) => setuid(unix, call, 5));
        yield* child.pass(200);
      };
      const [a, b] = [yield* p.fork(body), yield* p.fork(body)];
      yield* p.do((unix, call) => setpgid(unix, call, b, b));
      yield* p.pass(20);
      const user = yield* p.fork(function* (child) {
        yield* child.do((unix, call) => setuid(unix, call, 6));
        const send = (pid: number, signal: number) =>
          child.try((unix, call) => kill(unix, call, pid, signal));
        expect(yield* send(a, SIGNAL.SIGTERM)).toBe("EPERM");
        expect(yield* send(a, SIGNAL.SIGCONT)).toBeUndefined();
        expect(yield* send(-b, 0)).toBe("EPERM");
        expect(yield* send(29_999, 0)).toBe("ESRCH");
        expect(yield* send(-29_999, 0)).toBe("ESRCH");
        expect(yield* send(a, 65)).toBe("EINVAL");
        const thread = (...ids: [number, number]) =>
          child.try((unix, call) => tgkill(unix, call, ...ids, 0));
        expect(yield* thread(a, b)).toBe("ESRCH");
        expect(yield* thread(0, 0)).toBe("EINVAL");
      });
      expect((yield* p.wait(user))!.status).toEqual({ kind: "exited", code: 0 });
      yield* p.do((unix, call) => kill(unix, call, -b, SIGNAL.SIGKILL));
      expect((yield* p.wait())!.pid).toBe(b);
      yield* p.do((unix, call) => kill(unix, call, -1, SIGNAL.SIGKILL));
      expect((yield* p.wait())!.pid).toBe(a);
    });
  });
});

describe("timers", () => {
  test("an interval timer fires again and again; alarm tells what was left", () => {
    runAsChild(function* (p) {
      let count = 0;
      yield* p.handle("SIGALRM", () => void count++);
      const value = { left: SECOND, interval: SECOND / 2 };
      yield* p.do((unix, call) => setitimer(unix, call, "real", value));
      const end = p.bed.uptime() + 3 * SECOND + SECOND / 4;
      while (p.bed.uptime() < end) yield* p.compute(SECOND / 100);
      expect(count).toBe(5);
      expect(yield* p.do((unix, call) => alarm(unix, call, 10))).toBe(1);
      expect(yield* p.do((unix, call) => alarm(unix, call, 0))).toBe(10);
      const off = yield* p.do((unix, call) => getitimer(unix, call, "real"));
      expect(off).toEqual({ left: 0, interval: 0 });
    });
  });

  test("processor time has its own timers and its limit", () => {
    runAsInit(function* (p) {
      yield* p.fork(function* (child) {
        let virtual = 0;
        yield* child.handle("SIGVTALRM", () => void virtual++);
        const value = { left: SECOND / 10, interval: 0 };
        yield* child.do((unix, call) => setitimer(unix, call, "virtual", value));
        // Time that sleeps is not processor time.
        yield* child.do((unix, call) => nanosleep(unix, call, SECOND));
        expect(virtual).toBe(0);
        yield* child.compute(SECOND / 5);
        expect(virtual).toBe(1);
        let over = 0;
        yield* child.handle("SIGXCPU", () => void over++);
        const limit = { soft: 1, hard: 3 };
        yield* child.do((unix, call) => prlimit(unix, call, 0, "RLIMIT_CPU", limit));
        yield* child.compute(2 * SECOND + SECOND / 2);
        expect(over).toBe(2);
        yield* child.compute(2 * SECOND);
      });
      expect((yield* p.wait())!.status).toMatchObject({ kind: "killed", signal: SIGNAL.SIGKILL });
    });
  });
});

test("a fault's signal cannot be put off; a broken pipe gives SIGPIPE and EPIPE", () => {
  runAsInit(function* (p) {
    yield* p.fork(function* (child) {
      yield* block(child, ~0n);
      const info = { signal: SIGNAL.SIGSEGV, code: "SEGV_MAPERR", address: 8 } as const;
      yield* child.do((unix) => faultSignal(unix, child.process, info));
    });
    expect((yield* p.wait())!.status).toMatchObject({ kind: "killed", signal: SIGNAL.SIGSEGV });
    yield* p.fork(function* (child) {
      const [reader, writer] = yield* child.do((unix, call) => pipe(unix, call));
      yield* child.close(reader);
      yield* child.handle("SIGPIPE", "ignore");
      const at = child.room(1);
      expect(yield* child.try((unix, call) => write(unix, call, writer, at, 1))).toBe("EPIPE");
      const [events] = yield* child.do((unix, call) =>
        poll(unix, call, [{ descriptor: writer, events: POLL.POLLOUT }]),
      );
      expect(events! & POLL.POLLERR).toBe(POLL.POLLERR);
      yield* child.handle("SIGPIPE", "default");
      yield* child.write(writer, "x");
    });
    expect((yield* p.wait())!.status).toMatchObject({ kind: "killed", signal: SIGNAL.SIGPIPE });
  });
});

test("the alternate stack is kept, refused when it is too small or in use", () => {
  runAsChild(function* (p) {
    const set = (pointer: number, size: number) =>
      p.try((unix, call) =>
        sigaltstack(unix, call, pointer, { address: 0x9000, size, enabled: true }),
      );
    expect(yield* set(0, 100)).toBe("ENOMEM");
    yield* set(0, 8192);
    expect(yield* set(0x9100, 8192)).toBe("EPERM");
    expect(p.process.signals.alternateStack).toEqual({
      address: 0x9000,
      size: 8192,
      enabled: true,
    });
    yield* p.open("/dev/null", OPEN.O_RDONLY);
  });
});
