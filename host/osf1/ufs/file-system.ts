/**
 * A mounted file system: its shape, its buffers, what is free, and the inodes in use. What is done
 * with these stands in allocate.ts (space), inode.ts (inodes), bmap.ts (a file's blocks), file.ts
 * (reading and writing), directory.ts and operations.ts (names).
 *
 * Order of writes, as of its day: what others rely on is written at once (an inode before the entry
 * that names it, an entry's removal before the inode goes, an inode without its blocks before these
 * serve another file); bitmaps and data come later, or with fsync. So fsck can always put a disk
 * right, and loses nothing that was synced.
 */
import { UnixError } from "../errno.ts";
import { BufferCache, type Storage } from "./buffer-cache.ts";
import type { Blocking, Environment } from "./device.ts";
import type { Inode } from "./inode.ts";
import { updateInode } from "./inode.ts";
import { cylinderGroup, type Geometry, groupStart, superblock, UFS } from "./layout.ts";

/** Free space and directories, of a group or of all. */
export interface Summary {
  directories: number;
  /** Whole blocks. */
  blocks: number;
  inodes: number;
  /** Fragments outside whole free blocks. */
  fragments: number;
}

export interface MountOptions {
  /** Buffers of 8 KB. */
  readonly buffers?: number;
  readonly storage?: Storage;
}

export class FileSystem {
  readonly environment: Environment;
  readonly cache: BufferCache;
  readonly geometry: Geometry;
  /** Percent of the space that only the superuser may use. */
  readonly minfree: number;
  /** Fragments for data in all. */
  readonly dataFragments: number;
  readonly groups: readonly Summary[];
  /** Inodes that somebody has a reference to. */
  readonly inodes = new Map<number, Inode>();
  /** Held while a directory is moved or taken away. */
  readonly renameLock = { held: false };

  private constructor(
    environment: Environment,
    cache: BufferCache,
    geometry: Geometry,
    space: { readonly minfree: number; readonly dataFragments: number },
    groups: readonly Summary[],
  ) {
    this.environment = environment;
    this.cache = cache;
    this.geometry = geometry;
    this.minfree = space.minfree;
    this.dataFragments = space.dataFragments;
    this.groups = groups;
  }

  /**
   * Mounts what is on the disk. Run fsck first: a file system that was not unmounted in order is
   * taken as it is.
   * @throws UnixError EINVAL when there is no file system.
   */
  static *mount(environment: Environment, options: MountOptions = {}): Blocking<FileSystem> {
    const cache = new BufferCache(environment, options.buffers ?? 64, options.storage);
    const buffer = yield* cache.bread(UFS.SUPERBLOCK_OFFSET, UFS.FRAGMENT_SIZE);
    const block = superblock.at(buffer.words, 0);
    const geometry = {
      fragments: block.fs_size,
      groups: block.fs_ncg,
      fragmentsPerGroup: block.fs_fpg,
      inodesPerGroup: block.fs_ipg,
      dataOffset: block.fs_dblkno,
    };
    const space = { minfree: block.fs_minfree, dataFragments: block.fs_dsize };
    const good =
      block.fs_magic === UFS.FS_MAGIC &&
      geometry.fragments * UFS.SECTORS_PER_FRAGMENT <= environment.device.sectors;
    cache.release(buffer);
    if (!good) throw new UnixError("EINVAL");
    const groups: Summary[] = [];
    for (let group = 0; group < geometry.groups; group++) {
      const at = groupStart(geometry, group) + UFS.HEADER_OFFSET;
      const held = yield* cache.bread(at, UFS.BLOCK_SIZE);
      const header = cylinderGroup.at(held.words, 0);
      if (header.cg_magic !== UFS.CG_MAGIC) {
        cache.release(held);
        throw new UnixError("EINVAL");
      }
      groups.push({
        directories: header.cs_ndir,
        blocks: header.cs_nbfree,
        inodes: header.cs_nifree,
        fragments: header.cs_nffree,
      });
      cache.release(held);
    }
    const mounted = new FileSystem(environment, cache, geometry, space, groups);
    yield* mounted.#writeSuperblock(false);
    return mounted;
  }

  get total(): Summary {
    const total = { directories: 0, blocks: 0, inodes: 0, fragments: 0 };
    for (const group of this.groups) {
      total.directories += group.directories;
      total.blocks += group.blocks;
      total.inodes += group.inodes;
      total.fragments += group.fragments;
    }
    return total;
  }

  /** Fragments that may still be used, by anyone or by the superuser. */
  freeSpace(superuser: boolean): number {
    const { blocks, fragments } = this.total;
    const reserve = superuser ? 0 : Math.floor((this.dataFragments * this.minfree) / 100);
    return blocks * UFS.FRAGMENTS_PER_BLOCK + fragments - reserve;
  }

  /** Writes everything that is only in memory. */
  *sync(): Blocking<void> {
    for (const inode of this.inodes.values()) yield* updateInode(inode, "delayed");
    yield* this.cache.flush();
    yield* this.#writeSuperblock(false);
  }

  /** Writes everything and says that this was in order. @throws UnixError EBUSY while files are in use. */
  *unmount(): Blocking<void> {
    if (this.inodes.size > 0) throw new UnixError("EBUSY");
    yield* this.sync();
    yield* this.#writeSuperblock(true);
  }

  *#writeSuperblock(clean: boolean): Blocking<void> {
    const buffer = yield* this.cache.bread(UFS.SUPERBLOCK_OFFSET, UFS.FRAGMENT_SIZE);
    const { directories, blocks, inodes, fragments } = this.total;
    Object.assign(superblock.at(buffer.words, 0), {
      cs_ndir: directories,
      cs_nbfree: blocks,
      cs_nifree: inodes,
      cs_nffree: fragments,
      fs_time: this.environment.now().seconds,
      fs_clean: Number(clean),
    });
    yield* this.cache.write(buffer);
  }
}
