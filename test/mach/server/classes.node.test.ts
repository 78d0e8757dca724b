/** Two classes of system calls (R15): all kernel calls go by message; the common ones of a task's own by trap, too. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
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

/** Interfaces by what the kernel is in them. */
const SERVED = [
  ...INTERFACES,
  ...["device", "bootstrap", "default_pager"].map((name) => `mach/${name}.defs`),
];
const SENT = ["memory_object", "memory_object_default"].map((name) => `mach/${name}.defs`);
/** Without a routine by name: exceptions and notices are written by hand, and `device`'s replies are these. */
const OTHERWISE = ["exc", "notify", "device_request", "device_reply"];

test("every routine of the kernel's interfaces is there by message", () => {
  const served = ROUTINE_TABLES.flatMap(({ routines }) => Object.keys(routines));
  const wanted = SERVED.flatMap(routinesOf);
  expect(wanted.filter((name) => !served.includes(name))).toEqual([]);
  expect(served.filter((name) => !wanted.includes(name))).toEqual([]);
  expect(new Set(served).size).toBe(served.length);
});

test("the kernel asks pagers everything that their interfaces have", () => {
  const folder = "host/mach/server";
  const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  const sent = (name: string): boolean => text.some((each) => each.includes(`"${name}"`));
  expect(SENT.flatMap(routinesOf).filter((name) => !sent(name))).toEqual([]);
});

test("there is no interface that has no place", () => {
  const files = readdirSync("host/mach/defs").filter((file) => !file.endsWith("_types.defs"));
  const placed = [...SERVED, ...SENT, ...OTHERWISE.map((name) => `mach/${name}.defs`)];
  expect(files.map((file) => `mach/${file}`).toSorted()).toEqual(placed.toSorted());
});
