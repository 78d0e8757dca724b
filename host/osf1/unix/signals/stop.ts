/** Job control: a process stops, and its parent is told. How it goes on again stands in post.ts. */
import type { Blocking } from "../../ufs/device.ts";
import type { Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { tellParent } from "./post.ts";

/** Stops the process whose thread runs here, until a signal sets it going. */
export function* stopHere(unix: Unix, process: Process, signal: number): Blocking<void> {
  process.state = "stopped";
  process.change = { kind: "stopped", signal };
  yield* tellParent(unix, process, { code: "CLD_STOPPED", status: signal });
  while (process.state === "stopped") yield* unix.system.sleep(process.signals);
}

/**
 * Whether a group has nobody who could set its stopped members going: no parent of a member is in
 * another group of the session. Such a group is not stopped by the terminal's signals.
 */
export const isOrphaned = (process: Process): boolean =>
  [...process.group.members].every(
    ({ parent, state }) =>
      state === "zombie" ||
      parent === undefined ||
      parent.group === process.group ||
      parent.session !== process.session,
  );
