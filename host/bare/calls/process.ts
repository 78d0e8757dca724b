/** System calls on the process and the machine: who it is, its limits, its end, chance, futexes. */
import { fail } from "../call-failed.ts";
import { pack } from "../../abi/linux/bytes.ts";
import { rlimit, rlimit64, sysinfo, UTSNAME_FIELD } from "../../abi/linux/structures.ts";
import { MOST_DESCRIPTORS } from "../file-table.ts";
import { BARE } from "../layout.ts";
import { type Answer, PARENT_ID, type Process, PROCESS_ID, USER_ID } from "../process.ts";
import type { CallTable } from "./call.ts";
import { RLIMIT, RLIM_NLIMITS } from "../../abi/linux/constants.ts";
import { getNanoseconds } from "./time.ts";

const exit = (_: Process, status: number): Answer => ({ kind: "exit", status: status & 0xff });

/** The system that glibc takes this for; it wants at least 3.2. */
const SYSTEM = ["Linux", "inkwell", "6.1.0", "#1", "parisc", "(none)"];

function systemName(p: Process, address: number): number {
  const bytes = new Uint8Array(SYSTEM.length * UTSNAME_FIELD);
  for (const [i, text] of SYSTEM.entries())
    for (let j = 0; j < text.length; j++) bytes[i * UTSNAME_FIELD + j] = text.charCodeAt(j);
  p.write(address, bytes);
  return 0;
}

const { RLIMIT_STACK, RLIMIT_CORE, RLIMIT_NOFILE } = RLIMIT;

/** A limit, current and highest; undefined is none. */
function limitOf(resource: number): number | undefined {
  if (resource >= RLIM_NLIMITS) fail("EINVAL");
  if (resource === RLIMIT_STACK) return BARE.BARE_STACK_LIMIT;
  if (resource === RLIMIT_CORE) return 0;
  return resource === RLIMIT_NOFILE ? MOST_DESCRIPTORS : undefined;
}

function getLimit(p: Process, resource: number, address: number): number {
  const limit = limitOf(resource) ?? 0xffffffff;
  p.write(address, pack(rlimit, { rlim_cur: limit, rlim_max: limit }));
  return 0;
}

function limit64(p: Process, process: number, resource: number, set: number, old: number): number {
  if (process !== 0 && process !== PROCESS_ID) fail("ESRCH");
  const limit = limitOf(resource) ?? -1;
  if (set !== 0) fail("EPERM");
  if (old !== 0) p.write(old, pack(rlimit64, { rlim_cur: limit, rlim_max: limit }));
  return 0;
}

function systemInformation(p: Process, address: number): number {
  const total = p.machine.memory.size;
  p.write(
    address,
    pack(sysinfo, {
      uptime: Math.floor(p.clock.now / 1e9),
      totalram: total,
      freeram: total - p.memory.table.used,
      procs: 1,
      mem_unit: 1,
    }),
  );
  return 0;
}

/** How many random bytes a call gives at most. */
const MOST_RANDOM = 1 << 16;

function random(p: Process, buffer: number, length: number, flags: number): number {
  if (flags & ~7) fail("EINVAL");
  const count = Math.min(length, MOST_RANDOM);
  p.write(buffer, p.random.bytes(count));
  return count;
}

const FUTEX_COMMAND = 0x7f;
const [FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET] = [0, 1, 9, 10];

/** There is one thread: nobody waits, and only time or a signal can wake. */
function futex(width: 32 | 64) {
  return (
    p: Process,
    address: number,
    operation: number,
    value: number,
    timeout: number,
  ): Answer => {
    const command = operation & FUTEX_COMMAND;
    if (command === FUTEX_WAKE || command === FUTEX_WAKE_BITSET) return 0;
    if (command !== FUTEX_WAIT && command !== FUTEX_WAIT_BITSET) fail("ENOSYS");
    if (p.readWord(address) !== value) fail("EAGAIN");
    const time = timeout === 0 ? Number.POSITIVE_INFINITY : getNanoseconds(p, timeout, width);
    // A set's timeout is a moment, of the monotonic clock unless it says otherwise.
    const deadline = command === FUTEX_WAIT ? p.clock.now + time : time;
    const slept = p.sleep(deadline, "futex, and no other thread can wake it");
    return slept === "slept" ? fail("ETIMEDOUT") : slept === "interrupted" ? fail("EINTR") : slept;
  };
}

const answer = (value: number) => (): Answer => value;

function threeIds(p: Process, ...addresses: number[]): number {
  for (const address of addresses.slice(0, 3)) p.writeWord(address, USER_ID);
  return 0;
}

/** The set of processors that the process may run on: there is one. */
function processors(p: Process, _process: number, size: number, address: number): number {
  if (size < 4 || size % 4 !== 0) fail("EINVAL");
  p.writeWord(address, 1);
  return 4;
}

export const PROCESS_CALLS: CallTable = {
  exit: exit,
  exit_group: exit,
  getpid: answer(PROCESS_ID),
  getppid: answer(PARENT_ID),
  gettid: answer(PROCESS_ID),
  set_tid_address: answer(PROCESS_ID),
  getpgrp: answer(PROCESS_ID),
  getpgid: (_, id) => (id === 0 || id === PROCESS_ID ? PROCESS_ID : fail("ESRCH")),
  getsid: (_, id) => (id === 0 || id === PROCESS_ID ? PROCESS_ID : fail("ESRCH")),
  getuid: answer(USER_ID),
  getgid: answer(USER_ID),
  geteuid: answer(USER_ID),
  getegid: answer(USER_ID),
  getgroups: answer(0),
  getresuid: threeIds,
  getresgid: threeIds,
  uname: systemName,
  getrlimit: getLimit,
  prlimit64: limit64,
  getpriority: answer(20),
  sysinfo: systemInformation,
  sched_yield: answer(0),
  sched_getaffinity: processors,
  futex: futex(32),
  futex_time64: futex(64),
  getrandom: random,
};
