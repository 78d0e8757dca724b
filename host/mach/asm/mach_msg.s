; mach_msg_trap: the optimised path of a remote procedure call (Mach 3.0 ipc/mach_msg.c), for one
; simple message out and one in: request (COPY_SEND, MAKE_SEND_ONCE) or reply (MOVE_SEND_ONCE).
;
; Sections as in Mach: fast_get, fast_copyin, fast_send_receive, handoff, fast_copyout, fast_put.
; Every check comes before the first write that anyone can see; a check that fails puts the kmsg back
; and leaves for the slow path, which starts the call anew in TypeScript. After the handoff the code
; runs as the receiver, on the same stack and frame; a receiver that needs more leaves by
; mach_msg_receive_slow with the kmsg in hand.
;
; r3 msg  r4 option  r5 send_size  r6 rcv_size  r7 rcv_name  r8 self  r9 space  r10 kmsg
; r11 dest port  r12 reply port  r13 dest mqueue  r14 rcv mqueue  r15 rcv object  r16 receiver
; r17 entry of the send-once right  r18 entry table

	.text
	.globl	mach_msg_trap
mach_msg_trap:
	stw	%rp,-20(%sp)
	stwm	%r3,128(%sp)
	copy	%arg0,%r3
	stw	%r4,-124(%sp)
	copy	%arg1,%r4
	stw	%r5,-120(%sp)
	copy	%arg2,%r5
	stw	%r6,-116(%sp)
	copy	%arg3,%r6
	stw	%r7,-112(%sp)
	stw	%r8,-108(%sp)
	stw	%r9,-104(%sp)
	stw	%r10,-100(%sp)
	stw	%r11,-96(%sp)
	stw	%r12,-92(%sp)
	stw	%r13,-88(%sp)
	stw	%r14,-84(%sp)
	stw	%r15,-80(%sp)
	stw	%r16,-76(%sp)
	stw	%r17,-72(%sp)
	stw	%r18,-68(%sp)
	ldw	-180(%sp),%r7			; fifth argument, in the caller's frame

; A. The options and size of the fast path, and the cached kmsg.
fast_get:
	stamp_hold mach_msg.get, %r11
	ldw	CPU_ACTIVE_THREAD(%dp),%r8
	comib,<>,n	MACH_SEND_MSG+MACH_RCV_MSG,%r4,mach_msg_slow
	ldw	THREAD_TASK(%r8),%r9
	extru,=	%r5,31,2,%r0
	b,n	mach_msg_slow
	ldw	TASK_ITK_SPACE(%r9),%r9
	ldo	-SIZEOF_MACH_MSG_HEADER(%r5),%r20
	ldi	IKM_SAVED_MSG_SIZE-SIZEOF_MACH_MSG_HEADER,%r21
	comb,<<,n	%r21,%r20,slow_get		; one unsigned compare: too small or too large
	ldw	CPU_IPC_KMSG_CACHE(%dp),%r10
	comb,=,n	%r0,%r10,slow_get
	stw	%r0,CPU_IPC_KMSG_CACHE(%dp)

fast_get_done:				; B. the message comes in
	stamp_hold mach_msg.copyin, %r12
	copy	%r3,%arg0
	ldo	IKM_HEADER(%r10),%arg1
	bl	copyinmsg,%rp
	copy	%r5,%arg2
	comib,<>,n	0,%r28,mach_msg_undo

