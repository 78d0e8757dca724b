; Subsystem look, base 9000: trap server stubs and registration record.
; Made by KMIG; do not edit.

	.text

	.align	4
	.globl	_Trpc_inout
	.type	_Trpc_inout,@function
_Trpc_inout:
	stw	%r2,-20(%r30)
	stwm	%r3,192(%r30)
	copy	%r26,%r3
	stw	%r4,-188(%r30)
	copy	%r25,%r4
; copyin data
	ldil	L%inks_copyin,%r22
	copy	%r4,%r26
	ldo	-184(%r30),%r25
	ldi	128,%r24
	ldw	R%inks_copyin(%r22),%r22
	bl	$$dyncall,%r31	; inks_copyin
	 copy	%r31,%r2
	comib,<>,n	0,%r28,2f
; work function
	ldo	-184(%r30),%r25
	bl	server_rpc_inout,%r2
	 copy	%r3,%r26
	comib,<>,n	0,%r28,1f
; copyout data
	ldil	L%inks_copyout,%r22
	copy	%r4,%r25
	ldo	-184(%r30),%r26
	ldi	128,%r24
	ldw	R%inks_copyout(%r22),%r22
	bl	$$dyncall,%r31	; inks_copyout
	 copy	%r31,%r2
	comib,<>,n	0,%r28,2f
1:
	ldw	-212(%r30),%r2
	ldw	-188(%r30),%r4
	bv	%r0(%r2)
	 ldwm	-192(%r30),%r3
2:
	b	1b
	 ldi	1,%r28

	.align	4
	.globl	_Trpc_null
	.type	_Trpc_null,@function
_Trpc_null:
	stw	%r2,-20(%r30)
	ldo	64(%r30),%r30
; work function
	bl	server_rpc_null,%r2
	 nop
1:
	ldw	-84(%r30),%r2
	bv	%r0(%r2)
	 ldo	-64(%r30),%r30

	.data
	.align	4
	.globl	look_inks_table
look_inks_table:
	.word	9000	; base
	.word	3	; count
	.word	look_inks_vector
look_inks_vector:
	.word	_Trpc_inout
	.word	0
	.word	_Trpc_null
