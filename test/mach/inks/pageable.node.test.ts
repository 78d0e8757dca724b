/** A server in the kernel is pageable, the kernel is not (paper §3.1, L5). */
import { expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { INKS_MESSAGE, INKS_TRAP } from "../../../host/bench/configurations.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { vm_pageout_all } from "../../../host/mach/vm/vm-pageout.ts";
import { testClient, testServer } from "./programs.ts";

const LIMIT = 50_000_000;
const call = (stub: string) => `
	copy	%r3,%arg0
	ldi	40,%arg1
	ldi	2,%arg2
	ldil	L%buffer,%arg3
	bl	${stub},%rp
	ldo	R%buffer(%arg3),%arg3
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
`;

test.each([
  ["by trap", INKS_TRAP, "rpc_add"],
  ["by message", INKS_MESSAGE, "rpc_add_message"],
])("all its pages go out and come in again, %s", async (_name, configuration, stub) => {
  const programs = { client: await testClient(call(stub)), server: await testServer() };
  const bed = await rpcBed(configuration, { programs });
  const { kernel, server } = bed;
  kernel.run({ cycles: LIMIT });
  vm_pageout_all(kernel.vm);
  const text = programs.server.symbols.get("_start")!;
  const stacks = programs.server.symbols.get("service_stacks")!;
  for (const address of [text, stacks]) expect(kernel.physical(0, address)).toBeUndefined();
  // The kernel's own text and data are no pages at all.
  for (const address of [MEMORY_MAP.KERNEL_TEXT, kernel.symbol("cpu_data")])
    expect(kernel.physical(0, address)).toBe(address);
  const before = kernel.vm.counters.pageins;
  kernel.start(bed.client, [bed.names.send]);
  expect(kernel.run({ cycles: LIMIT })).toBe("idle");
  expect(Array.from(readWords(bed, "results", 2))).toEqual([0, 42]);
  expect(kernel.vm.counters.pageins).toBeGreaterThan(before);
  expect(kernel.physical(0, text)).toBeDefined();
  expect(kernel.inksServer(server.task)!.calls).toBe(stub === "rpc_add" ? 1 : 0);
});
