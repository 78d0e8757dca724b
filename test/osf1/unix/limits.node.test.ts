// What runs out: descriptors, open files, the disk, a file's size; and the files that are no files.
import { describe, expect, test } from "vitest";
import { OPEN } from "../../../host/osf1/unix/constants.ts";
import { dup, dup2, dup3 } from "../../../host/osf1/unix/files/descriptors.ts";
import { chdir, readDirectory } from "../../../host/osf1/unix/files/directory.ts";
import { getcwd } from "../../../host/osf1/unix/files/getcwd.ts";
import { mkdir, readlink, rename, rmdir, unlink } from "../../../host/osf1/unix/files/names.ts";
import { open } from "../../../host/osf1/unix/files/open.ts";
import { pipe } from "../../../host/osf1/unix/files/pipe.ts";
import { fstat, stat, statfs } from "../../../host/osf1/unix/files/status.ts";
import { write } from "../../../host/osf1/unix/files/transfer.ts";
import { setuid } from "../../../host/osf1/unix/process/identity.ts";
import { prlimit } from "../../../host/osf1/unix/process/limits.ts";
import { runAsChild } from "../support/run.ts";
import type { Running } from "../support/running.ts";

const tryOpen = (p: Running, path: string, flags: number) =>
  p.try((unix, call) => open(unix, call, path, flags, 0o666));

describe("descriptors", () => {
  test("EMFILE at the process's limit, with nothing made on the way; the lowest free one else", () => {
    runAsChild(function* (p) {
      yield* p.do((unix, call) => prlimit(unix, call, 0, "RLIMIT_NOFILE", { soft: 4, hard: 10 }));
      for (let i = 0; i < 3; i++) expect(yield* p.open("/tmp", OPEN.O_RDONLY)).toBe(i);
      expect(yield* p.try((unix, call) => pipe(unix, call))).toBe("EMFILE");
      expect(yield* p.do((unix, call) => dup(unix, call, 1))).toBe(3);
      expect(yield* tryOpen(p, "/tmp/new", OPEN.O_WRONLY | OPEN.O_CREAT)).toBe("EMFILE");
      expect(yield* p.try((unix, call) => stat(unix, call, "/tmp/new"))).toBe("ENOENT");
      expect(yield* p.try((unix, call) => dup2(unix, call, 0, 4))).toBe("EBADF");
      expect(yield* p.try((unix, call) => dup(unix, call, 0, { from: 4 }))).toBe("EINVAL");
      expect(yield* p.try((unix, call) => dup3(unix, call, 0, 0, true))).toBe("EINVAL");
      yield* p.close(1);
      expect(yield* p.do((unix, call) => dup2(unix, call, 0, 3))).toBe(3);
      expect(yield* p.open("/tmp", OPEN.O_RDONLY)).toBe(1);
    });
  });

  test("ENFILE when the system has no more", () => {
    runAsChild(
      function* (p) {
        for (let i = 0; i < 5; i++) yield* p.open("/dev/null", OPEN.O_RDONLY);
        expect(yield* p.try((unix, call) => pipe(unix, call))).toBe("ENFILE");
        expect(yield* p.open("/dev/null", OPEN.O_RDONLY)).toBe(5);
        expect(yield* tryOpen(p, "/tmp/x", OPEN.O_RDWR | OPEN.O_CREAT)).toBe("ENFILE");
      },
      { openFiles: 6 },
    );
  });
});

describe("space", () => {
  test("a full disk takes part, then ENOSPC; what is deleted comes back, the reserve is the superuser's", () => {
    runAsChild(function* (p) {
      const before = yield* p.do((unix, call) => statfs(unix, call, "/"));
      const pid = yield* p.fork(function* (user) {
        yield* user.do((unix, call) => setuid(unix, call, 5));
        const number = yield* user.open("/tmp/big", OPEN.O_WRONLY | OPEN.O_CREAT);
        const at = user.room(40_000);
        let written = 0;
        for (;;) {
          const count = yield* user.try((unix, call) => write(unix, call, number, at, 40_000));
          if (typeof count === "string") {
            expect(count).toBe("ENOSPC");
            break;
          }
          written += count;
        }
        expect((yield* user.do((unix, call) => fstat(unix, call, number))).size).toBe(written);
        expect((yield* user.do((unix, call) => statfs(unix, call, "/"))).available).toBeLessThan(8);
      });
      expect((yield* p.wait(pid))!.status).toEqual({ kind: "exited", code: 0 });
      const number = yield* p.open("/tmp/more", OPEN.O_WRONLY | OPEN.O_CREAT);
      expect(yield* p.write(number, "x".repeat(9000))).toBe(9000);
      for (const path of ["/tmp/big", "/tmp/more"])
        yield* p.do((unix, call) => unlink(unix, call, path));
      yield* p.close(number);
      expect((yield* p.do((unix, call) => statfs(unix, call, "/"))).free).toBe(before.free);
    });
  });

  test("RLIMIT_FSIZE cuts a write off, then SIGXFSZ and EFBIG", () => {
    runAsChild(function* (p) {
      let signals = 0;
      yield* p.handle("SIGXFSZ", () => void signals++);
      yield* p.do((unix, call) => prlimit(unix, call, 0, "RLIMIT_FSIZE", { soft: 10, hard: 10 }));
      const number = yield* p.open("/tmp/file", OPEN.O_WRONLY | OPEN.O_CREAT);
      expect(yield* p.write(number, "123456789012345")).toBe(10);
      const at = p.room(1);
      expect(yield* p.try((unix, call) => write(unix, call, number, at, 1))).toBe("EFBIG");
      expect(signals).toBe(1);
    });
  });
});

