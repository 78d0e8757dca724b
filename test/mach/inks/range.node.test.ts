// How a system call is told to be a server's trap, and what that costs the others (U4, paper §3.3): a
// comparison of the number, which old kernels do not have. Cycles a call, by the simulated clock.
import { describe, expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { task_set_emulation } from "../../../host/mach/kern/emulation.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { guest } from "../kern/guest.ts";

/** An emulated Unix call that returns at once, and a Mach trap that does little. */
const UNIX_CALL = 20;
const CALLS = 32;

const loop = (name: string, number: string): string => `
	.globl	${name}
${name}:
	ldi	${CALLS},%r4
	mfctl	%cr16,%r5
1:	ldil	L%${number},%r22
	ldo	R%${number}(%r22),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
	addib,>	-1,%r4,1b
	nop
	mfctl	%cr16,%r6
	bv	%r0(%rp)
	sub	%r6,%r5,%r28
`;

const TEXT = `
	.text
	.globl	_start
_start:
	ldil	L%results,%r3
	ldo	R%results(%r3),%r3
${["emulated_calls", "native_calls"]
  .map(
    (name) => `
	bl	${name},%rp		; the caches are warm after this
	nop
	bl	${name},%rp
	nop
	stws,ma	%r28,4(%r3)`,
  )
  .join("\n")}
	stop
${loop("emulated_calls", String(UNIX_CALL))}
${loop("native_calls", "TRAP_MACH_TASK_SELF")}
	.globl	emulator
emulator:
	be	0(%sr0,%r31)
	nop
	.data
	.globl	results
results:	.block	8
`;

async function cyclesOf(inks: boolean) {
  const { kernel, task, image, words } = await guest(TEXT, { threads: [], inks });
  task_set_emulation(kernel, task, image.symbols.get("emulator")!, UNIX_CALL);
  const thread = kernel.createThread(task, {
    entry: image.symbols.get("_start")!,
    stack: MEMORY_MAP.USER_DATA + 0x800,
    args: [],
  });
  thread_resume(kernel, thread);
  kernel.run({ cycles: 1_000_000 });
  const [emulated, native] = words("results", 2);
  return { emulated: emulated! / CALLS, native: native! / CALLS };
}

describe("large positive numbers are servers' traps (U4)", () => {
  test("the comparison costs other calls a few cycles, no more than the paper's forty", async () => {
    const [old, inks] = await Promise.all([cyclesOf(false), cyclesOf(true)]);
    const native = inks.native - old.native;
    const emulated = inks.emulated - old.emulated;
    console.log(
      `emulated call: +${emulated} of ${old.emulated}, Mach trap: +${native} of ${old.native}`,
    );
    expect(old.emulated).toBeGreaterThan(100);
    // A Mach trap is compared; an emulated call was found in the task's vector before.
    expect(native).toBeGreaterThanOrEqual(2);
    expect(native).toBeLessThanOrEqual(40);
    expect(emulated).toBeGreaterThanOrEqual(0);
    expect(emulated).toBeLessThanOrEqual(native);
  });
});
