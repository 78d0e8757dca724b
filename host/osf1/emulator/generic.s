; The generic call (the paper's "hand-rolled generic RPC stub", §3.3): one trap and one message for all
; calls that have no routine in bsd_1.defs.
;
; emul_generic(port, rval, syscode, a0 … a8) is KMIG's way of trapping and falling back, by trapTo; the
; kernel has left the arguments where they were. A reply may carry what the caller's pointers point
; to: records {address descriptor, user address, long data descriptor, data}, which are copied here; so may
; a request.
;
; One buffer is enough: a process has one thread.

	.set	GENERIC_ROOM, SIZEOF_GENERIC_REPLY+GENERIC_REPLY_DATA

	.text
	.globl	emul_generic_message
emul_generic_message:
	ldil	L%generic_buffer,%r19
	stw	%rp,-20(%sp)
	ldo	R%generic_buffer(%r19),%r19
	stwm	%r3,128(%sp)
	stw	%r4,-124(%sp)
	copy	%r19,%r3
	stw	%r5,-120(%sp)
	copy	%arg1,%r4
	stw	%r6,-116(%sp)
	ldi	GENERIC_BITS,%r20
	stw	%r20,MSGH_BITS(%r3)
	ldi	SIZEOF_GENERIC_REQUEST,%r21
	stw	%r21,MSGH_SIZE(%r3)
	ldil	L%GENERIC_ID,%r22
	stw	%arg0,MSGH_REMOTE_PORT(%r3)
	ldo	R%GENERIC_ID(%r22),%r22
	stw	%r22,MSGH_ID(%r3)
	ldil	L%GENERIC_DESCRIPTOR,%r20
	stw	%arg2,GREQ_SYSCODE(%r3)
	ldo	R%GENERIC_DESCRIPTOR(%r20),%r20
	stw	%arg3,GREQ_ARGUMENTS(%r3)
	ldw	-180(%sp),%r21
	stw	%r20,GREQ_DESCRIPTOR(%r3)
	ldw	-184(%sp),%r22
	stw	%r21,GREQ_ARGUMENTS+4(%r3)
	ldw	-188(%sp),%r21
	stw	%r22,GREQ_ARGUMENTS+8(%r3)
	ldw	-192(%sp),%r22
	stw	%r21,GREQ_ARGUMENTS+12(%r3)
	ldw	-196(%sp),%r21
	stw	%r22,GREQ_ARGUMENTS+16(%r3)
	ldw	-200(%sp),%r22
	stw	%r21,GREQ_ARGUMENTS+20(%r3)
	ldw	-204(%sp),%r21
	stw	%r22,GREQ_ARGUMENTS+24(%r3)
	ldw	-208(%sp),%r22
	stw	%r21,GREQ_ARGUMENTS+28(%r3)
	stw	%r22,GREQ_ARGUMENTS+32(%r3)
	stw	%r0,GREQ_ARGUMENTS+36(%r3)
	; What the server will want to read goes along, as a record: the context that a handler returns to,
	; or the program's registers.
	ldil	L%GENERIC_LINUX+LINUX_SIGRETURN_NUMBER,%r20
	ldo	R%GENERIC_LINUX+LINUX_SIGRETURN_NUMBER(%r20),%r20
	ldil	L%TAKE_SIGNAL,%r21
	comb,=	%r20,%arg2,generic_context
	ldo	R%TAKE_SIGNAL(%r21),%r21
	comb,<>,n	%r21,%arg2,generic_send
	copy	%r22,%arg0
	b	generic_carry
	ldi	SIZEOF_EMULATOR_STATE,%arg2
generic_context:
	ldo	LINUX_CONTEXT(%arg3),%arg0
	ldi	SIZEOF_UCONTEXT,%arg2
generic_carry:
	ldo	SIZEOF_GENERIC_REQUEST(%r3),%r19
	ldil	L%GENERIC_RECORD_ADDRESS,%r20
	ldo	R%GENERIC_RECORD_ADDRESS(%r20),%r20
	stw	%r20,RECORD_ADDRESS_DESCRIPTOR(%r19)
	ldi	GENERIC_RECORD_DATA,%r21
	stw	%arg0,RECORD_ADDRESS(%r19)
	ldil	L%GENERIC_RECORD_DATA_TYPE,%r20
	stw	%r21,RECORD_DATA_DESCRIPTOR(%r19)
	ldo	R%GENERIC_RECORD_DATA_TYPE(%r20),%r20
	stw	%r20,RECORD_DATA_TYPE(%r19)
	ldo	SIZEOF_GENERIC_REQUEST+SIZEOF_GENERIC_RECORD(%arg2),%r21
	stw	%arg2,RECORD_SIZE(%r19)
	stw	%r21,MSGH_SIZE(%r3)
	bl	bcopy,%rp
	ldo	SIZEOF_GENERIC_RECORD(%r19),%arg1
	ldil	L%emulator_faulted,%r19		; what cannot be read the server finds out for itself
	stw	%r0,R%emulator_faulted(%r19)
generic_send:
	bl	mig_get_reply_port,%rp
	nop
	stw	%r28,MSGH_LOCAL_PORT(%r3)
	copy	%r3,%arg0
	ldi	MACH_SEND_MSG+MACH_RCV_MSG,%arg1
	stw	%r28,-52(%sp)
	ldw	MSGH_SIZE(%r3),%arg2
	stw	%r0,-56(%sp)
	ldil	L%GENERIC_ROOM,%arg3
	ldo	R%GENERIC_ROOM(%arg3),%arg3
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	comib,<>,n	0,%r28,generic_failed

	ldw	MSGH_ID(%r3),%r19
	ldil	L%GENERIC_REPLY_ID,%r20
	ldo	R%GENERIC_REPLY_ID(%r20),%r20
	comb,<>,n	%r19,%r20,generic_no_reply
	ldw	GREP_RVAL(%r3),%r21
	ldw	GREP_RVAL+4(%r3),%r22
	stw	%r21,0(%r4)
	ldw	MSGH_SIZE(%r3),%r6
	stw	%r22,4(%r4)
	ldw	GREP_INTERRUPT(%r3),%r19
	addl	%r3,%r6,%r6
	stw	%r19,GRES_INTERRUPT(%r4)
	ldo	SIZEOF_GENERIC_REPLY(%r3),%r5
	ldw	GREP_RETCODE(%r3),%r28
	comb,<<=,n	%r6,%r5,generic_done
	stw	%r28,-112(%sp)
next_record:
	ldw	RECORD_SIZE(%r5),%arg2
	ldw	RECORD_ADDRESS(%r5),%arg1
	ldo	SIZEOF_GENERIC_RECORD(%r5),%arg0
	ldo	3(%arg2),%r19
	depi	0,31,2,%r19
	bl	bcopy,%rp
	addl	%arg0,%r19,%r5
	comb,<<	%r5,%r6,next_record
	nop
	ldil	L%emulator_faulted,%r19
	ldw	R%emulator_faulted(%r19),%r20
	ldw	-112(%sp),%r28
	comib,=,n	0,%r20,generic_done
	stw	%r0,R%emulator_faulted(%r19)
	ldil	L%UNIX_ERROR+EFAULT,%r28
	ldo	R%UNIX_ERROR+EFAULT(%r28),%r28
generic_done:
	ldw	-148(%sp),%rp
	ldw	-116(%sp),%r6
	ldw	-120(%sp),%r5
	ldw	-124(%sp),%r4
	bv	%r0(%rp)
	ldwm	-128(%sp),%r3

; The server is gone, perhaps while it had the request: then this is a notification.
generic_no_reply:
	ldi	MIG_REPLY_MISMATCH,%r28
	b,n	generic_done
generic_failed:
	stw	%r28,-112(%sp)
	bl	mig_dealloc_reply_port,%rp
	nop
	b	generic_done
	ldw	-112(%sp),%r28

; emul_generic_state: a call of the emulator's own with the state of the program: r24 = syscode, r23 =
; a0, a1, a2 on the stack; results in emulator_rval.
	.globl	emul_generic_state
emul_generic_state:
	address	emulator_rval,%arg1
	address	emulator_registers,%r19
	stw	%r19,-80(%sp)
	b	emul_generic
	ldi	REQUEST_PORT,%arg0

; emul_errno(code): the errno of what a call returned, which may be a code of Mach's.
	.globl	emul_errno
emul_errno:
	ldil	L%UNIX_ERROR,%r19
	ldo	R%UNIX_ERROR(%r19),%r19
	sub	%arg0,%r19,%r28
	extru,<>	%r28,19,20,%r0			; below 4096: a Unix error
	bv,n	%r0(%rp)
	comib,=	KERN_INVALID_ADDRESS,%arg0,emul_fault_errno
	ldi	EIO,%r28
	bv,n	%r0(%rp)
emul_fault_errno:
	bv	%r0(%rp)
	ldi	EFAULT,%r28

	.bss
	.align	64
	.globl	generic_buffer
generic_buffer:
	.block	GENERIC_ROOM
