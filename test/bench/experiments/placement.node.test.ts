/**
 * Placement: the same seed gives the same places and figures, places never overlap, the usual place
 * given as a layout is the usual place, and a run can be watched and stopped.
 */
import { expect, test } from "vitest";
import { UNOPTIMIZED, CONFIGURATIONS } from "../../../host/bench/configurations.ts";
import { Cancelled, runExperiment } from "../../../host/bench/experiment.ts";
import { placement, placements } from "../../../host/bench/experiments/placement.ts";
import { seeded } from "../../../host/bench/experiments/seeded.ts";
import { RPC_LAYOUT } from "../../../host/bench/rpc/layout.ts";
import { measureCall } from "../../../host/bench/rpc/measure.ts";
import { rpcPrograms } from "../../../host/bench/rpc/programs.ts";
import { STACK_BYTES } from "../../../host/mach/load.ts";
import { kernelImage } from "../../../host/mach/text.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";

const DATA_CACHE_PAGES = 64;

test("a seed is a sequence, and reaches every page about equally often", () => {
  const draw = (seed: number, count: number) => {
    const random = seeded(seed);
    return Array.from({ length: count }, () => random(DATA_CACHE_PAGES));
  };
  expect(draw(7, 50)).toEqual(draw(7, 50));
  expect(draw(7, 50)).not.toEqual(draw(8, 50));
  const counts = Array.from({ length: DATA_CACHE_PAGES }, () => 0);
  for (const page of draw(1993, 6400)) counts[page]!++;
  // 100 each is expected; five standard deviations are 50.
  expect(Math.min(...counts)).toBeGreaterThan(50);
  expect(Math.max(...counts)).toBeLessThan(150);
});

test("placements are page-aligned, clear of each other, and more are a continuation", async () => {
  const some = placements(25);
  expect(placements(40).slice(0, 25)).toEqual(some);
  expect(placements(25, 7)).not.toEqual(some);
  for (const layout of some) {
    const { client, server } = await rpcPrograms({ layout });
    const kernel = await kernelImage(
      { inks: true, queueCheck: false, hotPath: true },
      layout.kernel,
    );
    const extents = (image: typeof client) =>
      image.segments.map(({ address, size }) => [address, address + size] as const);
    const stack = (at: number) => [at, at + STACK_BYTES] as const;
    const { HPT_BASE, KERNEL_HEAP, SERVER_BASE } = MEMORY_MAP;
    clear([...extents(client), stack(layout.client.stack)]);
    clear([...extents(server), stack(layout.server.stack!)]);
    clear([...extents(kernel), [HPT_BASE, KERNEL_HEAP]]);
    expect(layout.server.text).toBeGreaterThanOrEqual(SERVER_BASE);
    expect(layout.kernel.heap).toBeGreaterThanOrEqual(KERNEL_HEAP);
    for (const part of [layout.client, layout.server, layout.kernel])
      for (const address of Object.values(part) as number[])
        expect(address % MEMORY_MAP.PAGE_SIZE).toBe(0);
  }
});

function clear(extents: readonly (readonly [start: number, end: number])[]): void {
  const inOrder = extents.toSorted(([a], [b]) => a - b);
  for (const [i, [start]] of inOrder.entries())
    if (i > 0) expect(start).toBeGreaterThanOrEqual(inOrder[i - 1]![1]);
}

test("the usual place, spelled out, costs what it costs by default", async () => {
  const spelled = structuredClone(RPC_LAYOUT);
  for (const configuration of CONFIGURATIONS) {
    const call = (options: object) =>
      measureCall(configuration, "inout128", { ...options, iterations: 4 });
    expect(await call({ variant: { layout: spelled } })).toEqual(await call({}));
  }
});

test("the same placements give the same figures; no place is better than one without misses", async () => {
  const run = () => runExperiment(placement, { columns: [UNOPTIMIZED.name], iterations: 3 });
  const rows = await run();
  expect(await run()).toEqual(rows);
  for (const { row, value, detail } of rows) {
    const usual = await measureCall(UNOPTIMIZED, row.split("-")[0]!, { iterations: 4 });
    expect(detail["placements"]).toBe(3);
    expect(detail["minimum"]).toBeGreaterThanOrEqual(usual.cycles);
    expect(value).toBeGreaterThanOrEqual(detail["minimum"]!);
    expect(value).toBeLessThanOrEqual(detail["maximum"]!);
  }
});

test("a run is watched and stopped", async () => {
  const signal = { aborted: false };
  const seen: number[] = [];
  const run = runExperiment(placement, {
    iterations: 50,
    signal,
    progress: ({ fraction }) => {
      seen.push(fraction);
      signal.aborted ||= fraction > 0;
    },
  });
  await expect(run).rejects.toThrow(Cancelled);
  expect(seen).toEqual([0, 1 / 150]);
});
