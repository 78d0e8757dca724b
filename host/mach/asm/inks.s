; INKS traps: a client's system call runs the in-kernel server's routine (paper §2.3, §3.3). The
; number is the msgh_id; the first argument names the server's port, which only addresses and
; protects. Whatever does not fit answers MACH_SEND_INTERRUPTED: the client stub then sends the message.
;
; The client's thread moves into the server: service stack, the server's dp, task identity. Its own
; state waits in the PCB's first saved state, so the kernel stack is free for the server's own calls.

	.text
; r1 = saved state (the PCB), r19 = thread, r20 = task, r22 = number, r23–r26 arguments.
	.globl	inks_trap
inks_trap:
	; Port, task and entry point (T2.3). The name is decoded as any send right's.
	.probe	inks.lookup
	copy	%r19,%r3
	copy	%r20,%r4
	ldw	TASK_ITK_SPACE(%r20),%arg1
	copy	%r22,%r5
	copy	%r1,%r6
	bl	ipc_object_translate_send,%rp
	copy	%arg0,%arg2
	comb,=,n	%r0,%r28,inks_message
	ldw	IP_RECEIVER(%r28),%r19
	.if	INKS_QUEUE_CHECK
	ldw	IP_MESSAGES(%r28),%r20		; a server with messages waiting serves them first
	comb,<>,n	%r0,%r20,inks_message	; (§3.4.5)
	.endif
	ldw	IS_TASK(%r19),%r7
	comb,=,n	%r0,%r7,inks_message
	ldw	TASK_INKS(%r7),%r8		; what the server registered
	comb,=,n	%r0,%r8,inks_message
	ldw	INKS_TABLE_COUNT(%r8),%r20
	ldw	INKS_TABLE(%r8),%r21
inks_range:
	addib,<,n	-1,%r20,inks_message
	ldw	INKS_REGISTRATION_BASE(%r21),%r22
	ldw	INKS_REGISTRATION_COUNT(%r21),%r29
	sub	%r5,%r22,%r22
	comb,<<=	%r29,%r22,inks_range
	ldo	SIZEOF_INKS_REGISTRATION(%r21),%r21
	ldw	INKS_REGISTRATION_VECTOR-SIZEOF_INKS_REGISTRATION(%r21),%r21
	sh2add	%r22,%r21,%r21
	ldw	0(%r21),%r9
	comb,=,n	%r0,%r9,inks_message		; this routine needs a message
	ldw	-INKS_STUB_HEAD(%r9),%r10		; its number of argument words

	; A service stack (T2.4), off the server's free list.
	.probe	inks.stack
	ldw	INKS_STACK_FREE(%r8),%r20
	ldw	INKS_CALLS(%r8),%r22
	comb,=,n	%r0,%r20,inks_message
	ldw	STACK_NEXT(%r20),%r21
	ldo	1(%r22),%r22
	stw	%r21,INKS_STACK_FREE(%r8)
	stw	%r22,INKS_CALLS(%r8)

	; Change stack and task (T2.5).
	.probe	inks.switch
	ldw	CPU_ACTIVE_STACK(%dp),%r22
	stw	%r20,THREAD_INKS_STACK(%r3)
	stw	%r4,THREAD_INKS_TASK(%r3)
	stw	%r22,PCB_KSP(%r6)			; the kernel stack may be entered anew
	ldw	SS_R26(%r6),%arg0
	ldw	SS_R25(%r6),%arg1
	ldw	SS_R24(%r6),%arg2
	ldw	SS_R23(%r6),%arg3
	ldo	SIZEOF_SERVICE_STACK+KF_SIZE(%r20),%sp
	stw	%r0,-4(%sp)
	; the arguments, from the client's stack and registers to the server's
	stw	%arg0,-36(%sp)
	stw	%arg1,-40(%sp)
	stw	%arg2,-44(%sp)
	stw	%arg3,-48(%sp)
	ldo	-4(%r10),%r10
	comib,>=,n	0,%r10,inks_arguments_done
	b,n	inks_stack_arguments
inks_arguments_done:
	ldw	INKS_DP(%r8),%dp
	stw	%r7,THREAD_TASK(%r3)		; the thread is the server's for the duration

	; Call (T2.6). The stub keeps r3–r18, so the way back needs only the thread.
	.probe	inks.call
	ldil	L%inks_return,%rp
	bv	%r0(%r9)
	ldo	R%inks_return(%rp),%rp

	; Back from the server (T2.11): task, stack, dp; then the ordinary exit.
