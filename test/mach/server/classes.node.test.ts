/** Two classes of system calls (R15): all kernel calls go by message; the common ones of a task's own by trap, too. */
import { expect, test } from "vitest";
import { definitions } from "../../../host/mach/definitions.ts";
import { MACH_TRAPS } from "../../../host/mach/traps.ts";
import { ROUTINE_TABLES } from "../../../host/mach/server/tables.ts";

const include = await definitions();
const routinesOf = (file: string): string[] =>
  [...include(file)!.text.matchAll(/^(?:simple)?routine (\w+)/gm)].map(([, name]) => name!);
const INTERFACES = ["mach", "mach_host", "mach_port"].map((name) => `mach/${name}.defs`);

test("by trap: memory, tasks and ports of the caller's; devices and hosts by message alone", () => {
  const byMessage = INTERFACES.flatMap(routinesOf);
  const both = MACH_TRAPS.map(({ name }) => name).filter((name) => byMessage.includes(name));
  expect(both.toSorted()).toEqual([
    ...["mach_port_allocate", "mach_port_allocate_name", "mach_port_deallocate"],
    ...["mach_port_insert_right", "task_create", "task_set_special_port", "task_suspend"],
    ...["task_terminate", "thread_depress_abort", "vm_allocate", "vm_deallocate", "vm_map"],
  ]);
  const general = [...routinesOf("mach/device.defs"), ...routinesOf("mach/mach_host.defs")];
  const trapped = MACH_TRAPS.filter(({ name }) => general.includes(name));
  expect(trapped.map(({ name }) => name)).toEqual(["thread_depress_abort"]);
});

test("every routine of the kernel's interfaces is there by message", () => {
  const served = new Set(ROUTINE_TABLES.flatMap(({ routines }) => Object.keys(routines)));
  const missing = [...INTERFACES, "mach/device.defs", "mach/bootstrap.defs"]
    .flatMap(routinesOf)
    .filter((name) => !served.has(name));
  expect(missing).toEqual([]);
});
