/** The clock as a device: a page of it that tasks map, which shows the time from tick to tick. */
import { expect, test } from "vitest";
import { KERN_RETURN, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { Console } from "../../../host/mach/device/console.ts";
import { D } from "../../../host/mach/device/device.ts";
import { Kernel } from "../../../host/mach/kernel.ts";
import { TimeDevice } from "../../../host/mach/device/time.ts";
import { ipc_port_release_send } from "../../../host/mach/ipc/destroy.ts";
import type { VmObject } from "../../../host/mach/vm/vm-object.ts";
import { guest } from "../kern/guest.ts";
import { Caller, leaks } from "../vm/caller.ts";
import { mapObject } from "../vm/test-pager.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { VM_PROT_READ, VM_PROT_DEFAULT, VM_PROT_ALL } = VM_PROT;
const AT = 0x50000000;
/** A machine so slow that a tick is ten thousand cycles. */
const SLOW = { clockMHz: 1 };

async function opened() {
  const task = await Caller.boot({ machine: SLOW });
  const { k } = task;
  k.devices.add(new Console(k, k.interrupts, () => k.machine.cycles));
  k.devices.add(new TimeDevice(k.clock));
  const master = task.send(k.host.port("masterDevice"));
  const open = (name: string): number =>
    task.call(master, "device_open", { mode: 1, name }).values["device"] as number;
  const map = (device: number, prot: number = VM_PROT_READ, offset = 0, size: number = PAGE_SIZE) =>
    task.call(device, "device_map", { prot, offset, size, unmap: 0 });
  const enter = (pager: number, prot: number, copy = 0, address = AT): number =>
    task.call(task.self, "vm_map", {
      ...{ address, size: PAGE_SIZE, mask: 0, anywhere: 0, memory_object: pager, offset: 0, copy },
      ...{ cur_protection: prot, max_protection: prot, inheritance: 1 },
    }).code;
  return { task, k, open, map, enter };
}

test("maps to read: seconds, microseconds, seconds, as of the last tick", async () => {
  const { task, k, open, map, enter } = await opened();
  const pager = map(open("time")).values["pager"] as number;
  expect(enter(pager, VM_PROT_READ)).toBe(KERN_RETURN.KERN_SUCCESS);
  const host = task.send(k.host.port("hostPriv"));
  expect(task.call(host, "host_set_time", { new_time: [735264000, 250000] }).code).toBe(0);
  const shown = (): number => {
    task.beginTouch(AT).result(); // somebody runs, and could see it
    const [seconds, microseconds, check] = [0, 4, 8].map((offset) => task.word(AT + offset)!);
    expect(check).toBe(seconds);
    return seconds! * 1e6 + microseconds!;
  };
  const { values } = task.call(host, "host_get_time");
  const [seconds, microseconds] = values["current_time"] as readonly [number, number];
  const behind = shown() - (seconds * 1e6 + microseconds);
  expect(Math.abs(behind)).toBeLessThanOrEqual(10_000);
  expect(shown()).toBeGreaterThanOrEqual(735264000250000 - 10_000);
  expect(leaks(k)).toEqual([]);
});

test("moves while a program looks at it, a hundred times a second", async () => {
  const { kernel, task, words } = await guest(
    `
	.text
	.globl	_start
_start:
	ldil	L%${AT},%r5
	ldil	L%changes,%r9
	ldo	R%changes(%r9),%r9
	ldi	0,%r8
look:
	ldw	4(%r5),%r6
	comb,=,n	%r6,%r7,look
	nop
	copy	%r6,%r7
	addi	1,%r8,%r8
	b	look
	stw	%r8,0(%r9)
	.data
	.align	8
	.globl	changes
changes:	.word	0
`,
    { machine: SLOW },
  );
  const device = new TimeDevice(kernel.clock);
  const made = kernel.pagers.devicePages.map(device, VM_PROT_READ, 0, PAGE_SIZE);
  const { pager } = made as { pager: number };
  const object = kernel.pagers.enter(pager) as VmObject;
  mapObject(kernel, task, object, { address: AT, pages: 1 });
  ipc_port_release_send(kernel, pager);
  kernel.run({ cycles: 100 * kernel.clock.cyclesPerTick });
  const [changes] = words("changes");
  expect(changes).toBeGreaterThanOrEqual(99);
  expect(changes).toBeLessThanOrEqual(101);
});

test("is slewed a little at each tick, until it is as far as was wanted, or another slew begins", async () => {
  const { clock, machine } = await Kernel.boot({ machine: SLOW });
  const ahead = (): number => clock.time - clock.uptime;
  const ticks = (count: number): number => {
    const before = clock.time;
    machine.idle(count * clock.cyclesPerTick);
    expect(clock.time).toBeGreaterThan(before); // it never goes back
    return ahead();
  };
  expect([clock.adjust(1003), ahead()]).toEqual([0, 0]);
  expect([ticks(1), ticks(99)]).toEqual([5, 500]); // 5 microseconds a tick (Mach's tickadj)
  expect([clock.adjust(-300), ahead()]).toEqual([500, 500]);
  expect([ticks(20), ticks(40), ticks(1000)]).toEqual([400, 200, 200]);
  expect(clock.adjust(2_000_000)).toBe(0);
  expect(ticks(2)).toBe(300); // a big one: ten times as fast
  clock.time = 5_000_000_000;
  expect(clock.time).toBe(5_000_000_000);
  const at = clock.time - clock.uptime;
  expect(ticks(1) - at).toBe(50);
  expect(clock.timeOfTick).toBeLessThanOrEqual(clock.time);
});

test("is one page for all, to read only, and gone with its last user", async () => {
  const { task, k, open, map, enter } = await opened();
  const device = open("time");
  const wired = k.vm.pages.wiredCount;
  const pager = map(device).values["pager"] as number;
  expect(map(device).values["pager"]).toBe(pager); // the same object
  expect(k.vm.pages.wiredCount).toBe(wired + 1);
  const { KERN_SUCCESS, KERN_PROTECTION_FAILURE } = KERN_RETURN;
  expect(enter(pager, VM_PROT_DEFAULT)).toBe(KERN_PROTECTION_FAILURE);
  expect(enter(pager, VM_PROT_READ)).toBe(KERN_SUCCESS);
  // A copy is one's own, and time stands still in it.
  const copy = AT + 16 * PAGE_SIZE;
  expect(enter(pager, VM_PROT_ALL, 1, copy)).toBe(KERN_SUCCESS);
  expect(task.beginTouch(copy + 4, 7).result()).toBe(7);
  k.machine.idle(5 * k.clock.cyclesPerTick);
  expect(task.beginTouch(AT + 4).result()).not.toBe(7);
  expect(task.word(copy + 4)).toBe(7);
  // Without its port it shows on, and mapped anew it is still the same page.
  task.call(task.self, "mach_port_destroy", { name: pager });
  const again = map(device).values["pager"] as number;
  expect(enter(again, VM_PROT_READ, 0, AT + PAGE_SIZE)).toBe(KERN_SUCCESS);
  expect(k.vm.pages.wiredCount).toBe(wired + 1);
  expect(task.beginTouch(AT + PAGE_SIZE + 4).result()).toBe(task.word(AT + 4));
  expect(leaks(k)).toEqual([]);
  expect(k.vm.pages.wiredCount).toBe(0);
});

test("refuses what it is not for; other devices refuse to be mapped", async () => {
  const { task, k, open, map } = await opened();
  const time = open("time");
  expect(map(open("console")).code).toBe(D.D_INVALID_OPERATION);
  expect(map(time, VM_PROT_DEFAULT).code).toBe(D.D_INVALID_OPERATION);
  expect(map(time, VM_PROT_READ, PAGE_SIZE).code).toBe(D.D_INVALID_SIZE);
  expect(map(time, VM_PROT_READ, 0, PAGE_SIZE + 1).code).toBe(D.D_INVALID_SIZE);
  const read = { mode: 0, recnum: 0, bytes_wanted: 4 };
  expect(task.call(time, "device_read_inband", read).code).toBe(D.D_INVALID_OPERATION);
  expect(
    task.call(time, "device_get_status", { flavor: 0, statusCnt: 2 }).values["status"],
  ).toEqual([0, 0]);
  expect(leaks(k)).toEqual([]);
});
