; mach_msg_trap: the optimised path of a remote procedure call (Mach 3.0 ipc/mach_msg.c), for one
; simple message out and one in: request (COPY_SEND, MAKE_SEND_ONCE) or reply (MOVE_SEND_ONCE).
;
; What ran in 1993 was compiled C, so this has its shape: our own C (test/mach/compiled), as gcc -O2
; -mpa-risc-1-1 -mschedule=700 -mdisable-fpregs makes it, named; hence globals by `addil` and offset.
;
; Sections as in Mach: fast_get, fast_copyin, fast_send_receive, handoff, fast_copyout, fast_put.
; Every check comes before the first write that anyone can see; a check that fails puts the kmsg back
; and leaves for the slow path, which starts the call anew in TypeScript. After the handoff the code
; runs as the receiver, on the same stack and frame; a receiver that needs more leaves by
; mach_msg_receive_slow with the kmsg in hand. Those ends are in kmsg.s.
;
; r3 send_size, then the send-once right's entry, then the reply's size  r4 kmsg  r5 msg  r6 rcv_size
; r7 reply port  r8 self  r9 the message in the kernel  r10 space  r11 its msgh_bits  r12 its msgh_size
; r13 dest port  r14 receiver  r15 rcv object  r16 zero  r17 its msgh_remote_port  r18 rcv mqueue

	.set	DEST_MQUEUE, -184		; kept across the handoff
	.set	REQUEST_SENT, MACH_MSG_TYPE_MAKE_SEND_ONCE*256+MACH_MSG_TYPE_COPY_SEND
	.set	REQUEST_CARRIED, MACH_MSG_TYPE_PORT_SEND_ONCE*256+MACH_MSG_TYPE_PORT_SEND
	.set	REQUEST_RECEIVED, MACH_MSG_TYPE_PORT_SEND*256+MACH_MSG_TYPE_PORT_SEND_ONCE
	.set	REPLY_SENT, MACH_MSG_TYPE_MOVE_SEND_ONCE	; and carried
	.set	REPLY_RECEIVED, MACH_MSG_TYPE_PORT_SEND_ONCE*256

	.text
	.globl	mach_msg_trap
mach_msg_trap:
	stw	%rp,-20(%sp)
	ldo	MACH_MSG_FRAME(%sp),%sp
	stw	%r6,-132(%sp)
	copy	%arg3,%r6
	stw	%r5,-128(%sp)
	copy	%arg0,%r5
	stw	%r3,-120(%sp)
	copy	%arg2,%r3
	stw	%r18,-180(%sp)
	stw	%r17,-176(%sp)
	stw	%r16,-172(%sp)
	stw	%r15,-168(%sp)
	stw	%r14,-164(%sp)
	stw	%r13,-160(%sp)
	stw	%r12,-156(%sp)
	stw	%r11,-152(%sp)
	stw	%r10,-148(%sp)
	stw	%r9,-144(%sp)
	stw	%r8,-140(%sp)
	stw	%r7,-136(%sp)
	stw	%r4,-124(%sp)

	.if	OWN_STACK			; its slow path starts anew without a saved state
	stw	%arg0,-36-MACH_MSG_FRAME(%sp)
	stw	%arg1,-40-MACH_MSG_FRAME(%sp)
	stw	%arg2,-44-MACH_MSG_FRAME(%sp)
	stw	%arg3,-48-MACH_MSG_FRAME(%sp)
	.endif

; A. The options and size of the fast path, and the cached kmsg.
fast_get:
	stamp_hold mach_msg.get, %r11
	comib,=	MACH_SEND_MSG+MACH_RCV_MSG,%arg1,options_fit
	addil	L%CPU_ACTIVE_THREAD,%dp
	b,n	mach_msg_slow
