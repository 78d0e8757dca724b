/** The texts that the editors begin with. */

export const BANK_DEFS = `/* A bank, as an interface between a client and a server. */
subsystem bank 4200;

#include <mach/std_types.defs>

type owner_t = array[32] of char;
type statement_t = array[64] of int;

serverprefix do_;

routine bank_open(
	requestport bank	: mach_port_t;
	in	owner		: owner_t;
	out	account		: int);

routine bank_deposit(
	requestport bank	: mach_port_t;
	in	account		: int;
	in	amount		: int;
	out	balance		: int);

routine bank_statement(
	requestport bank	: mach_port_t;
	in	account		: int;
	out	lines		: statement_t);

/* Carries a port right, so always a message. */
routine bank_notify(
	requestport bank	: mach_port_t;
	in	account		: int;
	in	whom		: mach_port_make_send_t);
`;

export interface Program {
  readonly value: string;
  readonly title: string;
  readonly text: string;
}

const END = `
	ldi	0,%r26
	ble	0x100(%sr2,%r0)		; exit(0): a Linux system call
	ldi	1,%r20
`;

/** Bare programs: \`_start\`, system calls by the gateway page. */
export const PROGRAMS: readonly Program[] = [
  {
    value: "sum",
    title: "Sum a list",
    text: `; Adds up eight words. The load is used at once: that costs a cycle, every time.
	.text
	.globl	_start
_start:
	ldil	L%list,%r3
	ldo	R%list(%r3),%r3
	ldi	8,%r4
	copy	%r0,%r5
next:
	ldws,ma	4(%r3),%r6
	add	%r6,%r5,%r5		; waits for the load
	addib,>	-1,%r4,next
	nop				; the branch's delay slot
	ldil	L%total,%r3
	stw	%r5,R%total(%r3)
${END}
	.data
list:	.word	3, 1, 4, 1, 5, 9, 2, 6
total:	.word	0
`,
  },
  {
    value: "hello",
    title: "Hello",
    text: `; Writes a line: a trap into whatever is below, by the gateway page.
	.text
	.globl	_start
_start:
	ldil	L%greeting,%r25
	ldo	R%greeting(%r25),%r25
	ldi	1,%r26			; standard output
	ldi	22,%r24			; bytes
	ble	0x100(%sr2,%r0)
	ldi	4,%r20			; write
${END}
	.data
greeting:
	.ascii	"hello, protection ring\\n"
`,
  },
  {
    value: "stores",
    title: "Stores that wait",
    text: `; After a store the memory is busy for two cycles; a load or store that comes
; sooner waits. The second loop puts other work between, and is faster for it.
	.text
	.globl	_start
_start:
	ldil	L%room,%r3
	ldo	R%room(%r3),%r3
	ldi	16,%r4
	copy	%r3,%r5
tight:
	stws,ma	%r4,4(%r5)
	stws,ma	%r4,4(%r5)
	addib,>	-1,%r4,tight
	nop
	ldi	16,%r4
	copy	%r3,%r5
spread:
	stws,ma	%r4,4(%r5)
	add	%r6,%r4,%r6
	add	%r7,%r4,%r7
	stws,ma	%r4,4(%r5)
	addib,>	-1,%r4,spread
	nop
${END}
	.bss
	.align	32
room:	.block	256
`,
  },
  {
    value: "misses",
    title: "Lines that collide",
    text: `; Two arrays as far apart as the data cache is large share its lines: walking them
; together misses every time. A smaller distance, and the misses are gone.
	.text
	.globl	_start
_start:
	ldil	L%first,%r3
	ldo	R%first(%r3),%r3
	ldil	L%262144,%r8		; the cache's size
	add	%r3,%r8,%r4
	ldi	16,%r5
next:
	ldw	0(%r3),%r6
	ldw	0(%r4),%r7
	add	%r6,%r9,%r9
	addib,>	-1,%r5,next
	add	%r7,%r9,%r9
${END}
	.bss
	.align	4096
first:	.block	270336
`,
  },
];
