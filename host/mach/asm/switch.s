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
; same stack and frame. 0, nothing changed, when `new` cannot take it. In the shape of compiled C,
; as mach_msg.s is.
	.globl	thread_handoff
thread_handoff:
	stw	%rp,-20(%sp)
	ldo	128(%sp),%sp
	stw	%r6,-116(%sp)
	copy	%arg1,%r6
	stw	%r4,-108(%sp)
	copy	%arg0,%r4
	stw	%r3,-104(%sp)
	stw	%r5,-112(%sp)
	bl	splsched,%rp
	copy	%arg2,%r3
	.if	OWN_STACK
	ldw	THREAD_PCB(%r4),%r20		; nor is a server's own (footnote 6)
	ldw	PCB_KSS+SS_FLAGS(%r20),%r21
	bb,<,n	%r21,26,handoff_refused		; SS_OWNSTACK
	.endif
	addil	L%CPU_ACTIVE_STACK,%dp
	ldw	THREAD_STACK_PRIVILEGE(%r4),%r20	; a privileged stack is not given away
	ldw	R%CPU_ACTIVE_STACK(%r1),%r19
	comb,=,n	%r19,%r20,handoff_refused
	ldw	THREAD_STATE(%r3),%r5
	ldi	TH_WAIT+TH_SWAPPED,%r19
	comb,<>,n	%r19,%r5,handoff_refused
	ldw	THREAD_TIMER_SET(%r3),%r19
	comib,=	0,%r19,handoff_possible
	ldi	TH_RUN,%r19
handoff_refused:				; a timeout must be cancelled: slow path
	bl	splx,%rp
	copy	%r28,%arg0
	b	handoff_done
	ldi	0,%r28

handoff_possible:
	stw	%r19,THREAD_STATE(%r3)
	addil	L%CPU_NEED_AST,%dp
	copy	%r4,%arg0
	ldw	R%CPU_NEED_AST(%r1),%r19
	ldw	THREAD_AST(%r3),%r20
	depi	0,31,2,%r19			; AST_HALT, AST_TERMINATE: a thread's own
	or	%r19,%r20,%r19
	copy	%r3,%arg1
	stw	%r19,R%CPU_NEED_AST(%r1)
	bl	stack_handoff,%rp
	stw	%r28,-120(%sp)
	ldw	-120(%sp),%r28
	stw	%r6,THREAD_SWAP_FUNC(%r4)
	copy	%r28,%arg0
	ldw	THREAD_STATE(%r4),%r28
	comiclr,=	TH_RUN,%r28,%r0		; else it is being suspended, too
	ldo	TH_WAIT+TH_SWAPPED-TH_RUN(%r28),%r5
	bl	splx,%rp
	stw	%r5,THREAD_STATE(%r4)
	addil	L%CPU_STACK_HANDOFFS,%dp
	ldw	R%CPU_STACK_HANDOFFS(%r1),%r19
	ldi	1,%r28
	addl	%r19,%r28,%r19
	stw	%r19,R%CPU_STACK_HANDOFFS(%r1)
handoff_done:
	ldw	-148(%sp),%rp
	ldw	-116(%sp),%r6
	ldw	-112(%sp),%r5
	ldw	-108(%sp),%r4
	ldw	-104(%sp),%r3
	bv	%r0(%rp)
	ldo	-128(%sp),%sp

; stack_handoff(old, new): the machine-dependent half. Old's stack becomes new's, new's PCB the
; active one; the FPU is given up lazily (ccr = 0 traps its next use). No tree has the HP 700 port's
; of 1993; its port changed no more than this in its other switches.
stack_handoff:
	addil	L%CPU_ACTIVE_STACK,%dp
	ldw	THREAD_PCB(%arg0),%r21
	ldw	THREAD_PCB(%arg1),%r19
	ldw	R%CPU_ACTIVE_STACK(%r1),%r28
	copy	%r1,%r20
	addil	L%CPU_ACTIVE_THREAD,%dp
	stw	%r0,THREAD_KERNEL_STACK(%arg0)
	stw	%r28,PCB_KSP(%r21)
	stw	%r28,THREAD_KERNEL_STACK(%arg1)
	stw	%r0,PCB_KSP(%r19)
	stw	%arg1,R%CPU_ACTIVE_THREAD(%r1)
	addil	L%CPU_ACTIVE_PCB,%dp
	stw	%r28,R%CPU_ACTIVE_STACK(%r20)
	stw	%r19,R%CPU_ACTIVE_PCB(%r1)
	mtctl	%r0,%cr10
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
