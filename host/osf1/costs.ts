/**
 * The server's part of the ledger of declared cycles (host/machine/costs.ts): the work that the Unix
 * server does in TypeScript, one row per kind of work. None lies on a path whose difference the paper
 * measures: stubs, copies, traps and messages are executed. Cycles are calibrated on one column of
 * Table 4 only (INKS_TRAP); rows that no row of the table reaches stay assumed.
 */
import type { CostRow } from "../mach/interface.ts";

/** Instructions counted by eye in the corresponding 4.3BSD routine, misses at 14 cycles added. */
const source = "length of the 4.3BSD routine of the same work; no measurement of OSF/1's";
const assumed = <const Id extends string>(id: Id, cycles: number, reason: string) =>
  ({ id, cycles, reason, source, how: "assumed" }) as const;

/** What a row of Table 4's trapping column leaves, in cycles at 67 MHz, when all that is executed and
 * all other rows are taken off. One row of the table sets one row here. */
const calibrated = <const Id extends string>(id: Id, cycles: number, reason: string, row: string) =>
  ({
    id,
    cycles,
    reason,
    source: `paper Table 4, INKS Trap, ${row}`,
    how: "calibrated",
  }) as const;

export const COSTS = [
  calibrated(
    "call",
    1737,
    "every call: uthread, arguments, credentials held, signals looked at",
    "nop (server) and getgid, the mean",
  ),
  assumed("descriptor", 120, "a descriptor to its open file: table, reference, lock"),
  assumed("descriptor-allocate", 150, "the lowest free descriptor; a file structure"),
  calibrated("open", 3733, "open: flags, the vnode's own open, a file structure", "create"),
  assumed("path", 400, "namei: the path's buffer, its root and its start"),
  calibrated(
    "path-component",
    2669,
    "namei, each name: name cache, vnode's lock and reference, rights",
    "stat",
  ),
  assumed("directory-block", 350, "a block of a directory searched or read"),
  assumed("buffer-lookup", 450, "a block found in the buffer cache: hash, hold, release"),
  assumed("inode-read", 600, "an inode taken out of its block"),
  assumed("inode-update", 500, "an inode put into its block"),
  assumed("block-allocate", 900, "a block or fragment found in a bitmap"),
  assumed("inode-allocate", 1200, "an inode found in a bitmap and made new"),
  assumed("file-transfer", 800, "read and write of what is no file: uio, where the data are"),
  calibrated(
    "file-read",
    8245,
    "read of a file: uio, vnode's lock, offset, where the block is",
    "64 byte-read",
  ),
  calibrated(
    "file-read-data",
    449,
    "64 bytes of a file read, besides the copy to the caller",
    "4096 byte-read less 64 byte-read",
  ),
  calibrated(
    "file-write",
    2151,
    "write of a file: uio, vnode's lock, offset, where the block is",
    "64 byte-write",
  ),
  calibrated(
    "file-write-data",
    240,
    "64 bytes of a file written, besides the copy from the caller",
    "4096 byte-write less 64 byte-write",
  ),
  assumed("attributes", 500, "stat: attributes of a vnode gathered"),
  assumed("attributes-change", 400, "chmod, chown, utimes: rights looked at, attributes set"),
  calibrated("limits", 1092, "a resource limit checked and set", "setrlimit"),
  assumed("identity", 60, "who a process is: a word or two of the process read or changed"),
  assumed("process-create", 9000, "fork: process structure, descriptors, regions, links"),
  assumed("process-exit", 6000, "exit: descriptors, children, parent told, regions"),
  assumed("process-wait", 700, "wait: children looked through, one laid to rest"),
  assumed("program-load", 8000, "execve: arguments gathered, image looked at, descriptors closed"),
  calibrated(
    "signal-post",
    3172,
    "a signal sent: rights, pending set, who takes it",
    "signal, shared with signal-take",
  ),
  calibrated(
    "signal-take",
    3375,
    "a pending signal chosen, its action and mask",
    "signal, shared with signal-post",
  ),
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
