/**
 * What an in-kernel server tells the kernel: first of all its trap tables and a pool of service
 * stacks, for which it gets the addresses of copyin and copyout (paper §2.3, §3.3); later tables that
 * are for one port only (§3.4.3), and more stacks. The result is an `inks_server` that asm/inks.s
 * reads.
 */
import { inksRegistration } from "../../abi/inks.ts";
import { inksRow, inksServer, IE, serviceStack } from "../../abi/kernel.ts";
import { KERN_RETURN, MACH_TRAP } from "../../abi/mach.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import { ipc_entry_lookup } from "../ipc/entry.ts";
import { ip_reference, ip_release } from "../ipc/object.ts";
import type { KernelState } from "../kern/state.ts";
import { task_deallocate, task_reference } from "../kern/task-reference.ts";
import { clearWords, entryAt, taskAt } from "../kern/views.ts";

const {
  KERN_SUCCESS,
  KERN_FAILURE,
  KERN_INVALID_ADDRESS,
  KERN_INVALID_ARGUMENT,
  KERN_INVALID_NAME,
  KERN_INVALID_RIGHT,
  KERN_RESOURCE_SHORTAGE,
} = KERN_RETURN;

/** Most tables of one server, and most stacks in one call: bounds on what a server may ask. */
const MOST = 64;

/** Addresses that the kernel tells a server: `copyin` and `copyout` for its clients' memory. */
export interface CopyRoutines {
  readonly copyin: number;
  readonly copyout: number;
}

type Handler = (
  k: KernelState,
  task: number,
  args: readonly number[],
  routines: CopyRoutines,
) => number;

/** A trap for in-kernel servers: as a row of the Mach trap table. */
export interface InksTrap {
  readonly number: number;
  readonly name: string;
  readonly argc: number;
  readonly handler: Handler;
}

export const INKS_TRAPS: readonly InksTrap[] = [
  {
    number: MACH_TRAP.TRAP_INKS_REGISTER | 0,
    name: "inks_register",
    argc: 7,
    handler: inks_register,
  },
  { number: MACH_TRAP.TRAP_INKS_TABLES | 0, name: "inks_tables", argc: 3, handler: inks_tables },
  { number: MACH_TRAP.TRAP_INKS_STACKS | 0, name: "inks_stacks", argc: 3, handler: inks_stacks },
];

/**
 * inks_register(table, table_count, dp, stacks, stack_size, stack_count, result)
 * Purpose: registers the calling task's trap tables, for all its ports, and service stacks.
 * Conditions: the caller is a server loaded in the kernel, and has not registered yet.
 * Returns: KERN_SUCCESS, and two words {copyin, copyout} at `result`; KERN_FAILURE out of the kernel;
 *   KERN_INVALID_ARGUMENT for odd counts or sizes, KERN_INVALID_ADDRESS for memory it does not have.
 */
export function inks_register(
  k: KernelState,
  task: number,
  args: readonly number[],
  routines: CopyRoutines,
): number {
  const [table, tableCount, dp, stacks, stackSize, stackCount, result] = args as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const owner = taskAt(k, task);
  if (owner.kernel_loaded === 0) return KERN_FAILURE;
  if (tableCount > MOST || !stacksAreSized(stacks, stackSize, stackCount) || owner.inks !== 0)
    return KERN_INVALID_ARGUMENT;
  const rows = k.copyin(task, table, tableCount * inksRegistration.size);
  if (!rows || !haveHeads(k, task, stacks, stackSize, stackCount)) return KERN_INVALID_ADDRESS;
  const answer = words(routines.copyin, routines.copyout);
  if (!k.copyout(task, result, answer)) return KERN_INVALID_ADDRESS;

  inks_reap(k);
  const server = k.kalloc(inksServer.size);
  const copy = server === 0 ? 0 : k.kalloc(MOST * inksRow.size);
  if (copy === 0) {
    if (server !== 0) k.kfree(server, inksServer.size);
    return KERN_RESOURCE_SHORTAGE;
  }
  clearWords(k.memory, server, inksServer.size);
  const record = inksServer.at(k.memory, server);
  record.table = copy;
  record.dp = dp;
  addRows(k, server, rows, 0);
  addStacks(k, task, server, { stacks, stackSize, stackCount });
  owner.inks = server;
  return KERN_SUCCESS;
}

/**
 * inks_tables(port, table, table_count)
 * Purpose: registers more tables, for traps through one port (§3.4.3). A kernel whose tables are the
 *   task's takes them for all ports.
 * Returns: KERN_SUCCESS; KERN_FAILURE without a registration; KERN_INVALID_NAME, KERN_INVALID_RIGHT: no
 *   receive right; KERN_INVALID_ADDRESS; KERN_RESOURCE_SHORTAGE: too many tables.
 */
