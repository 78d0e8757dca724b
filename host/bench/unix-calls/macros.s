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
