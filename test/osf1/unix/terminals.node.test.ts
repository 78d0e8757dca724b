// Terminals: the line discipline, the foreground and the background, sessions; POSIX.1 chapter 11 is the oracle.
import { describe, expect, test } from "vitest";
import { OPEN, SIGNAL } from "../../../host/osf1/unix/constants.ts";
import { bytesReadable } from "../../../host/osf1/unix/files/control.ts";
import { open } from "../../../host/osf1/unix/files/open.ts";
import { poll, POLL } from "../../../host/osf1/unix/files/poll.ts";
import * as terminal from "../../../host/osf1/unix/files/terminal-control.ts";
import { INPUT, LOCAL, OUTPUT, SANE, type Termios } from "../../../host/osf1/unix/files/termios.ts";
import { read } from "../../../host/osf1/unix/files/transfer.ts";
import { setpgid, setsid } from "../../../host/osf1/unix/process/identity.ts";
import type { TestConsole } from "../support/bed.ts";
import { runAsChild } from "../support/run.ts";
import type { Running } from "../support/running.ts";

/** A leader of a session at the console. */
function atConsole(body: (p: Running, console: TestConsole) => Generator<unknown, void, unknown>) {
  return runAsChild(function* (p) {
    yield* p.do((unix, call) => setsid(unix, call));
    expect(yield* p.open("/dev/console", OPEN.O_RDWR)).toBe(0);
    yield* body(p, p.bed.console);
  });
}

const change = (p: Running, how: (termios: Termios) => Partial<Termios>) =>
  p.do(function* (unix, call) {
    const before = yield* terminal.tcgetattr(unix, call, 0);
    yield* terminal.tcsetattr(unix, call, 0, "now", { ...before, ...how(before) });
  });
const raw = (p: Running, VMIN: number, VTIME: number) =>
  change(p, (before) => ({
    local: before.local & ~(LOCAL.ICANON | LOCAL.ECHO | LOCAL.ISIG),
    characters: { ...before.characters, VMIN, VTIME },
  }));

describe("lines", () => {
  test("are given whole, edited, one a read, echoed", () => {
    atConsole(function* (p, console) {
      console.type("abx\x7fc\rnext line\rw1 w2\x17w3\rkilled\x15kept\r\x04more\x04");
      expect(yield* p.read(0, 100)).toBe("abc\n");
      expect(yield* p.do((unix, call) => bytesReadable(unix, call, 0))).toBe(10);
      expect(yield* p.read(0, 4)).toBe("next");
      expect(yield* p.read(0, 100)).toBe(" line\n");
      expect(yield* p.read(0, 100)).toBe("w1 w3\n");
      expect(yield* p.read(0, 100)).toBe("kept\n");
      expect(yield* p.read(0, 100)).toBe("");
      expect(yield* p.read(0, 100)).toBe("more");
      expect(console.text.startsWith("abx\b \bc\r\nnext line\r\n")).toBe(true);
    });
  });

  test("a newline goes out as two characters when the terminal says so", () => {
    atConsole(function* (p, console) {
      yield* p.write(0, "one\ntwo\n");
      yield* change(p, (before) => ({ output: before.output & ~OUTPUT.ONLCR }));
      yield* p.write(0, "three\n");
      expect(console.text).toBe("one\r\ntwo\r\nthree\n");
    });
  });

  test("the end of the line is the end of the file", () => {
    atConsole(function* (p, console) {
      console.end();
      expect(yield* p.read(0, 5)).toBe("");
      const one = [{ descriptor: 0, events: POLL.POLLIN }];
      const [events] = yield* p.do((unix, call) => poll(unix, call, one));
      expect(events).toBe(POLL.POLLIN | POLL.POLLHUP);
    });
  });
});

describe("raw input", () => {
  test("waits for VMIN bytes", () => {
    atConsole(function* (p, console) {
      yield* raw(p, 3, 0);
      console.type("ab");
      const reader = p.read(0, 10);
      yield* p.fork(function* (child) {
        yield* child.pass(30);
        console.type("\x03d");
      });
      expect(yield* reader).toBe("ab\x03d");
      yield* p.wait();
    });
  });

  test("VTIME bounds the wait: for the first byte without VMIN, between bytes with it", () => {
    atConsole(function* (p, console) {
      yield* raw(p, 0, 5);
      const start = p.bed.uptime();
      expect(yield* p.read(0, 10)).toBe("");
      expect(Math.round((p.bed.uptime() - start) / 1e8)).toBe(5);
      yield* raw(p, 5, 2);
      console.type("ab");
      expect(yield* p.read(0, 10)).toBe("ab");
      yield* raw(p, 0, 0);
      expect(yield* p.read(0, 10)).toBe("");
    });
  });

  test("leaving canonical input gives what was typed of a line", () => {
    atConsole(function* (p, console) {
      console.type("par");
      yield* p.pass(20);
      yield* raw(p, 1, 0);
      expect(yield* p.read(0, 10)).toBe("par");
      yield* change(p, (before) => ({ input: before.input & ~INPUT.ICRNL }));
      console.type("\r");
      expect(yield* p.read(0, 10)).toBe("\r");
    });
  });
});

