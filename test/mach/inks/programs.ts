/**
 * Client and server images for tests of in-kernel servers: text of the test's own around KMIG's stubs
 * of rpc.defs. A test server keeps the micro server's work functions and may replace some; it has the
 * client's stubs, too, to call another.
 */
import { readFileSync } from "node:fs";
import { abiSymbols } from "../../../host/abi/index.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import type { Image } from "../../../host/asm/image.ts";
import { link } from "../../../host/asm/link.ts";
import { rpcInterface } from "../../../host/bench/rpc/programs.ts";
import { libmach } from "../../../host/mach/text.ts";

const symbols = abiSymbols();
const object = (file: string, text: string) => assemble({ file, text }, { symbols });
const serverText = readFileSync(
  new URL("../../../host/bench/rpc/server.s", import.meta.url),
  "utf8",
);

/** In a work function with a frame of 192 bytes: receives from the port whose name is at sp−52, for 5 ms. */
export const RECEIVE_5_MS = `	ldo	-180(%sp),%arg0
	ldi	MACH_RCV_MSG+MACH_RCV_TIMEOUT,%arg1
	ldi	0,%arg2
	ldi	64,%arg3
	ldi	5,%r20
	stw	%r20,-56(%sp)
	bl	mach_msg_trap,%rp
	stw	%r0,-60(%sp)`;

/** Words of results a test client may store. */
const RESULTS = 64;

/**
 * A client: `body` runs with r3 = the server's port; `keep` stores a register as the next result (r7
 * walks over them). It then waits for ever.
 */
export async function testClient(body: string): Promise<Image> {
  const stubs = await rpcInterface();
  const text = `
	.text
	.macro	keep register
	stws,ma	\\register,4(%r7)
	.endm
; raw number, register: the bare trap, its result in r28
	.macro	raw number
	ldil	L%\\number,%r22
	ldo	R%\\number(%r22),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
	.endm
	.globl	_start
_start:
	copy	%arg0,%r3
	copy	%arg1,%r4
	ldil	L%results,%r7
	ldo	R%results(%r7),%r7
	ldo	128(%sp),%sp
${body}
	ldil	L%done,%r19
	ldi	1,%r20
	stw	%r20,R%done(%r19)
	bl	mach_reply_port,%rp
	nop
	stw	%r28,-52(%sp)
	ldil	L%buffer,%arg0
	ldo	R%buffer(%arg0),%arg0
	ldi	MACH_RCV_MSG,%arg1
	ldi	0,%arg2
	ldi	64,%arg3
	stw	%r0,-56(%sp)
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	break	0,0
	.data
	.align	8
	.globl	results
results:	.block	${4 * RESULTS}
	.globl	done
done:	.word	0
	.globl	buffer
buffer:	.block	2048
`;
  return link(
    [object("test-client.s", text), object("rpc-user.s", stubs.user), ...(await libmach())],
    {
      text: MEMORY_MAP.USER_TEXT,
      data: MEMORY_MAP.USER_DATA,
    },
  );
}

/** The micro server with `replace`d work functions, linked at `base`. */
export async function testServer(
  replace: Readonly<Record<string, string>> = {},
  base: number = MEMORY_MAP.SERVER_BASE,
): Promise<Image> {
  const stubs = await rpcInterface();
  let text = serverText;
  for (const name of Object.keys(replace)) {
    const before = text;
    text = text.replace(new RegExp(`^${name}:|^\\tjust_returns ${name}$`, "m"), (found) =>
      found.endsWith(":") ? `replaced_${name}:` : "",
    );
    text = text.replace(new RegExp(`^\\t\\.globl\\t${name}$`, "m"), "");
    if (text === before) throw new Error(`testServer: no work function ${name}`);
  }
  const own = Object.entries(replace)
    .map(([name, body]) => `\t.globl\t${name}\n${name}:\n${body}\n`)
    .join("");
  return link(
    [
      object("server.s", text),
      object("own.s", `\t.text\n${own}`),
      object("rpc-user.s", stubs.user),
      object("rpc-server.s", stubs.server),
      object("rpc-trap-server.s", stubs.trapServer),
      ...(await libmach()),
    ],
    { text: base },
  );
}
