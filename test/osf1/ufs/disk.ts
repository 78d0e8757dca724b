/** Disks and a clock for the file system's tests: one that remembers its writes, one that makes wait. */
import { panic } from "../../../host/diagnostic.ts";
import {
  type Blocking,
  type Done,
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

/** A generator of choices from a seed: small, and the same everywhere. */
export function chooser(seed: number): (count: number) => number {
  let state = seed | 1;
  return (count) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return (state >>> 8) % count;
  };
}

/** Transfers that nobody waits for end late, in any order, some only when somebody does wait. */
export class LateDisk extends RecordingDisk {
  readonly #choose: (count: number) => number;
  readonly #begun: (() => Blocking<void>)[] = [];

  constructor(bytes: Uint8Array, choose: (count: number) => number) {
    super(bytes);
    this.#choose = choose;
  }

  /** One of them ends. Returns whether there was one. */
  *endOne(): Blocking<boolean> {
    if (this.#begun.length === 0) return false;
    const [transfer = panic("no transfer")] = this.#begun.splice(
      this.#choose(this.#begun.length),
      1,
    );
    yield* transfer();
    return true;
  }
  override *write(sector: number, bytes: Uint8Array): Blocking<void> {
    for (let some = this.#choose(3); some > 0; some--) yield* this.endOne();
    yield* super.write(sector, bytes);
  }
  // oxlint-disable-next-line require-yield
  *beginRead(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
    this.#begun.push(
      function* (this: LateDisk) {
        yield* this.read(sector, bytes);
        done();
      }.bind(this),
    );
  }
  // oxlint-disable-next-line require-yield
  *beginWrite(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
    const begun = bytes.slice();
    const take = (): Blocking<void> => super.write(sector, bytes);
    this.#begun.push(function* () {
      if (!Buffer.from(begun).equals(bytes)) panic("a buffer changed while it was the disk's");
      yield* take();
      done();
    });
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

/** A new file system on a disk that remembers, mounted; with a seed the disk is late. */
export function freshFileSystem(
  buffers = 24,
  seed?: number,
): { disk: RecordingDisk; fs: FileSystem } {
  const bytes = new Uint8Array(SMALL_BYTES);
  const late = seed === undefined ? undefined : new LateDisk(bytes, chooser(seed));
  const disk = late ?? new RecordingDisk(bytes);
  const environment = {
    ...environmentOf(disk),
    *sleep() {
      if (late === undefined || !(yield* late.endOne())) yield "waiting";
    },
  };
  runToEnd(newfs(environment, SMALL));
  disk.log.length = 0;
  return { disk, fs: runToEnd(FileSystem.mount(environment, { buffers })) };
}
