; mach_msg_server(demux, max_size, rcv_name): receives requests, calls demux(request, reply), sends
; each reply together with the receipt of the next request (Mach 3.0 libmach/mach_msg_server.c).
; Returns only on a receive error. Its two buffers are on the stack.
;
; r3 demux  r4 max_size  r5 rcv_name  r6 request  r7 reply

	.text
	.globl	mach_msg_server
mach_msg_server:
	stw	%rp,-20(%sp)
	stwm	%r3,128(%sp)
	copy	%arg0,%r3
	stw	%r4,-124(%sp)
	copy	%arg1,%r4
	stw	%r5,-120(%sp)
	copy	%arg2,%r5
	stw	%r6,-116(%sp)
	stw	%r7,-112(%sp)
	stw	%r8,-108(%sp)
	copy	%sp,%r8				; buffers from here, calls above them
	ldo	63(%r4),%r19
	depi	0,31,6,%r19
	copy	%sp,%r6
	addl	%r6,%r19,%r7
	addl	%r7,%r19,%sp
	ldo	128(%sp),%sp

serve_receive:
	copy	%r6,%arg0
	ldi	MACH_RCV_MSG,%arg1
	copy	%r0,%arg2
	copy	%r4,%arg3
	stw	%r5,-52(%sp)
	stw	%r0,-56(%sp)
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	comib,<>,n	0,%r28,serve_failed

serve_request:
	copy	%r6,%arg0
	copy	%r3,%r22
	copy	%r7,%arg1
	bl	$$dyncall,%r31
	copy	%r31,%rp

	ldw	MSGH_BITS(%r7),%r19
	ldw	MSGH_REMOTE_PORT(%r7),%r20
	bb,<	%r19,0,serve_reply		; complex: no RetCode to look at
	ldw	MIG_REPLY_RET_CODE(%r7),%r21
	comib,=	0,%r21,serve_reply
	ldi	MIG_NO_REPLY,%r22
	comb,=,n	%r21,%r22,serve_receive_next
serve_reply:
	comib,=,n	0,%r20,serve_receive_next
	copy	%r6,%r22			; the reply's buffer takes the next request
	extru	%r19,31,8,%r21
	copy	%r7,%r6
	ldi	MACH_SEND_MSG+MACH_RCV_MSG,%arg1
	copy	%r22,%r7
	ldi	MACH_MSG_TYPE_MOVE_SEND_ONCE,%r22
	comclr,=	%r21,%r22,%r0		; a plain send right might block: do not wait
	ldi	MACH_SEND_MSG+MACH_RCV_MSG+MACH_SEND_TIMEOUT,%arg1
	copy	%r6,%arg0
	ldw	MSGH_SIZE(%r6),%arg2
	copy	%r4,%arg3
	stw	%r5,-52(%sp)
	stw	%r0,-56(%sp)
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	comib,=	0,%r28,serve_request
	nop

	; The reply found no taker: the request is served, go on. Anything else ends the loop.
	ldil	L%MACH_SEND_INVALID_DEST,%r19
	ldo	R%MACH_SEND_INVALID_DEST(%r19),%r19
	comb,=	%r28,%r19,serve_undelivered
	ldo	MACH_SEND_TIMED_OUT-MACH_SEND_INVALID_DEST(%r19),%r19
	comb,=	%r28,%r19,serve_undelivered
	nop
	b,n	serve_failed
serve_receive_next:
	b,n	serve_receive

serve_failed:
	ldil	L%MACH_RCV_TOO_LARGE,%r19
	ldo	R%MACH_RCV_TOO_LARGE(%r19),%r19
	comb,=	%r28,%r19,serve_receive_next	; the kernel has dropped it
	nop
	copy	%r8,%sp
	ldw	-148(%sp),%rp
	ldw	-108(%sp),%r8
	ldw	-112(%sp),%r7
	ldw	-116(%sp),%r6
	ldw	-120(%sp),%r5
	ldw	-124(%sp),%r4
	bv	%r0(%rp)
	ldwm	-128(%sp),%r3

	; What is left of the right to whoever waited for the reply goes (mach_msg_destroy).
serve_undelivered:
	bl	mach_task_self,%rp
	nop
	ldw	MSGH_REMOTE_PORT(%r6),%arg1
	bl	mach_port_deallocate,%rp
	copy	%r28,%arg0
	b,n	serve_receive_next
