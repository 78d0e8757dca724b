// Several processes on one file system, each waiting for the disk at every access, in random turns: they
// all come to an end, the tree is whole, and what each did alone in its own directory is what it found.
import * as fc from "fast-check";
import { describe, expect as check, test } from "vitest";
import {
  type Blocking,
  type Done,
  type Environment,
  MemoryDisk,
  runToEnd,
} from "../../../host/osf1/ufs/device.ts";
import { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import { fsck } from "../../../host/osf1/ufs/fsck/fsck.ts";
import { newfs } from "../../../host/osf1/ufs/newfs.ts";
import { chooser, environmentOf, SMALL, SMALL_BYTES } from "./disk.ts";
import { Model } from "./model.ts";
import {
  contents,
  contentsOfModel,
  expect,
  type Operation,
  operations,
  perform,
} from "./workload.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 40);
const SEED = Number(process.env["INKWELL_SEED"] ?? 1993);

/** A disk at which everybody waits a turn; what nobody waits for ends in a turn of its own. */
class SlowDisk extends MemoryDisk {
  readonly #turns: Turns;
  constructor(bytes: Uint8Array, turns: Turns) {
    super(bytes);
    this.#turns = turns;
  }
  override *read(sector: number, bytes: Uint8Array): Blocking<void> {
    yield "disk";
    yield* super.read(sector, bytes);
  }
  override *write(sector: number, bytes: Uint8Array): Blocking<void> {
    const copy = bytes.slice();
    yield "disk";
    yield* super.write(sector, copy);
  }
  // oxlint-disable-next-line require-yield
  *beginRead(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
    this.#begin(this.read(sector, bytes), done);
  }
  // oxlint-disable-next-line require-yield
  *beginWrite(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
    const begun = bytes.slice();
    this.#begin(this.write(sector, bytes), () => {
      check(Buffer.from(bytes).equals(begun), "a buffer that was the disk's").toBe(true);
      done();
    });
  }
  #begin(transfer: Blocking<void>, done: () => void): void {
    const run = (function* () {
      yield* transfer;
      done();
    })();
    this.#turns.processes.push({ run });
  }
}

interface Process {
  readonly run: Blocking<void>;
  /** What it sleeps on. */
  channel?: object;
}

/** Processes, a random one of which goes on at each step. */
class Turns {
  readonly processes: Process[] = [];
  current: Process | undefined;

  environment(device: Environment["device"]): Environment {
    const sleeping = (channel: object): void => {
      if (this.current) this.current.channel = channel;
    };
    return {
      ...environmentOf(device),
      *sleep(channel) {
        sleeping(channel);
        yield "asleep";
      },
      wakeup: (channel) => {
        for (const process of this.processes)
          if (process.channel === channel) delete process.channel;
      },
    };
  }

  /** Runs all to their ends; false when all that are left sleep. */
  finish(choose: (count: number) => number): boolean {
    while (this.processes.length > 0) {
      const ready = this.processes.filter(({ channel }) => channel === undefined);
      if (ready.length === 0) return false;
      this.current = ready[choose(ready.length)]!;
      if (this.current.run.next().done)
        this.processes.splice(this.processes.indexOf(this.current), 1);
    }
    return true;
  }
}

/** The same operation below another directory. */
function below(operation: Operation, directory: string): Operation {
  const move = ({ path, name }: { path: readonly string[]; name: string }) => ({
    path: [directory, ...path],
    name,
  });
  if (operation.kind === "sync") return operation;
  if (operation.kind === "link" || operation.kind === "rename")
    return { ...operation, at: move(operation.at), to: move(operation.to) };
  return { ...operation, at: move(operation.at) };
}

function slowFileSystem(turns: Turns, buffers: number) {
  const disk = new SlowDisk(new Uint8Array(SMALL_BYTES), turns);
  const plain = environmentOf(new MemoryDisk(disk.bytes));
  runToEnd(newfs(plain, SMALL));
  const mounting = FileSystem.mount(turns.environment(disk), { buffers });
  for (;;) {
    const step = mounting.next();
    if (step.done) return { plain, fs: step.value };
  }
}

describe(`processes side by side (seed ${SEED})`, () => {
  test("each in its own directory finds what it would find alone", () => {
    fc.assert(
      fc.property(
        fc.array(operations(15), { minLength: 2, maxLength: 4 }),
        fc.integer(),
        fc.integer({ min: 12, max: 40 }),
        (lists, seed, buffers) => {
          const turns = new Turns();
          const { plain, fs } = slowFileSystem(turns, buffers);
          const model = new Model();
          const answers: string[] = [];
          const expected: string[] = [];
          let full = false;
          for (const [index, list] of lists.entries()) {
            const home = { kind: "mkdir", at: { path: [], name: `p${index}` } } as const;
            const own = [home, ...list.map((operation) => below(operation, `p${index}`))];
            for (const [at, operation] of own.entries())
              expected.push(`${index}.${at} ${operation.kind} ${expect(model, operation, at)}`);
            turns.processes.push({
              run: (function* () {
                for (const [at, operation] of own.entries()) {
                  const answer = yield* perform(fs, operation, at);
                  full ||= answer === "ENOSPC";
                  answers.push(`${index}.${at} ${operation.kind} ${answer}`);
                }
              })(),
            });
          }
          check(turns.finish(chooser(seed)), "all sleep").toBe(true);
          turns.current = undefined;
          if (full) return;
          check(answers.toSorted()).toEqual(expected.toSorted());
          turns.processes.push({ run: fs.unmount() });
          check(turns.finish(chooser(seed))).toBe(true);
          check(runToEnd(fsck(plain))!.mended).toEqual([]);
          const again = runToEnd(FileSystem.mount(plain));
          check(runToEnd(contents(again))).toEqual(contentsOfModel(model));
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  });

  test("all in the same directories come to an end, and the tree is whole", () => {
    fc.assert(
      fc.property(
        fc.array(operations(15), { minLength: 2, maxLength: 5 }),
        fc.integer(),
        fc.integer({ min: 12, max: 40 }),
        (lists, seed, buffers) => {
          const turns = new Turns();
          const { plain, fs } = slowFileSystem(turns, buffers);
          for (const list of lists)
            turns.processes.push({
              run: (function* () {
                for (const [at, operation] of list.entries()) yield* perform(fs, operation, at);
              })(),
            });
          check(turns.finish(chooser(seed)), "all sleep").toBe(true);
          check([...fs.inodes.keys()], "inodes that somebody still has").toEqual([]);
          turns.processes.push({ run: fs.unmount() });
          check(turns.finish(chooser(seed))).toBe(true);
          check(runToEnd(fsck(plain))!.mended).toEqual([]);
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
