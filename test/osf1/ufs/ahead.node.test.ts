// What nobody waits for: the block behind one that is read in order, and blocks that a full cache or a flush
// writes. A file read block by block is brought once; a transfer that fails is the concern of who wants it.
import { describe, expect, test } from "vitest";
import { UnixError } from "../../../host/osf1/errno.ts";
import { BufferCache } from "../../../host/osf1/ufs/buffer-cache.ts";
import { type Blocking, type Done, runToEnd } from "../../../host/osf1/ufs/device.ts";
import { readBytes, writeFile } from "../../../host/osf1/ufs/file.ts";
import { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import { getInode, type Inode, locking } from "../../../host/osf1/ufs/inode.ts";
import { MODE, UFS } from "../../../host/osf1/ufs/layout.ts";
import { bring, create } from "../../../host/osf1/ufs/operations.ts";
import { chooser, environmentOf, freshFileSystem, LateDisk, RecordingDisk } from "./disk.ts";
import { ROOT } from "./workload.ts";

const { BLOCK_SIZE, DIRECT } = UFS;
/** Beyond the addresses of the inode itself. */
const BLOCKS = DIRECT + 4;

/** A disk that remembers what it was told to read, too; reads of some sectors fail once. */
class Watched extends LateDisk {
  readonly reads: number[] = [];
  readonly begun: number[] = [];
  readonly failing = new Set<number>();
  override *read(sector: number, bytes: Uint8Array): Blocking<void> {
    this.reads.push(sector);
    yield* super.read(sector, bytes);
  }
  override *beginRead(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
    this.begun.push(sector);
    if (this.failing.delete(sector)) return done(new UnixError("EIO"));
    yield* super.beginRead(sector, bytes, done);
  }
}

/** A file of some blocks on a fresh disk, mounted anew, with nothing of the file in memory. */
function withFile(buffers = 24): {
  disk: Watched;
  fs: FileSystem;
  inode: Inode;
  bytes: Uint8Array;
} {
  const { disk: made, fs: first } = freshFileSystem();
  const bytes = Uint8Array.from(
    { length: BLOCKS * BLOCK_SIZE },
    (_, i) => (i * 7 + (i >> 9)) & 0xff,
  );
  const number = runToEnd(
    (function* () {
      const root = yield* getInode(first, UFS.ROOT_INODE);
      const inode = yield* create(root, "f", { mode: MODE.IFREG | 0o644 }, ROOT);
      const options = { superuser: true };
      yield* locking(inode, () => writeFile(inode, 0, bytes.length, bring(bytes), options));
      yield* first.sync();
      return inode.number;
    })(),
  );
  const disk = new Watched(made.bytes, chooser(5));
  const environment = {
    ...environmentOf(disk),
    *sleep() {
      if (!(yield* disk.endOne())) yield "waiting";
    },
  };
  const fs = runToEnd(FileSystem.mount(environment, { buffers }));
  const inode = runToEnd(getInode(fs, number));
  disk.reads.length = 0;
  return { disk, fs, inode, bytes };
}

const read = (inode: Inode, block: number): Uint8Array =>
  runToEnd(locking(inode, () => readBytes(inode, block * BLOCK_SIZE, BLOCK_SIZE)));

describe("read ahead", () => {
  test("a file read in order is read once, each block but the first two before it is wanted", () => {
    const { disk, fs, inode, bytes } = withFile();
    for (let block = 0; block < BLOCKS; block++)
      expect(read(inode, block)).toEqual(bytes.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE)); // prettier-ignore
    expect(new Set(disk.reads).size).toBe(disk.reads.length);
    // Every block, and the one with the addresses.
    expect(disk.reads).toHaveLength(BLOCKS + 1);
    // Not the first one, not the second, which is read before; nor the first beyond the inode's addresses.
    expect(fs.cache.counts.ahead).toBe(BLOCKS - 3);
  });

  test("nothing is read ahead of who reads here and there, or of a file's end", () => {
    const { disk, fs, inode } = withFile();
    for (const block of [9, 3, 7, 1, 5]) read(inode, block);
    read(inode, BLOCKS - 1);
    expect(fs.cache.counts.ahead).toBe(0);
    expect(disk.begun).toEqual([]);
  });

  test("what fails ahead is asked for again by who wants it", () => {
    const { disk, inode, bytes } = withFile();
    const sector = inode.direct[2]! * UFS.SECTORS_PER_FRAGMENT;
    disk.failing.add(sector);
    for (let block = 0; block < 4; block++)
      expect(read(inode, block)).toEqual(bytes.subarray(block * BLOCK_SIZE, (block + 1) * BLOCK_SIZE)); // prettier-ignore
    expect(disk.begun).toContain(sector);
    expect(disk.reads).toContain(sector);
  });

  test("takes no buffer that is to be written, or that somebody holds", () => {
    const { disk, fs, inode } = withFile(4);
    const held = [500, 508, 516].map((fragment) => runToEnd(fs.cache.bread(fragment, BLOCK_SIZE)));
    read(inode, 0);
    read(inode, 1);
    expect(disk.begun.length).toBeLessThan(2);
    expect(fs.cache.counts.ahead).toBe(0);
    for (const buffer of held) fs.cache.release(buffer);
  });
});

