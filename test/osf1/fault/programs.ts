/**
 * A Mach task that wants nothing of Unix, and a program that wants nothing else: both keep in their
 * memory what they are answered, since nobody can print without Unix.
 */
import { abiSymbols } from "../../../host/abi/index.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import { writeExecutable } from "../../../host/asm/elf/write-executable.ts";
import type { Image } from "../../../host/asm/image.ts";
import { link } from "../../../host/asm/link.ts";
import { libmach } from "../../../host/mach/text.ts";

const symbols = abiSymbols();
const MACROS = `
	.macro	address symbol, register
	ldil	L%\\symbol,\\register
	ldo	R%\\symbol(\\register),\\register
	.endm
	.macro	trap number
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	\\number,%r22
	.endm
`;

/**
 * Asks the kernel four things, over and over, every 5 ms: its task's port, memory, to take that back, and
 * for a message that does not come. \`rounds\` says how often, \`wrong\` how many answers were not as at first.
 */
const BYSTANDER = `${MACROS}
	.macro	answer index
	ldw	4*\\index(%r4),%r19
	stw	%r28,4*\\index(%r4)
	comb,=	%r0,%r6,same\\@
	nop
	comb,=,n	%r19,%r28,same\\@
	ldo	1(%r5),%r5
same\\@:
	.endm
	.text
	.globl	_start
_start:
	ldo	128(%sp),%sp
	address	answers,%r4
	copy	%r0,%r5
	copy	%r0,%r6
	bl	mach_reply_port,%rp
	nop
	copy	%r28,%r7
round:
	bl	mach_task_self,%rp
	nop
	answer	0
	ldw	0(%r4),%arg0
	address	place,%arg1
	ldi	PAGE_SIZE,%arg2
	ldi	1,%arg3
	trap	TRAP_VM_ALLOCATE
	answer	1
	ldw	0(%r4),%arg0
	address	place,%r19
	ldw	0(%r19),%arg1
	ldi	PAGE_SIZE,%arg2
	trap	TRAP_VM_DEALLOCATE
	answer	2
	stw	%r7,-52(%sp)
	ldi	5,%r19
	stw	%r19,-56(%sp)
	stw	%r0,-60(%sp)
	address	message,%arg0
	ldi	MACH_RCV_MSG+MACH_RCV_TIMEOUT,%arg1
	ldi	0,%arg2
	bl	mach_msg,%rp
	ldi	64,%arg3
	answer	3
	ldo	1(%r6),%r6
	address	rounds,%r19
	stw	%r6,0(%r19)
	b	round
	stw	%r5,4(%r19)
	.data
	.align	8
	.globl	rounds
rounds:	.word	0
wrong:	.word	0
answers:	.block	16
place:	.word	0
message:	.block	64
`;

/** Writes a byte until that fails; keeps the error at \`notes\`, and stays. */
const LAST_CALLS = {
  native: `${MACROS}
	.text
	.globl	_start
_start:
	ldo	64(%sp),%sp
again:
	ldi	1,%arg0
	address	notes,%arg1
	ldi	1,%arg2
	trap	4
	comib,=	0,%r22,again
	copy	%r22,%r19
stay:
	address	notes,%r20
	b	.
	stw	%r19,0(%r20)
	.data
	.align	8
	.globl	notes
notes:	.word	0x2e000000
`,
  linux: `${MACROS}
	.text
	.globl	_start
_start:
	ldo	64(%sp),%sp
again:
	ldi	1,%r26
	address	notes,%r25
	ldi	1,%r24
	ble	0x100(%sr2,%r0)
	ldi	4,%r20
	comib,<=,n	0,%r28,again
	nop
	address	notes,%r20
	b	.
	stw	%r28,0(%r20)
	.data
	.align	8
	.globl	notes
notes:	.word	0x2e000000
`,
};

const place = { text: MEMORY_MAP.USER_TEXT, data: MEMORY_MAP.USER_DATA, entry: "_start" };

export async function bystander(): Promise<Image> {
  const object = assemble({ file: "bystander.s", text: BYSTANDER }, { symbols });
  return link([object, ...(await libmach())], place);
}

/** A program that calls Unix as OSF/1's or as Linux's do; where it keeps the error. */
export function lastCalls(kind: keyof typeof LAST_CALLS) {
  const image = link([assemble({ file: `${kind}.s`, text: LAST_CALLS[kind] }, { symbols })], place);
  return { bytes: writeExecutable(image, image.entry!), notes: image.symbols.get("notes")! };
}
