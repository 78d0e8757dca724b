; Kernel messages off the optimised path: of any size, from kalloc, with all checks (Mach 3.0
; ipc/ipc_kmsg.c), and what mach_msg_trap does when a handoff fails. Like mach_msg.s, in the shape of
; compiled C.

	.text
; ipc_kmsg_get(user address, bytes, kmsg *) → MACH_MSG_SUCCESS and a kmsg that holds the message, or why
; not; then nothing is kept.
	.globl	ipc_kmsg_get
ipc_kmsg_get:
	stw	%rp,-20(%sp)
	ldi	SIZEOF_MACH_MSG_HEADER-1,%r28
	stwm	%r8,128(%sp)
	stw	%r6,-120(%sp)
	copy	%arg2,%r6
	stw	%r5,-116(%sp)
	copy	%arg0,%r5
	stw	%r3,-108(%sp)
	stw	%r7,-124(%sp)
	stw	%r4,-112(%sp)
	comb,>>=	%r28,%arg1,get_too_small
	copy	%arg1,%r3
	extru	%arg1,31,2,%r7
	comib,<>	0,%r7,get_too_small
	ldi	IKM_SAVED_MSG_SIZE,%r28
	comb,<<	%r28,%arg1,get_large
	addil	L%CPU_IPC_KMSG_CACHE,%dp
	ldw	R%CPU_IPC_KMSG_CACHE(%r1),%r4
	comib,=,n	0,%r4,get_small
	b	get_copyin
	stw	%r7,R%CPU_IPC_KMSG_CACHE(%r1)	; taken
get_small:
	bl	kalloc,%rp
	ldi	IKM_SAVED_KMSG_SIZE,%arg0
	copy	%r28,%r4
	ldi	IKM_SAVED_KMSG_SIZE,%r28
	b	get_init
	stw	%r28,IKM_SIZE(%r4)
get_large:
	ldi	IKM_KALLOC_MSG_SIZE,%r28
	comb,<<	%r28,%arg1,get_no_buffer		; more than one element of kalloc
	ldo	IKM_OVERHEAD(%arg1),%r8
	bl	kalloc,%rp
	copy	%r8,%arg0
	copy	%r28,%r4
	stw	%r8,IKM_SIZE(%r4)
get_init:
	stw	%r7,IKM_MAREQUEST(%r4)
get_copyin:
	copy	%r3,%arg2
	ldo	IKM_HEADER(%r4),%arg1
	bl	copyinmsg,%rp
	copy	%r5,%arg0
	movb,=,n	%r28,%r28,got
	bl	ipc_kmsg_put_back,%rp
	copy	%r4,%arg0
	ldil	L%MACH_SEND_INVALID_DATA,%r28
	b	get_done
	ldo	R%MACH_SEND_INVALID_DATA(%r28),%r28
got:
	stw	%r3,IKM_HEADER+MSGH_SIZE(%r4)
	b	get_done
	stw	%r4,0(%r6)
get_too_small:
	ldil	L%MACH_SEND_MSG_TOO_SMALL,%r28
	b	get_done
	ldo	R%MACH_SEND_MSG_TOO_SMALL(%r28),%r28
get_no_buffer:
	ldil	L%MACH_SEND_NO_BUFFER,%r28
	ldo	R%MACH_SEND_NO_BUFFER(%r28),%r28
get_done:
	ldw	-148(%sp),%rp
	ldw	-124(%sp),%r7
	ldw	-120(%sp),%r6
	ldw	-116(%sp),%r5
	ldw	-112(%sp),%r4
	ldw	-108(%sp),%r3
	bv	%r0(%rp)
	ldwm	-128(%sp),%r8

; ipc_kmsg_put(user address, kmsg, bytes) → MACH_MSG_SUCCESS; or the slow path ends the call. The kmsg is gone.
	.globl	ipc_kmsg_put