; C. Translate the header's names. Nothing is written but the kernel's own message.
fast_copyin:
	stamp	mach_msg.translate, STAMP_MESSAGE+4*6(%r10)
	stamp_store %r11, STAMP_MESSAGE+4*2(%r10)
	stamp_store %r12, STAMP_MESSAGE+4*3(%r10)
	ldw	IKM_HEADER+MSGH_BITS(%r10),%r20
	stw	%r5,IKM_HEADER+MSGH_SIZE(%r10)
	ldi	MACH_MSG_TYPE_MAKE_SEND_ONCE*256+MACH_MSG_TYPE_COPY_SEND,%r21
	ldw	IS_TABLE_SIZE(%r9),%r1
	comb,<>	%r20,%r21,fast_copyin_reply
	ldw	IS_TABLE(%r9),%r18

	; request: the reply name is the receive name, a receive right
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%r10),%r19
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%r10),%r28
	comb,<>,n	%r7,%r19,mach_msg_undo
	extru	%r19,23,24,%r21			; index
	comb,<<=,n	%r1,%r21,mach_msg_undo
	zdep	%r21,27,28,%r21
	addl	%r18,%r21,%r21
	ldw	IE_BITS(%r21),%r22
	zdep	%r19,7,8,%r19			; generation
	xor	%r22,%r19,%r22
	extru,=	%r22,7,8,%r0
	b,n	mach_msg_undo			; stale
	bb,>=,n	%r22,14,mach_msg_undo		; IE_BITS_RECEIVE
	ldw	IE_OBJECT(%r21),%r12
	; destination: a send right to an active port of a task
	extru	%r28,23,24,%r21
	comb,<<=,n	%r1,%r21,mach_msg_undo
	zdep	%r21,27,28,%r21
	addl	%r18,%r21,%r21
	ldw	IE_BITS(%r21),%r22
	zdep	%r28,7,8,%r28
	xor	%r22,%r28,%r22
	extru,=	%r22,7,8,%r0
	b,n	mach_msg_undo
	bb,>=,n	%r22,15,mach_msg_undo		; IE_BITS_SEND
	ldw	IE_OBJECT(%r21),%r11
	ldw	IP_BITS(%r11),%r20
	ldw	IP_RECEIVER(%r11),%r21
	comb,<=,n	%r0,%r20,mach_msg_undo	; dead
	ldw	CPU_IPC_SPACE_KERNEL(%dp),%r22
	comb,=,n	%r21,%r22,mach_msg_kernel	; a kernel object answers
	ldw	IP_MSGCOUNT(%r11),%r20
	ldw	IP_QLIMIT(%r11),%r21
	comb,<<=,n	%r21,%r20,mach_msg_undo	; queue full
	b	fast_send_receive
	copy	%r12,%r15

fast_copyin_reply:
	ldi	MACH_MSG_TYPE_MOVE_SEND_ONCE,%r21
	comb,<>,n	%r20,%r21,mach_msg_undo
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%r10),%r19
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%r10),%r28
	comb,<>,n	%r0,%r19,mach_msg_undo
	; destination: a send-once right without a dead-name request
	extru	%r28,23,24,%r21
	comb,<<=,n	%r1,%r21,mach_msg_undo
	zdep	%r21,27,28,%r17
	addl	%r18,%r17,%r17
	ldw	IE_BITS(%r17),%r22
	zdep	%r28,7,8,%r28
	xor	%r22,%r28,%r22
	extru,=	%r22,8,9,%r0			; generation and IE_BITS_COLLISION
	b,n	mach_msg_undo
	bb,>=,n	%r22,13,mach_msg_undo		; IE_BITS_SEND_ONCE
	ldw	IE_NEXT(%r17),%r20
	ldw	IE_OBJECT(%r17),%r11
	comb,<>,n	%r0,%r20,mach_msg_undo
	ldw	IP_BITS(%r11),%r20
	comb,<=,n	%r0,%r20,mach_msg_undo	; dead
	; the port to receive from: a receive right
	extru	%r7,23,24,%r21
	comb,<<=,n	%r1,%r21,mach_msg_undo
	zdep	%r21,27,28,%r21
	addl	%r18,%r21,%r21
	ldw	IE_BITS(%r21),%r22
	zdep	%r7,7,8,%r28
	xor	%r22,%r28,%r22
	extru,=	%r22,7,8,%r0
	b,n	mach_msg_undo
	bb,>=,n	%r22,14,mach_msg_undo		; IE_BITS_RECEIVE
	ldw	IE_OBJECT(%r21),%r15

