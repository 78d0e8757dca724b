/**
 * What a process says about itself, after Linux's prctl: its name, whether others may look into it,
 * which signal its parent's end sends it, who gets its descendants, and that it wants no more rights.
 */
import { UnixError } from "../../errno.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Process } from "../process.ts";
import type { Unix } from "../unix.ts";

/** Settings that prctl has, and what outlives fork and execve of them. */
export interface ProcessControl {
  /** SUID_DUMP_DISABLE 0, SUID_DUMP_USER 1. Fork copies it; a program begins with 1, unless it gains rights. */
  dumpable: number;
  /** 0: none. Neither a child nor a program with more rights has it. */
  parentDeathSignal: number;
  /** Descendants whose parent ends become its children. Its children are not that. */
  isSubreaper: boolean;
  /** Programs give no more rights than it has: for good, and for its children. */
  noNewPrivileges: boolean;
}

export const freshControl = (): ProcessControl => ({
  dumpable: 1,
  parentDeathSignal: 0,
  isSubreaper: false,
  noNewPrivileges: false,
});

/** A child's, at fork. */
export const inheritedControl = ({
  dumpable,
  noNewPrivileges,
}: ProcessControl): ProcessControl => ({
  ...freshControl(),
  dumpable,
  noNewPrivileges,
});

/** A new program begins, or a process has other rights from now on. */
export function resetControl({ control }: Process, gainsRights: boolean): void {
  control.dumpable = gainsRights ? 0 : 1;
  if (gainsRights) control.parentDeathSignal = 0;
}

/** Who gets a process's children when it ends: the nearest above that wants them, or process 1. */
export function heirOf(unix: Unix, process: Process): Process | undefined {
  if (process === unix.init) return undefined;
  for (let above = process.parent; above !== undefined; above = above.parent)
    if (above.control.isSubreaper && !above.exiting) return above;
  return unix.init;
}

/** Whether a process may look into another, as /proc asks. @throws UnixError EACCES */
export function checkInspection(process: Process, other: Process): void {
  const { credentials, control } = other;
  const { uid } = process.credentials;
  if (isSuperuser(process.credentials) || process === other) return;
  if (credentials.uid !== uid || control.dumpable === 0) throw new UnixError("EACCES");
}