options_fit:
	ldw	R%CPU_ACTIVE_THREAD(%r1),%r8
	extru	%arg2,31,2,%r28
	ldw	THREAD_TASK(%r8),%r19
	comib,<>	0,%r28,slow_get			; not whole words
	ldw	TASK_ITK_SPACE(%r19),%r10
	ldo	-SIZEOF_MACH_MSG_HEADER(%arg2),%r20
	ldi	IKM_SAVED_MSG_SIZE-SIZEOF_MACH_MSG_HEADER,%r19
	comb,<<	%r19,%r20,slow_get		; one unsigned compare: too small or too large
	addil	L%CPU_IPC_KMSG_CACHE,%dp
	ldw	R%CPU_IPC_KMSG_CACHE(%r1),%r4
	comib,=,n	0,%r4,slow_get
	stw	%r28,R%CPU_IPC_KMSG_CACHE(%r1)	; taken

; B. The message comes in.
	stamp_hold mach_msg.copyin, %r12
	ldo	IKM_HEADER(%r4),%r9
	copy	%r3,%arg2
	copy	%r9,%arg1
	bl	copyinmsg,%rp
	copy	%r5,%arg0
	comiclr,=	0,%r28,%r0
	b,n	mach_msg_undo

; C. Translate the header's names. Nothing is written but the kernel's own message.
fast_copyin:
	stamp	mach_msg.translate, STAMP_MESSAGE+4*6(%r4)
	stamp_store %r11, STAMP_MESSAGE+4*2(%r4)
	stamp_store %r12, STAMP_MESSAGE+4*3(%r4)
	ldw	IKM_HEADER+MSGH_BITS(%r4),%r28
	ldi	REPLY_SENT,%r19
	stw	%r3,IKM_HEADER+MSGH_SIZE(%r4)
	ldo	IKM_HEADER+MSGH_SIZE(%r4),%r12
	comb,=	%r19,%r28,fast_copyin_reply
	ldo	IKM_HEADER+MSGH_BITS(%r4),%r11
	ldi	REQUEST_SENT,%r19
	comb,<>,n	%r19,%r28,mach_msg_undo
	; request: the reply name is the receive name, a receive right
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%r4),%r19
	ldw	RCV_NAME(%sp),%r20
	comb,<>,n	%r20,%r19,mach_msg_undo
	ldw	IS_TABLE_SIZE(%r10),%r22
	extru	%r20,23,24,%r19			; index
	comb,>>=,n	%r19,%r22,mach_msg_undo
	ldw	IS_TABLE(%r10),%r31
	zdep	%r19,27,28,%r19
	addl	%r19,%r31,%r19
	ldw	IE_BITS(%r19),%r21
	zdep	%r20,7,8,%r20			; generation
	ldil	L%IE_BITS_GEN_MASK+IE_BITS_RECEIVE,%r29
	and	%r21,%r29,%r21
	depi	-1,14,1,%r20			; IE_BITS_RECEIVE
	comb,<>,n	%r20,%r21,mach_msg_undo	; stale, or not a receive right
	; destination: a send right to an active port of a task
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%r4),%r20
	extru	%r20,23,24,%r21
	comb,>>=	%r21,%r22,mach_msg_undo
	zdep	%r21,27,28,%r21
	addl	%r21,%r31,%r3
	ldw	IE_BITS(%r3),%r21
	zdep	%r20,7,8,%r20
	ldil	L%IE_BITS_GEN_MASK+IE_BITS_SEND,%r22
	and	%r21,%r22,%r21
	depi	-1,15,1,%r20			; IE_BITS_SEND
	comb,<>,n	%r20,%r21,mach_msg_undo
	ldw	IE_OBJECT(%r3),%r13
	ldw	IP_BITS(%r13),%r20
	comib,<=	0,%r20,mach_msg_undo		; dead
	addil	L%CPU_IPC_SPACE_KERNEL,%dp
	ldw	IP_RECEIVER(%r13),%r21
	ldw	R%CPU_IPC_SPACE_KERNEL(%r1),%r20
	comb,=,n	%r20,%r21,mach_msg_kernel	; a kernel object answers
	ldw	IP_MSGCOUNT(%r13),%r21
	ldw	IP_QLIMIT(%r13),%r20
	comb,<<=,n	%r20,%r21,mach_msg_undo	; queue full
	ldw	IE_OBJECT(%r19),%r7
	ldw	IP_PSET(%r7),%r19
	comib,<>	0,%r19,mach_msg_undo		; the reply port is in a set
	ldo	IP_MESSAGES(%r7),%r18
	b	fast_send_receive
	copy	%r7,%r15

