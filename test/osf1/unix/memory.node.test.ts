// A process's memory: random calls against a model of pages; files mapped; brk; what lists of regions say is
// what the memory is.
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Blocking } from "../../../host/osf1/ufs/device.ts";
import { OPEN, PAGE_SIZE } from "../../../host/osf1/unix/constants.ts";
import { pread, pwrite, read, write } from "../../../host/osf1/unix/files/transfer.ts";
import { brk } from "../../../host/osf1/unix/memory/break.ts";
import {
  madvise,
  mmap,
  mprotect,
  mremap,
  msync,
  munmap,
} from "../../../host/osf1/unix/memory/mapping.ts";
import { prlimit } from "../../../host/osf1/unix/process/limits.ts";
import { seeded } from "../../support/seed.ts";
import { runAsChild } from "../support/run.ts";
import { programFile, type Running } from "../support/running.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 50);
/** The pages that the model knows. */
const BASE = 0x6000_0000;
const PAGES = 12;

const page = fc.nat(PAGES - 1);
const count = fc.integer({ min: 1, max: 5 });
const protection = fc.constantFrom(0, 1, 3, 5);
const step = fc.oneof(
  fc.record({
    kind: fc.constant("map" as const),
    page,
    count,
    protection,
    shared: fc.boolean(),
    ofFile: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("unmap" as const), page, count }),
  fc.record({ kind: fc.constant("protect" as const), page, count, protection }),
  fc.record({ kind: fc.constant("fill" as const), page, byte: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("move" as const), page, count, newCount: count, to: page }),
  fc.record({ kind: fc.constant("discard" as const), page, count }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A page: what its bytes are and may be used for. */
interface Page {
  byte: number;
  protection: number;
  readonly shared: boolean;
  /** Page of the file, whose bytes are its number plus one. */
  readonly ofFile: number | undefined;
}

class Model {
  pages: (Page | undefined)[] = Array.from({ length: PAGES + 10 }, () => undefined);

  range(from: number, length: number): number[] {
    return Array.from({ length }, (_, i) => from + i);
  }
  covers(from: number, length: number): boolean {
    return this.range(from, length).every((at) => this.pages[at] !== undefined);
  }
}

/** The file's pages are 1, 2, 3 …, a byte's value each; beyond them is nothing. */
const FILE_PAGES = 8;
const fileByte = (at: number) => (at < FILE_PAGES ? at + 1 : 0);

function* apply(p: Running, model: Model, next: Step, number: number): Blocking<void> {
  const address = BASE + next.page * PAGE_SIZE;
  const { pages } = model;
  switch (next.kind) {
    case "map": {
      const { protection: rights, shared, ofFile } = next;
      const file = ofFile ? { file: { number, offset: next.page * PAGE_SIZE } } : {};
      yield* p.do((unix, call) =>
        mmap(unix, call, {
          address,
          length: next.count * PAGE_SIZE - 7,
          protection: rights,
          shared,
          fixed: true,
          ...file,
        }),
      );
      for (const at of model.range(next.page, next.count))
        pages[at] = {
          byte: ofFile ? fileByte(at) : 0,
          protection: rights,
          shared,
          ofFile: ofFile ? at : undefined,
        };
      return;
    }
    case "unmap":
      yield* p.do((unix, call) => munmap(unix, call, address, next.count * PAGE_SIZE));
      for (const at of model.range(next.page, next.count)) pages[at] = undefined;
      return;
    case "protect": {
      const answer = yield* p.try((unix, call) =>
        mprotect(unix, call, address, next.count * PAGE_SIZE, next.protection),
      );
      const covered = model.covers(next.page, next.count);
      const range = covered ? model.range(next.page, next.count) : [];
      // The file was opened for reading only.
      const denied =
        (next.protection & 2) !== 0 &&
        range.some((at) => pages[at]!.shared && pages[at]!.ofFile !== undefined);
      expect(answer).toBe(denied ? "EACCES" : covered ? undefined : "ENOMEM");
      if (!denied) for (const at of range) pages[at]!.protection = next.protection;
      return;
    }
    case "fill": {
      const bytes = new Uint8Array(PAGE_SIZE).fill(next.byte);
      const found = pages[next.page];
      const answer = yield* p.try((_, call) => call.copyout(bytes, address));
      const writable = found !== undefined && (found.protection & 2) !== 0;
      expect(answer).toBe(writable ? undefined : "EFAULT");
      if (writable) found.byte = next.byte;
      return;
    }
    case "discard": {
      const answer = yield* p.try((unix, call) =>
        madvise(unix, call, address, next.count * PAGE_SIZE, "discard"),
      );
      const covered = model.covers(next.page, next.count);
      expect(answer).toBe(covered ? undefined : "ENOMEM");
      if (covered)
        for (const at of model.range(next.page, next.count)) {
          const found = pages[at]!;
          if (!found.shared) found.byte = found.ofFile === undefined ? 0 : fileByte(found.ofFile);
        }
      return;
    }
    case "move":
      return yield* move(p, model, next);
  }
}

/** mremap to a given place: of one region, which is what lies side by side and is alike. */
function* move(p: Running, model: Model, next: Extract<Step, { kind: "move" }>): Blocking<void> {
  const { pages } = model;
  const from = BASE + next.page * PAGE_SIZE;
  const to = BASE + next.to * PAGE_SIZE;
  const region = p.process.memory.at(from);
  const inOne = region !== undefined && from + next.count * PAGE_SIZE <= region.end;
  const overlaps = next.to < next.page + next.count && next.page < next.to + next.newCount;
  const options = { mayMove: true, to };
  const answer = yield* p.try((unix, call) =>
    mremap(unix, call, from, next.count * PAGE_SIZE, next.newCount * PAGE_SIZE, options),
  );
  expect(answer).toBe(!inOne ? "EFAULT" : overlaps ? "EINVAL" : to);
  if (!inOne || overlaps) return;
  const moved = model.range(next.page, next.count).map((at) => pages[at]!);
  const [first] = moved;
  for (const at of model.range(next.page, next.count)) pages[at] = undefined;
  for (const i of model.range(0, next.newCount)) {
    const ofFile = first!.ofFile === undefined ? undefined : first!.ofFile + i;
    pages[next.to + i] = moved[i] ?? {
      ...first!,
      ofFile,
      byte: ofFile === undefined ? 0 : fileByte(ofFile),
    };
  }
}

/** What the model says is what is there, byte by byte, and what the regions say. */
function* compare(p: Running, model: Model): Blocking<void> {
  for (const [at, found] of model.pages.entries()) {
    const address = BASE + at * PAGE_SIZE;
    const region = p.process.memory.at(address);
    expect(region !== undefined, `page ${at}`).toBe(found !== undefined);
    if (region !== undefined && found !== undefined) {
      expect(region.protection).toBe(found.protection);
      expect(region.file && (region.file.offset + address - region.start) / PAGE_SIZE).toBe(
        found.ofFile,
      );
    }
    const byte = new Uint8Array(1);
    const answer = yield* p.try((_, call) => call.copyin(address + PAGE_SIZE - 1, byte));
    const readable = found !== undefined && (found.protection & 1) !== 0;
    expect(answer).toBe(readable ? undefined : "EFAULT");
    if (readable) expect(byte[0], `page ${at}`).toBe(found.byte);
  }
}

test("random calls on pages are a model's", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      runAsChild(function* (p) {
        const writer = yield* p.open("/tmp/file", OPEN.O_WRONLY | OPEN.O_CREAT);
        for (let at = 0; at < FILE_PAGES; at++)
          yield* p.write(writer, String.fromCharCode(at + 1).repeat(PAGE_SIZE));
        yield* p.close(writer);
        const number = yield* p.open("/tmp/file", OPEN.O_RDONLY);
        const model = new Model();
        for (const next of steps) {
          if (next.kind === "map" && next.ofFile && next.shared && next.protection === 3) continue;
          yield* apply(p, model, next, number);
        }
        yield* compare(p, model);
      });
    }),
    { numRuns: RUNS, ...seeded() },
  );
});

