/** What must hold of a Unix, whatever its processes have tried: all end, nothing is left, its disk is whole. */
import { expect } from "vitest";
import { MemoryDisk, runToEnd } from "../../../host/osf1/ufs/device.ts";
import { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import { fsck } from "../../../host/osf1/ufs/fsck/fsck.ts";
import { Bed } from "../support/bed.ts";
import { leaks } from "../support/leaks.ts";
import type { Body } from "../support/running.ts";

/** Runs process 1; a failure says the seed, and the last of the calls that `log` has. */
export function survives(seed: number, log: readonly string[], init: Body): void {
  const bed = Bed.boot({ seed, slowDisk: true });
  try {
    bed.startInit(init);
    expect(bed.run(), "all sleep").toEqual([]);
    expect(leaks(bed), "left over").toEqual({});
  } catch (error) {
    throw new Error(`seed ${seed}; last calls:\n${log.slice(-12).join("\n")}`, { cause: error });
  }
  bed.startThread("sync", bed.unix.fs.sync());
  bed.settle();
  const plain = { ...bed.plainEnvironment(), device: new MemoryDisk(bed.device.bytes) };
  expect(runToEnd(fsck(plain))!.mended).toEqual([]);
  runToEnd(FileSystem.mount(plain));
}
