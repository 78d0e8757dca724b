// Pipes, sockets and poll: writers and readers in random turns; what comes out is what went in, each small
// write in one piece; ends, errors and readiness as POSIX.1 has them.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OPEN, PIPE_BUF } from "../../../host/osf1/unix/constants.ts";
import { setStatusFlags } from "../../../host/osf1/unix/files/control.ts";
import { mknod } from "../../../host/osf1/unix/files/names.ts";
import { open } from "../../../host/osf1/unix/files/open.ts";
import { pipe, PIPE_SIZE } from "../../../host/osf1/unix/files/pipe.ts";
import { poll, POLL, select } from "../../../host/osf1/unix/files/poll.ts";
import { send, shutdown, socketpair } from "../../../host/osf1/unix/files/socket-pair.ts";
import { read, write, writev } from "../../../host/osf1/unix/files/transfer.ts";
import { fstat } from "../../../host/osf1/unix/files/status.ts";
import { MODE } from "../../../host/osf1/ufs/layout.ts";
import { seeded } from "../../support/seed.ts";
import { runAsChild } from "../support/run.ts";
import type { Running } from "../support/running.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 40);

const newPipe = (p: Running) => p.do((unix, call) => pipe(unix, call));
const tryWrite = (p: Running, number: number, length: number) => {
  const at = p.room(length);
  return p.try((unix, call) => write(unix, call, number, at, length));
};
const tryRead = (p: Running, number: number, length: number) => {
  const at = p.room(length);
  return p.try((unix, call) => read(unix, call, number, at, length));
};

test("writers and readers in random turns: small writes whole, all bytes once", () => {
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 3000, max: 6000 })),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(
      fc.array(sizes, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 9000 }),
      fc.integer(),
      (writers, most, seed) => {
        let got = "";
        runAsChild(
          function* (p) {
            const [reader, writer] = yield* newPipe(p);
            for (const [index, list] of writers.entries())
              yield* p.fork(function* (child) {
                yield* child.close(reader);
                for (const size of list)
                  yield* child.write(writer, `<${String(index).repeat(size - 2)}>`);
              });
            yield* p.close(writer);
            for (;;) {
              const text = yield* p.read(reader, most);
              if (text === "") break;
              got += text;
            }
            for (const _ of writers) yield* p.wait();
          },
          { seed },
        );
        for (const [index, list] of writers.entries()) {
          const digit = String(index);
          const count = [...got].filter((each) => each === digit).length;
          expect(count).toBe(list.reduce((sum, size) => sum + size - 2, 0));
          for (const size of list.filter((each) => each <= PIPE_BUF))
            expect(got).toContain(`<${digit.repeat(size - 2)}>`);
        }
        expect(got.length).toBe(writers.flat().reduce((sum, size) => sum + size, 0));
      },
    ),
    { numRuns: RUNS, ...seeded() },
  );
});

describe("without waiting", () => {
  test("full is EAGAIN for what must be whole, part of what need not; empty is EAGAIN; no writer is the end", () => {
    runAsChild(function* (p) {
      const [reader, writer] = yield* p.do((unix, call) => pipe(unix, call, { nonblocking: true }));
      expect(yield* tryRead(p, reader, 5)).toBe("EAGAIN");
      expect(yield* tryWrite(p, writer, PIPE_SIZE - 100)).toBe(PIPE_SIZE - 100);
      expect(yield* tryWrite(p, writer, 101)).toBe("EAGAIN");
      expect(yield* tryWrite(p, writer, PIPE_BUF + 1)).toBe(100);
      expect(yield* tryWrite(p, writer, 1)).toBe("EAGAIN");
      expect(yield* tryRead(p, reader, 2 * PIPE_SIZE)).toBe(PIPE_SIZE);
      yield* p.close(writer);
      expect(yield* tryRead(p, reader, 5)).toBe(0);
      expect(yield* tryWrite(p, reader, 5)).toBe("EBADF");
    });
  });

  test("a piece that faults leaves what came before it, and the pipe whole", () => {
    runAsChild(function* (p) {
      const [reader, writer] = yield* p.do((unix, call) => pipe(unix, call, { nonblocking: true }));
      const good = p.place(Uint8Array.from([65, 66]));
      const both = [
        { address: good, length: 2 },
        { address: 0x10, length: 2 },
      ];
      expect(yield* p.try((unix, call) => writev(unix, call, writer, both))).toBe(2);
      expect(yield* p.try((unix, call) => writev(unix, call, writer, [both[1]!]))).toBe("EFAULT");
      expect(yield* p.try((unix, call) => read(unix, call, reader, 0x10, 2))).toBe("EFAULT");
      expect(yield* p.read(reader, 9)).toBe("AB");
    });
  });
});

