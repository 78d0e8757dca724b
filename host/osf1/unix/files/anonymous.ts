/** Attributes of what is open but has no name: pipes, sockets, streams. */
import type { TimeOfDay } from "../../ufs/device.ts";
import { PAGE_SIZE } from "../constants.ts";
import type { Attributes } from "./vnode.ts";

/** The number of the file system that has no names, as `st_dev` tells it. */
const DEVICE = 0x000c;

export const anonymousAttributes = (mode: number, inode: number, time: TimeOfDay): Attributes => ({
  device: DEVICE,
  inode,
  mode,
  nlink: 1,
  uid: 0,
  gid: 0,
  rdev: 0,
  size: 0,
  blockSize: PAGE_SIZE,
  blocks: 0,
  atime: time,
  mtime: time,
  ctime: time,
});