const map = (
  p: Running,
  number: number,
  length: number,
  more: { shared?: boolean; protection?: number } = {},
) =>
  p.do((unix, call) =>
    mmap(unix, call, {
      address: 0,
      length,
      protection: more.protection ?? 3,
      shared: more.shared ?? false,
      fixed: false,
      file: { number, offset: 0 },
    }),
  );

// oxlint-disable-next-line require-yield
const nextProgram = programFile("next", function* () {});

describe("files in memory", () => {
  test("a shared mapping writes the file, a private one does not; the file outlives its name", () => {
    runAsChild(function* (p) {
      const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
      yield* p.write(number, "0123456789");
      const shared = yield* map(p, number, 10, { shared: true });
      const own = yield* map(p, number, 10);
      yield* p.do((_, call) => call.copyout(Uint8Array.from([65]), shared));
      yield* p.do((_, call) => call.copyout(Uint8Array.from([66]), own + 1));
      yield* p.do((_, call) => msync(call, shared, PAGE_SIZE, true));
      const at = p.room(20);
      yield* p.do((unix, call) => pread(unix, call, number, at, 20, 0));
      expect(String.fromCharCode(...p.peek(at, 10))).toBe("A123456789");
      expect(p.process.memory.at(shared)!.file!.vnode.references).toBeGreaterThan(2);
    });
  });

  test("what a child has stored is in the file when it has ended, or begun a program", () => {
    runAsChild(
      function* (p) {
        const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
        yield* p.write(number, "0123456789");
        const at = p.room(20);
        for (const ends of [true, false]) {
          yield* p.fork(function* (child) {
            const own = yield* map(child, number, 10, { shared: true });
            yield* child.do((_, call) => call.copyout(Uint8Array.from([65]), own + Number(ends)));
            if (!ends) yield* child.exec("/next", []);
          });
          yield* p.wait();
        }
        yield* p.do((unix, call) => pread(unix, call, number, at, 20, 0));
        expect(String.fromCharCode(...p.peek(at, 10))).toBe("AA23456789");
      },
      {
        tree: [{ path: "next", content: { kind: "file", bytes: nextProgram }, permissions: 0o755 }],
      },
    );
  });

  test("read and write see a shared mapping without msync", () => {
    runAsChild(function* (p) {
      const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
      yield* p.write(number, "0123456789");
      const shared = yield* map(p, number, 10, { shared: true });
      yield* p.do((_, call) => call.copyout(Uint8Array.from([65]), shared));
      const at = p.room(20);
      yield* p.do((unix, call) => pread(unix, call, number, at, 2, 0));
      expect(String.fromCharCode(...p.peek(at, 2))).toBe("A1");
    });
  });

  test("bytes go between a file and its own mapping without a deadlock", () => {
    runAsChild(function* (p) {
      const number = yield* p.open("/tmp/file", OPEN.O_RDWR | OPEN.O_CREAT);
      yield* p.write(number, "abcdef");
      const own = yield* map(p, number, 6);
      expect(yield* p.do((unix, call) => pwrite(unix, call, number, own, 6, 6))).toBe(6);
      expect(yield* p.do((unix, call) => pread(unix, call, number, own, 3, 9))).toBe(3);
      expect(String.fromCharCode(...p.peek(own, 6))).toBe("defdef");
      expect(yield* p.try((unix, call) => write(unix, call, number, 0x10, 6))).toBe("EFAULT");
      expect(yield* p.do((unix, call) => read(unix, call, number, own, 100))).toBe(6);
    });
  });

  test("what may not be mapped is refused", () => {
    runAsChild(function* (p) {
      const readOnly = yield* p.open("/tmp/file", OPEN.O_RDONLY | OPEN.O_CREAT);
      const writeOnly = yield* p.open("/tmp/file", OPEN.O_WRONLY);
      const folder = yield* p.open("/tmp", OPEN.O_RDONLY);
      const zero = yield* p.open("/dev/zero", OPEN.O_RDWR);
      const none = yield* p.open("/dev/null", OPEN.O_RDWR);
      const tryMap = (number: number, shared: boolean) =>
        p.try((unix, call) =>
          mmap(unix, call, {
            address: 0,
            length: 1,
            protection: 3,
            shared,
            fixed: false,
            file: { number, offset: 0 },
          }),
        );
      expect(yield* tryMap(readOnly, true)).toBe("EACCES");
      expect(yield* tryMap(writeOnly, false)).toBe("EACCES");
      expect(yield* tryMap(folder, false)).toBe("ENODEV");
      expect(yield* tryMap(none, false)).toBe("ENODEV");
      expect(yield* tryMap(77, false)).toBe("EBADF");
      const at = yield* tryMap(zero, false);
      expect(p.peek(at as number, 2)).toEqual(new Uint8Array(2));
    });
  });
});

