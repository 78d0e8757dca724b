; The dispatcher of native calls: emul_syscall(record) looks a number up in the table {number of
; arguments, routine}, calls the routine with the program's arguments, and makes of its code and two
; results what a program's stub expects. Number 0 is the indirect call: the number is the first argument.
;
; A routine gets r26–r23, further arguments at sp−52, sp−56, and r20 = where two results go, r22 = the
; number; r28 = 0 or a code. It keeps r3–r18.

	.set	EMUL_RVAL, -112

	.text
	.globl	emul_syscall
emul_syscall:
	stw	%rp,-20(%sp)
	stwm	%r3,128(%sp)
	copy	%arg0,%r3
	ldw	REC_NUMBER(%r3),%r22
	ldw	REC_ARGUMENTS(%r3),%r21
	stw	%r0,EMUL_RVAL(%sp)
	stw	%r0,EMUL_RVAL+4(%sp)
	stw	%r0,EMUL_RVAL+GRES_INTERRUPT(%sp)
	comib,=	0,%r22,emul_indirect
	ldi	NATIVE_CALL_COUNT,%r19
emul_number:
	comclr,>>	%r19,%r22,%r0
	copy	%r0,%r22			; beyond the table: its first entry, which is no call
	address	emul_table,%r20
	sh3addl	%r22,%r20,%r20
	ldw	0(%r20),%r19
	ldw	4(%r20),%r1
	subi	6,%r19,%r19
	blr	%r19,%r0			; a switch over how many
	nop
	ldw	-20(%r21),%r31
	stw	%r31,-56(%sp)
	ldw	-16(%r21),%r31
	stw	%r31,-52(%sp)
	ldw	-12(%r21),%arg3
	nop
	ldw	-8(%r21),%arg2
	nop
	ldw	-4(%r21),%arg1
	nop
	ldw	0(%r21),%arg0
	nop
	address	emul_called,%rp
	bv	%r0(%r1)
	ldo	EMUL_RVAL(%sp),%r20
emul_called:
	ldil	L%emulator_faulted,%r20
	comib,<>	0,%r28,emul_failed
	ldw	R%emulator_faulted(%r20),%r19
	comib,<>	0,%r19,emul_faulted
	ldw	EMUL_RVAL(%sp),%r28
	ldw	EMUL_RVAL+4(%sp),%r29
	copy	%r0,%r22
emul_leave:
	ldw	EMUL_RVAL+GRES_INTERRUPT(%sp),%r20
	ldw	-148(%sp),%rp
	stw	%r20,REC_INTERRUPT(%r3)
	bv	%r0(%rp)
	ldwm	-128(%sp),%r3

emul_indirect:
	ldw	0(%r21),%r22
	ldi	4,%r1
	stw	%r22,REC_NUMBER(%r3)
	stw	%r1,REC_FLAGS(%r3)		; by how much the arguments are shifted
	b	emul_number
	ldo	-4(%r21),%r21

emul_faulted:
	ldi	KERN_INVALID_ADDRESS,%r28
emul_failed:
	ldil	L%emulator_faulted,%r20
	stw	%r0,R%emulator_faulted(%r20)
	bl	emul_errno,%rp
	copy	%r28,%arg0
	copy	%r28,%r22
	copy	%r0,%r29
	b	emul_leave
	ldi	-1,%r28