describe("writes that nobody waits for", () => {
  const BYTES = 64 * BLOCK_SIZE;
  const cacheOn = (disk: RecordingDisk, ends: () => Blocking<boolean>, buffers: number) => {
    const environment = {
      ...environmentOf(disk),
      *sleep() {
        if (!(yield* ends())) yield "waiting";
      },
    };
    return new BufferCache(environment, buffers);
  };
  const dirty = (cache: BufferCache, block: number): Blocking<void> =>
    (function* () {
      const buffer = yield* cache.getblk(block * UFS.FRAGMENTS_PER_BLOCK, BLOCK_SIZE);
      buffer.storage.fill(block + 1);
      cache.writeDelayed(buffer);
    })();

  test("a flush has all of them on the disk, of those begun before as well", () => {
    const disk = new LateDisk(new Uint8Array(BYTES), chooser(3));
    const cache = cacheOn(disk, () => disk.endOne(), 8);
    // More than there are buffers: some are written to make room.
    for (let block = 0; block < 20; block++) runToEnd(dirty(cache, block));
    expect(disk.log.length).toBeGreaterThan(5);
    runToEnd(cache.flush());
    for (let block = 0; block < 20; block++)
      expect(disk.bytes[block * BLOCK_SIZE + 9], `block ${block}`).toBe(block + 1);
  });

  test("one that fails is told of by the flush, and stays to be written", () => {
    class Failing extends RecordingDisk {
      broken = true;
      *beginWrite(sector: number, bytes: Uint8Array, done: Done): Blocking<void> {
        if (this.broken) return done(new UnixError("EIO"));
        yield* this.write(sector, bytes);
        done();
      }
      override *write(sector: number, bytes: Uint8Array): Blocking<void> {
        if (this.broken) throw new UnixError("EIO");
        yield* super.write(sector, bytes);
      }
    }
    const disk = new Failing(new Uint8Array(BYTES));
    // oxlint-disable-next-line require-yield
    const cache = cacheOn(disk, function* () {
      return false;
    }, 4); // prettier-ignore
    for (let block = 0; block < 4; block++) runToEnd(dirty(cache, block));
    expect(() => runToEnd(cache.flush())).toThrow("EIO");
    // Nor does a full cache go round in circles: who needs a buffer is told.
    expect(() => runToEnd(dirty(cache, 9))).toThrow("EIO");
    disk.broken = false;
    runToEnd(cache.flush());
    for (let block = 0; block < 4; block++) expect(disk.bytes[block * BLOCK_SIZE]).toBe(block + 1);
  });
});
