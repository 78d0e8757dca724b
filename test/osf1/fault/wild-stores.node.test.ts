/**
 * Wild stores of a server in the kernel, anywhere in the kernel's memory: each ends as a panic, a hang
 * within its bound of cycles, wrong answers, or without a trace; never as an error of the host (F1).
 * INKWELL_FUZZ says how many, INKWELL_SEED which.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { STRUCTS } from "../../../host/mach/faults/objects.ts";
import { parseFault } from "../../../host/osf1/fault/fault.ts";
import { runUnix } from "../../../host/osf1/run.ts";
import { seeded } from "../../support/seed.ts";
import { type Configuration, CONFIGURATIONS } from "../server/run.ts";
import { session, SESSION_CALLS } from "./session.ts";

const SMALL = 6;
const RUNS = Number(process.env["INKWELL_FUZZ"]) || SMALL;
const { EQUIVALENT_END, HPT_BASE, KERNEL_DATA, KERNEL_HEAP, KERNEL_TEXT, SERVER_BASE } = MEMORY_MAP;
const within = (from: number, to: number) =>
  fc.integer({ min: from, max: to - 1 }).map((address) => `0x${address.toString(16)}`);
const word = fc.nat({ max: 200 }).map((n) => 4 * n);

const target = fc.oneof(
  within(0, EQUIVALENT_END),
  within(HPT_BASE, KERNEL_HEAP),
  within(SERVER_BASE, SERVER_BASE + 0x20000),
  { weight: 2, arbitrary: within(KERNEL_TEXT, KERNEL_TEXT + 0x6000) },
  { weight: 2, arbitrary: within(KERNEL_DATA, KERNEL_DATA + 0x2000) },
  { weight: 2, arbitrary: within(KERNEL_HEAP, KERNEL_HEAP + 0x24000) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom(...STRUCTS), fc.nat({ max: 7 }), word)
      .map(([[zone, { size }], index, at]) => `${zone}[${index}]+${at % size}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("cpu_data", "zones", "kalloc_zones", "heap"), word)
      .map(([symbol, at]) => `${symbol}+${at % 64}`),
  },
);
const value = fc.oneof(
  fc.constantFrom(0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.nat({ max: 0xffff }),
  fc.integer({ min: KERNEL_HEAP, max: KERNEL_HEAP + 0x40000 }).map((at) => at & ~3),
  fc.integer({ min: 0, max: 0xffffffff }),
);

/** What became of a session with a fault in it. */
async function endOf(configuration: Configuration, fault: string): Promise<string> {
  let output = "";
  const options = await session(configuration, (text) => (output += text));
  const { ending, fault: report } = await runUnix({ ...options, fault: parseFault(fault) });
  if (ending.kind === "panic") expect(ending.report).toMatch(/^kernel panic: ./);
  if (report?.cycle === undefined) return "did not happen";
  if (ending.kind !== "ended") return ending.kind;
  return output === (await sound(configuration)) ? "nothing seen" : "wrong answers";
}

const known = new Map<Configuration, Promise<string>>();
/** What the session prints when nothing goes wrong. */
function sound(configuration: Configuration): Promise<string> {
  const run = async (): Promise<string> => {
    let output = "";
    await runUnix(await session(configuration, (text) => (output += text)));
    return output;
  };
  const output = known.get(configuration) ?? run();
  known.set(configuration, output);
  return output;
}

test("end in words, whatever they hit", async () => {
  const seen = new Map<string, number>();
  const property = fc.asyncProperty(
    fc.constantFrom(...CONFIGURATIONS.filter(({ inKernel }) => inKernel)),
    target,
    value,
    fc.integer({ min: 1, max: SESSION_CALLS }),
    async (configuration, place, stored, call) => {
      const end = await endOf(configuration, `store:${place}=${stored}@call:${call}`);
      seen.set(end, (seen.get(end) ?? 0) + 1);
    },
  );
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true, ...seeded() });
  if (RUNS > SMALL) console.log(`${RUNS} wild stores: ${JSON.stringify(Object.fromEntries(seen))}`);
});
