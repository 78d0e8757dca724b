// Processes: fork, wait, exit, execve, groups and sessions; trees of them in random turns leave nothing.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OPEN, SIGNAL } from "../../../host/osf1/unix/constants.ts";
import { setCloseOnExec } from "../../../host/osf1/unix/files/control.ts";
import { chmod, chown } from "../../../host/osf1/unix/files/change.ts";
import { fstat } from "../../../host/osf1/unix/files/status.ts";
import {
  getpgid,
  getsid,
  setpgid,
  setresuid,
  setsid,
  setuid,
} from "../../../host/osf1/unix/process/identity.ts";
import { prlimit } from "../../../host/osf1/unix/process/limits.ts";
import { getrusage } from "../../../host/osf1/unix/process/usage.ts";
import { seeded } from "../../support/seed.ts";
import { runAsInit as run } from "../support/run.ts";
import { type Body, programFile, setBody } from "../support/running.ts";

import { wait4 } from "../../../host/osf1/unix/process/wait.ts";
import { fork } from "../../../host/osf1/unix/process/fork.ts";
import type { Unix } from "../../../host/osf1/unix/unix.ts";
import type { Call } from "../../../host/osf1/unix/call.ts";
import { UnixError } from "../../../host/osf1/errno.ts";
import { open as openFile } from "../../../host/osf1/unix/files/open.ts";
import { execve } from "../../../host/osf1/unix/process/execve.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 60);

describe("wait", () => {
  test("tells a child's code, its user and times, once", () => {
    run(function* (p) {
      const pid = yield* p.fork(function* (child) {
        expect(child.process.ppid).toBe(1);
        yield* child.compute(30_000_000);
        return 300;
      });
      const waited = yield* p.wait();
      expect(waited).toMatchObject({ pid, uid: 0, status: { kind: "exited", code: 44 } });
      expect(waited!.usage.user).toBe(30_000_000);
      expect((yield* p.do((unix, call) => getrusage(unix, call, "children"))).user).toBe(
        30_000_000,
      );
      expect(yield* p.try((unix, call) => waitFor(unix, call, -1))).toBe("ECHILD");
    });
  });

  test("by number, by group, without waiting, without taking", () => {
    run(function* (p) {
      const sleeper = yield* p.fork(function* (child) {
        yield* child.pass(20);
        return 1;
      });
      const other = yield* p.fork(function* (child) {
        yield* child.pass();
        return 2;
      });
      yield* p.do((unix, call) => setpgid(unix, call, other, other));
      expect(yield* p.wait(sleeper, { noHang: true })).toBeUndefined();
      expect((yield* p.wait(-other))!.pid).toBe(other);
      expect((yield* p.wait(0, { keep: true }))!.pid).toBe(sleeper);
      expect((yield* p.wait(0))!.pid).toBe(sleeper);
      expect(yield* p.try((unix, call) => waitFor(unix, call, sleeper))).toBe("ECHILD");
    });
  });

  test("children nobody wants to know of are not there", () => {
    run(function* (p) {
      yield* p.handle("SIGCHLD", "ignore");
      yield* p.fork(function* () {});
      expect(yield* p.try((unix, call) => waitFor(unix, call, -1))).toBe("ECHILD");
    });
  });

  test("orphans are process 1's", () => {
    run(function* (p) {
      let grandchild = 0;
      const child = yield* p.fork(function* (inner) {
        grandchild = yield* inner.fork(function* (leaf) {
          yield* leaf.pass(30);
          expect(leaf.process.ppid).toBe(1);
          return 7;
        });
      });
      expect((yield* p.wait())!.pid).toBe(child);
      expect(yield* p.wait()).toMatchObject({ pid: grandchild, status: { code: 7 } });
    });
  });
});

const waitFor = (...[unix, call, which]: Parameters<typeof wait4>) => wait4(unix, call, which);

describe("limits of processes", () => {
  test("a full table and a user's own limit are EAGAIN, and leave nothing", () => {
    run(
      function* (p) {
        let made = 0;
        for (;;) {
          const pid = yield* p.try((unix, call) => forkOne(unix, call));
          if (typeof pid === "string") {
            expect(pid).toBe("EAGAIN");
            break;
          }
          made++;
        }
        expect(made).toBe(5);
        for (let i = 0; i < made; i++) yield* p.wait();
        yield* p.fork(function* (user) {
          yield* user.do((unix, call) =>
            prlimit(unix, call, 0, "RLIMIT_NPROC", { soft: 1, hard: 1 }),
          );
          yield* user.do((unix, call) => setuid(unix, call, 5));
          expect(yield* user.try((unix, call) => forkOne(unix, call))).toBe("EAGAIN");
        });
        yield* p.wait();
      },
      { processes: 6 },
    );
  });
});

