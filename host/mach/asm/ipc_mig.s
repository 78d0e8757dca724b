; Mach traps that are answered in text (Mach 3.0 kern/ipc_mig.c): what a trap does before it knows its
; object, so a call that does nothing is executed whole. With an object in hand the call starts anew
; on the slow path; nothing has been changed by then.

	.text
; syscall_task_terminate(name) → MACH_SEND_INTERRUPTED when `name` is no task of this kernel: the
; library then sends a real message, which says what is wrong.
	.globl	syscall_task_terminate
syscall_task_terminate:
	stw	%rp,-20(%sp)
	.if	OWN_STACK
	stw	%arg0,-36(%sp)			; nobody else has kept it
	.endif
	bl	port_name_to_task,%rp
	ldo	64(%sp),%sp
	comib,<>,n	0,%r28,terminate_task
	ldil	L%MACH_SEND_INTERRUPTED,%r28
	ldw	-84(%sp),%rp
	ldo	R%MACH_SEND_INTERRUPTED(%r28),%r28
	bv	%r0(%rp)
	ldo	-64(%sp),%sp

terminate_task:
	.if	OWN_STACK
	ldw	-100(%sp),%arg0
	ldi	TRAP_TASK_TERMINATE,%r22
	.endif
	b	mach_trap_slow
	ldo	-64(%sp),%sp

; port_name_to_task(name) → the task for whose port the current task's `name` is a send right, or 0;
; takes no reference, its caller does not keep the task. The quick lookup does for a send right; any
; other name is looked up the general way, and one that exists is given back for a task: whether it
; is, the slow path says.
port_name_to_task:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%arg0,%r3
	ldw	CPU_ACTIVE_THREAD(%dp),%r19
	extru	%r3,23,24,%r21			; index
	ldw	THREAD_TASK(%r19),%r20
	ldw	TASK_ITK_SPACE(%r20),%arg0
	ldw	IS_TABLE_SIZE(%arg0),%r22
	comb,<<=,n	%r22,%r21,any_right
	ldw	IS_TABLE(%arg0),%r20
	zdep	%r21,27,28,%r21
	addl	%r20,%r21,%r21
	ldw	IE_BITS(%r21),%r22
	zdep	%r3,7,8,%r19			; generation
	xor	%r22,%r19,%r19
	extru,=	%r19,7,8,%r0
	b,n	any_right			; stale
	bb,>=,n	%r22,15,any_right		; IE_BITS_SEND
	ldw	IE_OBJECT(%r21),%r20
	copy	%r0,%r28
	ldw	IP_BITS(%r20),%r19
	comb,<=,n	%r0,%r19,looked_for_task	; the port is dead
	extru	%r19,31,16,%r19
	comib,<>,n	IKOT_TASK,%r19,looked_for_task
	ldw	IP_KOBJECT(%r20),%r28
looked_for_task:
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3

any_right:
	copy	%r3,%arg1
	ldi	MACH_MSG_TYPE_COPY_SEND,%arg2
	bl	ipc_object_copyin,%rp
	ldo	-56(%sp),%arg3			; the port comes back here
	comclr,=	%r0,%r28,%r0
	copy	%r0,%r3				; no such right
	b	looked_for_task
	copy	%r3,%r28
