/**
 * The Mach trap table: what a negative number in r22 means (Mach's kern/syscall_sw.c).
 *
 * To add a trap: its number in `abi/mach.ts`, its row here, at its place by number. `argc` counts
 * argument words; those beyond the fourth are copied from the caller's stack by the system call
 * entry, two instructions each, 12 at most. A handler runs as its caller (`cpu.active_thread`) and
 * returns the value for r28, or "blocked" when its caller waits or is gone; then `runNext` says who
 * is next. A handler that may have to wait for something else than a message is a procedure
 * (kern/procedure.ts).
 */
import { KERN_RETURN, MACH_PORT, MACH_TRAP } from "../abi/mach.ts";
import {
  type DeviceWrite,
  syscall_device_write_request,
  syscall_device_writev_request,
} from "./device/device-traps.ts";
import { mach_msg_trap } from "./ipc/mach-msg.ts";
import { swtch, swtch_pri, thread_switch } from "./kern/give-up.ts";
import {
  syscall_mach_port_allocate,
  syscall_mach_port_allocate_name,
  syscall_mach_port_deallocate,
  syscall_mach_port_insert_right,
  syscall_task_set_special_port,
  syscall_task_suspend,
  syscall_task_terminate,
  syscall_thread_depress_abort,
} from "./kern/ipc-mig.ts";
import {
  mach_host_self,
  mach_reply_port,
  mach_task_self,
  mach_thread_self,
} from "./kern/ipc-tt.ts";
import { procedure_call, type Procedure } from "./kern/procedure.ts";
import type { KernelState, TrapResult } from "./kern/state.ts";
import {
  syscall_task_create,
  syscall_vm_allocate,
  syscall_vm_deallocate,
  syscall_vm_map,
} from "./vm/vm-traps.ts";

/** Argument words, exactly as many as the row's `argc`; unsigned. */
type Args = readonly number[];

export interface MachTrap {
  /** As in r22, a negative number. */
  readonly number: number;
  readonly name: string;
  readonly argc: number;
  readonly handler: (
    k: KernelState,
    thread: number,
    args: Args,
  ) => TrapResult | Procedure<TrapResult>;
}

const trap = (
  number: number,
  name: string,
  argc: number,
  handler: MachTrap["handler"],
): MachTrap => ({ number: number | 0, name, argc, handler });

/** Argument `i` of a row whose `argc` covers it. */
const word = (args: Args, i: number): number => args[i]! >>> 0;

const deviceWrite = (args: Args): DeviceWrite => ({
  device: word(args, 0),
  reply: word(args, 1),
  mode: word(args, 2),
  recnum: word(args, 3),
});

/** Traps of the IPC before Mach 3.0 that answered a port's name; they answer the null port. */
const NULL_PORTS: readonly number[] = [-10, -11, -12, -13, -55, -56];

