; Messages to kernel objects, the optimised way (Mach 3.0 ipc/mach_msg.c at kernel_send,
; ipc/ipc_kobject.c): the request never meets a queue, the kernel's own MIG stub answers it on the
; caller's stack, and the reply is received at once.
;
; Which routines are served so is said by KMIG's table `mach_server_routines`: a routine that is not in
; it is the slow path's. A routine in text may find that it, too, is for the slow path: it gives back
; what it took and goes to kobject_undo, which takes everything back; the call then starts anew.
;
; As mach_msg.s: r4 kmsg  r5 msg  r6 rcv_size  r7 reply port  r10 space  r13 dest port.
; Here: r14 the routine's stub, r15 sp.

	.text
	.globl	kernel_send
kernel_send:
	ldw	IE_OBJECT(%r19),%r7		; the reply port's entry
	bl	mach_server_routine,%rp
	ldo	IKM_HEADER(%r4),%arg0
	comib,=	0,%r28,kernel_slow
	copy	%r28,%r14

; The reply must be receivable at once: our own receive right, in no set, nobody there before us. The
; routines in text do not change that, so what Mach asks afterwards is asked here.
	ldw	IP_BITS(%r7),%r19
	ldw	IP_RECEIVER(%r7),%r20
	comb,<=,n	%r0,%r19,kernel_slow
	ldw	IP_RECEIVER_NAME(%r7),%r21
	comb,<>,n	%r10,%r20,kernel_slow
	ldw	RCV_NAME(%sp),%r31
	ldw	IP_PSET(%r7),%r22
	comb,<>,n	%r31,%r21,kernel_slow
	ldw	IP_THREADS(%r7),%r19
	comb,<>,n	%r0,%r22,kernel_slow
	ldw	IP_MESSAGES(%r7),%r20
	comb,<>,n	%r0,%r19,kernel_slow
	ldi	SIZEOF_MIG_REPLY_HEADER,%r21
	comb,<>,n	%r0,%r20,kernel_slow
	address	kalloc_zones+SIZEOF_ZONE*IKM_SAVED_ZONE,%r22
	comb,<<,n	%r6,%r21,kernel_slow		; no room for any reply
	ldw	ZONE_FREE(%r22),%r19
	comb,=,n	%r0,%r19,kernel_slow		; the zone must grow

; The rights: a send right to the object, a send-once right to the reply port.
	ldw	IP_SRIGHTS(%r13),%r19
	ldw	IP_REFERENCES(%r13),%r20
	ldo	1(%r19),%r19
	stw	%r19,IP_SRIGHTS(%r13)
	ldo	1(%r20),%r20
	stw	%r20,IP_REFERENCES(%r13)
	ldw	IP_SORIGHTS(%r7),%r21
	ldo	1(%r21),%r21
	stw	%r21,IP_SORIGHTS(%r7)
	ldw	IP_REFERENCES(%r7),%r22
	ldo	1(%r22),%r22
	stw	%r22,IP_REFERENCES(%r7)
	ldi	MACH_MSG_TYPE_PORT_SEND_ONCE*256+MACH_MSG_TYPE_PORT_SEND,%r20
	stw	%r20,IKM_HEADER+MSGH_BITS(%r4)
	stw	%r13,IKM_HEADER+MSGH_REMOTE_PORT(%r4)
	stw	%r7,IKM_HEADER+MSGH_LOCAL_PORT(%r4)

	copy	%r4,%arg0
	copy	%r14,%arg1
	bl	ipc_kobject_server,%rp
	copy	%sp,%r15

; The reply is ours: count it, then as any received reply.
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%r28),%r13
	copy	%r28,%r4
	ldw	IP_SEQNO(%r13),%r19
	stw	%r19,IKM_HEADER+MSGH_SEQNO(%r4)
	ldo	1(%r19),%r19
	stw	%r19,IP_SEQNO(%r13)
	ldo	IKM_HEADER(%r4),%r9
	ldo	IKM_HEADER+MSGH_BITS(%r4),%r11
	ldo	IKM_HEADER+MSGH_SIZE(%r4),%r12
	ldo	IKM_HEADER+MSGH_REMOTE_PORT(%r4),%r17
	copy	%r6,%r20
	b	fast_copyout
	copy	%r10,%r22

