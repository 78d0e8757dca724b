/** What a program may ask about the machine: names, memory, chance. */
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import { isSuperuser } from "../ufs/permission.ts";
import type { Call } from "./call.ts";
import type { Unix } from "./unix.ts";

/** Names of the machine; what the system calls itself is the binary interface's. */
export interface Names {
  readonly hostname: string;
  readonly domain: string;
}

export function* uname(unix: Unix, call: Call): Blocking<Names> {
  yield* call.charge("identity");
  const { hostname, domain } = unix;
  return { hostname, domain };
}

const NAME_MOST = 64;

/** @throws UnixError EPERM, EINVAL */
export function* sethostname(unix: Unix, call: Call, name: string): Blocking<void> {
  yield* call.charge("identity");
  if (!isSuperuser(call.process.credentials)) throw new UnixError("EPERM");
  if (name.length > NAME_MOST) throw new UnixError("EINVAL");
  unix.hostname = name;
}

/** @throws UnixError EPERM, EINVAL */
export function* setdomainname(unix: Unix, call: Call, name: string): Blocking<void> {
  yield* call.charge("identity");
  if (!isSuperuser(call.process.credentials)) throw new UnixError("EPERM");
  if (name.length > NAME_MOST) throw new UnixError("EINVAL");
  unix.domain = name;
}

export interface SystemInformation {
  /** Seconds since boot. */
  readonly uptime: number;
  /** Bytes in all; what is free is Mach's to know. */
  readonly memory: number;
  readonly processes: number;
}

export function* sysinfo(unix: Unix, call: Call): Blocking<SystemInformation> {
  yield* call.charge("limits");
  return {
    uptime: Math.floor(unix.system.uptime() / 1e9),
    memory: unix.options.memory,
    processes: unix.processes.size,
  };
}

/** Bytes that are made at once. */
const PIECE = 256;

/** @returns bytes put at `address`: all. @throws UnixError EFAULT */
export function* getrandom(
  unix: Unix,
  call: Call,
  address: number,
  length: number,
): Blocking<number> {
  yield* call.charge("file-transfer");
  const most = Math.min(length >>> 0, 0x1ffffff);
  for (let done = 0; done < most; done += PIECE)
    yield* call.copyout(unix.random.bytes(Math.min(PIECE, most - done)), address + done);
  return most;
}

/** Notes where a thread's number is cleared when it ends; returns the number, its process's. */
export function* setTidAddress(_unix: Unix, call: Call, address: number): Blocking<number> {
  yield* call.charge("identity");
  call.process.clearOnExit = address;
  return call.process.pid;
}