function* forkOne(unix: Unix, call: Call) {
  return yield* fork(unix, call, {
    prepare: (child) =>
      setBody(child, function* (each) {
        yield* each.pass(50);
      }),
  });
}

describe("execve", () => {
  const file = (path: string, bytes: Uint8Array, permissions = 0o755) =>
    ({ path, content: { kind: "file", bytes }, permissions }) as const;
  const text = (content: string) => new TextEncoder().encode(content);

  test("closes what is to close, keeps the rest, resets handlers", () => {
    const seen: unknown[] = [];
    const program = programFile("inner", function* (p) {
      seen.push(p.arguments, p.process.command);
      seen.push(yield* p.try((unix, call) => fstat(unix, call, 0)));
      seen.push(typeof (yield* p.try((unix, call) => fstat(unix, call, 1))));
      seen.push(p.process.signals.actions.get(SIGNAL.SIGUSR1)?.handler);
      seen.push(p.process.signals.actions.get(SIGNAL.SIGUSR2)?.handler);
      return 9;
    });
    run(
      function* (p) {
        yield* p.fork(function* (child) {
          yield* child.open("/tmp", OPEN.O_RDONLY);
          yield* child.open("/tmp", OPEN.O_RDONLY);
          yield* child.do((unix, call) => setCloseOnExec(unix, call, 0, true));
          yield* child.handle("SIGUSR1", () => {});
          yield* child.handle("SIGUSR2", "ignore");
          yield* child.exec("/inner", ["inner", "a b"]);
        });
        expect((yield* p.wait())!.status).toEqual({ kind: "exited", code: 9 });
      },
      { tree: [file("inner", program)] },
    );
    expect(seen).toEqual([["inner", "a b"], "inner", "EBADF", "object", undefined, "ignore"]);
  });

  test("scripts name their interpreter; set-uid counts; errors leave the caller as it was", () => {
    const seen: unknown[] = [];
    // oxlint-disable-next-line require-yield
    const show = programFile("show", function* (p) {
      seen.push([...p.arguments, p.process.credentials.uid, p.process.credentials.realUid]);
    });
    run(
      function* (p) {
        yield* p.do((unix, call) => chown(unix, call, { path: "/set-uid" }, 8, 8));
        yield* p.do((unix, call) => chmod(unix, call, { path: "/set-uid" }, 0o4755));
        for (const [path, uid] of [
          ["/script", 0],
          ["/set-uid", 5],
        ] as const) {
          yield* p.fork(function* (child) {
            yield* child.do((unix, call) => setuid(unix, call, uid));
            yield* child.exec(path, ["x", "y"]);
          });
          yield* p.wait();
        }
        for (const path of ["/plain", "/junk", "/none", "/tmp", "/loop", "/empty"]) {
          try {
            yield* p.exec(path, []);
          } catch (error) {
            if (!(error instanceof UnixError)) throw error;
            seen.push(`${path} ${error.errno}`);
          }
        }
      },
      {
        tree: [
          file("show", show),
          file("set-uid", show),
          file("script", text("#! /show  -x  y z \nrest")),
          file("plain", text("no right"), 0o644),
          file("junk", text("junk")),
          file("loop", text("#!/loop\n")),
          file("empty", text("")),
        ],
      },
    );
    expect(seen).toEqual([
      ["/show", "-x  y z", "/script", "y", 0, 0],
      ["x", "y", 8, 5],
      "/plain EACCES",
      "/junk ENOEXEC",
      "/none ENOENT",
      "/tmp EACCES",
      "/loop ELOOP",
      "/empty ENOEXEC",
    ]);
  });

  test("a program that runs cannot be written, one that is written cannot run", () => {
    const busy = programFile("busy", function* (p) {
      expect(yield* p.try((unix, call) => openFile(unix, call, "/busy", OPEN.O_WRONLY, 0))).toBe(
        "ETXTBSY",
      );
    });
    run(
      function* (p) {
        const number = yield* p.open("/busy", OPEN.O_WRONLY);
        expect(yield* p.try((unix, call) => execve(unix, call, "/busy", [], []))).toBe("ETXTBSY");
        yield* p.close(number);
        yield* p.fork((child) => child.exec("/busy", []));
        expect((yield* p.wait())!.status).toEqual({ kind: "exited", code: 0 });
      },
      { tree: [file("busy", busy)] },
    );
  });
});