fast_copyin_reply:
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%r4),%r19
	comib,<>,n	0,%r19,mach_msg_undo
	; destination: a send-once right without a dead-name request
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%r4),%r19
	ldw	IS_TABLE_SIZE(%r10),%r21
	extru	%r19,23,24,%r20
	comb,>>=,n	%r20,%r21,mach_msg_undo
	ldw	IS_TABLE(%r10),%r22
	zdep	%r20,27,28,%r20
	addl	%r20,%r22,%r3
	ldw	IE_BITS(%r3),%r20
	zdep	%r19,7,8,%r19
	ldil	L%IE_BITS_GEN_MASK+IE_BITS_COLLISION+IE_BITS_SEND_ONCE,%r31
	and	%r20,%r31,%r20
	depi	-1,13,1,%r19			; IE_BITS_SEND_ONCE
	comb,<>,n	%r19,%r20,mach_msg_undo
	ldw	IE_NEXT(%r3),%r19
	comib,<>,n	0,%r19,mach_msg_undo
	ldw	IE_OBJECT(%r3),%r13
	ldw	IP_BITS(%r13),%r19
	comib,<=	0,%r19,mach_msg_undo		; dead
	; what to receive from: a receive right that is not in a set, or a set
	ldw	RCV_NAME(%sp),%r29
	extru	%r29,23,24,%r19
	comb,>>=	%r19,%r21,mach_msg_undo
	zdep	%r19,27,28,%r19
	addl	%r19,%r22,%r19
	ldw	IE_BITS(%r19),%r20
	zdep	%r29,7,8,%r21
	copy	%r20,%r22
	depi	0,31,24,%r22
	comclr,=	%r21,%r22,%r0
	b,n	mach_msg_undo
	bb,>=,n	%r20,14,reply_into_set		; IE_BITS_RECEIVE
	ldw	IE_OBJECT(%r19),%r15
	ldw	IP_PSET(%r15),%r19
	comib,<>	0,%r19,mach_msg_undo
	ldo	IP_MESSAGES(%r15),%r18

; D. A receiver must wait at the destination, in the same form of call, and nothing for us.
fast_send_receive:
	ldw	IP_PSET(%r13),%r19
	comib,<>,n	0,%r19,dest_in_set
	ldw	IP_THREADS(%r13),%r14
	comib,=	0,%r14,mach_msg_undo
	ldo	IP_MESSAGES(%r13),%r19		; the destination's mqueue
dest_known:
	ldw	IMQ_MESSAGES(%r18),%r16
	comib,<>,n	0,%r16,mach_msg_undo
	ldw	THREAD_SWAP_FUNC(%r14),%r20
	comib,<>	CONTINUATION_MACH_MSG,%r20,mach_msg_undo
	ldi	REQUEST_SENT,%r20

	; Commit. Request: the message holds a send right and a new send-once right.
	comb,<>	%r20,%r28,commit_reply
	ldo	IKM_HEADER+MSGH_REMOTE_PORT(%r4),%r17
	ldw	IP_SRIGHTS(%r13),%r20
	ldw	IP_REFERENCES(%r13),%r28
	ldo	1(%r20),%r20
	ldo	1(%r28),%r28
	stw	%r20,IP_SRIGHTS(%r13)
	stw	%r28,IP_REFERENCES(%r13)
	ldw	IP_REFERENCES(%r7),%r28
	ldw	IP_SORIGHTS(%r7),%r20
	ldo	1(%r28),%r28
	stw	%r28,IP_REFERENCES(%r7)
	ldo	1(%r20),%r20
	ldi	REQUEST_CARRIED,%r28
	stw	%r20,IP_SORIGHTS(%r7)
	stw	%r28,0(%r11)
	stw	%r13,IKM_HEADER+MSGH_REMOTE_PORT(%r4)
	b	commit_receive
	stw	%r7,IKM_HEADER+MSGH_LOCAL_PORT(%r4)

	; Reply: the send-once right moves from its entry, which becomes free, into the message.
