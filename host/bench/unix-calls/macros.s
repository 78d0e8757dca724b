; What the programs that measure on the Unix server begin with.
;
; stub NAME, NUMBER: a native call; the number to r22 by way of the gateway; r28 = result, r22 = errno or 0.
	.macro	stub name, number
\name:
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	\number,%r22
	bv	%r0(%rp)
	nop
	.endm
; load SYMBOL, REGISTER: its address.
	.macro	load symbol, register
	ldil	L%\symbol,\register
	ldo	R%\symbol(\register),\register
	.endm
; must: the call before has succeeded.
	.macro	must
	comib,<>	0,%r22,failed
	nop
	.endm
; clock_routine: the routine `clock`, which stores the time of day at r3, the next place of the results.
	.macro	clock_routine
clock:
	copy	%rp,%r18
	copy	%r3,%arg0
	bl	gettimeofday,%rp
	copy	%r0,%arg1
	must
	bv	%r0(%r18)
	ldo	8(%r3),%r3
	.endm
; mark_routine: the routine `mark`, which writes a byte on standard error: whoever runs the program sees there
; where what is timed begins and ends.
	.macro	mark_routine
mark:
	copy	%rp,%r18
	ldi	2,%arg0
	load	dot, %arg1
	bl	write,%rp
	ldi	1,%arg2
	must
	bv,n	%r0(%r18)
	.endm
