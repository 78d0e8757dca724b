; Thread handoff: the running thread gives its kernel stack to a thread that waits without one
; (Mach 3.0 kern/ipc_sched.c). Interrupt level: EIEM masks as in the HP 700 port.

	.text
; splsched() → r28 = old mask. Interrupts off while the scheduler's state is inconsistent.
splsched:
	rsm	1,%r0
	mfctl	%cr15,%r28
	ldi	7,%r19
	bv	%r0(%rp)
	mtctl	%r19,%cr15

; splx(mask): restores; interrupts stay off at splhigh.
splx:
	rsm	1,%r0
	mtctl	%arg0,%cr15
	ldi	7,%r19
	comb,=,n	%arg0,%r19,splx_high
	ssm	1,%r0
splx_high:
	bv	%r0(%rp)
	nop

; thread_handoff(old, continuation, new) → 1 when handed off: the caller goes on as `new`, on the
; same stack and frame. 0, nothing changed, when `new` cannot take it.
	.globl	thread_handoff
thread_handoff:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%arg0,%r3
	stw	%r4,-60(%sp)
	copy	%arg1,%r4
	stw	%r5,-56(%sp)
	copy	%arg2,%r5
	stw	%r6,-52(%sp)
	bl	splsched,%rp
	nop
	copy	%r28,%r6

	.if	OWN_STACK
	ldw	THREAD_PCB(%r3),%r20		; nor is a server's own (footnote 6)
	ldw	PCB_KSS+SS_FLAGS(%r20),%r21
	bb,<,n	%r21,26,handoff_refused		; SS_OWNSTACK
	.endif
	ldw	THREAD_STACK_PRIVILEGE(%r3),%r19	; a privileged stack is not given away
	ldw	THREAD_KERNEL_STACK(%r3),%r20
	comb,=,n	%r19,%r20,handoff_refused
	ldw	THREAD_STATE(%r5),%r21
	ldi	TH_WAIT+TH_SWAPPED,%r22
	comb,<>,n	%r21,%r22,handoff_refused
	ldw	THREAD_TIMER_SET(%r5),%r19
	comb,<>,n	%r0,%r19,handoff_refused		; its timeout must be cancelled: slow path

	ldi	TH_RUN,%r20
	stw	%r20,THREAD_STATE(%r5)
	ldw	CPU_NEED_AST(%dp),%r21
	ldw	THREAD_AST(%r5),%r22
	or	%r21,%r22,%r21
	stw	%r21,CPU_NEED_AST(%dp)
	copy	%r3,%arg0
	bl	stack_handoff,%rp
	copy	%r5,%arg1

	stw	%r4,THREAD_SWAP_FUNC(%r3)
	ldw	THREAD_STATE(%r3),%r19
	ldi	TH_WAIT+TH_SWAPPED-TH_RUN,%r20
	add	%r19,%r20,%r19			; RUN → WAIT|SWAPPED, other bits kept
	stw	%r19,THREAD_STATE(%r3)
	bl	splx,%rp
	copy	%r6,%arg0
	ldw	CPU_STACK_HANDOFFS(%dp),%r19
	ldi	1,%r28
	ldo	1(%r19),%r19
	stw	%r19,CPU_STACK_HANDOFFS(%dp)
handoff_done:
	ldw	-84(%sp),%rp
	ldw	-60(%sp),%r4
	ldw	-56(%sp),%r5
	ldw	-52(%sp),%r6
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3

handoff_refused:
	bl	splx,%rp
	copy	%r6,%arg0
	b	handoff_done
	ldi	0,%r28

; stack_handoff(old, new): the machine-dependent half. Old's stack becomes new's, new's PCB the
; active one; the FPU is given up lazily (ccr = 0 traps its next use).
stack_handoff:
	stw	%rp,-20(%sp)
	ldw	THREAD_KERNEL_STACK(%arg0),%r19
	ldw	THREAD_PCB(%arg0),%r20
	ldw	THREAD_PCB(%arg1),%r21
	stw	%r0,THREAD_KERNEL_STACK(%arg0)
	stw	%r19,THREAD_KERNEL_STACK(%arg1)
	stw	%r19,PCB_KSP(%r20)
	stw	%r0,PCB_KSP(%r21)
	stw	%arg1,CPU_ACTIVE_THREAD(%dp)
	stw	%r21,CPU_ACTIVE_PCB(%dp)
	stw	%r19,CPU_ACTIVE_STACK(%dp)
	mtctl	%r0,%cr10
	ldw	-20(%sp),%rp
	bv,n	%r0(%rp)

; switch_context(new, exit, result): the processor goes to a thread that waits without a stack, which
; goes on at `exit`. Every wait has a continuation, so no kernel registers are kept of the old thread
; (paper §3.2, footnote 5): the stack changes hands as in stack_handoff, and the FPU is given up.
	.globl	switch_context
switch_context:
	rsm	1,%r0
	address	cpu_data,%dp
	mfctl	%cr15,%r22
	ldi	7,%r19
	mtctl	%r19,%cr15
	ldw	THREAD_PCB(%arg0),%r20
	ldw	CPU_ACTIVE_STACK(%dp),%r19
	ldw	THREAD_AST(%arg0),%r21
	stw	%r19,THREAD_KERNEL_STACK(%arg0)
	ldw	CPU_NEED_AST(%dp),%r31
	stw	%r0,PCB_KSP(%r20)
	or	%r21,%r31,%r21
	stw	%arg0,CPU_ACTIVE_THREAD(%dp)
	stw	%r20,CPU_ACTIVE_PCB(%dp)
	stw	%r21,CPU_NEED_AST(%dp)
	mtctl	%r0,%cr10
	copy	%arg2,%arg0
	ldo	KF_SIZE(%r19),%sp
	mtctl	%r22,%cr15
	bv	%r0(%arg1)
	ssm	1,%r0

; Where the processor waits for an interrupt when no thread can run. The host lets the time pass.
	.globl	idle_loop
idle_loop:
	address	cpu_data,%dp
	address	interrupt_stack,%sp
idle_wait:
	b	idle_wait
	nop
