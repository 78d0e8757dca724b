/** System calls that name files. The tree is read-only: what would change it fails with EROFS. */
import { ERRNO } from "../../abi/linux/errno.ts";
import { ACCESS, AT, OPEN, STATX } from "../../abi/linux/files.ts";
import { CallFailed, fail } from "../call-failed.ts";
import { pack } from "../../abi/linux/bytes.ts";
import { stat64, statx } from "../../abi/linux/structures.ts";
import { modeOf, NullDevice, type OpenFile, TreeOpenFile } from "../file-table.ts";
import { type Process, USER_ID } from "../process.ts";
import type { Attributes, TreeFile } from "../surroundings.ts";
import type { CallTable, SystemCall } from "./call.ts";

const NULL_DEVICE = "/dev/null";
const OWN_FILE = "/proc/self/exe";
const NO_DIRECTORY = AT.AT_FDCWD >>> 0;

/** A path as an absolute one, relative to a descriptor's directory or to the current one. */
function absolute(p: Process, directory: number, path: string): string {
  if (path === "") fail("ENOENT");
  if (path.startsWith("/")) return path;
  const base = directory === NO_DIRECTORY ? p.directory : directoryOf(p, directory);
  return `${base === "/" ? "" : base}/${path}`;
}

function directoryOf(p: Process, descriptor: number): string {
  const file = p.files.get(descriptor);
  if (file.path === undefined || file.attributes().kind !== "directory") fail("ENOTDIR");
  return file.path;
}

function find(p: Process, directory: number, path: string, follow: boolean): TreeFile {
  return p.world.files.find(absolute(p, directory, path), follow);
}

function open(p: Process, directory: number, address: number, flags: number): number {
  const path = p.readPath(address);
  return p.files.add(openPath(p, directory, path, flags), 0, (flags & OPEN.O_CLOEXEC) !== 0);
}

function openPath(p: Process, directory: number, path: string, flags: number): OpenFile {
  const status = flags & ~(OPEN.O_CREAT | OPEN.O_EXCL | OPEN.O_TRUNC | OPEN.O_CLOEXEC);
  if (path === NULL_DEVICE) return new NullDevice(status);
  const name = path === OWN_FILE ? p.executable : path;
  const writes = (flags & OPEN.O_ACCMODE) !== 0 || (flags & OPEN.O_TRUNC) !== 0;
  const creates = (flags & OPEN.O_CREAT) !== 0;
  const file = creates
    ? existing(p, directory, name, flags)
    : find(p, directory, name, follows(flags));
  const { kind } = file.attributes();
  if (kind === "link" && !(flags & OPEN.O_PATH)) fail("ELOOP");
  if (flags & OPEN.O_DIRECTORY && kind !== "directory") fail("ENOTDIR");
  if (kind === "directory" && (writes || creates)) fail("EISDIR");
  if (writes) fail("EROFS");
  return new TreeOpenFile(file, kind, status);
}

const follows = (flags: number): boolean => (flags & OPEN.O_NOFOLLOW) === 0;

