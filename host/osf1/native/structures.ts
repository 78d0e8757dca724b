/**
 * Structures of OSF/1's own calls, 4.3BSD's layouts: `struct stat`, `rusage`, `timeval`, `sigvec`-style
 * actions; and what their numbers mean to this Unix.
 */
import { numbers, struct, words } from "../../abi/struct.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import { getWords, putWords } from "../caller-words.ts";
import { UnixError } from "../errno.ts";
import type { Blocking, TimeOfDay } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import type { Attributes } from "../unix/files/vnode.ts";
import type { Resource } from "../unix/process/limits.ts";
import { getrusage } from "../unix/process/usage.ts";
import type { Usage } from "../unix/process.ts";
import type { Unix } from "../unix/unix.ts";

/** `struct stat` of OSF/1 1.0 (sys/stat.h). */
export const nativeStat = struct("osf1_stat", "OSTAT", {
  st_dev: "u32",
  st_ino: "u32",
  st_mode: "u32",
  st_nlink: "u16",
  st_uid: "u32",
  st_gid: "u32",
  st_rdev: "u32",
  st_size: "u32",
  ...words("st_atime", "st_spare1", "st_mtime", "st_spare2", "st_ctime", "st_spare3"),
  ...words("st_blksize", "st_blocks", "st_flags", "st_gen"),
});

/** 4.3BSD's order (sys/resource.h). */
const RESOURCES: readonly Resource[] = [
  "RLIMIT_CPU",
  "RLIMIT_FSIZE",
  "RLIMIT_DATA",
  "RLIMIT_STACK",
  "RLIMIT_CORE",
  "RLIMIT_RSS",
];

/** @throws UnixError EINVAL */
export function resourceOf(number: number): Resource {
  const resource = RESOURCES[number];
  if (resource === undefined) throw new UnixError("EINVAL");
  return resource;
}

/** `which` of getrusage. */
export const RUSAGE = numbers("", { RUSAGE_SELF: 0, RUSAGE_CHILDREN: 0xffffffff });

/** At most `room` bytes to the caller. Returns how many. */
export function* putBytes(
  call: Call,
  address: number,
  text: string | Uint8Array,
  room: number,
): Blocking<number> {
  const whole = typeof text === "string" ? Uint8Array.from(text, (c) => c.charCodeAt(0)) : text;
  const bytes = whole.subarray(0, room);
  yield* call.copyout(bytes, address);
  return bytes.length;
}

/** Two `timeval`s. @throws UnixError EINVAL */
export function* getTimes(call: Call, address: number): Blocking<[TimeOfDay, TimeOfDay]> {
  const [a = 0, b = 0, c = 0, d = 0] = yield* getWords(call, address, 4);
  return [timeOf(a, b), timeOf(c, d)];
}

/** A `timeval`. @throws UnixError EINVAL */
export function timeOf(seconds: number, microseconds: number): TimeOfDay {
  if (microseconds >= 1_000_000) throw new UnixError("EINVAL");
  return { seconds: seconds | 0, nanoseconds: microseconds * 1000 };
}

/** Nanoseconds of a `timeval` that says how long. @throws UnixError EINVAL, EFAULT */
export function* getDuration(call: Call, address: number): Blocking<number> {
  const [seconds = 0, microseconds = 0] = yield* getWords(call, address, 2);
  if ((seconds | 0) < 0 || microseconds >= 1_000_000) throw new UnixError("EINVAL");
  return seconds * 1e9 + microseconds * 1000;
}

export function* putStat(call: Call, address: number, file: Attributes): Blocking<void> {
  const bytes = new Uint8Array(nativeStat.size);
  const view = nativeStat.at(new ArrayBytes(bytes), 0);
  view.st_dev = file.device;
  view.st_ino = file.inode;
  view.st_mode = file.mode;
  view.st_nlink = file.nlink;
  view.st_uid = file.uid;
  view.st_gid = file.gid;
  view.st_rdev = file.rdev;
  view.st_size = file.size;
  view.st_atime = file.atime.seconds;
  view.st_mtime = file.mtime.seconds;
  view.st_ctime = file.ctime.seconds;
  view.st_blksize = file.blockSize;
  view.st_blocks = file.blocks;
  yield* call.copyout(bytes, address);
}

const timeval = (nanoseconds: number): [number, number] => [
  Math.floor(nanoseconds / 1e9),
  Math.floor((nanoseconds % 1e9) / 1000),
];

/** The 18 words of `struct rusage`. */
export const rusageWords = (usage: Usage): number[] => [
  ...timeval(usage.user),
  ...timeval(usage.system),
  ...[usage.maxResident, 0, 0, 0, usage.minorFaults, usage.majorFaults, 0],
  ...[usage.blocksIn, usage.blocksOut, 0, 0, usage.signals],
  ...[usage.voluntarySwitches, usage.involuntarySwitches],
];

/** getrusage. @throws UnixError EINVAL, EFAULT */
export function* getRusage(unix: Unix, call: Call, which: number, address: number): Blocking<void> {
  if (which !== RUSAGE.RUSAGE_SELF && which !== RUSAGE.RUSAGE_CHILDREN)
    throw new UnixError("EINVAL");
  const usage = yield* getrusage(unix, call, which === RUSAGE.RUSAGE_SELF ? "self" : "children");
  yield* putWords(call, address, ...rusageWords(usage));
}
