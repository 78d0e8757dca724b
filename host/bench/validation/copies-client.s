; The client whose arguments are watched on their way (copies.ts).
;
; Starts with arg0 = send right to the server's port, arg1 = kind of call (twice the routine's place in
; copies.defs, plus 1 for KMIG's stubs), arg2 = number of calls. Sets `finished` and loops.

	.text
	.globl	_start
_start:
	copy	%arg0,%r3
	extru	%arg1,30,31,%r4			; 0: by value
	copy	%arg2,%r6
	ldil	L%stubs,%r19
	ldo	R%stubs(%r19),%r19
	sh2add	%arg1,%r19,%r19
	ldw	0(%r19),%r5
	ldil	L%argument,%r8
	ldo	R%argument(%r8),%r8
	ldo	128(%sp),%sp

again:
	copy	%r3,%arg0
	comib,<>	0,%r4,call
	copy	%r8,%arg1
	ldw	0(%r8),%r19
	ldw	4(%r8),%r20
	stw	%r19,-52(%sp)
	stw	%r20,-56(%sp)
	ldw	8(%r8),%r19
	ldw	12(%r8),%r20
	stw	%r19,-60(%sp)
	stw	%r20,-64(%sp)
	ldw	16(%r8),%r19
	stw	%r19,-68(%sp)
call:
	bl	through,%rp
	nop
returned:
	comib,<>,n	0,%r28,failed
	addib,>	-1,%r6,again
	nop
	ldil	L%finished,%r19
	ldi	1,%r20
	stw	%r20,R%finished(%r19)
failed:
	b	.
	nop
through:
	bv	%r0(%r5)
	nop

	.data
	.align	4
finished:
	.word	0
stubs:
	.word	copies_value_message, copies_value
	.word	copies_in_message, copies_in
	.word	copies_out_message, copies_out
	.word	copies_inout_message, copies_inout

	.bss
	.align	32
argument:
	.block	128
