/**
 * Defects of the OSF/1 server that the paper tells of, or that follow from what it tells: each was harmless
 * while the server was out of the kernel and showed when clients trapped into it. None is there by
 * default. The kernel's own are host/mach/inks/hazards.ts.
 */

export type DefectId = "execve-out" | "stop-at-once";

export interface Defect {
  readonly id: DefectId;
  readonly where: string;
  /** What goes wrong with it. */
  readonly damage: string;
  /** What the server does without it. */
  readonly fixed: string;
}

export const DEFECTS: readonly Defect[] = [
  {
    id: "execve-out",
    where: "§3.4.4",
    damage:
      "bsd_execve stores through its Out parameter: a place in the reply as long as stubs made copies, but " +
      "the client's address for a trap whose copies are left out, which in the server's space is nothing",
    fixed: "what goes out is copied out",
  },
  {
    id: "stop-at-once",
    where: "§4.1",
    damage:
      "SIGSTOP stops the thread of a process that is in a call where it is; one that has trapped is in the " +
      "server, and what it has locked there stays locked, if the kernel stops it there (migrated-thread)",
    fixed: "a process stops when its call is over",
  },
];
