/**
 * What fsck knows of a disk: the inodes as they lie there, and who holds which fragment. Reads and
 * writes the disk itself, without buffers: nothing else runs while it works.
 */
import { ArrayBytes } from "../../../abi/struct.ts";
import type { Blocking, Environment } from "../device.ts";
import {
  dinode,
  type Geometry,
  groupFragments,
  groupOf,
  groupStart,
  inodeLocation,
  superblock,
  UFS,
} from "../layout.ts";

const { FRAGMENT_SIZE, BLOCK_SIZE } = UFS;

/** An inode as the disk has it. */
export interface DiskInode {
  readonly number: number;
  mode: number;
  nlink: number;
  size: number;
  readonly direct: number[];
  readonly indirect: number[];
  sectors: number;
}

export class Disk {
  readonly geometry: Geometry;
  readonly environment: Environment;

  private constructor(environment: Environment, geometry: Geometry) {
    this.environment = environment;
    this.geometry = geometry;
  }

  /** Undefined when no superblock can be found, the copies in the groups included. */
  static *open(environment: Environment): Blocking<Disk | undefined> {
    const whole = Math.floor(environment.device.sectors / UFS.SECTORS_PER_FRAGMENT);
    const bytes = new Uint8Array(FRAGMENT_SIZE);
    for (let at: number = UFS.SUPERBLOCK_OFFSET; at < whole; at += UFS.FRAGMENTS_PER_BLOCK) {
      yield* environment.device.read(at * UFS.SECTORS_PER_FRAGMENT, bytes);
      const block = superblock.at(new ArrayBytes(bytes), 0);
      if (block.fs_magic !== UFS.FS_MAGIC || block.fs_size > whole) continue;
      return new Disk(environment, {
        fragments: block.fs_size,
        groups: block.fs_ncg,
        fragmentsPerGroup: block.fs_fpg,
        inodesPerGroup: block.fs_ipg,
        dataOffset: block.fs_dblkno,
      });
    }
    return undefined;
  }

  *read(fragment: number, bytes: number): Blocking<Uint8Array> {
    const result = new Uint8Array(bytes);
    yield* this.environment.device.read(fragment * UFS.SECTORS_PER_FRAGMENT, result);
    return result;
  }
  *write(fragment: number, bytes: Uint8Array): Blocking<void> {
    yield* this.environment.device.write(fragment * UFS.SECTORS_PER_FRAGMENT, bytes);
  }

  /** Whether fragments are for data, all in one group. */
  isData(fragment: number, count: number): boolean {
    if (fragment >= this.geometry.fragments) return false;
    const group = groupOf(this.geometry, fragment);
    const at = fragment - groupStart(this.geometry, group);
    return at >= this.geometry.dataOffset && at + count <= groupFragments(this.geometry, group);
  }

  /** Inodes in use, block by block. */
  *inodes(): Blocking<Map<number, DiskInode>> {
    const { groups, inodesPerGroup } = this.geometry;
    const found = new Map<number, DiskInode>();
    for (let first = 0; first < groups * inodesPerGroup; first += UFS.INODES_PER_BLOCK) {
      const { fragment } = inodeLocation(this.geometry, first);
      const words = new ArrayBytes(yield* this.read(fragment, BLOCK_SIZE));
      for (let i = 0; i < UFS.INODES_PER_BLOCK; i++) {
        const view = dinode.at(words, i * dinode.size);
        if (view.di_mode === 0) continue;
        const list = (field: "di_db" | "di_ib", length: number): number[] =>
          Array.from({ length }, (_, at) => words.read32(view.addressOf(field) + 4 * at));
        found.set(first + i, {
          number: first + i,
          mode: view.di_mode,
          nlink: view.di_nlink,
          size: view.di_size_high === 0 ? view.di_size : Number.POSITIVE_INFINITY,
          direct: list("di_db", UFS.DIRECT),
          indirect: list("di_ib", UFS.INDIRECT),
          sectors: view.di_blocks,
        });
      }
    }
    return found;
  }

  /** Writes an inode back; undefined clears it. */
  *writeInode(number: number, inode: DiskInode | undefined): Blocking<void> {
    const { fragment, offset } = inodeLocation(this.geometry, number);
    const bytes = yield* this.read(fragment, BLOCK_SIZE);
    const words = new ArrayBytes(bytes);
    const view = dinode.at(words, offset);
    if (inode === undefined) {
      // The generation goes on, so that an old handle is known as one.
      const generation = view.di_gen;
      bytes.fill(0, offset, offset + dinode.size);
      view.di_gen = generation;
    } else {
      Object.assign(view, {
        di_mode: inode.mode,
        di_nlink: inode.nlink,
        di_size_high: 0,
        di_size: inode.size,
        di_blocks: inode.sectors,
      });
      for (const [i, address] of inode.direct.entries())
        words.write32(view.addressOf("di_db") + 4 * i, address);
      for (const [i, address] of inode.indirect.entries())
        words.write32(view.addressOf("di_ib") + 4 * i, address);
    }
    yield* this.write(fragment, bytes);
  }
}
