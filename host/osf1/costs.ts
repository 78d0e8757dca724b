/**
 * The server's part of the ledger of declared cycles (host/machine/costs.ts): the work that the Unix
 * server does in TypeScript, one row per kind of work. None lies on a path whose difference the paper
 * measures: stubs, copies, traps and messages are executed. Cycles are calibrated on one column of
 * Table 4 only (INKS_TRAP); rows that no row of the table reaches stay assumed.
 */

/** As in host/machine/costs.ts, whose ledger these rows join. */
export interface CostRow {
  readonly id: string;
  readonly cycles: number;
  /** What takes the time. */
  readonly reason: string;
  /** Where the number is from. */
  readonly source: string;
  /** How it was obtained, and on which column of the paper when it was calibrated. */
  readonly how: "measured" | "calibrated" | "assumed";
}

/** Instructions counted by eye in the corresponding 4.3BSD routine, misses at 14 cycles added. */
const source = "length of the 4.3BSD routine of the same work; no measurement of OSF/1's";
const assumed = <const Id extends string>(id: Id, cycles: number, reason: string) =>
  ({ id, cycles, reason, source, how: "assumed" }) as const;

export const COSTS = [
  assumed("call", 900, "every call: uthread, arguments, credentials held, signals looked at"),
  assumed("descriptor", 120, "a descriptor to its open file: table, reference, lock"),
  assumed("descriptor-allocate", 150, "the lowest free descriptor; a file structure"),
  assumed("path", 400, "namei: the path's buffer, its root and its start"),
  assumed(
    "path-component",
    700,
    "namei, each name: name cache, vnode's lock and reference, rights",
  ),
  assumed("directory-block", 350, "a block of a directory searched or read"),
  assumed("buffer-lookup", 450, "a block found in the buffer cache: hash, hold, release"),
  assumed("inode-read", 600, "an inode taken out of its block"),
  assumed("inode-update", 500, "an inode put into its block"),
  assumed("block-allocate", 900, "a block or fragment found in a bitmap"),
  assumed("inode-allocate", 1200, "an inode found in a bitmap and made new"),
  assumed("file-transfer", 800, "read and write: uio, vnode's lock, where the block is"),
  assumed("attributes", 500, "stat: attributes of a vnode gathered"),
  assumed("attributes-change", 400, "chmod, chown, utimes: rights looked at, attributes set"),
  assumed("limits", 900, "a resource limit checked and set"),
  assumed("identity", 60, "who a process is: a word or two of the process read or changed"),
  assumed("process-create", 9000, "fork: process structure, descriptors, regions, links"),
  assumed("process-exit", 6000, "exit: descriptors, children, parent told, regions"),
  assumed("process-wait", 700, "wait: children looked through, one laid to rest"),
  assumed("program-load", 8000, "execve: arguments gathered, image looked at, descriptors closed"),
  assumed("signal-post", 700, "a signal sent: rights, pending set, who takes it"),
  assumed("signal-take", 900, "a pending signal chosen, its action and mask"),
  assumed("signal-action", 300, "an action or mask read and set"),
  assumed("pipe-transfer", 500, "a pipe's buffer filled or emptied, the other end told"),
  assumed("terminal-character", 60, "a character through the line discipline"),
  assumed("poll-descriptor", 200, "a descriptor asked whether it is ready"),
  assumed("lock", 400, "record locks of a file looked through"),
  assumed("region", 600, "the list of a process's regions searched and changed"),
  assumed("sleep", 600, "a service thread put to sleep and taken up again"),
  assumed("clock", 250, "time of day, or a timer read or set"),
] as const satisfies readonly CostRow[];

export type CostId = (typeof COSTS)[number]["id"];