; ipc_kobject_server(request, stub) → reply
ipc_kobject_server:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%arg0,%r3
	stw	%r4,-60(%sp)
	copy	%arg1,%r4
	stw	%r5,-56(%sp)
	bl	ipc_kmsg_alloc,%rp
	ldi	IKM_SAVED_MSG_SIZE,%arg0
	copy	%r28,%r5

	; The reply's header, and RetCodeType.
	ldw	IKM_HEADER+MSGH_BITS(%r3),%r19
	ldi	SIZEOF_MIG_REPLY_HEADER,%r20
	extru	%r19,23,8,%r19			; the reply right's type
	stw	%r19,IKM_HEADER+MSGH_BITS(%r5)
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%r3),%r21
	stw	%r20,IKM_HEADER+MSGH_SIZE(%r5)
	ldw	IKM_HEADER+MSGH_ID(%r3),%r22
	stw	%r21,IKM_HEADER+MSGH_REMOTE_PORT(%r5)
	ldil	L%MIG_RET_CODE_TYPE,%r19
	stw	%r0,IKM_HEADER+MSGH_LOCAL_PORT(%r5)
	ldo	R%MIG_RET_CODE_TYPE(%r19),%r19
	stw	%r0,IKM_HEADER+MSGH_SEQNO(%r5)
	ldo	100(%r22),%r22
	stw	%r22,IKM_HEADER+MSGH_ID(%r5)
	ldo	IKM_HEADER(%r3),%arg0
	stw	%r19,IKM_HEADER+MIG_REPLY_RET_CODE_TYPE(%r5)

	ldo	IKM_HEADER(%r5),%arg1
	ble	0(%sr4,%r4)
	copy	%r31,%rp

	; The destination's right goes, then the request: to the cache, or after a failure with whatever
	; it still holds.
	bl	ipc_port_release_send,%rp
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%r3),%arg0
	ldw	IKM_HEADER+MIG_REPLY_RET_CODE(%r5),%r19
	stw	%r0,IKM_HEADER+MSGH_REMOTE_PORT(%r3)
	comib,<>,n	0,%r19,kobject_failed
	ldw	IKM_SIZE(%r3),%r20
	ldw	CPU_IPC_KMSG_CACHE(%dp),%r21
	ldi	IKM_SAVED_KMSG_SIZE,%r22
	comb,<>,n	%r20,%r22,kobject_free
	comb,<>,n	%r0,%r21,kobject_free
	b	kobject_served
	stw	%r3,CPU_IPC_KMSG_CACHE(%dp)
kobject_failed:
	copy	%r3,%arg0
	bl	ipc_kmsg_destroy,%rp
	stw	%r0,IKM_HEADER+MSGH_LOCAL_PORT(%r3)
	b,n	kobject_served
kobject_free:
	bl	ipc_kmsg_free,%rp
	copy	%r3,%arg0
kobject_served:
	copy	%r5,%r28
	ldw	-84(%sp),%rp
	ldw	-60(%sp),%r4
	ldw	-56(%sp),%r5
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3

; ipc_port_release_send(port): never the last send right, the sender has its own.
ipc_port_release_send:
	ldw	IP_REFERENCES(%arg0),%r19
	ldw	IP_BITS(%arg0),%r20
	ldo	-1(%r19),%r19
	comb,<=	%r0,%r20,released			; dead: its rights are not counted
	stw	%r19,IP_REFERENCES(%arg0)
	ldw	IP_SRIGHTS(%arg0),%r21
	ldo	-1(%r21),%r21
	stw	%r21,IP_SRIGHTS(%arg0)
released:
	bv,n	%r0(%rp)

; ipc_kmsg_destroy(kmsg) of a simple message whose rights are gone: looks for them, as for any.
ipc_kmsg_destroy:
	ldw	IKM_MAREQUEST(%arg0),%r19
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%arg0),%r20
	or	%r19,%r20,%r19
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%arg0),%r21
	or	%r19,%r21,%r19
	ldw	IKM_HEADER+MSGH_BITS(%arg0),%r22
	comb,=,n	%r0,%r19,destroy_body
	break	0,0				; a right that nobody took out
destroy_body:
	bb,>=,n	%r22,0,destroy_free
	break	0,0				; the hot path takes no complex message
destroy_free:
	b,n	ipc_kmsg_free

; convert_port_to_task(port) → a reference to its task, or 0.
	.globl	convert_port_to_task
convert_port_to_task:
	ldw	IP_BITS(%arg0),%r19
	copy	%r0,%r28
	comb,<=,n	%r0,%r19,not_a_task
	extru	%r19,31,16,%r19
	comib,<>,n	IKOT_TASK,%r19,not_a_task
	ldw	IP_KOBJECT(%arg0),%r28
	ldw	TASK_REF_COUNT(%r28),%r20
	ldo	1(%r20),%r20
	stw	%r20,TASK_REF_COUNT(%r28)
not_a_task:
	bv,n	%r0(%rp)

; task_deallocate(task): its port and its space hold it, so this is never the last reference.
	.globl	task_deallocate
task_deallocate:
	comb,=,n	%r0,%arg0,no_reference
	ldw	TASK_REF_COUNT(%arg0),%r19
	ldo	-1(%r19),%r19
	stw	%r19,TASK_REF_COUNT(%arg0)
no_reference:
	bv,n	%r0(%rp)

; task_terminate(task): no task, no work. A real one is the slow path's.
	.globl	task_terminate
task_terminate:
	comb,<>,n	%r0,%arg0,terminate_slow
	bv	%r0(%rp)
	ldi	KERN_INVALID_ARGUMENT,%r28
terminate_slow:
	ldw	TASK_REF_COUNT(%arg0),%r19
	ldo	-1(%r19),%r19
	b	kobject_undo
	stw	%r19,TASK_REF_COUNT(%arg0)

; From within a routine's stub: r5 = reply, r15 = mach_msg's sp. Back to before kernel_send.
kobject_undo:
	copy	%r15,%sp
	copy	%r5,%arg0
	ldw	0(%sp),%r3			; as ipc_kobject_server stored them
	ldw	4(%sp),%r4
	bl	ipc_kmsg_free,%rp
	ldw	8(%sp),%r5
	uncommit_request
	stw	%r22,IP_REFERENCES(%r7)
kernel_slow:
	b,n	mach_msg_undo