commit_reply:
	ldw	IS_TABLE(%r10),%r21
	ldw	IE_BITS(%r3),%r28
	ldw	IE_NEXT(%r21),%r20
	depi	0,31,24,%r28			; the generation stays
	stw	%r20,IE_NEXT(%r3)
	ldw	IKM_HEADER+MSGH_REMOTE_PORT(%r4),%r20
	extru	%r20,23,24,%r20
	stw	%r20,IE_NEXT(%r21)
	stw	%r28,IE_BITS(%r3)
	ldi	REPLY_SENT,%r28
	stw	%r16,IE_OBJECT(%r3)
	stw	%r28,0(%r11)
	stw	%r13,IKM_HEADER+MSGH_REMOTE_PORT(%r4)
	; Where this thread will wait: what mach_msg_continue will need.
commit_receive:
	ldw	IP_REFERENCES(%r15),%r28
	ldo	1(%r28),%r28
	stw	%r28,IP_REFERENCES(%r15)
	ldi	MACH_SEND_MSG+MACH_RCV_MSG,%r28
	stw	%r28,THREAD_ITH_OPTION(%r8)
	stw	%r5,THREAD_ITH_MSG(%r8)
	stw	%r6,THREAD_ITH_RCV_SIZE(%r8)
	stw	%r15,THREAD_ITH_OBJECT(%r8)
	stw	%r18,THREAD_ITH_MQUEUE(%r8)

; E. The receiver takes over.
	stamp	mach_msg.handoff, STAMP_MESSAGE+4*7(%r4)
	ldi	CONTINUATION_MACH_MSG,%arg1
	copy	%r14,%arg2
	copy	%r8,%arg0
	bl	thread_handoff,%rp
	stw	%r19,DEST_MQUEUE(%sp)
	comib,=	0,%r28,handoff_failed
	ldw	DEST_MQUEUE(%sp),%r19

; F. As the receiver: queue the sender where it waits, take the receiver off its queue.
	stamp	mach_msg.finish, STAMP_MESSAGE+4*10(%r4)
	ldw	IMQ_THREADS(%r18),%r28			; first thread of the queue
	comib,<>,n	0,%r28,more_waiters
	stw	%r8,IMQ_THREADS(%r18)
	stw	%r8,THREAD_ITH_NEXT(%r8)
	b	sender_queued
	stw	%r8,THREAD_ITH_PREV(%r8)
more_waiters:
	ldw	THREAD_ITH_PREV(%r28),%r20
	stw	%r28,THREAD_ITH_NEXT(%r8)
	stw	%r20,THREAD_ITH_PREV(%r8)
	stw	%r8,THREAD_ITH_PREV(%r28)
	stw	%r8,THREAD_ITH_NEXT(%r20)
sender_queued:
	ldil	L%MACH_RCV_IN_PROGRESS,%r28
	ldo	R%MACH_RCV_IN_PROGRESS(%r28),%r28
	stw	%r28,THREAD_ITH_STATE(%r8)
	ldi	-1,%r28
	stw	%r28,THREAD_ITH_MSIZE(%r8)	; any size: it will be checked at copyout
	ldw	THREAD_ITH_NEXT(%r14),%r28
	comb,<>,n	%r28,%r14,more_receivers
	stw	%r0,IMQ_THREADS(%r19)
	b	receiver_dequeued
	stw	%r0,THREAD_ITH_STATE(%r14)
more_receivers:
	ldw	THREAD_ITH_PREV(%r14),%r20
	stw	%r28,IMQ_THREADS(%r19)
	stw	%r20,THREAD_ITH_PREV(%r28)
	stw	%r28,THREAD_ITH_NEXT(%r20)
	stw	%r0,THREAD_ITH_STATE(%r14)