describe("devices", () => {
  test("null, zero, full, random", () => {
    runAsChild(function* (p) {
      const files: Record<string, number> = {};
      for (const name of ["null", "zero", "full", "random"])
        files[name] = yield* p.open(`/dev/${name}`, OPEN.O_RDWR);
      expect(yield* p.read(files["null"]!, 10)).toBe("");
      expect(yield* p.write(files["null"]!, "gone")).toBe(4);
      expect(yield* p.read(files["zero"]!, 5000)).toBe("\0".repeat(5000));
      const at = p.room(1);
      const full = files["full"]!;
      expect(yield* p.try((unix, call) => write(unix, call, full, at, 1))).toBe("ENOSPC");
      const [a, b] = [yield* p.read(files["random"]!, 64), yield* p.read(files["random"]!, 64)];
      expect(a).not.toBe(b);
      expect(new Set(a).size).toBeGreaterThan(20);
      expect(yield* tryOpen(p, "/dev/tty", OPEN.O_RDWR)).toBe("ENXIO");
    });
  });
});

describe("/proc", () => {
  test("tells of the caller, and stays what it is", () => {
    runAsChild(function* (p) {
      const { pid } = p.process;
      const link = (path: string) => p.try((unix, call) => readlink(unix, call, path));
      expect(yield* link("/proc/self")).toBe(String(pid));
      yield* p.do((unix, call) => chdir(unix, call, "/tmp"));
      expect(yield* link("/proc/self/cwd")).toBe("/tmp");
      const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
      yield* p.write(number, "content");
      expect(yield* link(`/proc/self/fd/${number}`)).toBe("/tmp/file");
      const [reader] = yield* p.do((unix, call) => pipe(unix, call));
      expect(yield* link(`/proc/self/fd/${reader}`)).toMatch(/^pipe:\[\d+\]$/);
      // Through a descriptor to the file, and to what has no name.
      const again = yield* p.open(`/proc/self/fd/${number}`, OPEN.O_RDONLY);
      expect(yield* p.read(again, 20)).toBe("content");
      yield* p.open("/dev/stdin", OPEN.O_RDONLY);
      const text = yield* p.open("/proc/self/stat", OPEN.O_RDONLY);
      expect(yield* p.read(text, 400)).toMatch(new RegExp(`^${pid} \\(.*\\) R 1 `));
      expect(yield* p.read(text, 400)).toBe("");
      const found: string[] = [];
      const all = yield* p.open("/proc", OPEN.O_RDONLY);
      yield* p.do((unix, call) =>
        readDirectory(unix, call, all, ({ name }) => found.push(name) > 0),
      );
      expect(found).toEqual([".", "..", "self", "mounts", "uptime", "1", String(pid)]);
      const content = function* (path: string) {
        return yield* p.read(yield* p.open(path, OPEN.O_RDONLY), 400);
      };
      p.process.command = "program";
      expect(yield* content("/proc/self/comm")).toBe("program\n");
      const status = yield* content("/proc/self/status");
      expect(status).toContain(`Name:\tprogram\nUmask:\t0022\nState:\tR (running)\n`);
      expect(status).toContain(`\nPid:\t${pid}\nPPid:\t1\nUid:\t0\t0\t0\t0\n`);
      expect(yield* content("/proc/mounts")).toMatch(
        /^\S+ \/ ufs rw 0 0\nproc \/proc proc rw 0 0\n$/,
      );
      expect(yield* content("/proc/uptime")).toMatch(/^0\.\d\d 0\.00\n$/);
      const refused = [
        yield* p.try((unix, call) => mkdir(unix, call, "/proc/new", 0o777)),
        yield* p.try((unix, call) => unlink(unix, call, "/proc/self/stat")),
        yield* p.try((unix, call) => rmdir(unix, call, "/proc")),
        yield* p.try((unix, call) => rename(unix, call, "/proc", "/old")),
      ];
      expect(refused).toEqual(["EROFS", "EROFS", "EBUSY", "EBUSY"]);
      yield* p.do((unix, call) => chdir(unix, call, "/proc/self/fd"));
      expect(yield* p.do((unix, call) => getcwd(unix, call))).toBe(`/proc/${pid}/fd`);
    });
  });

  test("getcwd finds every way back, and ENOENT when there is none", () => {
    runAsChild(function* (p) {
      expect(yield* p.do((unix, call) => getcwd(unix, call))).toBe("/");
      for (const path of ["/tmp/a", "/tmp/a/b", "/tmp/a/b/c"])
        yield* p.do((unix, call) => mkdir(unix, call, path, 0o777));
      yield* p.do((unix, call) => chdir(unix, call, "/tmp/a/../a/b/c/."));
      expect(yield* p.do((unix, call) => getcwd(unix, call))).toBe("/tmp/a/b/c");
      yield* p.do((unix, call) => rename(unix, call, "/tmp/a", "/tmp/z"));
      expect(yield* p.do((unix, call) => getcwd(unix, call))).toBe("/tmp/z/b/c");
      yield* p.do((unix, call) => rmdir(unix, call, "/tmp/z/b/c"));
      expect(yield* p.try((unix, call) => getcwd(unix, call))).toBe("ENOENT");
    });
  });
});
