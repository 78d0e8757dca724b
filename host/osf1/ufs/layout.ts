/**
 * What lies on the disk: a file system in the manner of the Berkeley fast file system (McKusick,
 * Joy, Leffler, Fabry, "A Fast File System for UNIX", 1984), which OSF/1 calls UFS. Blocks of 8 KB
 * in fragments of 1 KB, cylinder groups with their own inodes and bitmaps, inodes of 128 bytes with
 * twelve direct and three indirect addresses, directories in chunks of 512 bytes. Field names are
 * Berkeley's; big-endian. Disk addresses are fragment numbers. The layout is ours where Berkeley's
 * depends on disk geometry (rotational tables): no claim that another system could mount it.
 */
import { struct } from "../../abi/struct.ts";

export const UFS = {
  /** Bytes. */
  SECTOR_SIZE: 512,
  BLOCK_SIZE: 8192,
  FRAGMENT_SIZE: 1024,
  FRAGMENTS_PER_BLOCK: 8,
  SECTORS_PER_FRAGMENT: 2,
  /** Fragment at which a group's copy of the superblock, its header, and its inodes begin. */
  SUPERBLOCK_OFFSET: 8,
  HEADER_OFFSET: 16,
  INODES_OFFSET: 24,
  INODES_PER_BLOCK: 64,
  DIRECT: 12,
  INDIRECT: 3,
  ADDRESSES_PER_BLOCK: 2048,
  DIRECTORY_CHUNK: 512,
  NAME_MAX: 255,
  LINK_MAX: 32767,
  ROOT_INODE: 2,
  LOST_AND_FOUND_INODE: 3,
  FS_MAGIC: 0x011954,
  CG_MAGIC: 0x090255,
  /** The largest file, bytes: what 31 bits of a file offset can address. */
  SIZE_MAX: 0x7fffffff,
} as const;

/** Which blocks of a file each of its indirect addresses leads to: the first, and how many. */
export const INDIRECT_LEVELS = Array.from({ length: UFS.INDIRECT }, (_, level) => {
  const below = (levels: number): number => UFS.ADDRESSES_PER_BLOCK ** levels;
  let first: number = UFS.DIRECT;
  for (let before = 1; before <= level; before++) first += below(before);
  return { level, first, blocks: below(level + 1) } as const;
});

/** `di_mode`: the type in the upper four bits. */
export const MODE = {
  IFMT: 0o170000,
  IFIFO: 0o010000,
  IFCHR: 0o020000,
  IFDIR: 0o040000,
  IFBLK: 0o060000,
  IFREG: 0o100000,
  IFLNK: 0o120000,
  IFSOCK: 0o140000,
  ISUID: 0o4000,
  ISGID: 0o2000,
  ISVTX: 0o1000,
} as const;

/** The superblock, at fragment 8 of every group; group 0's is the one in use. */
export const superblock = struct("fs", "", {
  fs_magic: "u32",
  /** Fragments in the file system, and of these for data. */
  fs_size: "u32",
  fs_dsize: "u32",
  fs_ncg: "u32",
  /** Per group: fragments and inodes. */
  fs_fpg: "u32",
  fs_ipg: "u32",
  /** First data fragment of a group. */
  fs_dblkno: "u32",
  /** Percent that only the superuser may use. */
  fs_minfree: "u32",
  fs_time: "u32",
  /** 1 when unmounted in order. */
  fs_clean: "u32",
  /** Totals: directories, free blocks, free inodes, free fragments outside free blocks. */
  cs_ndir: "u32",
  cs_nbfree: "u32",
  cs_nifree: "u32",
  cs_nffree: "u32",
});

/** A group's header, at fragment 16 of the group; its bitmaps follow it. */
export const cylinderGroup = struct("cg", "", {
  cg_magic: "u32",
  cg_cgx: "u32",
  /** Fragments in this group: the last one may be short. */
  cg_ndblk: "u32",
  cs_ndir: "u32",
  cs_nbfree: "u32",
  cs_nifree: "u32",
  cs_nffree: "u32",
  /** Where the last search for a fragment, and for an inode, ended. */
  cg_rotor: "u32",
  cg_irotor: "u32",
});

/** Bytes from the start of the header to a bitmap: set = inode used; set = fragment free. */
export const INODES_USED_OFFSET = 64;
export const fragmentsFreeOffset = (inodesPerGroup: number): number =>
  INODES_USED_OFFSET + inodesPerGroup / 8;

export const dinode = struct(
  "dinode",
  "",
  {
    di_mode: "u16",
    di_nlink: "u16",
    di_uid: "u16",
    di_gid: "u16",
    di_size_high: "u32",
    di_size: "u32",
    /** Seconds and nanoseconds. */
    di_atime: "u32",
    di_atime_nsec: "u32",
    di_mtime: "u32",
    di_mtime_nsec: "u32",
    di_ctime: "u32",
    di_ctime_nsec: "u32",
    /** Addresses; of a device, `di_db[0]` is its number. */
    di_db: ["u32", UFS.DIRECT],
    di_ib: ["u32", UFS.INDIRECT],
    di_flags: "u32",
    /** Sectors held, addresses of addresses included. */
    di_blocks: "u32",
    di_gen: "u32",
  },
  { size: 128 },
);

/** A directory entry; its name follows, with a NUL, to a multiple of four bytes. */
export const direct = struct("direct", "", {
  d_ino: "u32",
  d_reclen: "u16",
  d_namlen: "u16",
});

/** Bytes that an entry with a name of `length` bytes needs. */
export const entrySize = (length: number): number => direct.size + ((length + 4) & ~3);

/** Numbers of a file system's shape, from its superblock. */
export interface Geometry {
  readonly fragments: number;
  readonly groups: number;
  readonly fragmentsPerGroup: number;
  readonly inodesPerGroup: number;
  /** First data fragment, counted from a group's start. */
  readonly dataOffset: number;
}

export const groupStart = ({ fragmentsPerGroup }: Geometry, group: number): number =>
  group * fragmentsPerGroup;
export const groupOf = ({ fragmentsPerGroup }: Geometry, fragment: number): number =>
  Math.floor(fragment / fragmentsPerGroup);
/** Fragments in a group: all groups are whole but perhaps the last. */
export const groupFragments = (geometry: Geometry, group: number): number =>
  Math.min(geometry.fragmentsPerGroup, geometry.fragments - groupStart(geometry, group));

/** The block that holds an inode, and the inode's offset in it, bytes. */
export function inodeLocation(
  geometry: Geometry,
  inode: number,
): { readonly fragment: number; readonly offset: number } {
  const group = Math.floor(inode / geometry.inodesPerGroup);
  const index = inode % geometry.inodesPerGroup;
  const block = Math.floor(index / UFS.INODES_PER_BLOCK);
  return {
    fragment: groupStart(geometry, group) + UFS.INODES_OFFSET + block * UFS.FRAGMENTS_PER_BLOCK,
    offset: (index % UFS.INODES_PER_BLOCK) * dinode.size,
  };
}
