/**
 * A server task's whole blocks to and from the disk: device_read and device_write with memory out of
 * line, those that wait and those whose answer comes later.
 */
import { describe, expect, test } from "vitest";
import { D } from "../../../host/mach/device/device.ts";
import { Disk } from "../../../host/mach/device/disk.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { Caller, cameTo, far, leaks, receiveFrom } from "../vm/caller.ts";

const AT = 0x50000000;
const BLOCK = 8192;
const pattern = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 13 + seed + (i >> 9)) & 0xff);

async function withDisk(options = {}, readOnly = false) {
  const server = await Caller.boot(options);
  const { k } = server;
  const clock = { now: () => k.machine.cycles, cyclesPerMs: k.cycles_per_millisecond };
  const disk = new Disk(k, k.interrupts, clock, { readOnly });
  k.devices.add(disk);
  const master = server.send(k.host.port("masterDevice"));
  const opened = server.call(master, "device_open", { mode: 3, name: "sd0" });
  expect(opened.code).toBe(D.D_SUCCESS);
  server.call(server.self, "vm_allocate", { address: AT, size: 4 * BLOCK, anywhere: 0 });
  return { k, server, disk, master, device: opened.values["device"] as number };
}

/** Closes the device, ends the task. */
const end = ({ k, server, device }: Awaited<ReturnType<typeof withDisk>>): void => {
  expect(server.call(device, "device_close").code).toBe(D.D_SUCCESS);
  expect(checkKernel(k)).toEqual([]);
  expect(leaks(k)).toEqual([]);
};

describe("calls that wait", () => {
  test("write blocks and read them again, in the disk's time", async () => {
    const run = await withDisk();
    const { k, server, disk, device } = run;
    server.write(AT, pattern(2 * BLOCK, 1));
    const before = k.machine.cycles;
    const request = { mode: 0, recnum: 64, data: far(AT, 2 * BLOCK) };
    const write = server.call(device, "device_write", request);
    expect(write).toEqual({ code: D.D_SUCCESS, values: { bytes_written: 2 * BLOCK } });
    expect(disk.image.read(64 * 512, 2 * BLOCK)).toEqual(pattern(2 * BLOCK, 1));
    const milliseconds = (k.machine.cycles - before) / k.cycles_per_millisecond;
    expect(milliseconds).toBeGreaterThan(2); // 16 KB from the media take longer than that
    const read = server.call(device, "device_read", { mode: 0, recnum: 80, bytes_wanted: BLOCK });
    expect(read.code).toBe(D.D_SUCCESS);
    const { address, count } = cameTo(read, "data");
    expect(count).toBe(BLOCK);
    const pageins = k.vm.counters.pageins;
    expect(server.read(address, count)).toEqual(pattern(2 * BLOCK, 1).slice(BLOCK));
    expect(k.vm.counters.pageins).toBe(pageins); // it is in memory already
    expect(server.write(address, pattern(count, 3))).toBe(true); // the server's own
    expect(disk.image.read(80 * 512, 4)).toEqual(pattern(2 * BLOCK, 1).slice(BLOCK, BLOCK + 4));
    end(run);
  });

  test("from the middle of a page; the sender may change its memory at once", async () => {
    const run = await withDisk();
    const { server, disk, device } = run;
    server.write(AT, pattern(2 * BLOCK, 1));
    const request = { mode: 0, recnum: 0, data: far(AT + 100, BLOCK) };
    const pending = server.beginCall(device, "device_write", request);
    server.write(AT, pattern(2 * BLOCK, 9));
    server.k.run({ cycles: 10_000_000 });
    expect(pending.result()?.code).toBe(D.D_SUCCESS);
    expect(disk.image.read(0, BLOCK)).toEqual(pattern(2 * BLOCK, 1).slice(100, 100 + BLOCK));
    end(run);
  });

  test.each([
    ["no whole sectors", { recnum: 0, bytes: 100 }, D.D_INVALID_SIZE],
    ["nothing", { recnum: 0, bytes: 0 }, D.D_INVALID_SIZE],
    ["behind the end", { recnum: 10_000_000, bytes: 512 }, D.D_INVALID_RECNUM],
    ["more than memory", { recnum: 0, bytes: 0x10000000 }, D.D_NO_MEMORY],
  ])("refuse %s", async (_what, { recnum, bytes }, code) => {
    const run = await withDisk();
    const { server, device } = run;
    const read = { mode: 0, recnum, bytes_wanted: bytes };
    expect(server.call(device, "device_read", read).code).toBe(code);
    if (bytes <= BLOCK) {
      const write = { mode: 0, recnum, data: far(AT, bytes) };
      expect(server.call(device, "device_write", write).code).toBe(code);
    }
    end(run);
  });

  test("a disk that is read-only is not written", async () => {
    const run = await withDisk({}, true);
    const { server, device } = run;
    const write = { mode: 0, recnum: 0, data: far(AT, 512) };
    expect(server.call(device, "device_write", write).code).toBe(D.D_READ_ONLY);
    end(run);
  });
});