ipc_kmsg_put:
	stw	%rp,-20(%sp)
	stwm	%r4,64(%sp)
	copy	%arg1,%r4
	copy	%arg0,%arg1
	stw	%r3,-60(%sp)
	bl	copyoutmsg,%rp
	ldo	IKM_HEADER(%r4),%arg0
	movb,=	%r28,%r3,put_copied
	copy	%r5,%arg1			; mach_msg's buffer
	copy	%r4,%arg0			; it cannot be written, or not yet: a pager's
	escape	ESCAPE_MACH_MSG_PUT
put_copied:
	bl	ipc_kmsg_put_back,%rp
	copy	%r4,%arg0
	copy	%r3,%r28
	ldw	-84(%sp),%rp
	ldw	-60(%sp),%r3
	bv	%r0(%rp)
	ldwm	-64(%sp),%r4

; ikm_free: into the cache if it is of the cache's size and that is empty, else to kalloc.
ipc_kmsg_put_back:
	ldw	IKM_SIZE(%arg0),%r19
	ldi	IKM_SAVED_KMSG_SIZE,%r28
	comb,<>	%r28,%r19,ipc_kmsg_free
	addil	L%CPU_IPC_KMSG_CACHE,%dp
	ldw	R%CPU_IPC_KMSG_CACHE(%r1),%r28
	comib,<>,n	0,%r28,ipc_kmsg_free
	bv	%r0(%rp)
	stw	%arg0,R%CPU_IPC_KMSG_CACHE(%r1)

; ipc_kmsg_alloc(message bytes) → kmsg
	.globl	ipc_kmsg_alloc
ipc_kmsg_alloc:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	ldo	IKM_OVERHEAD(%arg0),%r3
	bl	kalloc,%rp
	copy	%r3,%arg0
	stw	%r3,IKM_SIZE(%r28)
	stw	%r0,IKM_MAREQUEST(%r28)
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3

; ipc_kmsg_free(kmsg)
	.globl	ipc_kmsg_free
ipc_kmsg_free:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	bl	kfree,%rp
	ldw	IKM_SIZE(%arg0),%arg1
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldo	-64(%sp),%sp

; Takes back what mach_msg_trap wrote before a handoff that failed; its registers as there.
	.globl	mach_msg_uncommit
mach_msg_uncommit:
	ldw	IP_REFERENCES(%r15),%r19
	ldw	IKM_HEADER+MSGH_BITS(%r4),%r20
	ldo	-1(%r19),%r19
	bb,>=	%r20,19,uncommit_reply		; no local right: a reply
	stw	%r19,IP_REFERENCES(%r15)
	uncommit_request
	bv	%r0(%rp)
	stw	%r22,IP_REFERENCES(%r7)
uncommit_reply:
	ldw	IS_TABLE(%r10),%r22
	ldw	IE_NEXT(%r3),%r20		; the entry is the first of the free list
	ldw	IE_BITS(%r3),%r19
	stw	%r20,IE_NEXT(%r22)
	ldil	L%IE_BITS_SEND_ONCE,%r21
	ldo	1(%r21),%r21
	or	%r19,%r21,%r19
	stw	%r19,IE_BITS(%r3)
	stw	%r13,IE_OBJECT(%r3)
	bv	%r0(%rp)
	stw	%r0,IE_NEXT(%r3)

; Port sets in mach_msg_trap, its registers as there. The destination is in the set r19:
	.globl	dest_in_set, reply_into_set
dest_in_set:
	ldw	IPS_THREADS(%r19),%r14
	comib,<>	0,%r14,dest_known
	ldo	IPS_MESSAGES(%r19),%r19
	b,n	mach_msg_undo
; The server receives from a set, whose entry r19 has the bits r20.
reply_into_set:
	bb,>=	%r20,12,mach_msg_undo		; IE_BITS_PORT_SET
	ldw	IE_OBJECT(%r19),%r15
	b	fast_send_receive
	ldo	IPS_MESSAGES(%r15),%r18