receiver_dequeued:
	ldw	IP_SEQNO(%r13),%r28
	ldo	1(%r28),%r19
	stw	%r19,IP_SEQNO(%r13)
	stw	%r28,IKM_HEADER+MSGH_SEQNO(%r4)
	ldw	THREAD_ITH_OBJECT(%r14),%r19
	ldw	THREAD_TASK(%r14),%r20
	ldw	IP_REFERENCES(%r19),%r28
	ldw	TASK_ITK_SPACE(%r20),%r22	; the receiver's space
	ldo	-1(%r28),%r28
	ldw	THREAD_ITH_MSG(%r14),%r5
	ldw	THREAD_ITH_RCV_SIZE(%r14),%r20
	comib,=	0,%r28,mach_msg_receive_slow	; cannot be the last: the receive right holds one
	stw	%r28,IP_REFERENCES(%r19)

; G. Rights in the message become the receiver's names. r20 = receive size, r22 = space.
fast_copyout:
	ldw	0(%r12),%r3
	comb,>>,n	%r3,%r20,mach_msg_receive_slow	; too large for the receiver
	ldw	0(%r11),%r28
	ldi	REPLY_SENT,%r19
	comb,=	%r19,%r28,fast_copyout_reply
	ldi	REQUEST_CARRIED,%r19
	comb,<>,n	%r19,%r28,mach_msg_receive_slow
	ldw	IKM_HEADER+MSGH_LOCAL_PORT(%r4),%r31
	ldo	-1(%r31),%r28
	comib,<<	-3,%r28,mach_msg_receive_slow	; neither null nor dead
	ldo	IKM_HEADER+MSGH_LOCAL_PORT(%r4),%r23
	ldw	IP_BITS(%r13),%r28
	comib,<=,n	0,%r28,mach_msg_receive_slow	; the destination died
	ldw	IP_BITS(%r31),%r28
	comib,<=,n	0,%r28,mach_msg_receive_slow	; the reply port died
	ldw	IS_TABLE(%r22),%r20
	ldw	IE_NEXT(%r20),%r19
	comib,=,n	0,%r19,mach_msg_receive_slow	; no free entry: the table must grow
	ldw	IP_SRIGHTS(%r13),%r28
	comib,<>	1,%r28,senders_left
	ldo	IP_SRIGHTS(%r13),%r29
	ldw	IP_NSREQUEST(%r13),%r28
	comiclr,=	0,%r28,%r0
	b,n	mach_msg_receive_slow		; no senders, and someone wants to know
senders_left:
	zdep	%r19,27,28,%r28
	addl	%r28,%r20,%r28
	ldw	IE_NEXT(%r28),%r21
	stw	%r21,IE_NEXT(%r20)
	ldil	L%IE_BITS_GEN_ONE,%r20
	ldw	IE_BITS(%r28),%r21
	stw	%r0,IE_NEXT(%r28)
	addl	%r21,%r20,%r21			; next generation
	ldil	L%IE_BITS_SEND_ONCE,%r20
	ldo	1(%r20),%r20			; one user reference
	or	%r21,%r20,%r20
	stw	%r20,IE_BITS(%r28)
	shd	%r19,%r21,24,%r19		; name = index and generation
	stw	%r31,IE_OBJECT(%r28)
	ldw	IP_REFERENCES(%r13),%r28
	ldw	IP_RECEIVER(%r13),%r20
	ldo	-1(%r28),%r28
	comb,<>	%r22,%r20,receiver_known	; still the receiver's own port?
	stw	%r28,IP_REFERENCES(%r13)
	ldw	IP_RECEIVER_NAME(%r13),%r16
receiver_known:
	ldw	0(%r29),%r28
	ldo	-1(%r28),%r28
	stw	%r28,0(%r29)
	ldi	REQUEST_RECEIVED,%r28
	stw	%r28,0(%r11)
	stw	%r19,0(%r17)
	b	fast_put
	stw	%r16,0(%r23)

