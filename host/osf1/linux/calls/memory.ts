/** Linux/hppa calls on a process's own memory. */
import { MEMORY } from "../../../abi/linux/constants.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call, Protection } from "../../unix/call.ts";
import { PAGE_SIZE } from "../../unix/constants.ts";
import { brk } from "../../unix/memory/break.ts";
import { mlock, mlockall, munlock, munlockall } from "../../unix/memory/locking.ts";
import { madvise, mmap, mprotect, mremap, msync, munmap } from "../../unix/memory/mapping.ts";
import type { Unix } from "../../unix/unix.ts";
import { type LinuxTable, zero } from "../work.ts";

const { MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_LOCKED } = MEMORY;
const { MAP_PRIVATE, MAP_SHARED, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT } = MEMORY;
const { MREMAP_FIXED, MREMAP_MAYMOVE, MS_ASYNC, MS_INVALIDATE, MS_SYNC } = MEMORY;
/** The two low bits of a mapping's type; MAP_TYPE has bits that no type uses. */
const TYPE = MAP_SHARED | MAP_PRIVATE;
const PROTECTIONS = MEMORY.PROT_READ | MEMORY.PROT_WRITE | MEMORY.PROT_EXEC;

/** Bits of no consequence, such as PROT_SEM, go. */
const protectionOf = (bits: number): Protection => bits & PROTECTIONS;

function* map(
  unix: Unix,
  call: Call,
  address: number,
  length: number,
  protection: number,
  flags: number,
  number: number,
  offset: number,
): Blocking<number> {
  const type = flags & TYPE;
  if (type !== MAP_SHARED && type !== MAP_PRIVATE) throw new UnixError("EINVAL");
  const keep = (flags & MAP_FIXED_NOREPLACE) !== 0;
  return yield* mmap(unix, call, {
    address,
    length,
    protection: protectionOf(protection),
    shared: type === MAP_SHARED,
    fixed: keep || (flags & MAP_FIXED) !== 0,
    keep,
    lock: (flags & MAP_LOCKED) !== 0,
    ...((flags & MAP_ANONYMOUS) === 0 && { file: { number, offset } }),
  });
}

function* remap(
  unix: Unix,
  call: Call,
  address: number,
  oldLength: number,
  newLength: number,
  flags: number,
  to: number,
): Blocking<number> {
  const mayMove = (flags & MREMAP_MAYMOVE) !== 0;
  const isFixed = (flags & MREMAP_FIXED) !== 0;
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED)) !== 0) throw new UnixError("EINVAL");
  if (isFixed && !mayMove) throw new UnixError("EINVAL");
  const options = { mayMove, ...(isFixed && { to }) };
  return yield* mremap(unix, call, address, oldLength, newLength, options);
}

function* synchronise(
  _unix: Unix,
  call: Call,
  address: number,
  length: number,
  flags: number,
): Blocking<number> {
  const both = MS_SYNC | MS_ASYNC;
  if ((flags & ~(both | MS_INVALIDATE)) !== 0) throw new UnixError("EINVAL");
  if ((flags & both) === both) throw new UnixError("EINVAL");
  return yield* zero(msync(call, address, length, (flags & MS_SYNC) !== 0));
}

/** With MLOCK_ONFAULT pages may come when they are used; that they come now is no less. */
function* lockWith(
  unix: Unix,
  call: Call,
  address: number,
  length: number,
  flags: number,
): Blocking<number> {
  if ((flags & ~MLOCK_ONFAULT) !== 0) throw new UnixError("EINVAL");
  return yield* zero(mlock(unix, call, address, length));
}

function* lockAll(unix: Unix, call: Call, flags: number): Blocking<number> {
  const known = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT;
  if ((flags & ~known) !== 0 || flags === 0 || flags === MCL_ONFAULT) throw new UnixError("EINVAL");
  const current = (flags & MCL_CURRENT) !== 0;
  return yield* zero(mlockall(unix, call, { current, future: (flags & MCL_FUTURE) !== 0 }));
}

export const MEMORY_CALLS: LinuxTable = {
  brk: (unix, call, address) => brk(unix, call, address),
  // Linux/hppa counts the offset in pages here.
  mmap2: (unix, call, address, length, protection, flags, number, pages) =>
    map(unix, call, address, length, protection, flags, number, pages * PAGE_SIZE),
  mmap: map,
  munmap: (unix, call, address, length) => zero(munmap(unix, call, address, length)),
  mprotect: (unix, call, address, length, protection) =>
    zero(mprotect(unix, call, address, length, protectionOf(protection))),
  mremap: remap,
  msync: synchronise,
  mlock: (unix, call, address, length) => lockWith(unix, call, address, length, 0),
  mlock2: lockWith,
  munlock: (unix, call, address, length) => zero(munlock(unix, call, address, length)),
  mlockall: lockAll,
  munlockall: (unix, call) => zero(munlockall(unix, call)),
  madvise: (unix, call, address, length, advice) => {
    const discards = advice === MEMORY.MADV_DONTNEED;
    return zero(madvise(unix, call, address, length, discards ? "discard" : "none"));
  },
};