export const MACH_TRAPS: readonly MachTrap[] = [
  ...NULL_PORTS.map((number) => trap(number, "null_port", 0, () => MACH_PORT.MACH_PORT_NULL)),
  trap(MACH_TRAP.TRAP_MACH_MSG, "mach_msg_trap", 7, (k, _thread, args) =>
    mach_msg_trap(k, {
      msg: word(args, 0),
      option: word(args, 1),
      send_size: word(args, 2),
      rcv_size: word(args, 3),
      rcv_name: word(args, 4),
      time_out: word(args, 5),
      notify: word(args, 6),
    }),
  ),
  trap(MACH_TRAP.TRAP_MACH_REPLY_PORT, "mach_reply_port", 0, mach_reply_port),
  trap(MACH_TRAP.TRAP_MACH_THREAD_SELF, "mach_thread_self", 0, mach_thread_self),
  trap(MACH_TRAP.TRAP_MACH_TASK_SELF, "mach_task_self", 0, mach_task_self),
  trap(MACH_TRAP.TRAP_MACH_HOST_SELF, "mach_host_self", 0, mach_host_self),
  trap(MACH_TRAP.TRAP_DEVICE_WRITEV_REQUEST, "device_writev_request", 6, (k, thread, args) =>
    syscall_device_writev_request(k, thread, deviceWrite(args), {
      address: word(args, 4),
      count: word(args, 5),
    }),
  ),
  trap(MACH_TRAP.TRAP_DEVICE_WRITE_REQUEST, "device_write_request", 6, (k, thread, args) =>
    syscall_device_write_request(k, thread, deviceWrite(args), {
      address: word(args, 4),
      bytes: word(args, 5),
    }),
  ),
  trap(MACH_TRAP.TRAP_SWTCH_PRI, "swtch_pri", 1, swtch_pri),
  trap(MACH_TRAP.TRAP_SWTCH, "swtch", 0, swtch),
  trap(MACH_TRAP.TRAP_THREAD_SWITCH, "thread_switch", 3, (k, thread, args) =>
    thread_switch(k, thread, word(args, 0), word(args, 1), word(args, 2)),
  ),
  trap(MACH_TRAP.TRAP_VM_MAP, "vm_map", 11, (k, thread, args) =>
    syscall_vm_map(k, thread, word(args, 0), word(args, 1), {
      size: word(args, 2),
      mask: word(args, 3),
      anywhere: word(args, 4) !== 0,
      memory_object: word(args, 5),
      offset: word(args, 6),
      copy: word(args, 7) !== 0,
      cur_protection: word(args, 8),
      max_protection: word(args, 9),
      inheritance: word(args, 10),
    }),
  ),
  trap(MACH_TRAP.TRAP_VM_ALLOCATE, "vm_allocate", 4, (k, thread, args) =>
    syscall_vm_allocate(k, thread, [word(args, 0), word(args, 1), word(args, 2), word(args, 3)]),
  ),
  trap(MACH_TRAP.TRAP_VM_DEALLOCATE, "vm_deallocate", 3, (k, thread, args) =>
    syscall_vm_deallocate(k, thread, word(args, 0), word(args, 1), word(args, 2)),
  ),
  trap(MACH_TRAP.TRAP_TASK_CREATE, "task_create", 3, (k, thread, args) =>
    syscall_task_create(k, thread, word(args, 0), word(args, 1), word(args, 2)),
  ),
  trap(MACH_TRAP.TRAP_TASK_TERMINATE, "task_terminate", 1, (k, thread, args) =>
    syscall_task_terminate(k, thread, word(args, 0)),
  ),
  trap(MACH_TRAP.TRAP_TASK_SUSPEND, "task_suspend", 1, (k, thread, args) =>
    syscall_task_suspend(k, thread, word(args, 0)),
  ),
  trap(MACH_TRAP.TRAP_TASK_SET_SPECIAL_PORT, "task_set_special_port", 3, (k, thread, args) =>
    syscall_task_set_special_port(k, thread, word(args, 0), word(args, 1), word(args, 2)),
  ),
  trap(MACH_TRAP.TRAP_THREAD_DEPRESS_ABORT, "thread_depress_abort", 1, (k, thread, args) =>
    syscall_thread_depress_abort(k, thread, word(args, 0)),
  ),
  trap(MACH_TRAP.TRAP_MACH_PORT_ALLOCATE, "mach_port_allocate", 3, (k, thread, args) =>
    syscall_mach_port_allocate(k, thread, word(args, 0), word(args, 1), word(args, 2)),
  ),
  trap(MACH_TRAP.TRAP_MACH_PORT_ALLOCATE_NAME, "mach_port_allocate_name", 3, (k, thread, args) =>
    syscall_mach_port_allocate_name(k, thread, word(args, 0), word(args, 1), word(args, 2)),
  ),
  trap(MACH_TRAP.TRAP_MACH_PORT_DEALLOCATE, "mach_port_deallocate", 2, (k, thread, args) =>
    syscall_mach_port_deallocate(k, thread, word(args, 0), word(args, 1)),
  ),
  trap(MACH_TRAP.TRAP_MACH_PORT_INSERT_RIGHT, "mach_port_insert_right", 4, (k, thread, args) =>
    syscall_mach_port_insert_right(
      k,
      thread,
      word(args, 0),
      word(args, 1),
      word(args, 2),
      word(args, 3),
    ),
  ),
];

const BY_NUMBER: ReadonlyMap<number, MachTrap> = new Map(
  MACH_TRAPS.map((row) => [row.number, row]),
);

/** The row of a trap number, signed or unsigned; undefined when the kernel has no such trap. */
export const findTrap = (number: number): MachTrap | undefined => BY_NUMBER.get(number | 0);

/**
 * Purpose: does what a thread's trap asks for.
 * Conditions: the thread is current; `args` has at least the trap's number of words.
 * Returns: the value for r28, or "blocked"; KERN_INVALID_ARGUMENT for a number without a trap.
 */
export function machTrap(k: KernelState, thread: number, number: number, args: Args): TrapResult {
  const row = findTrap(number);
  if (!row) return KERN_RETURN.KERN_INVALID_ARGUMENT;
  return procedure_call(k, row.handler(k, thread, args));
}
