/**
 * A server that copies from and to pages of its clients' which their pager cannot bring, as the disk fails
 * or the file has been cut: the call fails, the server does not, in the paper's three configurations.
 */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Osf1 } from "../../../host/osf1/server/osf1.ts";
import { UFS } from "../../../host/osf1/ufs/layout.ts";
import { haveCross, Programs } from "../../bare/cross.ts";
import { CONFIGURATIONS, runProgram } from "./run.ts";

/** As far as an inode's own addresses go. */
const PAGES = 24;
const BYTES = PAGES * 4096;
const data = {
  path: "data",
  content: { kind: "file", bytes: new Uint8Array(BYTES).fill(7, 0, 10) },
  permissions: 0o644,
} as const;

/** Whether a sector is the file's. */
function isOfData(osf1: Osf1, sector: number): boolean {
  const { vnodes } = osf1.unix;
  const inode = [...vnodes.keys()].find(({ number, size }) => size === BYTES && number !== 0);
  return !!inode?.direct.some((fragment) => {
    const first = fragment * UFS.SECTORS_PER_FRAGMENT;
    return sector >= first && sector < first + UFS.BLOCK_SIZE / 512;
  });
}

/** What the calls answer when the pages do not come, in the program's order. */
const BROKEN = [
  ...["write: EFAULT", "short write: EFAULT", "pipe: EFAULT", "writev: 3", "read into: EFAULT"],
  ...["read of: EIO", "stat into: EFAULT", "path: EFAULT", "sleep: EFAULT", "time: EFAULT"],
  "time here: 0",
];
const MENDED = [
  ...["write: 5000", "short write: 3", "pipe: 100", "writev: 103", "read into: 200", "read of: 10"],
  ...["stat into: 0", "path: ENOENT", "sleep: 0", "time: 0", "time here: 0"],
];

describe.runIf(haveCross())("pages that do not come", () => {
  let programs: Programs;
  beforeAll(async () => {
    programs = new Programs();
    const source = join(import.meta.dirname, "programs", "failing.c");
    await programs.compileFile(source, programs.path("failing"));
  });
  afterAll(() => programs?.remove());

  test.each(CONFIGURATIONS)("fail calls, not the server: $name", async (way) => {
    const run = await runProgram(
      programs.path("failing"),
      way,
      [],
      (text, { disk, osf1 }) => {
        if (text === "break\n")
          disk.fails = (sector, _count, write) => !write && isOfData(osf1()!, sector);
        if (text === "mend\n") disk.fails = () => false;
      },
      { files: [data] },
    );
    expect(run.transcript.split("\n")).toEqual([
      ...["break", ...BROKEN, "private: fault", ...BROKEN, "shared: fault"],
      ...["mend", ...MENDED, "private: 7", "shared: 7", "some: 1", "wrong: 0", "status 0", ""],
    ]);
    expect(run.machine.kernel.vm.objects.size).toBeLessThan(30);
  });
});