describe("requests", () => {
  test("are answered at the reply port, each when the disk is done", async () => {
    const run = await withDisk();
    const { k, server, disk, device } = run;
    server.write(AT, pattern(4 * BLOCK, 5));
    const port = server.receive();
    const replyTo = { replyTo: port };
    for (const i of [0, 1, 2]) {
      const request = { mode: 0, recnum: 1000 * i, data: far(AT + i * BLOCK, BLOCK) };
      // The sender goes on at once.
      const sent = server.call(device, "device_write_request", request, replyTo);
      expect(sent.code).toBe(0);
    }
    const wanted = { mode: 0, recnum: 0, bytes_wanted: BLOCK };
    server.call(device, "device_read_request", wanted, replyTo);
    server.call(device, "device_read_request", { ...wanted, bytes_wanted: 1 }, replyTo);
    server.call(device, "device_read_request_inband", { ...wanted, bytes_wanted: 9 }, replyTo);
    k.run({ cycles: 50_000_000 });
    const answers = [0, 1, 2, 3, 4, 5].map(() => receiveFrom(server, port)!);
    expect(receiveFrom(server, port)).toBeUndefined();
    const writes = answers.filter(({ routine }) => routine === "device_write_reply");
    expect(writes.map(({ values }) => values)).toEqual(
      [0, 1, 2].map(() => ({ return_code: 0, bytes_written: BLOCK })),
    );
    const reads = answers.filter(({ routine }) => routine === "device_read_reply");
    const [failed, done] = reads.toSorted((a) => (a.values!["return_code"] === 0 ? 1 : -1));
    expect(failed!.values).toMatchObject({ return_code: D.D_INVALID_SIZE, data: { count: 0 } });
    const data = done!.values!["data"] as { address: number; count: number };
    expect(server.read(data.address, data.count)).toEqual(pattern(4 * BLOCK, 5).slice(0, BLOCK));
    const [inband] = answers.filter(({ routine }) => routine === "device_read_reply_inband");
    expect(inband!.values!["return_code"]).toBe(D.D_INVALID_SIZE);
    expect(disk.image.read(2000 * 512, 8)).toEqual(
      pattern(4 * BLOCK, 5).slice(2 * BLOCK, 2 * BLOCK + 8),
    );
    expect(disk.statistics).toMatchObject({ writes: 3, reads: 1 });
    end(run);
  });

  test("to open a device and to write in line are answered, too", async () => {
    const run = await withDisk();
    const { k, server, master, device } = run;
    const port = server.receive();
    const replyTo = { replyTo: port };
    const next = () => {
      k.run({ cycles: 50_000_000 });
      const { routine, values } = receiveFrom(server, port)!;
      return { routine, values };
    };
    server.call(master, "device_open_request", { mode: 3, name: "sd0" }, replyTo);
    const opened = next();
    expect(opened.routine).toBe("device_open_reply");
    expect(opened.values).toEqual({ return_code: D.D_SUCCESS, device_port: device });
    server.call(master, "device_open_request", { mode: 3, name: "sd9" }, replyTo);
    expect(next()).toEqual({
      routine: "device_open_reply",
      values: { return_code: D.D_NO_SUCH_DEVICE, device_port: 0 },
    });
    // The disk takes whole sectors, and 128 bytes is the most in line.
    const data = Array.from({ length: 128 }, () => 7);
    server.call(device, "device_write_request_inband", { mode: 0, recnum: 0, data }, replyTo);
    expect(next()).toEqual({
      routine: "device_write_reply_inband",
      values: { return_code: D.D_INVALID_SIZE, bytes_written: 0 },
    });
    server.call(device, "device_close");
    end(run);
  });

  test("of a task that ends meanwhile leave nothing", async () => {
    const run = await withDisk();
    const { k, server, device } = run;
    const port = server.receive();
    const wanted = { mode: 0, recnum: 50_000, bytes_wanted: BLOCK };
    for (let i = 0; i < 3; i++)
      server.call(
        device,
        "device_read_request",
        { ...wanted, recnum: 9000 * i },
        { replyTo: port },
      );
    const request = { mode: 0, recnum: 0, data: far(AT, BLOCK) };
    server.call(device, "device_write_request", request, { replyTo: port });
    server.call(device, "device_close");
    expect(leaks(k)).toEqual([]);
  });

  test("in memory that is short", async () => {
    const run = await withDisk({ machine: { memoryBytes: 5 * 2 ** 20 } });
    const { k, server, device } = run;
    // More than all of memory goes to the disk and comes back.
    const total = 1.5 * 2 ** 20;
    const place = 0x60000000;
    server.call(server.self, "vm_allocate", { address: place, size: total, anywhere: 0 });
    for (let i = 0; i < total; i += 4 * BLOCK) server.write(place + i, pattern(4 * BLOCK, i >> 13));
    for (let i = 0; i < total; i += 4 * BLOCK) {
      const data = far(place + i, 4 * BLOCK);
      const request = { mode: 0, recnum: i / 512, data };
      expect(server.call(device, "device_write", request).code).toBe(D.D_SUCCESS);
    }
    for (let i = 0; i < total; i += 4 * BLOCK) {
      const wanted = { mode: 0, recnum: i / 512, bytes_wanted: 4 * BLOCK };
      const read = server.call(device, "device_read", wanted);
      const { address, count } = cameTo(read, "data");
      const isSame =
        Buffer.compare(server.read(address, count)!, pattern(4 * BLOCK, i >> 13)) === 0;
      expect(isSame).toBe(true);
      if (i % 3 === 0) server.call(server.self, "vm_deallocate", { address, size: count });
    }
    expect(k.vm.counters.pageouts).toBeGreaterThan(100);
    end(run);
  });
});