; D. A receiver must wait at the destination, in the same form of call, and nothing for us.
fast_send_receive:
	ldw	IP_PSET(%r15),%r20
	ldw	IP_PSET(%r11),%r21
	comb,<>,n	%r0,%r20,mach_msg_undo	; in a port set
	comb,<>,n	%r0,%r21,mach_msg_undo
	ldw	IP_THREADS(%r11),%r16
	ldw	IP_MESSAGES(%r15),%r20
	comb,=,n	%r0,%r16,mach_msg_undo
	comb,<>,n	%r0,%r20,mach_msg_undo
	ldw	THREAD_SWAP_FUNC(%r16),%r21
	ldo	IP_MESSAGES(%r11),%r13
	comib,<>,n	CONTINUATION_MACH_MSG,%r21,mach_msg_undo
	ldo	IP_MESSAGES(%r15),%r14

	; Commit. Request: the message holds a send right and a new send-once right.
	ldw	IKM_HEADER+MSGH_BITS(%r10),%r20
	bb,>=,n	%r20,19,commit_reply		; 0x1513 has a local right (0x1500), 0x12 none
	ldw	IP_SRIGHTS(%r11),%r19
	ldw	IP_REFERENCES(%r11),%r20
	ldo	1(%r19),%r19
	stw	%r19,IP_SRIGHTS(%r11)
	ldo	1(%r20),%r20
	stw	%r20,IP_REFERENCES(%r11)
	ldw	IP_SORIGHTS(%r12),%r21
	ldo	1(%r21),%r21
	stw	%r21,IP_SORIGHTS(%r12)
	ldw	IP_REFERENCES(%r12),%r22
	ldo	1(%r22),%r22
	stw	%r22,IP_REFERENCES(%r12)
	ldi	MACH_MSG_TYPE_PORT_SEND_ONCE*256+MACH_MSG_TYPE_PORT_SEND,%r20
	stw	%r20,IKM_HEADER+MSGH_BITS(%r10)
	stw	%r11,IKM_HEADER+MSGH_REMOTE_PORT(%r10)
	b	commit_receive
	stw	%r12,IKM_HEADER+MSGH_LOCAL_PORT(%r10)

	; Reply: the send-once right moves from its entry, which becomes free, into the message.
commit_reply:
	ldw	IE_BITS(%r17),%r19
	ldw	IE_NEXT(%r18),%r20
	depi	0,31,24,%r19			; the generation stays
	stw	%r19,IE_BITS(%r17)
	sub	%r17,%r18,%r21
	stw	%r20,IE_NEXT(%r17)
	extru	%r21,27,28,%r21			; index = offset / 16
	stw	%r21,IE_NEXT(%r18)
	stw	%r0,IE_OBJECT(%r17)
	ldi	MACH_MSG_TYPE_PORT_SEND_ONCE,%r20
	stw	%r20,IKM_HEADER+MSGH_BITS(%r10)
	stw	%r11,IKM_HEADER+MSGH_REMOTE_PORT(%r10)

	; Where this thread will wait: what mach_msg_continue will need.
commit_receive:
	ldw	IP_REFERENCES(%r15),%r19
	ldo	1(%r19),%r19
	stw	%r19,IP_REFERENCES(%r15)
	stw	%r3,THREAD_ITH_MSG(%r8)
	stw	%r6,THREAD_ITH_RCV_SIZE(%r8)
	stw	%r4,THREAD_ITH_OPTION(%r8)
	stw	%r15,THREAD_ITH_OBJECT(%r8)
	stw	%r14,THREAD_ITH_MQUEUE(%r8)

; E. The receiver takes over.
	stamp	mach_msg.handoff, STAMP_MESSAGE+4*7(%r10)
	copy	%r8,%arg0
	ldi	CONTINUATION_MACH_MSG,%arg1
	bl	thread_handoff,%rp
	copy	%r16,%arg2
	comib,=,n	0,%r28,handoff_failed

