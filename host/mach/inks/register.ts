/**
 * What an in-kernel server does first: it hands the kernel its trap tables and a pool of service
 * stacks, and gets the addresses of copyin and copyout (paper §2.3, §3.3). The result is an
 * `inks_server` that asm/inks.s reads. Tables hang off the task, as in the paper (§3.4.3).
 */
import { inksRegistration } from "../../abi/inks.ts";
import { inksServer, serviceStack } from "../../abi/kernel.ts";
import { KERN_RETURN } from "../../abi/mach.ts";
import type { KernelState } from "../kern/state.ts";
import { clearWords, taskAt } from "../kern/views.ts";

const {
  KERN_SUCCESS,
  KERN_FAILURE,
  KERN_INVALID_ADDRESS,
  KERN_INVALID_ARGUMENT,
  KERN_RESOURCE_SHORTAGE,
} = KERN_RETURN;

/** Most tables and service stacks of one server; a bound on what a registration may ask. */
const MOST = 64;

/** Argument words of the registration trap. */
export const INKS_REGISTER_ARGUMENTS = 7;

/** Addresses that the kernel tells a server: `copyin` and `copyout` for its clients' memory. */
export interface CopyRoutines {
  readonly copyin: number;
  readonly copyout: number;
}

/**
 * inks_register(table, table_count, dp, stacks, stack_size, stack_count, result)
 * Purpose: registers the calling task's trap tables and service stacks.
 * Conditions: the caller is a server loaded in the kernel; a second registration replaces the first
 *   only while none of its stacks is in use.
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
  if (tableCount < 1 || tableCount > MOST || stackCount < 1 || stackCount > MOST)
    return KERN_INVALID_ARGUMENT;
  const sized = stackSize >= 4096 && (stackSize & (stackSize - 1)) === 0;
  if (!sized || stacks % stackSize !== 0) return KERN_INVALID_ARGUMENT;
  if (owner.inks !== 0) return KERN_INVALID_ARGUMENT;

  const rows = k.copyin(task, table, tableCount * inksRegistration.size);
  if (!rows || !reachable(k, task, stacks, stackSize * stackCount)) return KERN_INVALID_ADDRESS;
  const answer = new Uint8Array(8);
  const words = new DataView(answer.buffer);
  words.setUint32(0, routines.copyin);
  words.setUint32(4, routines.copyout);
  if (!k.copyout(task, result, answer)) return KERN_INVALID_ADDRESS;

  const server = k.kalloc(inksServer.size);
  const copy = k.kalloc(rows.length);
  if (server === 0 || copy === 0) return KERN_RESOURCE_SHORTAGE;
  rows.forEach((byte, i) => k.memory.write8(copy + i, byte));
  clearWords(k.memory, server, inksServer.size);
  const record = inksServer.at(k.memory, server);
  record.table = copy;
  record.table_count = tableCount;
  record.dp = dp;
  record.stack_count = stackCount;
  for (let i = stackCount - 1; i >= 0; i--) {
    const stack = stacks + i * stackSize;
    const head = new Uint8Array(8);
    new DataView(head.buffer).setUint32(serviceStack.offset.next, record.stack_free);
    k.copyout(task, stack, head);
    record.stack_free = stack;
  }
  owner.inks = server;
  return KERN_SUCCESS;
}

/** Whether a task may write the first word of every page of a range. */
function reachable(k: KernelState, task: number, address: number, length: number): boolean {
  for (let page = address; page < address + length; page += 4096)
    if (!k.copyout(task, page, new Uint8Array(4))) return false;
  return true;
}