inks_return:
	.probe	inks.return
	address	cpu_data,%dp
	ldw	THREAD_INKS_STACK(%r3),%r20
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	stw	%r4,THREAD_TASK(%r3)
	ldw	INKS_STACK_FREE(%r8),%r21
	stw	%r0,THREAD_INKS_TASK(%r3)
	stw	%r21,STACK_NEXT(%r20)
	stw	%r20,INKS_STACK_FREE(%r8)
	stw	%r0,THREAD_INKS_STACK(%r3)
	stw	%r0,PCB_KSP(%r1)
	ldw	CPU_ACTIVE_STACK(%dp),%sp
	ldo	KF_SIZE(%sp),%sp
	b	inks_exit
	nop

inks_message:
	ldil	L%MACH_SEND_INTERRUPTED,%r28
	ldo	R%MACH_SEND_INTERRUPTED(%r28),%r28
; The callee-saved registers that this path used come back, then the ordinary exit.
inks_exit:
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldw	SS_R3(%r1),%r3
	ldw	SS_R4(%r1),%r4
	ldw	SS_R5(%r1),%r5
	ldw	SS_R6(%r1),%r6
	ldw	SS_R7(%r1),%r7
	ldw	SS_R8(%r1),%r8
	ldw	SS_R9(%r1),%r9
	b	syscall_return
	ldw	SS_R10(%r1),%r10

; Arguments beyond four, from the client's stack (through sr1) to the service stack.
inks_stack_arguments:
	ldil	L%inks_bad_stack,%r28
	ldo	R%inks_bad_stack(%r28),%r28
	stw	%r28,THREAD_RECOVER(%r3)
	ldw	SS_SR5(%r6),%r28
	ldw	SS_R30(%r6),%r29
	mtsp	%r28,%sr1
	ldo	-52(%r29),%r29
	ldo	-52(%sp),%r22
inks_stack_argument:
	ldws,ma	-4(%sr1,%r29),%r28
	addib,>	-1,%r10,inks_stack_argument
	stws,ma	%r28,-4(%r22)
	b	inks_arguments_done
	stw	%r0,THREAD_RECOVER(%r3)
inks_bad_stack:
	stw	%r0,THREAD_RECOVER(%r3)
	ldw	THREAD_INKS_STACK(%r3),%r20	; the stack was taken already
	ldw	INKS_STACK_FREE(%r8),%r21
	stw	%r0,THREAD_INKS_TASK(%r3)
	stw	%r21,STACK_NEXT(%r20)
	stw	%r20,INKS_STACK_FREE(%r8)
	stw	%r0,THREAD_INKS_STACK(%r3)
	stw	%r0,PCB_KSP(%r6)
	ldw	CPU_ACTIVE_STACK(%dp),%sp
	ldo	KF_SIZE(%sp),%sp
	b	inks_exit
	ldi	KERN_INVALID_ADDRESS,%r28

; ipc_object_translate_send(arg1 = space, arg2 = name) → port, or 0 when the name is no send right
; to an active port. The general translation of names, for callers outside the message path.
ipc_object_translate_send:
	ldw	IS_TABLE_SIZE(%arg1),%r19
	ldw	IS_ACTIVE(%arg1),%r20
	extru	%arg2,23,24,%r21
	comb,=,n	%r0,%r20,translate_fails
	comb,<<=,n	%r19,%r21,translate_fails
	ldw	IS_TABLE(%arg1),%r19
	zdep	%r21,27,28,%r21
	addl	%r19,%r21,%r21
	ldw	IE_BITS(%r21),%r20
	zdep	%arg2,7,8,%r22
	xor	%r20,%r22,%r22
	extru,=	%r22,7,8,%r0
	b,n	translate_fails			; stale
	bb,>=,n	%r20,15,translate_fails		; IE_BITS_SEND
	ldw	IE_OBJECT(%r21),%r28
	comb,=,n	%r0,%r28,translate_fails
	ldw	IP_BITS(%r28),%r19
	comb,<=,n	%r0,%r19,translate_fails	; dead
	bv,n	%r0(%rp)
translate_fails:
	bv	%r0(%rp)
	copy	%r0,%r28
