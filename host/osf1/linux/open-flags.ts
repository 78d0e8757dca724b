/** Flags of open and fcntl between Linux/hppa's bits and this Unix's, by their names. */
import { OPEN as LINUX } from "../../abi/linux/files.ts";
import { OPEN } from "../unix/constants.ts";

/** What both have; the access mode is the same in both. O_SYNC, two bits of Linux's, is apart. */
const SHARED = [
  "O_APPEND",
  "O_ASYNC",
  "O_CLOEXEC",
  "O_CREAT",
  "O_DIRECTORY",
  "O_EXCL",
  "O_NOATIME",
  "O_NOCTTY",
  "O_NOFOLLOW",
  "O_NONBLOCK",
  "O_PATH",
  "O_TRUNC",
] as const;

export function unixOpenFlags(linux: number): number {
  let flags = linux & LINUX.O_ACCMODE;
  for (const name of SHARED) if ((linux & LINUX[name]) !== 0) flags |= OPEN[name];
  return (linux & LINUX.O_SYNC) === 0 ? flags : flags | OPEN.O_SYNC;
}

export function linuxOpenFlags(unix: number): number {
  let flags = unix & OPEN.O_ACCMODE;
  for (const name of SHARED) if ((unix & OPEN[name]) !== 0) flags |= LINUX[name];
  return (unix & OPEN.O_SYNC) === 0 ? flags : flags | LINUX.O_SYNC;
}
