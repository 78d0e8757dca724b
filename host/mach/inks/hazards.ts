/**
 * The hazards of in-kernel servers that the paper reports, each a switch of the kernel that brings it
 * back. None is on by default: then the kernel does what the last column says.
 */

export type HazardId =
  | "exit-self"
  | "migrated-thread"
  | "wrong-port"
  | "no-preemption"
  | "page-zero"
  | "map-fork";

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
  {
    id: "page-zero",
    where: "§3.2, footnote 3",
    damage:
      "a server deallocates page zero of its address space, as it does out of the kernel where it is " +
      "loaded there, and takes the kernel's first page; the next who touches that panics",
    fixed: "the kernel's own pages are not in the map that its servers share",
  },
  {
    id: "map-fork",
    where: "§3.2",
    damage:
      "a server in the kernel makes a task that inherits its memory; vm_map_fork meets a submap, which " +
      "only the kernel's map has, and panics",
    fixed: "submaps are not passed on",
  },
];
