/** What the phases of fsck share: the disk, what is known of it, and what was mended. */
import type { Blocking } from "../device.ts";
import { MODE } from "../layout.ts";
import type { Disk, DiskInode } from "./scan.ts";

export interface Check {
  readonly disk: Disk;
  /** Inodes in use; those that are cleared are taken out. */
  readonly inodes: Map<number, DiskInode>;
  /** One line for each thing that was mended. */
  readonly mended: string[];
  /** Fragments in use, a bit each. */
  readonly used: Uint8Array;
  /** Names that lead to an inode, `.` and `..` included. */
  readonly names: Map<number, number>;
  /** Directories that were reached from the root, and from where. */
  readonly parents: Map<number, number>;
}

export const KINDS: readonly number[] = [
  MODE.IFIFO,
  MODE.IFCHR,
  MODE.IFDIR,
  MODE.IFBLK,
  MODE.IFREG,
  MODE.IFLNK,
  MODE.IFSOCK,
];
export const hasBlocks = ({ mode }: DiskInode): boolean =>
  [MODE.IFREG, MODE.IFDIR, MODE.IFLNK].includes((mode & MODE.IFMT) as never);
export const isDirectory = ({ mode }: DiskInode): boolean => (mode & MODE.IFMT) === MODE.IFDIR;

export function mend(check: Check, text: string): void {
  check.mended.push(text);
}

export function* clear(check: Check, number: number, why: string): Blocking<void> {
  mend(check, `inode ${number}: ${why}: cleared`);
  check.inodes.delete(number);
  yield* check.disk.writeInode(number, undefined);
}

export function* correct(
  check: Check,
  inode: DiskInode,
  what: string,
  change: () => void,
): Blocking<void> {
  mend(check, `inode ${inode.number}: ${what}: corrected`);
  change();
  yield* check.disk.writeInode(inode.number, inode);
}