; F. As the receiver: queue the sender where it waits, take the receiver off its queue.
	stamp	mach_msg.finish, STAMP_MESSAGE+4*10(%r10)
	ldw	IMQ_THREADS(%r14),%r19			; first thread of the queue
	ldil	L%MACH_RCV_IN_PROGRESS,%r20
	ldo	R%MACH_RCV_IN_PROGRESS(%r20),%r20
	comb,=	%r0,%r19,first_waiter
	stw	%r20,THREAD_ITH_STATE(%r8)
	ldw	THREAD_ITH_PREV(%r19),%r21
	stw	%r19,THREAD_ITH_NEXT(%r8)
	stw	%r21,THREAD_ITH_PREV(%r8)
	stw	%r8,THREAD_ITH_NEXT(%r21)
	b	sender_queued
	stw	%r8,THREAD_ITH_PREV(%r19)
first_waiter:
	stw	%r8,IMQ_THREADS(%r14)
	stw	%r8,THREAD_ITH_NEXT(%r8)
	stw	%r8,THREAD_ITH_PREV(%r8)
sender_queued:
	ldi	-1,%r22
	stw	%r22,THREAD_ITH_MSIZE(%r8)	; any size: it will be checked at copyout

	ldw	THREAD_ITH_NEXT(%r16),%r19
	ldw	THREAD_ITH_PREV(%r16),%r20
	comb,=	%r16,%r19,last_receiver
	ldw	IP_SEQNO(%r11),%r21
	stw	%r19,IMQ_THREADS(%r13)
	stw	%r20,THREAD_ITH_PREV(%r19)
	b	receiver_dequeued
	stw	%r19,THREAD_ITH_NEXT(%r20)
last_receiver:
	stw	%r0,IMQ_THREADS(%r13)
receiver_dequeued:
	stw	%r0,THREAD_ITH_STATE(%r16)
	stw	%r21,IKM_HEADER+MSGH_SEQNO(%r10)
	ldo	1(%r21),%r21
	stw	%r21,IP_SEQNO(%r11)
	ldw	THREAD_TASK(%r16),%r9
	ldw	THREAD_ITH_MSG(%r16),%r3
	ldw	TASK_ITK_SPACE(%r9),%r9
	ldw	THREAD_ITH_RCV_SIZE(%r16),%r6
	ldw	THREAD_ITH_OBJECT(%r16),%r15
	ldw	IP_REFERENCES(%r15),%r19
	addib,=	-1,%r19,mach_msg_receive_slow	; cannot be the last: the receive right holds one
	stw	%r19,IP_REFERENCES(%r15)

; G. Rights in the message become the receiver's names.
fast_copyout:
	ldw	IKM_HEADER+MSGH_SIZE(%r10),%r5
	ldw	IKM_HEADER+MSGH_BITS(%r10),%r20
	comb,<<,n	%r6,%r5,mach_msg_receive_slow	; too large for the receiver
	ldi	MACH_MSG_TYPE_PORT_SEND_ONCE*256+MACH_MSG_TYPE_PORT_SEND,%r21
	ldw	IP_BITS(%r11),%r22
	comb,<>	%r20,%r21,fast_copyout_reply
	ldw	IP_RECEIVER(%r11),%r28
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%r10),%r12
	comb,<=,n	%r0,%r22,mach_msg_receive_slow	; the destination died
	comb,=,n	%r0,%r12,mach_msg_receive_slow
	ldw	IP_BITS(%r12),%r19
	comib,=,n	-1,%r12,mach_msg_receive_slow
	comb,<=,n	%r0,%r19,mach_msg_receive_slow	; the reply port died
	ldw	IS_TABLE(%r9),%r18
	ldw	IP_SRIGHTS(%r11),%r20
	ldw	IE_NEXT(%r18),%r19
	ldw	IP_NSREQUEST(%r11),%r21
	comb,=,n	%r0,%r19,mach_msg_receive_slow	; no free entry: the table must grow
	addib,<>	-1,%r20,senders_left
	zdep	%r19,27,28,%r17
	comb,<>,n	%r0,%r21,mach_msg_receive_slow	; no senders, and someone wants to know
