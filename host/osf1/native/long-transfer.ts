/**
 * The routine whose data travel out of line: a read of more than a message holds in line (LITES's
 * bsd_read_long). A stub that carries memory out of line never traps (paper §5), so this is a message
 * wherever the server is.
 */
import { EMULATOR } from "../../abi/osf1.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import * as mach from "../server/mach.ts";
import { perform } from "../server/perform.ts";
import type { Uthread } from "../server/uthread.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { pageUp } from "../unix/constants.ts";
import { read } from "../unix/files/transfer.ts";
import type { Unix } from "../unix/unix.ts";

/** Pages of the server's own. @throws UnixError ENOMEM */
function* obtain(thread: Uthread, bytes: number): Work<number> {
  const self = yield* mach.mach_task_self(thread);
  const made = yield* mach.vm_allocate(thread, self, 0, bytes, true);
  if (!("value" in made)) throw new UnixError("ENOMEM");
  return made.value;
}

function* release(address: number, bytes: number): Blocking<void> {
  if (bytes === 0) return;
  yield* perform(function* (thread): Work<void> {
    yield* mach.vm_deallocate(thread, yield* mach.mach_task_self(thread), address, bytes);
  });
}

/** The address and the count of what was read go to `data` and `length`; its pages go with the reply. */
export function* readLong(
  unix: Unix,
  call: Call,
  number = 0,
  most = 0,
  data = 0,
  length = 0,
): Blocking<void> {
  const wanted = Math.min(most, EMULATOR.LONG_MOST);
  const room = pageUp(wanted);
  const address = room === 0 ? 0 : yield* perform((thread) => obtain(thread, room));
  let count = 0;
  try {
    count = yield* read(unix, call, number, address, wanted);
  } finally {
    yield* release(address + pageUp(count), room - pageUp(count));
  }
  // oxlint-disable-next-line require-yield
  yield* perform(function* ({ server: { memory } }): Work<void> {
    memory.write32(data, count === 0 ? 0 : address);
    memory.write32(length, count);
  });
}