describe("jobs", () => {
  test("keys signal the foreground group only, and throw input away", () => {
    atConsole(function* (p, console) {
      const seen: string[] = [];
      yield* p.handle("SIGINT", () => void seen.push("leader"));
      const child = yield* p.fork(function* (inner) {
        yield* inner.handle("SIGINT", () => void seen.push("child"));
        yield* inner.pass(60);
      });
      yield* p.do((unix, call) => setpgid(unix, call, child, child));
      yield* p.do((unix, call) => terminal.tcsetpgrp(unix, call, 0, child));
      yield* p.pass(10);
      console.type("junk\x03");
      yield* p.wait();
      expect(seen).toEqual(["child"]);
      expect(yield* p.do((unix, call) => bytesReadable(unix, call, 0))).toBe(0);
    });
  });

  test("a background reader stops until it is in the foreground", () => {
    atConsole(function* (p, console) {
      yield* p.handle("SIGTTOU", "ignore");
      const child = yield* p.fork(function* (inner) {
        yield* inner.pass(10);
        expect(yield* inner.read(0, 10)).toBe("typed\n");
      });
      yield* p.do((unix, call) => setpgid(unix, call, child, child));
      console.type("typed\r");
      const stopped = yield* p.wait(child, { stopped: true });
      expect(stopped!.status).toEqual({ kind: "stopped", signal: SIGNAL.SIGTTIN });
      yield* p.do((unix, call) => terminal.tcsetpgrp(unix, call, 0, child));
      yield* p.kill(child, "SIGCONT");
      expect((yield* p.wait(child))!.status).toEqual({ kind: "exited", code: 0 });
      yield* p.do((unix, call) => terminal.tcsetpgrp(unix, call, 0, p.process.pid));
    });
  });

  test("who cannot stop for it gets EIO; TOSTOP holds writers back", () => {
    atConsole(function* (p) {
      yield* change(p, (before) => ({ local: before.local | LOCAL.TOSTOP }));
      const child = yield* p.fork(function* (inner) {
        yield* inner.pass(10);
        yield* inner.handle("SIGTTIN", "ignore");
        const at = inner.room(5);
        expect(yield* inner.try((unix, call) => read(unix, call, 0, at, 5))).toBe("EIO");
        yield* inner.write(0, "held back");
      });
      yield* p.do((unix, call) => setpgid(unix, call, child, child));
      const stopped = yield* p.wait(child, { stopped: true });
      expect(stopped!.status).toEqual({ kind: "stopped", signal: SIGNAL.SIGTTOU });
      yield* p.kill(child, "SIGKILL");
      yield* p.kill(child, "SIGCONT");
      yield* p.wait(child);
    });
  });

  test("the leader's end hangs up, and the terminal is free again", () => {
    const bed = runAsChild(function* (p) {
      let signalled = false;
      const leader = yield* p.fork(function* (first) {
        yield* first.do((unix, call) => setsid(unix, call));
        yield* first.open("/dev/console", OPEN.O_RDWR);
        yield* first.fork(function* (second) {
          yield* second.handle("SIGHUP", () => {
            signalled = true;
          });
          yield* second.pass(40);
        });
        yield* first.pass(5);
      });
      yield* p.wait(leader);
      yield* p.pass(80);
      expect(signalled).toBe(true);
    });
    expect(bed.unix.console.session).toBeUndefined();
  });

  test("calls for the own terminal refuse another's, and what is none", () => {
    runAsChild(function* (p) {
      expect(yield* p.try((unix, call) => open(unix, call, "/dev/tty", OPEN.O_RDWR, 0))).toBe(
        "ENXIO",
      );
      yield* p.open("/dev/null", OPEN.O_RDWR);
      expect(yield* p.try((unix, call) => terminal.tcgetattr(unix, call, 0))).toBe("ENOTTY");
      yield* p.open("/dev/console", OPEN.O_RDWR);
      // Not a leader: the console is not this session's.
      expect(yield* p.try((unix, call) => terminal.tcgetpgrp(unix, call, 1))).toBe("ENOTTY");
      expect(yield* p.try((unix, call) => terminal.takeTerminal(unix, call, 1))).toBe("EPERM");
      expect(yield* p.do((unix, call) => terminal.tcgetattr(unix, call, 1))).toEqual(SANE);
      expect(yield* p.try((unix, call) => terminal.tcsetpgrp(unix, call, 9, 1))).toBe("EBADF");
    });
  });
});
