/**
 * The hazards of in-kernel servers that the paper reports, each a switch of the kernel that brings it
 * back. None is on by default: then the kernel does what the last column says.
 */

export type HazardId = "exit-self" | "migrated-thread" | "wrong-port" | "no-preemption";

export interface Hazard {
  readonly id: HazardId;
  readonly where: string;
  /** What goes wrong with the switch on. */
  readonly damage: string;
  /** What the kernel does with it off. */
  readonly fixed: string;
}

export const HAZARDS: readonly Hazard[] = [
  {
    id: "exit-self",
    where: "§3.4.5",
    damage:
      "exit in a server terminates the client's threads, one of which runs the exit: the server's " +
      "code is cut off where it stands, and what it holds stays held",
    fixed: "the thread ends when it is back from the server",
  },
  {
    id: "migrated-thread",
    where: "§3.4.1, footnote 9",
    damage:
      "whoever has the control port of a thread in a server terminates or stops it there, with the " +
      "server's locks held",
    fixed: "the thread ends, or stops, when it is back from the server",
  },
  {
    id: "wrong-port",
    where: "§3.4.3",
    damage: "a send right for any port of a server reaches all traps of its task",
    fixed: "tables registered for a port answer at that port only",
  },
  {
    id: "no-preemption",
    where: "§3.2, footnote 4",
    damage:
      "a server that loops on a spin lock keeps the processor, and nobody can release the lock",
    fixed: "server code is preempted when it is interrupted, as a user's",
  },
];
