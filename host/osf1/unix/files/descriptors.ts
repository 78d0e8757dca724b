/** Descriptors of a process: to find, to hand out, to give up; dup and its kin. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import type { Descriptor, Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { releaseRecords } from "./lock-list.ts";
import type { OpenFile } from "./open-file.ts";

/** @throws UnixError EBADF */
export function* getDescriptor(call: Call, number: number): Blocking<Descriptor> {
  yield* call.charge("descriptor");
  return descriptorOf(call.process, number);
}

/** @throws UnixError EBADF */
export function descriptorOf(process: Process, number: number): Descriptor {
  const descriptor = process.descriptors[number];
  if (descriptor === undefined) throw new UnixError("EBADF");
  return descriptor;
}

/** The open file of a descriptor. @throws UnixError EBADF */
export function* getFile(call: Call, number: number): Blocking<OpenFile> {
  return (yield* getDescriptor(call, number)).file;
}

const limitOf = (process: Process): number => process.limits.RLIMIT_NOFILE.soft;

/** The lowest free number, at least `from`. @throws UnixError EMFILE */
export function lowestFree(process: Process, from = 0): number {
  let number = from;
  while (process.descriptors[number] !== undefined) number++;
  if (number >= limitOf(process)) throw new UnixError("EMFILE");
  return number;
}

function put(process: Process, number: number, file: OpenFile, closeOnExec: boolean): number {
  file.references++;
  process.descriptors[number] = { file, closeOnExec };
  return number;
}

/** Gives a new file its descriptor, or lets it go. @throws UnixError EMFILE */
export function* installFile(
  process: Process,
  file: OpenFile,
  closeOnExec: boolean,
  from = 0,
): Blocking<number> {
  let number: number;
  try {
    number = lowestFree(process, from);
  } catch (error) {
    if (file.references === 0) yield* file.abandon();
    throw error;
  }
  return put(process, number, file, closeOnExec);
}

/** Gives up a descriptor; the process's record locks on the file go, whatever others it has. */
export function* closeDescriptor(unix: Unix, process: Process, number: number): Blocking<void> {
  const { file } = descriptorOf(process, number);
  delete process.descriptors[number];
  if (file.vnode !== undefined) releaseRecords(unix, process, file.vnode);
  yield* file.release();
}

export function* close(unix: Unix, call: Call, number: number): Blocking<void> {
  yield* getDescriptor(call, number);
  yield* closeDescriptor(unix, call.process, number);
}

/** Closes all descriptors, or those that do not outlive execve. */
export function* closeAll(
  unix: Unix,
  process: Process,
  wanted: (descriptor: Descriptor) => boolean = () => true,
): Blocking<void> {
  for (const number of process.descriptors.keys()) {
    const descriptor = process.descriptors[number];
    if (descriptor !== undefined && wanted(descriptor))
      yield* closeDescriptor(unix, process, number);
  }
}

/** A child's table: the same open files. */
export function copyDescriptors(from: Process, to: Process): void {
  for (const [number, descriptor] of from.descriptors.entries())
    if (descriptor !== undefined) put(to, number, descriptor.file, descriptor.closeOnExec);
}

/** The lowest free descriptor, at least `from`, for the same file: dup, F_DUPFD. @throws UnixError EINVAL, EMFILE */
export function* dup(
  _unix: Unix,
  call: Call,
  number: number,
  { from = 0, closeOnExec = false } = {},
): Blocking<number> {
  const { file } = yield* getDescriptor(call, number);
  yield* call.charge("descriptor-allocate");
  if (from < 0 || from >= limitOf(call.process)) throw new UnixError("EINVAL");
  return yield* installFile(call.process, file, closeOnExec, from);
}

/** A given descriptor for the same file; what it was before is closed. @throws UnixError EBADF */
export function* dup2(
  unix: Unix,
  call: Call,
  number: number,
  to: number,
  closeOnExec = false,
): Blocking<number> {
  const { file } = yield* getDescriptor(call, number);
  if (to < 0 || to >= limitOf(call.process)) throw new UnixError("EBADF");
  if (number === to) return to;
  const { process } = call;
  const before = process.descriptors[to];
  yield* call.charge("descriptor-allocate");
  put(process, to, file, closeOnExec);
  if (before !== undefined) {
    if (before.file.vnode !== undefined) releaseRecords(unix, process, before.file.vnode);
    yield* before.file.release();
  }
  return to;
}

/** As dup2, but for two equal descriptors. @throws UnixError EBADF, EINVAL */
export function* dup3(
  unix: Unix,
  call: Call,
  number: number,
  to: number,
  closeOnExec: boolean,
): Blocking<number> {
  if (number === to) throw new UnixError("EINVAL");
  return yield* dup2(unix, call, number, to, closeOnExec);
}
