import * as fc from "fast-check";
import { describe, expect as check, test } from "vitest";
import { runToEnd } from "../../../host/osf1/ufs/device.ts";
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

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 60);
const SEED = Number(process.env["INKWELL_SEED"] ?? 1993);

/** Runs a workload on both; they answer alike, as long as the disk has room. */
function both(list: readonly Operation[], buffers: number) {
  const { disk, fs } = freshFileSystem(buffers);
  const free = fs.total;
  const model = new Model();
  for (const [number, operation] of list.entries()) {
    const answer = runToEnd(perform(fs, operation, number));
    if (answer === "ENOSPC") return undefined;
    check(`${number} ${operation.kind} ${answer}`).toBe(
      `${number} ${operation.kind} ${expect(model, operation, number)}`,
    );
  }
  return { disk, fs, model, free };
}

describe(`the file system against a tree of objects (seed ${SEED})`, () => {
  test("answers, names, counts and bytes agree; unmounted, fsck finds nothing", () => {
    fc.assert(
      fc.property(operations(60), fc.integer({ min: 8, max: 40 }), (list, buffers) => {
        const run = both(list, buffers);
        if (run === undefined) return;
        const { disk, fs, model } = run;
        check(runToEnd(contents(fs))).toEqual(contentsOfModel(model));
        runToEnd(fs.unmount());
        const environment = environmentOf(disk);
        check(runToEnd(fsck(environment))?.mended).toEqual([]);
        const again = runToEnd(FileSystem.mount(environment));
        check(runToEnd(contents(again))).toEqual(contentsOfModel(model));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });

  test("what is taken away leaves its space behind", () => {
    fc.assert(
      fc.property(operations(40), (list) => {
        const run = both(list, 24);
        if (run === undefined) return;
        const { fs, model, free } = run;
        const paths = [...contentsOfModel(model).entries()].toReversed();
        for (const [path, what] of paths) {
          const names = path.slice(1).split("/");
          const at = { path: names.slice(0, -1), name: names.at(-1)! };
          const kind = what.startsWith("directory") ? "rmdir" : "unlink";
          check(runToEnd(perform(fs, { kind, at }, 0))).toBe("ok");
        }
        const { blocks, fragments, ...counts } = fs.total;
        const { blocks: b, fragments: f, ...expected } = free;
        check(counts).toEqual(expected);
        // The root itself may have grown; lost+found is as it was.
        const grown = b * 8 + f - (blocks * 8 + fragments);
        check(grown).toBeGreaterThanOrEqual(0);
        check(grown).toBeLessThanOrEqual(1);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  });
});
