/** Servers in the kernel without a task of their own (paper §3.4.2), as far as slow paths know them. */
import type { Kernel } from "../kernel.ts";
import { threadAt } from "../kern/views.ts";
import type { VmMap } from "../vm/vm-map.ts";

/**
 * Where the addresses are that a call of a task's names: in its map. A thread in a server without a task
 * makes its calls as its own task's, but its addresses are the kernel's.
 */
export function callersMap(k: Kernel, task: number): VmMap {
  if (!k.taskless) return k.vmMapOf(task);
  const { active_thread } = k.cpu;
  const isInServer = active_thread !== 0 && threadAt(k, active_thread).inks_task === task;
  return isInServer ? k.kernelVmMap : k.vmMapOf(task);
}
