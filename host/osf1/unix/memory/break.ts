/** brk: the end of a process's data. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import { pageUp } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { lockNew, mayLock } from "./locking.ts";

/**
 * Sets the break; what cannot be is left as it is.
 * @returns where the break is: `address`, when that could be done.
 */
export function* brk(unix: Unix, call: Call, address: number): Blocking<number> {
  const { process } = call;
  const { memory, limits } = process;
  yield* call.charge("region");
  if (address < memory.brkStart) return memory.brk;
  const before = pageUp(memory.brk);
  const after = pageUp(address);
  if (after > before) {
    const grows = after - before;
    const isTooMuch =
      address - memory.brkStart > limits.RLIMIT_DATA.soft ||
      memory.size + grows > limits.RLIMIT_AS.soft;
    if (isTooMuch || memory.overlapping(before, after).length > 0) return memory.brk;
    try {
      if (memory.locksFuture && !mayLock(unix, call, grows)) return memory.brk;
      yield* unix.system.tasks.map(process, {
        address: before,
        length: grows,
        protection: 3,
        fixed: true,
        shared: false,
      });
    } catch (error) {
      if (error instanceof UnixError) return memory.brk;
      throw error;
    }
    memory.grow({
      start: before,
      end: after,
      protection: 3,
      shared: false,
      mayWrite: true,
      kind: "heap",
    });
    if (memory.locksFuture) yield* lockNew(unix, call, before, after);
  } else if (after < before) {
    yield* unix.system.tasks.unmap(process, after, before - after);
    yield* memory.remove(after, before);
  }
  memory.brk = address;
  return address;
}