export function inks_tables(k: KernelState, task: number, args: readonly number[]): number {
  const [name, table, count] = args as [number, number, number];
  const { inks, itk_space } = taskAt(k, task);
  if (inks === 0) return KERN_FAILURE;
  const entry = ipc_entry_lookup(k, itk_space, name);
  if (entry === 0) return KERN_INVALID_NAME;
  const { ie_bits, ie_object } = entryAt(k, entry);
  if ((ie_bits & IE.IE_BITS_RECEIVE) === 0) return KERN_INVALID_RIGHT;
  if (count > MOST - inksServer.at(k.memory, inks).table_count) return KERN_RESOURCE_SHORTAGE;
  const rows = k.copyin(task, table, count * inksRegistration.size);
  if (!rows) return KERN_INVALID_ADDRESS;
  addRows(k, inks, rows, ie_object);
  return KERN_SUCCESS;
}

/**
 * inks_stacks(stacks, stack_size, stack_count)
 * Purpose: adds service stacks to the pool.
 * Returns: KERN_SUCCESS; KERN_FAILURE without a registration; KERN_INVALID_ARGUMENT for odd counts or
 *   sizes, KERN_INVALID_ADDRESS for memory the server does not have.
 */
export function inks_stacks(k: KernelState, task: number, args: readonly number[]): number {
  const [stacks, stackSize, stackCount] = args as [number, number, number];
  const { inks } = taskAt(k, task);
  if (inks === 0) return KERN_FAILURE;
  if (!stacksAreSized(stacks, stackSize, stackCount)) return KERN_INVALID_ARGUMENT;
  if (!haveHeads(k, task, stacks, stackSize, stackCount)) return KERN_INVALID_ADDRESS;
  addStacks(k, task, inks, { stacks, stackSize, stackCount });
  return KERN_SUCCESS;
}

/**
 * Purpose: forgets what a task registered, when it ends. While threads of clients are in the server,
 * their way back needs the record and the task's structure: both stay, for `inks_reap`.
 */
export function inks_unregister(k: KernelState, task: number): void {
  const owner = taskAt(k, task);
  if (owner.inks === 0) return;
  const record = inksServer.at(k.memory, owner.inks);
  for (let i = 0; i < record.table_count; i++) {
    const { port } = inksRow.at(k.memory, record.table + i * inksRow.size);
    if (port !== 0) ip_release(k, port);
  }
  record.table_count = 0;
  k.kfree(record.table, MOST * inksRow.size);
  task_reference(k, task);
  k.inks_orphans.set(owner.inks, task);
  owner.inks = 0;
  inks_reap(k);
}

/** Frees what servers that have ended registered, as soon as all their stacks are back. */
export function inks_reap(k: KernelState): void {
  for (const [server, task] of k.inks_orphans) {
    const { stack_free, stack_count } = inksServer.at(k.memory, server);
    if (freeStacks(k, task, stack_free) !== stack_count) continue;
    k.inks_orphans.delete(server);
    k.kfree(server, inksServer.size);
    task_deallocate(k, task);
  }
}

/** How many stacks lie free in a server's pool. */
export function freeStacks(k: KernelState, task: number, first: number): number {
  let count = 0;
  for (let stack = first; stack !== 0; count++) {
    const head = k.copyin(task, stack, serviceStack.size);
    if (head === undefined) break;
    stack = serviceStack.at(new ArrayBytes(head), 0).next;
  }
  return count;
}

function addRows(k: KernelState, server: number, rows: Uint8Array, port: number): void {
  const record = inksServer.at(k.memory, server);
  const bytes = new ArrayBytes(rows);
  for (let at = 0; at < rows.length; at += inksRegistration.size) {
    const row = inksRow.at(k.memory, record.table + record.table_count * inksRow.size);
    const { base, count, vector } = inksRegistration.at(bytes, at);
    Object.assign(row, { base, count, vector, port });
    if (port !== 0) ip_reference(k, port);
    record.table_count += 1;
  }
}

interface Stacks {
  readonly stacks: number;
  readonly stackSize: number;
  readonly stackCount: number;
}

function addStacks(
  k: KernelState,
  task: number,
  server: number,
  { stacks, stackSize, stackCount }: Stacks,
): void {
  const record = inksServer.at(k.memory, server);
  record.stack_count += stackCount;
  for (let i = stackCount - 1; i >= 0; i--) {
    const stack = stacks + i * stackSize;
    k.copyout(task, stack, words(stack, record.stack_free, server, 0, 0));
    record.stack_free = stack;
  }
}

function stacksAreSized(stacks: number, size: number, count: number): boolean {
  const sized = size >= 4096 && (size & (size - 1)) === 0;
  return sized && stacks % size === 0 && count >= 1 && count <= MOST;
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value));
  return bytes;
}

/**
 * Whether a task may write the first word of each of these stacks. The pages above come when they are
 * used, and what is missing there faults like any memory.
 */
function haveHeads(
  k: KernelState,
  task: number,
  stacks: number,
  size: number,
  count: number,
): boolean {
  for (let i = 0; i < count; i++)
    if (!k.copyout(task, stacks + i * size, new Uint8Array(4))) return false;
  return true;
}
