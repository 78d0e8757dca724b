/**
 * The server's work functions by their names in its text: what its stubs call. To add one, name it here;
 * the entry in text is made from the interface.
 */
import { MIG_RETURN } from "../../abi/mach.ts";
import type { Work, WorkEntry } from "../../mach/interface.ts";
import { nativeRoutines } from "../native/routines.ts";
import { exceptionRaise } from "./exceptions.ts";
import { generic } from "./generic.ts";
import type { Osf1 } from "./osf1.ts";
import type { Uthread } from "./uthread.ts";

export type Routine = (osf1: Osf1, thread: Uthread, entry: WorkEntry) => Work<number>;

export const ROUTINES: ReadonlyMap<string, Routine> = new Map<string, Routine>([
  ["server_generic", generic],
  ["catch_exception_raise", exceptionRaise],
  ["memory_object_init", ({ tasks }, ...rest) => objects(tasks, rest[1]).init(...rest)],
  [
    "memory_object_data_request",
    (osf1, thread, entry) =>
      osf1.tasks.information.serves(entry.argument(0))
        ? osf1.tasks.information.dataRequest(thread, entry)
        : osf1.tasks.pager.dataRequest(osf1, thread, entry),
  ],
  ["memory_object_data_return", (osf1, ...rest) => osf1.tasks.pager.dataReturn(osf1, ...rest)],
  [
    "memory_object_lock_completed",
    (osf1, ...rest) => osf1.tasks.pager.lockCompleted(osf1, ...rest),
  ],
  [
    "do_mach_notify_send_once",
    (osf1, thread, entry) =>
      osf1.requests.awaits(entry.argument(0))
        ? osf1.requests.lost(thread, entry)
        : osf1.tasks.pager.sendOnce(osf1, thread, entry),
  ],
  ["device_read_reply", ({ requests }, ...rest) => requests.readReply(...rest)],
  ["device_read_reply_inband", ({ requests }, ...rest) => requests.readReplyInband(...rest)],
  ["device_write_reply", ({ requests }, ...rest) => requests.writeReply(...rest)],
  ["device_write_reply_inband", ({ requests }, ...rest) => requests.writeReply(...rest)],
  ["memory_object_terminate", (osf1, ...rest) => osf1.tasks.pager.terminate(osf1, ...rest)],
  ...nativeRoutines(),
]);

/** Who serves the memory object that a message is about. */
function objects({ information, pager }: Osf1["tasks"], entry: WorkEntry) {
  return information.serves(entry.argument(0)) ? information : pager;
}

/** A routine that the interface has and the server does not serve. */
// oxlint-disable-next-line require-yield -- it answers at once
export function* unserved(): Work<number> {
  return MIG_RETURN.MIG_BAD_ID;
}
