/** OSF/1's fcntl: 4.3BSD's commands, `struct flock` of five fields. */
import { struct } from "../../abi/struct.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import {
  getCloseOnExec,
  getLock,
  getStatusFlags,
  type LockRequest,
  setCloseOnExec,
  setLock,
  setStatusFlags,
} from "../unix/files/control.ts";
import { dup } from "../unix/files/descriptors.ts";
import type { Unix } from "../unix/unix.ts";

const F = {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETLK: 7,
  F_SETLK: 8,
  F_SETLKW: 9,
} as const;
const FD_CLOEXEC = 1;

const flock = struct("osf1_flock", "OFLOCK", {
  l_start: "u32",
  l_len: "u32",
  l_pid: "u32",
  l_type: "u16",
  l_whence: "u16",
});
const TYPES = ["read", "unlock", "write"] as const;
const WHENCE = ["set", "current", "end"] as const;

/** @throws UnixError EINVAL, EBADF, EAGAIN, … */
export function* fcntl(
  unix: Unix,
  call: Call,
  number: number,
  command: number,
  argument: number,
): Blocking<number> {
  switch (command) {
    case F.F_DUPFD:
      return yield* dup(unix, call, number, { from: argument | 0 });
    case F.F_GETFD:
      return (yield* getCloseOnExec(unix, call, number)) ? FD_CLOEXEC : 0;
    case F.F_SETFD:
      yield* setCloseOnExec(unix, call, number, (argument & FD_CLOEXEC) !== 0);
      return 0;
    case F.F_GETFL:
      return yield* getStatusFlags(unix, call, number);
    case F.F_SETFL:
      yield* setStatusFlags(unix, call, number, argument);
      return 0;
    case F.F_GETLK:
      return yield* tellLock(unix, call, number, argument);
    case F.F_SETLK:
    case F.F_SETLKW:
      yield* setLock(unix, call, number, yield* request(call, argument), command === F.F_SETLKW);
      return 0;
    default:
      throw new UnixError("EINVAL");
  }
}

function* request(call: Call, address: number): Blocking<LockRequest> {
  const bytes = new Uint8Array(flock.size);
  yield* call.copyin(address, bytes);
  const { l_start, l_len, l_type, l_whence } = flock.at(new ArrayBytes(bytes), 0);
  const [type, whence] = [TYPES[l_type - 1], WHENCE[l_whence]];
  if (type === undefined || whence === undefined) throw new UnixError("EINVAL");
  return { type, whence, start: l_start | 0, length: l_len | 0 };
}

function* tellLock(unix: Unix, call: Call, number: number, address: number): Blocking<number> {
  const wanted = yield* request(call, address);
  const holder = yield* getLock(unix, call, number, wanted);
  const bytes = new Uint8Array(flock.size);
  yield* call.copyin(address, bytes);
  const view = flock.at(new ArrayBytes(bytes), 0);
  view.l_type = 1 + TYPES.indexOf(holder?.type ?? "unlock");
  if (holder) {
    view.l_start = holder.start;
    view.l_len = holder.length;
    view.l_pid = holder.pid;
    view.l_whence = 0;
  }
  yield* call.copyout(bytes, address);
  return 0;
}
