/** Who may do what with an inode: the Unix rules, superuser included. */
import { UnixError } from "../errno.ts";
import type { Inode } from "./inode.ts";
import { MODE } from "./layout.ts";

export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export const READ = 4;
export const WRITE = 2;
export const EXECUTE = 1;

export const isSuperuser = ({ uid }: Credentials): boolean => uid === 0;
export const inGroup = ({ gid, groups }: Credentials, group: number): boolean =>
  gid === group || groups.includes(group);

/** @throws UnixError EACCES */
export function checkAccess(inode: Inode, wanted: number, who: Credentials): void {
  if (isSuperuser(who)) {
    const mayExecute = inode.isDirectory || (inode.mode & 0o111) !== 0;
    if ((wanted & EXECUTE) === 0 || mayExecute) return;
    throw new UnixError("EACCES");
  }
  const shift = inode.uid === who.uid ? 6 : inGroup(who, inode.gid) ? 3 : 0;
  if (((inode.mode >> shift) & wanted) !== wanted) throw new UnixError("EACCES");
}

/** Only the owner, or the superuser. @throws UnixError EPERM */
export function checkOwner(inode: Inode, who: Credentials): void {
  if (!isSuperuser(who) && who.uid !== inode.uid) throw new UnixError("EPERM");
}

/** Whether a name may be taken out of a directory with the sticky bit. @throws UnixError EPERM */
export function checkSticky(directory: Inode, inode: Inode, who: Credentials): void {
  if ((directory.mode & MODE.ISVTX) === 0 || isSuperuser(who)) return;
  if (who.uid !== directory.uid && who.uid !== inode.uid) throw new UnixError("EPERM");
}