senders_left:
	addl	%r18,%r17,%r17
	ldw	IE_NEXT(%r17),%r22
	ldw	IE_BITS(%r17),%r21
	stw	%r22,IE_NEXT(%r18)
	addil	L%IE_BITS_GEN_ONE,%r21		; next generation
	ldil	L%IE_BITS_SEND_ONCE,%r22
	ldo	1(%r22),%r22			; one user reference
	or	%r1,%r22,%r22
	stw	%r22,IE_BITS(%r17)
	zdep	%r19,23,24,%r19			; name = index and generation
	extru	%r1,7,8,%r21
	stw	%r12,IE_OBJECT(%r17)
	or	%r19,%r21,%r19
	stw	%r0,IE_NEXT(%r17)
	stw	%r20,IP_SRIGHTS(%r11)
	ldw	IP_REFERENCES(%r11),%r21
	ldo	-1(%r21),%r21
	stw	%r21,IP_REFERENCES(%r11)
	ldw	IP_RECEIVER_NAME(%r11),%r22
	comclr,=	%r28,%r9,%r0			; still the receiver's own port?
	copy	%r0,%r22
	ldi	MACH_MSG_TYPE_PORT_SEND*256+MACH_MSG_TYPE_PORT_SEND_ONCE,%r20
	stw	%r20,IKM_HEADER+MSGH_BITS(%r10)
	stw	%r19,IKM_HEADER+MSGH_REMOTE_PORT(%r10)
	b	fast_put
	stw	%r22,IKM_HEADER+MSGH_LOCAL_PORT(%r10)

fast_copyout_reply:
	comb,<=,n	%r0,%r22,mach_msg_receive_slow
	comb,<>,n	%r28,%r9,mach_msg_receive_slow
	ldw	IP_SORIGHTS(%r11),%r19
	ldw	IP_REFERENCES(%r11),%r20
	ldo	-1(%r19),%r19
	stw	%r19,IP_SORIGHTS(%r11)
	ldo	-1(%r20),%r20
	stw	%r20,IP_REFERENCES(%r11)
	ldw	IP_RECEIVER_NAME(%r11),%r22
	ldi	MACH_MSG_TYPE_PORT_SEND_ONCE*256,%r21
	stw	%r21,IKM_HEADER+MSGH_BITS(%r10)
	stw	%r0,IKM_HEADER+MSGH_REMOTE_PORT(%r10)
	stw	%r22,IKM_HEADER+MSGH_LOCAL_PORT(%r10)

fast_put:	; H. the message goes out, the kmsg into the cache; the receiver returns by its continuation
	stamp	mach_msg.copyout, STAMP_MESSAGE+4*11(%r10)
	ldw	IKM_SIZE(%r10),%r20
	ldo	IKM_HEADER(%r10),%arg0
	ldi	IKM_SAVED_KMSG_SIZE,%r21
	comb,<>	%r20,%r21,slow_put
	copy	%r3,%arg1
	bl	copyoutmsg,%rp
	copy	%r5,%arg2
	ldw	CPU_IPC_KMSG_CACHE(%dp),%r20
	comib,<>,n	0,%r28,put_fault
	comb,<>,n	%r0,%r20,put_free
	stw	%r10,CPU_IPC_KMSG_CACHE(%dp)
	b	thread_syscall_return
	ldi	MACH_MSG_SUCCESS,%arg0

; A kmsg from kalloc: too large for the cache, or the cache was taken.
slow_put:
	bl	ipc_kmsg_put,%rp
	copy	%r5,%arg2
	b	thread_syscall_return
	copy	%r28,%arg0
put_free:
	bl	ipc_kmsg_free,%rp
	copy	%r10,%arg0
	b	thread_syscall_return
	ldi	MACH_MSG_SUCCESS,%arg0
put_fault:
	bl	ipc_kmsg_free,%rp
	copy	%r10,%arg0
	ldil	L%MACH_RCV_INVALID_DATA,%arg0
	b	thread_syscall_return
	ldo	R%MACH_RCV_INVALID_DATA(%arg0),%arg0

