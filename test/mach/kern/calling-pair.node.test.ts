/**
 * A client and a server that call each other all the time hand the processor over with each message: a
 * turn is theirs together, and ends for a third thread that could run.
 */
import { expect, test } from "vitest";
import { abiSymbols } from "../../../host/abi/index.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import { link } from "../../../host/asm/link.ts";
import { INKS_MESSAGE, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { rpcBed } from "../../../host/bench/rpc/bed.ts";
import { thread_info } from "../../../host/mach/kern/info.ts";
import { testClient, testServer } from "../inks/programs.ts";

const CALLS = `
again:
	copy	%r3,%arg0
	bl	rpc_null_message,%rp
	nop
	comib,<>,n	0,%r28,failed
	b,n	again
failed:
	break	0,0
`;
const LOOPS = `
	.text
	.globl	_start
_start:
	b,n	_start
`;

test.each([
  { configuration: UNOPTIMIZED, hotPath: true },
  { configuration: UNOPTIMIZED, hotPath: false },
  { configuration: INKS_MESSAGE, hotPath: false },
])(
  "$configuration.name, with a hot path for messages: $hotPath",
  async ({ configuration, hotPath }) => {
    const programs = { client: await testClient(CALLS), server: await testServer() };
    const { kernel, client, names } = await rpcBed(configuration, {
      kernel: { hotPath },
      programs,
    });
    kernel.start(client, [names.send]);
    const object = assemble({ file: "loops.s", text: LOOPS }, { symbols: abiSymbols() });
    const third = kernel.load(link([object], { text: MEMORY_MAP.USER_TEXT }), "loops", "user");
    kernel.start(third, []);
    const tick = kernel.clock.cyclesPerTick;
    const user = (): number => {
      const words = thread_info(kernel, third.thread, 1, 11) as readonly number[];
      return words[0]! * 1e6 + words[1]!;
    };
    let [last, since, longest] = [0, 0, 0];
    for (let ticks = 0; ticks < 100; ticks++) {
      kernel.run({ cycles: tick });
      const now = user();
      since = now > last ? 0 : since + 1;
      last = now;
      longest = Math.max(longest, since);
    }
    // A turn is 100 ms. Whose is charged is chance, so that three have a third each, or one of the pair none,
    // and the third half; in a row the pair has as many turns as it takes to cost one a level of priority.
    expect(longest).toBeLessThan(50);
    expect(last / 1e6).toBeGreaterThan(0.2);
    expect(last / 1e6).toBeLessThan(0.7);
  },
);
