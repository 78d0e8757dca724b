/** The disk: its data sheet comes out of the model, and requests through the kernel take that time. */
import { describe, expect, test } from "vitest";
import { D } from "../../../host/mach/device/device.ts";
import { Disk } from "../../../host/mach/device/disk.ts";
import {
  AT_REST,
  diskSectors,
  HP_C2235,
  seekMs,
  serve,
  type DiskState,
} from "../../../host/mach/device/disk-timing.ts";
import { Kernel } from "../../../host/mach/kernel.ts";
import { kernel_thread } from "../../../host/mach/kern/kernel-thread.ts";

/** A fixed sequence of pseudo-random numbers below `limit`. */
function* numbers(limit: number): Generator<number> {
  for (let x = 12345; ;) {
    x = (x * 1103515245 + 12345) % 2 ** 31;
    yield Math.floor((x / 2 ** 31) * limit);
  }
}

describe("timing", () => {
  test("capacity, seeks and rotation are the data sheet's", () => {
    expect((diskSectors(HP_C2235) * 512) / 1e6).toBeCloseTo(420, -1);
    expect(seekMs(HP_C2235, 0)).toBe(0);
    expect(seekMs(HP_C2235, 1)).toBe(3);
    expect(seekMs(HP_C2235, HP_C2235.cylinders / 3)).toBeCloseTo(12.6, 5);
  });

  test("random single sectors take command, average seek, half a turn and a little", () => {
    const next = numbers(diskSectors(HP_C2235));
    let now = 0;
    let state: DiskState = AT_REST;
    const count = 4000;
    for (let i = 0; i < count; i++) {
      const served = serve(HP_C2235, state, now, {
        sector: next.next().value!,
        count: 1,
        write: true,
      });
      now = served.done;
      state = served.state;
    }
    // The data sheet's average seek, half of 16.67 ms, one sector of 59, one millisecond of command.
    expect(now / count).toBeGreaterThan(20);
    expect(now / count).toBeLessThan(24);
  });

  test("long sequential reads go at the media's rate, short ones come from the buffer", () => {
    const track = HP_C2235.sectorsPerTrack;
    const rate = (pieces: number, each: number): number => {
      let now = 0;
      let state: DiskState = AT_REST;
      for (let i = 0; i < pieces; i++) {
        const served = serve(HP_C2235, state, now, { sector: i * each, count: each, write: false });
        now = served.done;
        state = served.state;
      }
      return (pieces * each * 512) / now / 1000; // MB/s
    };
    const media = (track * 512 * 60) / 1e6;
    expect(rate(1, 40 * track)).toBeGreaterThan(0.8 * media);
    expect(rate(1, 40 * track)).toBeLessThan(media);
    expect(rate(500, 16)).toBeGreaterThan(0.75 * media);
  });
});

describe("through the kernel", () => {
  async function disk() {
    const kernel = await Kernel.boot();
    const now = (): number => kernel.machine.cycles;
    const clock = { now, cyclesPerMs: kernel.cycles_per_millisecond };
    return { kernel, disk: new Disk(kernel, kernel.interrupts, clock, {}) };
  }

  test("what is written is read again, and the time passes", async () => {
    const { kernel, disk: sd } = await disk();
    const data = Uint8Array.from({ length: 8192 }, (_, i) => i * 7);
    let read: Uint8Array | number | undefined;
    kernel_thread(
      kernel,
      kernel.kernelTask,
      (function* work() {
        expect(yield* sd.write(0, 5000, data)).toBe(8192);
        read = yield* sd.read(0, 5000, 8192);
      })(),
    );
    kernel.run({ cycles: 10 * 66_670_000 });
    expect(read).toEqual(data);
    const ms = kernel.machine.cycles / kernel.cycles_per_millisecond;
    expect(ms).toBeGreaterThan(10);
    expect(ms).toBeLessThan(80);
    expect(sd.statistics).toMatchObject({ reads: 1, writes: 1, bytes: 16384 });
  });

  test("requests are served in one sweep", async () => {
    const { kernel, disk: sd } = await disk();
    const cylinder = HP_C2235.heads * HP_C2235.sectorsPerTrack;
    const order: number[] = [];
    for (const at of [10, 900, 300, 1200, 600])
      kernel_thread(
        kernel,
        kernel.kernelTask,
        (function* work() {
          yield* sd.read(0, at * cylinder, 512);
          order.push(at);
        })(),
      );
    kernel.run({ cycles: 66_670_000 });
    expect(order).toEqual([10, 300, 600, 900, 1200]);
    expect(kernel.liveElements("thread")).toEqual([]);
  });

  test.each([
    [0, 100, D.D_INVALID_SIZE],
    [0, 0, D.D_INVALID_SIZE],
    [diskSectors(HP_C2235), 512, D.D_INVALID_RECNUM],
    [0xffffffff, 512, D.D_INVALID_RECNUM],
  ])("record %i, %i bytes: %i", async (recnum, bytes, code) => {
    const { disk: sd } = await disk();
    expect(sd.read(0, recnum, bytes).next()).toEqual({ done: true, value: code });
  });
});
