; INKS traps: a client's system call runs the in-kernel server's routine (paper §2.3, §3.3). The
; number is the msgh_id; the first argument names the server's port, which only addresses and
; protects. Whatever does not fit answers MACH_SEND_INTERRUPTED: the client stub then sends the message.
;
; The client's thread moves into the server: service stack, the server's dp, task identity. Its own
; state waits in the PCB's first saved state, so the kernel stack is free for the server's own calls.
;
; Assembled with SERVER_TASK = 0 the server has no task (§3.4.2): it is code of the kernel's that the client's
; thread runs as its own task's. A stack is still changed.

; Port, task and entry point: of the name in arg0 in the space of the task in r20, and of the number in
; r5. Leaves r28 = port, r7 = server task, r8 = what it registered, r9 = stub; or goes to `otherwise`.
; The name is decoded by the kernel's general translation.
	.macro	find_stub otherwise
	copy	%arg0,%arg1
	ldw	TASK_ITK_SPACE(%r20),%arg0
	ldi	MACH_PORT_RIGHT_SEND,%arg2
	bl	ipc_object_translate,%rp
	ldo	-60(%sp),%arg3			; where the port goes: an unused argument word
	comib,<>,n	0,%r28,\otherwise
	ldw	-60(%sp),%r28
	ldw	IP_RECEIVER(%r28),%r19
	.if	INKS_QUEUE_CHECK
	ldw	IP_MESSAGES(%r28),%r20		; a server with messages waiting serves them first
	comb,<>,n	%r0,%r20,\otherwise	; (§3.4.5)
	.endif
	ldw	IS_TASK(%r19),%r7
	comb,=,n	%r0,%r7,\otherwise
	ldw	TASK_INKS(%r7),%r8		; what the server registered
	comb,=,n	%r0,%r8,\otherwise
	ldw	INKS_TABLE_COUNT(%r8),%r20
	ldw	INKS_TABLE(%r8),%r21
range\@:
	addib,<,n	-1,%r20,\otherwise
	ldw	INKS_ROW_BASE(%r21),%r22
	.if	INKS_PORT_TABLES
	ldw	INKS_ROW_PORT(%r21),%r29	; a port's own table is for no other port
	comb,=,n	%r0,%r29,any_port\@
	comb,<>,n	%r28,%r29,range\@	; backwards: the slot runs when taken
	ldo	SIZEOF_INKS_ROW(%r21),%r21
any_port\@:
	.endif
	ldw	INKS_ROW_COUNT(%r21),%r29
	sub	%r5,%r22,%r22
	comb,<<=	%r29,%r22,range\@
	ldo	SIZEOF_INKS_ROW(%r21),%r21
	ldw	INKS_ROW_VECTOR-SIZEOF_INKS_ROW(%r21),%r21
	sh2add	%r22,%r21,%r21
	ldw	0(%r21),%r9
	comb,=,n	%r0,%r9,\otherwise		; this routine needs a message
	.endm

	.text
; r1 = saved state (the PCB), r19 = thread, r20 = task, r22 = number, r23–r26 arguments.
	.globl	inks_trap
