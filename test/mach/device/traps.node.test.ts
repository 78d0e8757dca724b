/** Writes to the disk by trap, from one piece or several: who calls them is not told when they are done. */
import { expect, test } from "vitest";
import { KERN_RETURN, MACH_TRAP, MIG_RETURN } from "../../../host/abi/mach.ts";
import { D } from "../../../host/mach/device/device.ts";
import { Disk } from "../../../host/mach/device/disk.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { Caller, leaks } from "../vm/caller.ts";

const AT = 0x50000000;
const SECTOR = 512;
const [WRITE, WRITEV] = [
  MACH_TRAP.TRAP_DEVICE_WRITE_REQUEST | 0,
  MACH_TRAP.TRAP_DEVICE_WRITEV_REQUEST | 0,
];
const QUEUED = MIG_RETURN.MIG_NO_REPLY | 0;
const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 13 + (i >> 9)) & 0xff);

async function withDisk(readOnly = false) {
  const server = await Caller.boot();
  const { k } = server;
  const clock = { now: () => k.machine.cycles, cyclesPerMs: k.cycles_per_millisecond };
  const disk = new Disk(k, k.interrupts, clock, { readOnly });
  k.devices.add(disk);
  const master = server.send(k.host.port("masterDevice"));
  const { values } = server.call(master, "device_open", { mode: 3, name: "sd0" });
  server.call(server.self, "vm_allocate", { address: AT, size: 0x4000, anywhere: 0 });
  server.write(AT, pattern(0x4000));
  return { k, server, disk, device: values["device"] as number };
}

test("the caller goes on at once, may change its memory, and the disk writes what was there", async () => {
  const { k, server, disk, device } = await withDisk();
  server.patience = 1000;
  const begun = server.beginTrap(WRITE, device, 0, 0, 8, AT + 100, 2 * SECTOR);
  server.patience = 50_000_000;
  for (let i = 0; begun.result() === undefined && i < 20; i++) k.run({ cycles: 1000 });
  expect(begun.result()).toBe(QUEUED);
  server.write(AT, new Uint8Array(0x4000));
  k.run({ cycles: 10_000_000 });
  expect(disk.image.read(8 * SECTOR, 2 * SECTOR)).toEqual(
    pattern(0x4000).subarray(100, 100 + 2 * SECTOR),
  );
  expect(disk.statistics.writes).toBe(1);
  server.call(device, "device_close");
  expect(checkKernel(k)).toEqual([]);
  expect(leaks(k)).toEqual([]);
});

test("pieces are written one behind the other", async () => {
  const { k, server, disk, device } = await withDisk();
  const vector = AT + 0x3000;
  server.put(vector, AT + 4, 100, AT + 0x1000, 300, AT + 0x2004, 112);
  expect(server.trap(WRITEV, device, 0, 0, 2, vector, 3)).toBe(QUEUED);
  k.run({ cycles: 10_000_000 });
  const data = pattern(0x4000);
  expect(disk.image.read(2 * SECTOR, SECTOR)).toEqual(
    Uint8Array.of(
      ...data.subarray(4, 104),
      ...data.subarray(0x1000, 0x112c),
      ...data.subarray(0x2004, 0x2074),
    ),
  );
  server.call(device, "device_close");
  expect(leaks(k)).toEqual([]);
});

test("what is wrong is answered", async () => {
  const { k, server, disk, device } = await withDisk();
  const write = (...args: number[]) => server.trap(WRITE, ...args);
  expect(write(server.self, 0, 0, 0, AT, SECTOR)).toBe(KERN_RETURN.KERN_INVALID_CAPABILITY);
  expect(write(0, 0, 0, 0, AT, SECTOR)).toBe(KERN_RETURN.KERN_INVALID_CAPABILITY);
  expect(write(device, server.receive(), 0, 0, AT, SECTOR)).toBe(KERN_RETURN.KERN_INVALID_RIGHT);
  expect(write(device, 0, 0, 0, 0x40, SECTOR)).toBe(KERN_RETURN.KERN_INVALID_ADDRESS);
  expect(write(device, 0, 0, 0, 0xfffffff0, SECTOR)).toBe(KERN_RETURN.KERN_INVALID_ADDRESS);
  expect(write(device, 0, 0, 0, AT, 100)).toBe(D.D_INVALID_SIZE);
  expect(write(device, 0, 0, 10_000_000, AT, SECTOR)).toBe(D.D_INVALID_RECNUM);
  expect(write(device, 0, 0, 0, AT, 0x10000000)).toBe(D.D_NO_MEMORY);
  const writev = (address: number, count: number) =>
    server.trap(WRITEV, device, 0, 0, 0, address, count);
  expect(writev(AT, 17)).toBe(KERN_RETURN.KERN_INVALID_VALUE);
  expect(writev(AT, 0)).toBe(D.D_INVALID_SIZE);
  expect(writev(0x40, 1)).toBe(KERN_RETURN.KERN_INVALID_ADDRESS);
  server.put(AT, 0x40, SECTOR);
  expect(writev(AT, 1)).toBe(KERN_RETURN.KERN_INVALID_ADDRESS);
  expect(disk.statistics.writes).toBe(0);
  server.call(device, "device_close");
  expect(write(device, 0, 0, 0, AT, SECTOR)).toBe(KERN_RETURN.KERN_INVALID_CAPABILITY);
  expect(leaks(k)).toEqual([]);
});

test("a read-only disk is not written", async () => {
  const { k, server, device } = await withDisk(true);
  expect(server.trap(WRITE, device, 0, 0, 0, AT, SECTOR)).toBe(D.D_READ_ONLY);
  server.call(device, "device_close");
  expect(leaks(k)).toEqual([]);
});