test("fork, execve, exit, wait, again and again: as much is there afterwards as before", () => {
  const LOOPS = Number(process.env["INKWELL_RUNS"] ?? 200);
  const program = programFile("again", function* (p) {
    yield* p.open("/tmp", OPEN.O_RDONLY);
    return 1;
  });
  const tree = [
    { path: "again", content: { kind: "file", bytes: program }, permissions: 0o755 },
  ] as const;
  run(
    function* (p) {
      const sizes: number[][] = [];
      for (let i = 0; i < LOOPS; i++) {
        const pid = yield* p.fork((child) => child.exec("/again", ["again"]));
        expect((yield* p.wait())!.pid).toBe(pid);
        const { processes, groups, vnodes, openFiles, timers, fs } = p.unix;
        sizes.push([
          processes.size,
          groups.size,
          vnodes.size,
          openFiles,
          timers.count,
          fs.inodes.size,
          p.bed.memories.size,
        ]);
      }
      expect(sizes.at(-1)).toEqual(sizes[0]);
    },
    { tree },
  );
});

describe("vfork", () => {
  test("the parent waits for exec or the end", () => {
    const order: string[] = [];
    run(function* (p) {
      yield* p.fork(
        function* (child) {
          yield* child.pass(10);
          order.push("child");
        },
        { vfork: true },
      );
      order.push("parent");
      yield* p.wait();
    });
    expect(order).toEqual(["child", "parent"]);
  });
});

describe("groups, sessions, users", () => {
  test("setpgid and setsid keep to their rules", () => {
    run(function* (p) {
      yield* p.fork(function* (child) {
        const { pid } = child.process;
        expect(yield* child.do((unix, call) => setsid(unix, call))).toBe(pid);
        expect(yield* child.try((unix, call) => setsid(unix, call))).toBe("EPERM");
        expect(yield* child.try((unix, call) => setpgid(unix, call, 0, 0))).toBe("EPERM");
        const grandchild = yield* child.fork(function* (inner) {
          yield* inner.pass(20);
        });
        yield* child.do((unix, call) => setpgid(unix, call, grandchild, grandchild));
        expect(yield* child.do((unix, call) => getpgid(unix, call, grandchild))).toBe(grandchild);
        expect(yield* child.do((unix, call) => getsid(unix, call, grandchild))).toBe(pid);
        expect(yield* child.try((unix, call) => setpgid(unix, call, grandchild, 1))).toBe("EPERM");
        expect(yield* child.try((unix, call) => setpgid(unix, call, 1, 0))).toBe("ESRCH");
        yield* child.wait();
      });
      yield* p.wait();
    });
  });

  test("who gives up being the superuser cannot come back, but to a saved id", () => {
    run(function* (p) {
      yield* p.fork(function* (child) {
        yield* child.do((unix, call) => setresuid(unix, call, 5, 6, 7));
        expect(yield* child.try((unix, call) => setuid(unix, call, 0))).toBe("EPERM");
        yield* child.do((unix, call) => setuid(unix, call, 7));
        expect(child.process.credentials).toMatchObject({ realUid: 5, uid: 7, savedUid: 7 });
        expect(yield* child.try((unix, call) => setresuid(unix, call, 6, -1, -1))).toBe("EPERM");
      });
      yield* p.wait();
    });
  });
});

type Tree = {
  readonly children: readonly Tree[];
  readonly waits: boolean;
  readonly passes: number;
};
const tree = fc.memo((depth): fc.Arbitrary<Tree> => {
  const below = depth > 1 ? fc.array(tree(depth - 1), { maxLength: 3 }) : fc.constant([]);
  return fc.record({ children: below, waits: fc.boolean(), passes: fc.nat(5) });
});

const size = ({ children }: Tree): number =>
  1 + children.reduce((sum, child) => sum + size(child), 0);

test("random trees of processes: each is waited for once, nothing is left", () => {
  fc.assert(
    fc.property(tree(4), fc.integer(), (whole, seed) => {
      let ended = 0;
      const grow = (node: Tree): Body =>
        function* (p) {
          for (const child of node.children) yield* p.fork(grow(child));
          yield* p.pass(node.passes);
          if (node.waits)
            for (const _ of node.children) if ((yield* p.wait()) !== undefined) ended++;
        };
      run(
        function* (p) {
          yield* p.fork(grow(whole));
          for (;;) {
            const told = yield* p.try((unix, call) => waitFor(unix, call, -1));
            if (told === "ECHILD") break;
            ended++;
          }
        },
        { seed },
      );
      expect(ended).toBe(size(whole));
    }),
    { numRuns: RUNS, ...seeded() },
  );
});
