/**
 * Hostile clients of an in-kernel server: any number, name, argument, pointer and stack pointer in a
 * trap. Every call returns a code, the kernel's objects stay whole, no service stack is lost, and the
 * same calls take the same cycles. INKWELL_RUNS runs; INKWELL_SEED repeats one.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { KERN_RETURN, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { INKS_TRAP } from "../../../host/bench/configurations.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { freeStacks } from "../../../host/mach/inks/register.ts";
import { threadAt } from "../../../host/mach/kern/views.ts";
import { seeded } from "../../support/seed.ts";
import { testClient, testServer } from "./programs.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 4);
const CALLS = 30;
const LIMIT = 50_000_000;
/** rpc_fail returns whatever the client asks for. */
const FAIL = 9011;

interface Call {
  readonly number: number;
  /** The server's port, or any name. */
  readonly port: number | "server";
  readonly args: readonly (number | "buffer")[];
  /** undefined: the client's own stack. */
  readonly sp: number | undefined;
}

const word = fc.oneof(
  fc.constantFrom(0, 1, 3, 4, 0x1000, 0xc0000, 0x1fe08000, 0x30000000, 0x40000f00, 0xc0000000),
  fc.constantFrom(0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff, 0x40000ffe),
  fc.nat(0xffffffff),
);
const call: fc.Arbitrary<Call> = fc.record({
  number: fc.oneof(
    fc.integer({ min: 8998, max: 9013 }),
    fc.integer({ min: 2048, max: 0x7fffffff }),
    fc.constantFrom(0x7fffffff, 101000),
  ),
  port: fc.oneof({ weight: 4, arbitrary: fc.constant("server" as const) }, word),
  args: fc.array(fc.oneof(fc.constant("buffer" as const), word), { minLength: 3, maxLength: 3 }),
  sp: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, word),
});

const load = (register: string, value: number | string) =>
  `	ldil	L%${value},${register}\n	ldo	R%${value}(${register}),${register}\n`;

/** The bare trap, with a stack pointer of the client's choice; r17 keeps its own. */
function text({ number, port, args, sp }: Call): string {
  return [
    port === "server" ? "\tcopy\t%r3,%arg0\n" : load("%arg0", port),
    ...args.map((value, i) => load(`%arg${i + 1}`, value)),
    "\tcopy\t%sp,%r17\n",
    sp === undefined ? "" : load("%sp", sp),
    load("%r22", number),
    "\tldil\tL%GATEWAY,%r1\n\tble\t4(%sr7,%r1)\n\tnop\n",
    "\tcopy\t%r17,%sp\n\tkeep\t%r28\n",
  ].join("");
}

async function run(calls: readonly Call[], queueCheck: boolean) {
  const programs = {
    client: await testClient(calls.map(text).join("")),
    server: await testServer(),
  };
  const bed = await rpcBed(INKS_TRAP, { programs, kernel: { queueCheck } });
  const { kernel, server, client } = bed;
  kernel.run({ cycles: LIMIT });
  const before = checkKernel(kernel);
  kernel.start(client, [bed.names.send]);
  expect(kernel.run({ cycles: LIMIT })).toBe("idle");
  expect(readWords(bed, "done", 1)[0]).toBe(1);
  const thread = threadAt(kernel, client.thread);
  expect([thread.task, thread.inks_task, thread.inks_stack]).toEqual([client.task, 0, 0]);
  const { stack_free, stack_count } = kernel.inksServer(server.task)!;
  expect(freeStacks(kernel, server.task, stack_free)).toBe(stack_count);
  expect(checkKernel(kernel)).toEqual(before);
  return {
    codes: Array.from(readWords(bed, "results", calls.length)),
    cycles: kernel.machine.cycles,
  };
}

test("a stack pointer that is not aligned is a bad address, not a panic", async () => {
  const odd = {
    number: 9000,
    port: "server",
    args: ["buffer", "buffer", 0],
    sp: 0x40000ffe,
  } as const;
  const { codes } = await run([odd, { ...odd, sp: undefined }], false);
  expect(codes).toEqual([KERN_RETURN.KERN_INVALID_ADDRESS, KERN_RETURN.KERN_SUCCESS]);
});

test("whatever a client traps with, it gets a code and the kernel stays whole", async () => {
  const { KERN_SUCCESS, KERN_INVALID_ADDRESS } = KERN_RETURN;
  const allowed = [KERN_SUCCESS, KERN_INVALID_ADDRESS, MACH_MSG_RETURN.MACH_SEND_INTERRUPTED];
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 1, maxLength: CALLS }),
      fc.boolean(),
      async (calls, queueCheck) => {
        const first = await run(calls, queueCheck);
        calls.forEach(({ number }, i) => {
          if (number !== FAIL) expect(allowed).toContain(first.codes[i]);
        });
        expect(await run(calls, queueCheck)).toEqual(first);
      },
    ),
    { numRuns: RUNS, ...seeded() },
  );
});
