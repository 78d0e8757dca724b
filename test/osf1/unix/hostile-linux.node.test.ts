// Linux's calls by their numbers, with words that nobody means well with, by several processes: each answers or
// fails with an errno, none breaks the server, and when the processes are killed nothing is left.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CALL, type CallName } from "../../../host/abi/linux/calls.ts";
import { ERRNO_NAMES } from "../../../host/osf1/errno.ts";
import { linuxCall } from "../../../host/osf1/linux/call.ts";
import { OPEN, PAGE_SIZE } from "../../../host/osf1/unix/constants.ts";
import { pipe } from "../../../host/osf1/unix/files/pipe.ts";
import { setuid } from "../../../host/osf1/unix/process/identity.ts";
import { seeded } from "../../support/seed.ts";
import { chooser } from "../support/bed.ts";
import type { Running } from "../support/running.ts";
import { survives } from "./survives.ts";

const RUNS = Number(process.env["INKWELL_FUZZ"] ?? 30);
const CALLS = 80;

/** What ends, copies or replaces the program, which the bed does in its own way. */
const OTHERS: readonly string[] = ["exit", "exit_group", "fork", "vfork", "clone", "execve"];
const NAMES = (Object.keys(CALL) as CallName[]).filter((name) => !OTHERS.includes(name));

const PATHS = [
  "",
  "/",
  ".",
  "/tmp/a",
  "/tmp/b",
  "/tmp/d",
  "/tmp/a/b",
  "/dev/null",
  "/proc/self/fd/0",
];
const EDGE = 0x1000_0000 + 64 * PAGE_SIZE;
const WORDS = [
  ...[0, 1, 2, 3, 4, 5, 6, 8, 16, 63, 64, 255, 4096, 0x10000, 0x541, 0x40a02, 0x1000_0000],
  ...[EDGE - 4, EDGE, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffff9c, 0xfffffffe, 0xffffffff],
];

/** Memory with something of everything: paths, small numbers, addresses. */
function fill(p: Running, choose: (count: number) => number): number[] {
  const text = (path: string): number => p.place(new TextEncoder().encode(`${path}\0`));
  const structures = Array.from({ length: 6 }, () => {
    const bytes = new Uint8Array(128);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += 4)
      view.setUint32(at, choose(3) === 0 ? WORDS[choose(WORDS.length)]! : choose(5));
    return p.place(bytes);
  });
  return [...PATHS.map(text), ...structures, p.room(PAGE_SIZE)];
}

/** A process that makes calls as they come, until it is killed or has made them all. */
function attack(choose: (count: number) => number, log: string[]) {
  return function* (p: Running) {
    yield* p.open("/tmp/a", OPEN.O_RDWR | OPEN.O_CREAT);
    yield* p.open("/tmp", OPEN.O_RDONLY);
    yield* p.do((unix, call) => pipe(unix, call, { nonblocking: true }));
    for (const signal of ["SIGPIPE", "SIGXFSZ", "SIGALRM"] as const)
      yield* p.handle(signal, "ignore");
    if (choose(2) === 0) yield* p.do((unix, call) => setuid(unix, call, 5));
    // A handler that one of the calls sets, wherever it is, does nothing.
    p.handlers.get = () => () => {};
    const places = fill(p, choose);
    for (let i = 0; i < CALLS; i++) {
      const name = NAMES[choose(NAMES.length)]!;
      const kinds = [
        () => choose(8),
        () => places[choose(places.length)]!,
        () => WORDS[choose(WORDS.length)]!,
      ];
      const words = Array.from({ length: 6 }, () => kinds[choose(kinds.length)]!());
      log.push(`${p.process.pid}: ${name} ${words.map((word) => word.toString(16)).join(" ")}`);
      const answer = yield* p.try((unix, call) => linuxCall(unix, call, CALL[name], words));
      if (typeof answer === "string") expect(ERRNO_NAMES).toContain(answer);
      else expect(answer === undefined || Number.isInteger(answer), name).toBe(true);
    }
  };
}

function run(seed: number): void {
  const log: string[] = [];
  const choose = chooser(seed);
  survives(seed, log, function* (p) {
    const children: number[] = [];
    for (let i = 0; i < 3; i++) children.push(yield* p.fork(attack(choose, log)));
    yield* p.pass(3000);
    // Who waits for what nobody does is ended.
    for (const child of children) yield* p.try((_unix, _call) => p.kill(child, "SIGKILL"));
    while (typeof (yield* p.try(() => p.wait())) !== "string");
  });
}

test("Linux's calls with any words break nothing and leave nothing", () => {
  fc.assert(fc.property(fc.integer(), run), { numRuns: RUNS, ...seeded() });
});