fast_copyout_reply:
	ldw	IP_BITS(%r13),%r28
	comib,<=,n	0,%r28,mach_msg_receive_slow
	ldw	IP_RECEIVER(%r13),%r28
	comb,<>,n	%r22,%r28,mach_msg_receive_slow
	ldw	IP_SORIGHTS(%r13),%r28
	ldw	IP_REFERENCES(%r13),%r19
	ldo	-1(%r28),%r28
	stw	%r28,IP_SORIGHTS(%r13)
	ldo	-1(%r19),%r19
	ldi	REPLY_RECEIVED,%r28
	stw	%r19,IP_REFERENCES(%r13)
	stw	%r28,0(%r11)
	stw	%r0,0(%r17)
	ldw	IP_RECEIVER_NAME(%r13),%r28
	stw	%r28,IKM_HEADER+MSGH_LOCAL_PORT(%r4)

; H. The message goes out; the kmsg back into the cache; the receiver returns by its continuation.
fast_put:
	stamp	mach_msg.copyout, STAMP_MESSAGE+4*11(%r4)
	ldi	IKM_SAVED_KMSG_SIZE,%r28
	ldw	IKM_SIZE(%r4),%r19
	comb,=	%r28,%r19,put_cached
	copy	%r3,%arg2
	copy	%r5,%arg0
slow_put:					; not the cache's size, or the copy failed
	copy	%r3,%arg2
	bl	ipc_kmsg_put,%rp
	copy	%r4,%arg1
	b	thread_syscall_return
	copy	%r28,%arg0
put_cached:
	copy	%r5,%arg1
	bl	copyoutmsg,%rp
	copy	%r9,%arg0
	comib,<>	0,%r28,slow_put
	copy	%r5,%arg0
	addil	L%CPU_IPC_KMSG_CACHE,%dp
	ldw	R%CPU_IPC_KMSG_CACHE(%r1),%r28
	comib,<>,n	0,%r28,put_free
	stw	%r4,R%CPU_IPC_KMSG_CACHE(%r1)
	b	thread_syscall_return
	ldi	MACH_MSG_SUCCESS,%arg0
put_free:
	bl	ipc_kmsg_free,%rp
	copy	%r4,%arg0
	b	thread_syscall_return
	ldi	MACH_MSG_SUCCESS,%arg0

; A message that the cached kmsg cannot take, or no cached kmsg.
slow_get:
	copy	%r5,%arg0
	copy	%r3,%arg1
	bl	ipc_kmsg_get,%rp
	ldo	-56(%sp),%arg2			; the kmsg comes back here
	comib,<>,n	0,%r28,mach_msg_slow
	ldw	-56(%sp),%r4
	b	fast_copyin
	ldo	IKM_HEADER(%r4),%r9

mach_msg_kernel:
	b,n	kernel_send
; A check failed: puts the kmsg back and starts the call anew on the slow path.
	.globl	mach_msg_undo, mach_msg_slow, fast_copyout, fast_send_receive, dest_known
mach_msg_undo:
	addil	L%CPU_IPC_KMSG_CACHE,%dp
	ldw	R%CPU_IPC_KMSG_CACHE(%r1),%r20
	ldw	IKM_SIZE(%r4),%r21
	ldi	IKM_SAVED_KMSG_SIZE,%r22
	comb,<>,n	%r21,%r22,undo_free
	comib,<>,n	0,%r20,undo_free
	b	mach_msg_slow
	stw	%r4,R%CPU_IPC_KMSG_CACHE(%r1)
undo_free:
	bl	ipc_kmsg_free,%rp
	copy	%r4,%arg0
mach_msg_slow:
	.if	OWN_STACK
	b,n	own_stack_mach_msg
	.endif
	escape	ESCAPE_MACH_MSG

; The receiver, now current, finishes on the slow path with the kmsg in hand.
mach_msg_receive_slow:
	copy	%r4,%arg0
	escape	ESCAPE_MACH_MSG_RECEIVE

; The receiver could not take the stack (suspended, or a timeout is set): take the commit back.
handoff_failed:
	bl	mach_msg_uncommit,%rp
	nop
	b,n	mach_msg_undo