describe("the break", () => {
  test("grows and shrinks by bytes, zero each time, within its limits", () => {
    runAsChild(function* (p) {
      p.process.memory.brkStart = p.process.memory.brk = 0x2000_0000;
      const set = (address: number) => p.do((unix, call) => brk(unix, call, address));
      expect(yield* set(0)).toBe(0x2000_0000);
      expect(yield* set(0x2000_1800)).toBe(0x2000_1800);
      yield* p.do((_, call) => call.copyout(Uint8Array.from([1]), 0x2000_17ff));
      expect(yield* set(0x2000_0800)).toBe(0x2000_0800);
      expect(yield* p.try((_, call) => call.copyin(0x2000_1000, new Uint8Array(1)))).toBe("EFAULT");
      expect(yield* set(0x2000_2000)).toBe(0x2000_2000);
      expect(p.peek(0x2000_17ff, 1)[0]).toBe(0);
      expect(p.process.memory.regions.filter(({ kind }) => kind === "heap")).toHaveLength(1);
      const limit = { soft: 0x4000, hard: 0x4000 };
      yield* p.do((unix, call) => prlimit(unix, call, 0, "RLIMIT_DATA", limit));
      expect(yield* set(0x2000_4001)).toBe(0x2000_2000);
      expect(yield* set(0x2000_4000)).toBe(0x2000_4000);
      // Something is in the way.
      const blocker = {
        address: 0x2000_5000,
        length: 1,
        protection: 1,
        shared: false,
        fixed: true,
      };
      yield* p.do((unix, call) => mmap(unix, call, blocker));
      yield* p.do((unix, call) => prlimit(unix, call, 0, "RLIMIT_AS", { soft: 0, hard: Infinity }));
      expect(yield* p.try((unix, call) => mmap(unix, call, { ...blocker, fixed: false }))).toBe(
        "ENOMEM",
      );
      expect(yield* p.try((unix, call) => mmap(unix, call, { ...blocker, keep: true }))).toBe(
        "EEXIST",
      );
    });
  });
});
