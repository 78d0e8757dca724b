// A disk that stops at any of its writes, or at any sector of one, in whatever order it took those that nobody
// waited for: fsck puts it right, what was synced and not touched since is there, and a second fsck finds nothing.
import * as fc from "fast-check";
import { describe, expect as check, test } from "vitest";
import { MemoryDisk, runToEnd } from "../../../host/osf1/ufs/device.ts";
import { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import { fsck } from "../../../host/osf1/ufs/fsck/fsck.ts";
import { environmentOf, freshFileSystem } from "./disk.ts";
import { Model } from "./model.ts";
import {
  contents,
  contentsOfModel,
  expect,
  type Operation,
  operations,
  perform,
} from "./workload.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 4);
const SEED = Number(process.env["INKWELL_SEED"] ?? 1993);

interface Step {
  readonly operation: Operation;
  /** Writes of the disk until the operation was done. */
  readonly end: number;
  /** Everything that the tree has after it. */
  readonly after: Map<string, string>;
}

/** Names and contents that must be there after a crash during operation `during`. */
function promised(steps: readonly Step[], during: number): Map<string, string> {
  const result = new Map<string, string>();
  for (const [index, { operation, after }] of steps.slice(0, during).entries()) {
    const fresh =
      operation.kind === "sync"
        ? [...after]
        : operation.kind === "fsync"
          ? [...after].filter(
              ([path]) => path === `/${[...operation.at.path, operation.at.name].join("/")}`,
            )
          : [];
    for (const [path, text] of fresh)
      if (steps.slice(index, during + 1).every((step) => step.after.get(path) === text))
        result.set(path, text);
  }
  return result;
}

function crash(image: Uint8Array, expected: Map<string, string>, where: string): void {
  const environment = environmentOf(new MemoryDisk(image));
  const report = runToEnd(fsck(environment));
  check(report, where).toBeDefined();
  check(runToEnd(fsck(environment))!.mended, `${where}: a second fsck`).toEqual([]);
  const found = runToEnd(contents(runToEnd(FileSystem.mount(environment))));
  for (const [path, text] of expected) check(found.get(path), `${where}: ${path}`).toBe(text);
}

describe(`crashes at every write (seed ${SEED})`, () => {
  test("nothing that was synced is lost, and fsck leaves nothing to mend", () => {
    let crashes = 0;
    let promises = 0;
    fc.assert(
      fc.property(
        operations(30),
        fc.integer({ min: 8, max: 40 }),
        fc.nat(15),
        fc.option(fc.integer(), { nil: undefined }),
        (list, buffers, cut, late) => {
          const { disk, fs } = freshFileSystem(buffers, late);
          const image = disk.bytes.slice();
          const model = new Model();
          const steps: Step[] = [];
          for (const [number, operation] of list.entries()) {
            const answer = runToEnd(perform(fs, operation, number));
            if (answer === "ENOSPC") break;
            expect(model, operation, number);
            steps.push({ operation, end: disk.log.length, after: contentsOfModel(model) });
          }
          // A write of the log belongs to the first operation that ended after it.
          for (const [at, { sector, bytes }] of disk.log.entries()) {
            const during = steps.findIndex(({ end }) => end > at);
            if (during < 0) break;
            const expected = promised(steps, during);
            promises += expected.size;
            const torn = image.slice();
            torn.set(bytes.subarray(0, (cut * 512) % bytes.length), sector * 512);
            crash(torn, expected, `cut in write ${at}`);
            image.set(bytes, sector * 512);
            crash(image.slice(), expected, `after write ${at}`);
            crashes += 2;
          }
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
    check(crashes).toBeGreaterThan(50 * RUNS);
    check(promises).toBeGreaterThan(0);
    console.log(`${crashes} crashes, ${promises} names promised and found`);
  });
});
