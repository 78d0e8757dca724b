; Assembly beside round-trip.c: a caller that watches the callee-saved registers, and what stands
; behind the gateway instead of the kernel.

	.macro	stack_arguments from
	.set	word, 0
	.rept	40
	ldw	-52-4*word-\from(%r30),%r20
	stw	%r20,-52-4*word(%r30)
	.set	word, word+1
	.endr
	.endm

	.text
	.align	4
; Calls `target` with the arguments it was given, a pattern in r3-r18; counts in `violations` those
; that come back changed, r27 and r30 too.
	.globl	checked
	.type	checked,@function
checked:
	stw	%r2,-20(%r30)
	ldil	L%saved,%r19
	ldo	R%saved(%r19),%r19
	stw	%r3,0(%r19)
	stw	%r4,4(%r19)
	stw	%r5,8(%r19)
	stw	%r6,12(%r19)
	stw	%r7,16(%r19)
	stw	%r8,20(%r19)
	stw	%r9,24(%r19)
	stw	%r10,28(%r19)
	stw	%r11,32(%r19)
	stw	%r12,36(%r19)
	stw	%r13,40(%r19)
	stw	%r14,44(%r19)
	stw	%r15,48(%r19)
	stw	%r16,52(%r19)
	stw	%r17,56(%r19)
	stw	%r18,60(%r19)
	stw	%r30,64(%r19)
	stw	%r27,68(%r19)
	ldo	256(%r30),%r30
	stack_arguments	256
	ldi	1003,%r3
	ldi	1004,%r4
	ldi	1005,%r5
	ldi	1006,%r6
	ldi	1007,%r7
	ldi	1008,%r8
	ldi	1009,%r9
	ldi	1010,%r10
	ldi	1011,%r11
	ldi	1012,%r12
	ldi	1013,%r13
	ldi	1014,%r14
	ldi	1015,%r15
	ldi	1016,%r16
	ldi	1017,%r17
	ldi	1018,%r18
	ldil	L%target,%r21
	ldw	R%target(%r21),%r21
	ble	0(%sr4,%r21)
	copy	%r31,%r2
	ldi	0,%r22
	.macro	check register, pattern
	ldi	\pattern,%r20
	comclr,=	%r20,\register,%r0
	ldo	1(%r22),%r22
	.endm
	check	%r3,1003
	check	%r4,1004
	check	%r5,1005
	check	%r6,1006
	check	%r7,1007
	check	%r8,1008
	check	%r9,1009
	check	%r10,1010
	check	%r11,1011
	check	%r12,1012
	check	%r13,1013
	check	%r14,1014
	check	%r15,1015
	check	%r16,1016
	check	%r17,1017
	check	%r18,1018
	ldil	L%saved,%r19
	ldo	R%saved(%r19),%r19
	ldw	64(%r19),%r21
	ldo	256(%r21),%r20
	comclr,=	%r20,%r30,%r0
	ldo	1(%r22),%r22
	ldw	68(%r19),%r20
	comclr,=	%r20,%r27,%r0
	ldo	1(%r22),%r22
	copy	%r21,%r30
	copy	%r20,%r27
	ldil	L%violations,%r20
	stw	%r22,R%violations(%r20)
	ldw	0(%r19),%r3
	ldw	4(%r19),%r4
	ldw	8(%r19),%r5
	ldw	12(%r19),%r6
	ldw	16(%r19),%r7
	ldw	20(%r19),%r8
	ldw	24(%r19),%r9
	ldw	28(%r19),%r10
	ldw	32(%r19),%r11
	ldw	36(%r19),%r12
	ldw	40(%r19),%r13
	ldw	44(%r19),%r14
	ldw	48(%r19),%r15
	ldw	52(%r19),%r16
	ldw	56(%r19),%r17
	ldw	60(%r19),%r18
	ldw	-20(%r30),%r2
	bv	%r0(%r2)
	nop

; What the gateway page holds from its word 4 on.
	.globl	gateway_code
gateway_code:
	ldil	L%gateway,%r1
	be	R%gateway(%sr4,%r1)
	nop

; Calls the stub that the registration record names for the number in r22, with the client's
; argument words; or, if `trap_refused` is set, answers MACH_SEND_INTERRUPTED. Brings back r21-r26,
; as the system call exit does, and destroys the other registers that a call may.
gateway:
	ldil	L%trap_saved,%r1
	ldo	R%trap_saved(%r1),%r1
	stw	%r31,0(%r1)
	stw	%r2,4(%r1)
	stw	%r21,8(%r1)
	stw	%r22,12(%r1)
	stw	%r23,16(%r1)
	stw	%r24,20(%r1)
	stw	%r25,24(%r1)
	stw	%r26,28(%r1)
	ldil	L%trap_refused,%r19
	ldw	R%trap_refused(%r19),%r20
	comib,<>,n	0,%r20,refuse
	ldil	L%inks_record,%r19
	ldw	R%inks_record(%r19),%r19
	ldw	0(%r19),%r20
	sub	%r22,%r20,%r22
	ldw	8(%r19),%r20
	ldwx,s	%r22(%r20),%r21
	ldo	256(%r30),%r30
	stack_arguments	256
	ble	0(%sr4,%r21)
	copy	%r31,%r2
	b	leave
	ldo	-256(%r30),%r30
refuse:
	ldil	L%0x10000007,%r28
	ldo	R%0x10000007(%r28),%r28
leave:
	ldil	L%trap_saved,%r1
	ldo	R%trap_saved(%r1),%r1
	ldw	0(%r1),%r31
	ldw	4(%r1),%r2
	ldw	8(%r1),%r21
	ldw	12(%r1),%r22
	ldw	16(%r1),%r23
	ldw	20(%r1),%r24
	ldw	24(%r1),%r25
	ldw	28(%r1),%r26
	ldi	-1,%r1
	ldi	-2,%r19
	ldi	-3,%r20
	be	0(%sr4,%r31)
	ldi	-4,%r29

	.data
	.align	4
	.globl	target
target:
	.word	0
	.globl	violations
violations:
	.word	0
	.globl	trap_refused
trap_refused:
	.word	0
	.globl	inks_copyin
inks_copyin:
	.word	c_copyin
	.globl	inks_copyout
inks_copyout:
	.word	c_copyout
saved:
	.block	72
trap_saved:
	.block	32
