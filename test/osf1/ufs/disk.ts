/** Disks and a clock for the file system's tests: one that remembers its writes, one that makes wait. */
import {
  type Blocking,
  type Environment,
  MemoryDisk,
  runToEnd,
} from "../../../host/osf1/ufs/device.ts";
import { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import { newfs } from "../../../host/osf1/ufs/newfs.ts";

/** Small enough that every write of a workload can be a crash: 1 MB in four groups. */
export const SMALL = { fragmentsPerGroup: 256, inodesPerGroup: 64 } as const;
export const SMALL_BYTES = 2 ** 20;

export class RecordingDisk extends MemoryDisk {
  readonly log: { readonly sector: number; readonly bytes: Uint8Array }[] = [];
  override *write(sector: number, bytes: Uint8Array): Blocking<void> {
    this.log.push({ sector, bytes: bytes.slice() });
    yield* super.write(sector, bytes);
  }
}

export function environmentOf(device: Environment["device"]): Environment {
  let seconds = 725_846_400;
  return {
    device,
    now: () => ({ seconds: seconds++, nanoseconds: 0 }),
    *sleep() {
      yield "waiting";
    },
    wakeup() {},
  };
}

/** A new file system on a disk that remembers, mounted. */
export function freshFileSystem(buffers = 24): { disk: RecordingDisk; fs: FileSystem } {
  const disk = new RecordingDisk(new Uint8Array(SMALL_BYTES));
  const environment = environmentOf(disk);
  runToEnd(newfs(environment, SMALL));
  disk.log.length = 0;
  return { disk, fs: runToEnd(FileSystem.mount(environment, { buffers })) };
}
