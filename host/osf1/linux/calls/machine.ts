/** Linux/hppa calls on the machine and on the one thread of a process: names, memory, chance, futexes. */
import { FUTEX, RANDOM } from "../../../abi/linux/constants.ts";
import { sysinfo as sysinfoStruct, UTSNAME_FIELD } from "../../../abi/linux/structures.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { pathBytes } from "../../unix/files/path.ts";
import { futexWait, futexWake } from "../../unix/futex.ts";
import {
  getrandom,
  setdomainname,
  sethostname,
  setTidAddress,
  sysinfo,
  uname,
} from "../../unix/machine.ts";
import { self } from "../../unix/process/identity.ts";
import { deadline } from "../../unix/time/clocks.ts";
import type { Unix } from "../../unix/unix.ts";
import { nanosecondsOf, timeAt, type Width } from "../times.ts";
import { getBytes, putWords } from "../../caller-words.ts";
import { type LinuxTable, type LinuxWork, putStruct, zero } from "../work.ts";

/** The system that glibc takes this for; it wants at least 3.2. */
const SYSTEM = { name: "Linux", release: "6.1.0", version: "#1", machine: "parisc" } as const;

function* systemName(unix: Unix, call: Call, address: number): Blocking<number> {
  const { hostname, domain } = yield* uname(unix, call);
  const { name, release, version, machine } = SYSTEM;
  const texts = [name, hostname, release, version, machine, domain || "(none)"];
  const bytes = new Uint8Array(texts.length * UTSNAME_FIELD);
  for (const [i, text] of texts.entries()) bytes.set(pathBytes(text), i * UTSNAME_FIELD);
  return yield* zero(call.copyout(bytes, address));
}

const NAME_MOST = 64;

const changeName = (set: typeof sethostname): LinuxWork =>
  function* (unix, call, address, length) {
    if (call.process.credentials.uid !== 0) throw new UnixError("EPERM");
    if (length > NAME_MOST) throw new UnixError("EINVAL");
    const bytes = yield* getBytes(call, address, length);
    return yield* zero(set(unix, call, String.fromCharCode(...bytes)));
  };

/** Bytes of a `struct robust_list_head`. */
const ROBUST_LIST_SIZE = 12;

/** Whoever waits for a lock of a process that has ended finds that out by other means. */
function* setRobustList(unix: Unix, call: Call, head: number, size: number): Blocking<number> {
  if (size !== ROBUST_LIST_SIZE) throw new UnixError("EINVAL");
  const process = yield* self(unix, call);
  process.robustList = head;
  return 0;
}

function* getRobustList(
  unix: Unix,
  call: Call,
  pid: number,
  head: number,
  size: number,
): Blocking<number> {
  const own = yield* self(unix, call);
  const process = pid === 0 ? own : unix.processes.get(pid);
  if (process === undefined) throw new UnixError("ESRCH");
  const { uid } = own.credentials;
  if (uid !== 0 && uid !== process.credentials.uid) throw new UnixError("EPERM");
  yield* putWords(call, size, ROBUST_LIST_SIZE);
  return yield* zero(putWords(call, head, process.robustList));
}

function* systemInformation(unix: Unix, call: Call, address: number): Blocking<number> {
  const { uptime, memory, processes } = yield* sysinfo(unix, call);
  const values = { uptime, totalram: memory, procs: processes, mem_unit: 1 };
  return yield* zero(putStruct(call, address, sysinfoStruct, values));
}

function* random(
  unix: Unix,
  call: Call,
  address: number,
  length: number,
  flags: number,
): Blocking<number> {
  const { GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE } = RANDOM;
  if ((flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) !== 0) throw new UnixError("EINVAL");
  return yield* getrandom(unix, call, address, length);
}

/** FUTEX_WAIT waits so long, FUTEX_WAIT_BITSET until then. */
function* futexUntil(
  unix: Unix,
  call: Call,
  operation: number,
  address: number,
  width: Width,
): Blocking<number | undefined> {
  if (address === 0) return undefined;
  const time = yield* timeAt(call, address, width);
  if ((operation & ~FLAGS) === FUTEX.FUTEX_WAIT) return unix.system.uptime() + nanosecondsOf(time);
  const isReal = (operation & FUTEX.FUTEX_CLOCK_REALTIME) !== 0;
  return deadline(unix, isReal ? "realtime" : "monotonic", time);
}

const FLAGS = FUTEX.FUTEX_PRIVATE_FLAG | FUTEX.FUTEX_CLOCK_REALTIME;

const futex = (width: Width): LinuxWork =>
  function* (unix, call, address, operation, value, time) {
    switch (operation & ~FLAGS) {
      case FUTEX.FUTEX_WAIT:
      case FUTEX.FUTEX_WAIT_BITSET: {
        const until = yield* futexUntil(unix, call, operation, time, width);
        return yield* zero(futexWait(unix, call, address, value, until));
      }
      case FUTEX.FUTEX_WAKE:
      case FUTEX.FUTEX_WAKE_BITSET:
        return yield* futexWake(unix, call, address, value);
      default:
        throw new UnixError("ENOSYS");
    }
  };

/** The set of processors that a process may run on: there is one. */
function* processors(
  unix: Unix,
  call: Call,
  pid: number,
  size: number,
  address: number,
): Blocking<number> {
  if (size < 4 || size % 4 !== 0) throw new UnixError("EINVAL");
  yield* self(unix, call);
  if (pid !== 0 && !unix.processes.has(pid)) throw new UnixError("ESRCH");
  yield* putWords(call, address, 1);
  return 4;
}

export const MACHINE_CALLS: LinuxTable = {
  uname: systemName,
  sethostname: changeName(sethostname),
  setdomainname: changeName(setdomainname),
  sysinfo: systemInformation,
  getrandom: random,
  futex: futex(32),
  futex_time64: futex(64),
  set_tid_address: (unix, call, address) => setTidAddress(unix, call, address),
  set_robust_list: setRobustList,
  get_robust_list: getRobustList,
  sched_yield: (unix, call) => zero(self(unix, call)),
  sched_getaffinity: processors,
  // Linux, and nothing else.
  personality: (unix, call) => zero(self(unix, call)),
};