inks_trap:
	; Port, task and entry point (T2.3).
	stamp	inks.lookup, STAMP_WORDS+4*0(%r0)
	copy	%r19,%r3
	copy	%r20,%r4
	copy	%r22,%r5
	copy	%r1,%r6
	find_stub inks_message

	; A service stack (T2.4), off the server's free list.
	stamp	inks.stack, STAMP_WORDS+4*1(%r0)
	ldw	INKS_STACK_FREE(%r8),%r20
	ldw	INKS_CALLS(%r8),%r22
	comb,=,n	%r0,%r20,inks_exhausted
	ldw	STACK_NEXT(%r20),%r21
	ldo	1(%r22),%r22
	stw	%r21,INKS_STACK_FREE(%r8)
	stw	%r22,INKS_CALLS(%r8)

	; Change stack and task (T2.5).
	stamp	inks.switch, STAMP_WORDS+4*2(%r0)
	ldw	CPU_ACTIVE_STACK(%dp),%r22
	stw	%r20,THREAD_INKS_STACK(%r3)
	stw	%r4,THREAD_INKS_TASK(%r3)
	stw	%r22,PCB_KSP(%r6)			; the kernel stack may be entered anew
	ldw	IP_RECEIVER_NAME(%r28),%arg0	; the server's own name for the port, as in a message
	ldw	SS_R25(%r6),%arg1
	ldw	SS_R24(%r6),%arg2
	ldw	SS_R23(%r6),%arg3
	ldo	SIZEOF_SERVICE_STACK+KF_SIZE(%r20),%sp
	stw	%r0,-4(%sp)
	; The arguments, from the client's registers and stack to the server's. The vector holds nothing
	; but stubs (§2.3), so all that a call may have are copied: eight words beyond the registers.
	ldil	L%inks_bad_stack,%r28
	ldo	R%inks_bad_stack(%r28),%r28
	stw	%arg0,-36(%sp)
	stw	%r28,THREAD_RECOVER(%r3)
	ldw	SS_SR5(%r6),%r21
	stw	%arg1,-40(%sp)
	ldw	SS_R30(%r6),%r29
	stw	%arg2,-44(%sp)
	mtsp	%r21,%sr1
	stw	%arg3,-48(%sp)
	copy_all_stack_arguments "%sr1,%r29", %r19, %r20, %r21, %r22
	stw	%r22,-80(%sp)
	stw	%r0,THREAD_RECOVER(%r3)
	ldw	INKS_DP(%r8),%dp
	.if	SERVER_TASK
	stw	%r7,THREAD_TASK(%r3)		; the thread is the server's for the duration
	.endif

	; Call (T2.6). The stub keeps r3–r18, so the way back needs only the thread.
	stamp	inks.call, STAMP_WORDS+4*3(%r0)
	ldil	L%inks_return,%rp
	bv	%r0(%r9)
	ldo	R%inks_return(%rp),%rp

	; Back from the server (T2.11): task, stack, dp; then the ordinary exit.
inks_return:
	stamp	inks.return, STAMP_WORDS+4*6(%r0)
	address	cpu_data,%dp
	ldw	THREAD_INKS_STACK(%r3),%r20
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	.if	SERVER_TASK
	stw	%r4,THREAD_TASK(%r3)
	.endif
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

inks_exhausted:
	ldw	INKS_EXHAUSTED(%r8),%r22
	ldo	1(%r22),%r22
	stw	%r22,INKS_EXHAUSTED(%r8)
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
	b	syscall_return
	ldw	SS_R9(%r1),%r9

; The client's stack pointer leads nowhere. Its service stack was taken already.
inks_bad_stack:
	stw	%r0,THREAD_RECOVER(%r3)
	ldw	THREAD_INKS_STACK(%r3),%r20
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

; A server inside the kernel traps to another (§3.4.5): what it needs to go on is saved on the new
; server's stack, so its second saved state is free for the new server's own calls, and calls nest as
; deep as there are stacks. From the light entry: r1 = second saved state, which is complete.
	.globl	inks_trap_nested
