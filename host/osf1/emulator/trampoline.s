; Where a program's native system call goes on, in its own task: Mach's emulation vector leads here
; with r31 and sr0 still the call's return point, r22 = number, r26–r23 and the caller's stack the
; arguments (facts of the HP 700 port). A frame of 128 bytes holds a record of 8 words for the
; dispatcher; results are r28, r29, and r22 = errno, 0 for success.
;
; A signal that comes while a thread is in here waits until the call is over: the server says so in the
; results of a generic call, or in `emulator_info`, which are looked at last. Between the look and the
; return the server moves a thread that it finds there back to the look; so nothing that the way back
; needs changes before its end.

	.text
	.globl	emul_trampoline
emul_trampoline:
	stw	%r26,-36(%sp)			; arguments to their homes: an array that runs down
	mfsp	%sr0,%r19
	stw	%r25,-40(%sp)
	ldo	-36(%sp),%r20
	stw	%r24,-44(%sp)
	copy	%sp,%arg0			; the record
	stw	%r23,-48(%sp)
	stw	%r20,REC_ARGUMENTS(%sp)
	stw	%r0,REC_FLAGS(%sp)
	stw	%rp,REC_RP(%sp)
	stw	%r22,REC_NUMBER(%sp)
	stw	%dp,REC_DP(%sp)
	ldil	L%$global$,%dp
	stw	%r31,REC_RETURN_OFFSET(%sp)
	ldo	R%$global$(%dp),%dp
	stw	%r19,REC_RETURN_SPACE(%sp)
	bl	emul_syscall,%rp
	ldo	NATIVE_FRAME(%sp),%sp

	.globl	native_leave
	.globl	native_leave_end
native_leave:
	ldil	L%EMULATOR_INFO+INFO_SIGNALS,%r1
	ldw	R%EMULATOR_INFO+INFO_SIGNALS(%r1),%r1
	ldw	REC_INTERRUPT-NATIVE_FRAME(%sp),%r20
	ldw	REC_RETURN_SPACE-NATIVE_FRAME(%sp),%r19
	or	%r1,%r20,%r1
	comb,<>,n	%r0,%r1,native_signal
	ldw	REC_RETURN_OFFSET-NATIVE_FRAME(%sp),%r31
	mtsp	%r19,%sr0
	ldw	REC_RP-NATIVE_FRAME(%sp),%rp
	ldw	REC_DP-NATIVE_FRAME(%sp),%dp
	be	0(%sr0,%r31)
	ldo	-NATIVE_FRAME(%sp),%sp
native_leave_end:

; A signal is to be taken: the registers as the call would return them.
native_signal:
	bl	native_state,%rp
	ldo	-NATIVE_FRAME(%sp),%arg0
	b,n	take_signal

; native_state(record) → r26 = the state of a program that returns from a native call with r22, r28,
; r29. What a call does not keep is whatever it is; floating-point registers are the caller's own.
	.globl	native_state
native_state:
	copy	%arg0,%r19
	address	emulator_registers,%r26
	keep	%r22, 22, %r26
	ldw	REC_ARGUMENTS(%r19),%r20
	keep	%r28, 28, %r26
	ldw	0(%r20),%r21
	keep	%r29, 29, %r26
	ldw	-4(%r20),%r22
	keep	%r21, 26, %r26
	ldw	-8(%r20),%r21
	keep	%r22, 25, %r26
	ldw	-12(%r20),%r22
	keep	%r21, 24, %r26
	ldw	REC_RP(%r19),%r21
	keep	%r22, 23, %r26
	ldw	REC_DP(%r19),%r22
	keep	%r21, 2, %r26
	ldw	REC_RETURN_OFFSET(%r19),%r21
	keep	%r22, 27, %r26
	keep	%r21, 31, %r26
	keep	%r19, 30, %r26
	stw	%r21,STATE_PC(%r26)
	ldo	4(%r21),%r21
	stw	%r21,STATE_PC_BACK(%r26)
	b	keep_callee_saved
	stw	%r0,STATE_FLAGS(%r26)
