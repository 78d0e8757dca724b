/** The trap table is Mach 3.0's (kern/syscall_sw.c): numbers, argument words, and what no trap answers. */
import { expect, test } from "vitest";
import { KERN_RETURN } from "../../../host/abi/mach.ts";
import { MACH_TRAPS } from "../../../host/mach/traps.ts";
import { Caller, leaks } from "../vm/caller.ts";

/** As published; without the older IPC, event counters (no device here has one) and ATM networks. */
const PUBLISHED: Readonly<Record<string, readonly [number, number]>> = {
  mach_msg_trap: [-25, 7],
  mach_reply_port: [-26, 0],
  mach_thread_self: [-27, 0],
  mach_task_self: [-28, 0],
  mach_host_self: [-29, 0],
  device_writev_request: [-39, 6],
  device_write_request: [-40, 6],
  swtch_pri: [-59, 1],
  swtch: [-60, 0],
  thread_switch: [-61, 3],
  vm_map: [-64, 11],
  vm_allocate: [-65, 4],
  vm_deallocate: [-66, 3],
  task_create: [-68, 3],
  task_terminate: [-69, 1],
  task_suspend: [-70, 1],
  task_set_special_port: [-71, 3],
  mach_port_allocate: [-72, 3],
  mach_port_deallocate: [-73, 2],
  mach_port_insert_right: [-74, 4],
  mach_port_allocate_name: [-75, 3],
  thread_depress_abort: [-76, 1],
};
const NULL_PORTS = [-10, -11, -12, -13, -55, -56];
/** Ours: registration of in-kernel servers, whose numbers are not published. */
const OURS = [-97, -98, -99];

test("numbers and argument words are the published ones", () => {
  const rows = MACH_TRAPS.filter(({ name }) => name !== "null_port");
  expect(Object.fromEntries(rows.map(({ name, number, argc }) => [name, [number, argc]]))).toEqual(
    PUBLISHED,
  );
});

test("what is no trap answers KERN_INVALID_ARGUMENT; the oldest, the null port", async () => {
  const caller = await Caller.boot();
  const known = [...Object.values(PUBLISHED).map(([number]) => number), ...OURS];
  for (let number = -1; number >= -140; number--) {
    if (known.includes(number)) continue;
    const answer = NULL_PORTS.includes(number) ? 0 : KERN_RETURN.KERN_INVALID_ARGUMENT;
    expect([number, caller.trap(number, 1, 2, 3, 4, 5, 6)]).toEqual([number, answer]);
  }
  expect(leaks(caller.k)).toEqual([]);
});