inks_trap_nested:
	ldw	CPU_ACTIVE_THREAD(%dp),%r3
	copy	%r22,%r5
	copy	%r1,%r6
	ldw	THREAD_TASK(%r3),%r4
	copy	%r4,%r20
	find_stub nested_message

	ldw	INKS_STACK_FREE(%r8),%r20
	ldw	INKS_CALLS(%r8),%r22
	comb,=,n	%r0,%r20,nested_exhausted
	ldw	STACK_NEXT(%r20),%r21
	ldo	1(%r22),%r22
	stw	%r21,INKS_STACK_FREE(%r8)
	stw	%r22,INKS_CALLS(%r8)

	ldw	IP_RECEIVER_NAME(%r28),%arg0
	ldw	SS_R25(%r6),%arg1
	ldw	SS_R24(%r6),%arg2
	ldw	SS_R23(%r6),%arg3
	ldw	SS_R30(%r6),%r29
	ldo	SIZEOF_SERVICE_STACK(%r20),%r1
	ldo	SIZEOF_SERVICE_STACK+SIZEOF_SAVED_STATE+KF_SIZE(%r20),%sp
	stw	%r0,-4(%sp)
	ldw	SS_R2(%r6),%r19
	ldw	SS_R27(%r6),%r21
	stw	%r19,SS_R2(%r1)
	stw	%r21,SS_R27(%r1)
	ldw	SS_R31(%r6),%r22
	ldw	SS_R3(%r6),%r19
	stw	%r29,SS_R30(%r1)
	stw	%r22,SS_R31(%r1)
	ldw	SS_R4(%r6),%r21
	stw	%r19,SS_R3(%r1)
	ldw	SS_R5(%r6),%r22
	stw	%r21,SS_R4(%r1)
	ldw	SS_R6(%r6),%r19
	stw	%r22,SS_R5(%r1)
	ldw	SS_R7(%r6),%r21
	stw	%r19,SS_R6(%r1)
	ldw	SS_R8(%r6),%r22
	stw	%r21,SS_R7(%r1)
	ldw	SS_R9(%r6),%r19
	stw	%r22,SS_R8(%r1)
	ldw	SS_SR3(%r6),%r21
	stw	%r19,SS_R9(%r1)
	stw	%r21,SS_SR3(%r1)
	ldw	THREAD_INKS_TASK(%r3),%r21
	ldw	THREAD_INKS_STACK(%r3),%r22
	stw	%r21,STACK_OUTER_TASK(%r20)
	stw	%r22,STACK_OUTER_STACK(%r20)
	stw	%r20,THREAD_INKS_STACK(%r3)
	stw	%r4,THREAD_INKS_TASK(%r3)

	stw	%arg0,-36(%sp)
	stw	%arg1,-40(%sp)
	stw	%arg2,-44(%sp)
	stw	%arg3,-48(%sp)
	copy_all_stack_arguments %r29, %r19, %r20, %r21, %r22
	stw	%r22,-80(%sp)
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldw	CPU_ACTIVE_STACK(%dp),%r19
	stw	%r0,SS_FLAGS(%r6)
	stw	%r19,PCB_KSP(%r1)		; the thread runs a server's code again
	ldw	INKS_DP(%r8),%dp
	.if	SERVER_TASK
	stw	%r7,THREAD_TASK(%r3)
	.endif
	ldil	L%nested_return,%rp
	bv	%r0(%r9)
	ldo	R%nested_return(%rp),%rp

; Back in the first server's call; its state returns to where the light exit looks for it.
nested_return:
	address	cpu_data,%dp
	ldw	THREAD_INKS_STACK(%r3),%r20
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldw	STACK_OUTER_TASK(%r20),%r21
	ldw	STACK_OUTER_STACK(%r20),%r22
	stw	%r0,PCB_KSP(%r1)
	stw	%r21,THREAD_INKS_TASK(%r3)
	stw	%r22,THREAD_INKS_STACK(%r3)
	.if	SERVER_TASK
	stw	%r4,THREAD_TASK(%r3)
	.endif
	ldw	CPU_ACTIVE_STACK(%dp),%sp
	ldo	KF_SIZE(%sp),%sp
	ldo	SIZEOF_SERVICE_STACK(%r20),%r29
	ldw	SS_R2(%r29),%r19
	ldw	SS_R27(%r29),%r21
	stw	%r19,SS_R2(%r6)
	stw	%r21,SS_R27(%r6)
	ldw	SS_R30(%r29),%r22
	ldw	SS_SR3(%r29),%r21
	ldw	SS_R31(%r29),%r19
	stw	%r22,SS_R30(%r6)
	stw	%r21,SS_SR3(%r6)
	stw	%r19,SS_R31(%r6)
	ldi	SS_INSYSCALL,%r21
	stw	%r21,SS_FLAGS(%r6)
	ldw	INKS_STACK_FREE(%r8),%r22
	stw	%r22,STACK_NEXT(%r20)
	stw	%r0,STACK_OUTER_STACK(%r20)
	stw	%r20,INKS_STACK_FREE(%r8)
	b	nested_exit
	copy	%r29,%r20

nested_exhausted:
	ldw	INKS_EXHAUSTED(%r8),%r22
	ldo	1(%r22),%r22
	stw	%r22,INKS_EXHAUSTED(%r8)
nested_message:
	ldil	L%MACH_SEND_INTERRUPTED,%r28
	ldo	R%MACH_SEND_INTERRUPTED(%r28),%r28
	copy	%r6,%r20
nested_exit:
	ldw	SS_R3(%r20),%r3
	ldw	SS_R4(%r20),%r4
	ldw	SS_R5(%r20),%r5
	ldw	SS_R6(%r20),%r6
	ldw	SS_R7(%r20),%r7
	ldw	SS_R8(%r20),%r8
	b	syscall_return_to_kernel
	ldw	SS_R9(%r20),%r9