; ipc_kmsg_put(message in kernel, user address, bytes): copy out and free. r10 = kmsg.
ipc_kmsg_put:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	bl	copyoutmsg,%rp
	nop
	ldil	L%MACH_RCV_INVALID_DATA,%r3
	ldo	R%MACH_RCV_INVALID_DATA(%r3),%r3
	comclr,<>	%r28,%r0,%r0
	copy	%r0,%r3
	bl	ipc_kmsg_free,%rp
	copy	%r10,%arg0
	copy	%r3,%r28
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3

; A message that the cached kmsg cannot take (facts: up to one kalloc element), or no cached kmsg.
slow_get:
	ldi	SIZEOF_MACH_MSG_HEADER,%r20
	comb,<<,n	%r5,%r20,mach_msg_slow		; too small
	ldi	IKM_KALLOC_MSG_SIZE,%r21
	comb,<<,n	%r21,%r5,mach_msg_slow
	ldi	IKM_SAVED_MSG_SIZE,%r22
	copy	%r5,%arg0
	comclr,<<	%r22,%r5,%r0
	copy	%r22,%arg0			; small ones have the cache's size
	bl	ipc_kmsg_alloc,%rp
	nop
	b	fast_get_done
	copy	%r28,%r10

; The receiver could not take the stack (suspended, or a timeout is set): take the commit back.
handoff_failed:
	ldw	IP_REFERENCES(%r15),%r19
	ldw	IKM_HEADER+MSGH_BITS(%r10),%r20
	ldo	-1(%r19),%r19
	bb,>=	%r20,19,undo_reply		; no local right: a reply
	stw	%r19,IP_REFERENCES(%r15)
	ldw	IP_SRIGHTS(%r11),%r19
	ldw	IP_REFERENCES(%r11),%r20
	ldo	-1(%r19),%r19
	stw	%r19,IP_SRIGHTS(%r11)
	ldo	-1(%r20),%r20
	stw	%r20,IP_REFERENCES(%r11)
	ldw	IP_SORIGHTS(%r12),%r21
	ldo	-1(%r21),%r21
	stw	%r21,IP_SORIGHTS(%r12)
	ldw	IP_REFERENCES(%r12),%r22
	ldo	-1(%r22),%r22
	b	mach_msg_undo
	stw	%r22,IP_REFERENCES(%r12)
undo_reply:
	ldw	IE_NEXT(%r17),%r20		; the entry is the first of the free list
	ldw	IE_BITS(%r17),%r19
	stw	%r20,IE_NEXT(%r18)
	ldil	L%IE_BITS_SEND_ONCE,%r21
	ldo	1(%r21),%r21
	or	%r19,%r21,%r19
	stw	%r19,IE_BITS(%r17)
	stw	%r11,IE_OBJECT(%r17)
	b	mach_msg_undo
	stw	%r0,IE_NEXT(%r17)

mach_msg_kernel:
	b,n	kernel_send
; Puts the kmsg back and starts the call anew on the slow path.
	.globl	mach_msg_undo, mach_msg_slow, fast_copyout
mach_msg_undo:
	ldw	CPU_IPC_KMSG_CACHE(%dp),%r20
	ldw	IKM_SIZE(%r10),%r21
	ldi	IKM_SAVED_KMSG_SIZE,%r22
	comb,<>,n	%r21,%r22,undo_free
	comb,<>,n	%r0,%r20,undo_free
	b	mach_msg_slow
	stw	%r10,CPU_IPC_KMSG_CACHE(%dp)
undo_free:
	bl	ipc_kmsg_free,%rp
	copy	%r10,%arg0
mach_msg_slow:
	.if	OWN_STACK
	b,n	own_stack_mach_msg
	.endif
	escape	ESCAPE_MACH_MSG
mach_msg_receive_slow:				; the receiver, now current, has the kmsg in hand
	copy	%r10,%arg0
	escape	ESCAPE_MACH_MSG_RECEIVE