describe("named pipes", () => {
  test("open waits for the other end, or with O_NONBLOCK does not", () => {
    runAsChild(function* (p) {
      yield* p.do((unix, call) => mknod(unix, call, "/tmp/fifo", MODE.IFIFO | 0o600, 0));
      const tryOpen = (flags: number) =>
        p.try((unix, call) => open(unix, call, "/tmp/fifo", flags, 0));
      expect(yield* tryOpen(OPEN.O_WRONLY | OPEN.O_NONBLOCK)).toBe("ENXIO");
      const early = yield* p.open("/tmp/fifo", OPEN.O_RDONLY | OPEN.O_NONBLOCK);
      expect(yield* tryRead(p, early, 1)).toBe(0);
      yield* p.close(early);
      const pid = yield* p.fork(function* (child) {
        const out = yield* child.open("/tmp/fifo", OPEN.O_WRONLY);
        yield* child.write(out, "through");
      });
      yield* p.pass(30);
      expect(yield* p.wait(pid, { noHang: true })).toBeUndefined();
      const reader = yield* p.open("/tmp/fifo", OPEN.O_RDONLY);
      expect(yield* p.read(reader, 20)).toBe("through");
      expect(yield* p.read(reader, 20)).toBe("");
      yield* p.wait(pid);
    });
  });
});

describe("socket pairs", () => {
  test("go both ways, shut down by halves, tell EPIPE with and without a signal", () => {
    runAsChild(function* (p) {
      const [a, b] = yield* p.do((unix, call) => socketpair(unix, call));
      yield* p.write(a, "to b");
      yield* p.write(b, "to a");
      expect(yield* p.read(a, 10)).toBe("to a");
      expect(yield* p.read(b, 10)).toBe("to b");
      expect((yield* p.do((unix, call) => fstat(unix, call, a))).mode & MODE.IFMT).toBe(
        MODE.IFSOCK,
      );
      yield* p.do((unix, call) => shutdown(unix, call, a, "send"));
      expect(yield* p.read(b, 10)).toBe("");
      const at = p.place(new Uint8Array(1));
      const one = [{ address: at, length: 1 }];
      const quiet = { noSignal: true };
      expect(yield* p.try((unix, call) => send(unix, call, a, one, quiet))).toBe("EPIPE");
      yield* p.write(b, "still");
      yield* p.close(b);
      expect(yield* p.read(a, 10)).toBe("still");
      expect(yield* p.try((unix, call) => send(unix, call, 50, one, quiet))).toBe("EBADF");
    });
  });
});

describe("poll and select", () => {
  test("tell what is ready, wait for it, and end with their time", () => {
    runAsChild(function* (p) {
      const [reader, writer] = yield* newPipe(p);
      const both = [
        { descriptor: reader, events: POLL.POLLIN },
        { descriptor: writer, events: POLL.POLLOUT },
        { descriptor: -1, events: POLL.POLLIN },
        { descriptor: 77, events: 0 },
      ];
      const ask = (until?: number) => p.do((unix, call) => poll(unix, call, both, until));
      expect(yield* ask()).toEqual([0, POLL.POLLOUT, 0, POLL.POLLNVAL]);
      const start = p.bed.uptime();
      const in5 = start + 5e9;
      const one = [both[0]!];
      expect(yield* p.do((unix, call) => poll(unix, call, one, in5))).toEqual([0]);
      expect(p.bed.uptime()).toBeGreaterThanOrEqual(in5);
      yield* p.fork(function* (child) {
        yield* child.pass(10);
        yield* child.write(writer, "x");
        yield* child.pass(30);
      });
      yield* p.close(writer);
      expect(yield* p.do((unix, call) => poll(unix, call, one))).toEqual([POLL.POLLIN]);
      yield* p.read(reader, 1);
      const sets = { read: [reader], write: [], except: [reader] };
      const found = yield* p.do((unix, call) => select(unix, call, sets));
      expect(found).toEqual({ read: [reader], write: [], except: [] });
      expect(yield* p.do((unix, call) => poll(unix, call, one))).toEqual([POLL.POLLHUP]);
      const bad = { read: [reader, 9], write: [], except: [] };
      expect(yield* p.try((unix, call) => select(unix, call, bad))).toBe("EBADF");
      const many = Array.from({ length: 65 }, () => both[2]!);
      expect(yield* p.try((unix, call) => poll(unix, call, many))).toBe("EINVAL");
      yield* p.wait();
    });
  });

  test("O_NONBLOCK comes and goes with F_SETFL", () => {
    runAsChild(function* (p) {
      const [reader] = yield* newPipe(p);
      yield* p.do((unix, call) =>
        setStatusFlags(unix, call, reader, OPEN.O_NONBLOCK | OPEN.O_CREAT),
      );
      expect(yield* tryRead(p, reader, 1)).toBe("EAGAIN");
    });
  });
});