/** With O_CREAT: a file that is there already; another cannot be made where it is wanted. */
function existing(p: Process, directory: number, path: string, flags: number): TreeFile {
  const exclusive = (flags & OPEN.O_EXCL) !== 0;
  try {
    find(p, directory, path, false);
  } catch (error) {
    if (!(error instanceof CallFailed && error.errno === ERRNO.ENOENT)) throw error;
    const parent = absolute(p, directory, path).replace(/\/+[^/]+\/*$/, "");
    p.world.files.find(`${parent}/`, true);
    fail("EROFS");
  }
  return exclusive ? fail("EEXIST") : find(p, directory, path, follows(flags));
}

// What is known of a file.

const FLAGS_OF_STAT = AT.AT_SYMLINK_NOFOLLOW | AT.AT_EMPTY_PATH;

function attributes(p: Process, directory: number, address: number, flags: number): Attributes {
  const path = p.readPath(address);
  if (path === "" && flags & AT.AT_EMPTY_PATH)
    return directory === NO_DIRECTORY
      ? find(p, directory, ".", true).attributes()
      : p.files.get(directory).attributes();
  if (path === NULL_DEVICE) return new NullDevice(0).attributes();
  const follow = (flags & AT.AT_SYMLINK_NOFOLLOW) === 0;
  return find(p, directory, path === OWN_FILE && follow ? p.executable : path, follow).attributes();
}

const BILLION = 1_000_000_000n;
/** Seconds and nanoseconds. */
function split(time: bigint): [number, number] {
  const seconds = time >= 0n ? time / BILLION : -((-time + BILLION - 1n) / BILLION);
  return [Number(seconds), Number(time - seconds * BILLION)];
}

const BLOCK = 4096;
/** st_blocks counts these. */
const SECTOR = 512;
/** The one device that everything is on. */
const DEVICE = 1;

export function writeStat64(p: Process, address: number, found: Attributes): number {
  const [atime, anano] = split(found.accessed);
  const [mtime, mnano] = split(found.modified);
  const [ctime, cnano] = split(found.changed);
  const bytes = pack(stat64, {
    st_dev: DEVICE,
    st_ino_low: found.inode,
    st_mode: modeOf(found),
    st_nlink: found.links,
    st_uid: USER_ID,
    st_gid: USER_ID,
    st_size: found.size,
    st_blksize: BLOCK,
    st_blocks: Math.ceil(found.size / SECTOR),
    st_atime: atime,
    st_atime_nsec: anano,
    st_mtime: mtime,
    st_mtime_nsec: mnano,
    st_ctime: ctime,
    st_ctime_nsec: cnano,
    st_ino: found.inode,
  });
  p.write(address, bytes);
  return 0;
}

function writeStatx(p: Process, address: number, found: Attributes): number {
  const [atime, anano] = split(found.accessed);
  const [mtime, mnano] = split(found.modified);
  const [ctime, cnano] = split(found.changed);
  const bytes = pack(statx, {
    stx_mask: STATX.STATX_BASIC_STATS,
    stx_blksize: BLOCK,
    stx_nlink: found.links,
    stx_uid: USER_ID,
    stx_gid: USER_ID,
    stx_mode: modeOf(found),
    stx_ino: found.inode,
    stx_size: found.size,
    stx_blocks: Math.ceil(found.size / SECTOR),
    stx_atime: atime,
    stx_atime_nsec: anano,
    stx_mtime: mtime,
    stx_mtime_nsec: mnano,
    stx_ctime: ctime,
    stx_ctime_nsec: cnano,
    stx_dev_minor: DEVICE,
  });
  p.write(address, bytes);
  return 0;
}

function readLink(p: Process, directory: number, path: string): string {
  if (path === OWN_FILE) return p.executable;
  const file = find(p, directory, path, false);
  return file.attributes().kind === "link" ? file.target() : fail("EINVAL");
}

function writeLink(p: Process, target: string, buffer: number, size: number): number {
  if ((size | 0) <= 0) fail("EINVAL");
  const bytes = Uint8Array.from(target.slice(0, size), (c) => c.charCodeAt(0));
  p.write(buffer, bytes);
  return bytes.length;
}

/** What access() asks. */
const { X_OK, W_OK, R_OK } = ACCESS;

function access(p: Process, directory: number, address: number, mode: number): number {
  if (mode & ~(X_OK | W_OK | R_OK)) fail("EINVAL");
  const path = p.readPath(address);
  if (path === NULL_DEVICE) return mode & X_OK ? fail("EACCES") : 0;
  const file = find(p, directory, path === OWN_FILE ? p.executable : path, true);
  if (mode & W_OK) fail("EROFS");
  if (mode & R_OK && !file.permits("read")) fail("EACCES");
  if (mode & X_OK && !file.permits("execute")) fail("EACCES");
  return 0;
}

function changeDirectory(p: Process, path: string): number {
  const file = p.world.files.find(absolute(p, NO_DIRECTORY, path), true);
  if (file.attributes().kind !== "directory") fail("ENOTDIR");
  if (!file.permits("execute")) fail("EACCES");
  p.directory = file.path;
  return 0;
}

function currentDirectory(p: Process, buffer: number, size: number): number {
  const bytes = Uint8Array.from(`${p.directory}\0`, (c) => c.charCodeAt(0));
  if (bytes.length > size) fail("ERANGE");
  p.write(buffer, bytes);
  return bytes.length;
}

/** A call that would change the tree. */
const refuses: SystemCall = () => fail("EROFS");

export const PATH_CALLS: CallTable = {
  open: (p, path, flags) => open(p, NO_DIRECTORY, path, flags),
  openat: open,
  creat: (p, path) => open(p, NO_DIRECTORY, path, 1 | OPEN.O_CREAT | OPEN.O_TRUNC),
  stat64: (p, path, buffer) => writeStat64(p, buffer, attributes(p, NO_DIRECTORY, path, 0)),
  lstat64: (p, path, buffer) =>
    writeStat64(p, buffer, attributes(p, NO_DIRECTORY, path, AT.AT_SYMLINK_NOFOLLOW)),
  fstatat64: (p, directory, path, buffer, flags) =>
    writeStat64(p, buffer, attributes(p, directory, path, flags & FLAGS_OF_STAT)),
  statx: (p, directory, path, flags, _mask, buffer) =>
    writeStatx(p, buffer, attributes(p, directory, path, flags & FLAGS_OF_STAT)),
  readlink: (p, path, buffer, size) =>
    writeLink(p, readLink(p, NO_DIRECTORY, p.readPath(path)), buffer, size),
  readlinkat: (p, directory, path, buffer, size) =>
    writeLink(p, readLink(p, directory, p.readPath(path)), buffer, size),
  access: (p, path, mode) => access(p, NO_DIRECTORY, path, mode),
  faccessat: access,
  faccessat2: access,
  chdir: (p, path) => changeDirectory(p, p.readPath(path)),
  fchdir: (p, descriptor) => changeDirectory(p, directoryOf(p, descriptor)),
  getcwd: currentDirectory,
  umask: (p, mask) => {
    const old = p.fileMask;
    p.fileMask = mask & 0o777;
    return old;
  },
  link: refuses,
  unlink: refuses,
  mknod: refuses,
  chmod: refuses,
  rename: refuses,
  mkdir: refuses,
  rmdir: refuses,
  symlink: refuses,
  truncate: refuses,
  chown: refuses,
  truncate64: refuses,
  mkdirat: refuses,
  mknodat: refuses,
  fchownat: refuses,
  unlinkat: refuses,
  renameat: refuses,
  linkat: refuses,
  symlinkat: refuses,
  fchmodat: refuses,
  utimensat: refuses,
  renameat2: refuses,
  utimensat_time64: refuses,
};
