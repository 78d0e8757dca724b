; The server's side of the generic call: what KMIG would make of it, by hand (paper §3.3). The work
; function gets the same arguments both ways: server_generic(port, rval, syscode, a0 … a8), rval a
; `generic_results` of the server's own; r28 = the call's code. A reply's records are the work function's to append; one
; that the request brought is its last argument, 0 when there is none.

	.set	GENERIC_LOCALS, -120		; behind the saved register

	.text
; generic_server(request, reply): TRUE if it was one.
	.globl	generic_server
	.type	generic_server,@function
generic_server:
	ldw	MSGH_ID(%arg0),%r19
	ldil	L%GENERIC_ID,%r20
	ldo	R%GENERIC_ID(%r20),%r20
	comb,<>	%r19,%r20,not_generic
	ldw	MSGH_BITS(%arg0),%r21
	stw	%rp,-20(%sp)
	stwm	%r3,128(%sp)
	copy	%arg1,%r3
	extru	%r21,31,8,%r22			; reply right's type
	stw	%r22,MSGH_BITS(%r3)
	ldw	MSGH_REMOTE_PORT(%arg0),%r22
	ldi	SIZEOF_GENERIC_REPLY,%r19
	stw	%r22,MSGH_REMOTE_PORT(%r3)
	ldo	GENERIC_REPLY_ID-GENERIC_ID(%r20),%r20
	stw	%r19,MSGH_SIZE(%r3)
	ldil	L%GENERIC_REPLY_DESCRIPTOR,%r22
	stw	%r20,MSGH_ID(%r3)
	ldo	R%GENERIC_REPLY_DESCRIPTOR(%r22),%r22
	stw	%r0,MSGH_LOCAL_PORT(%r3)
	stw	%r0,MSGH_SEQNO(%r3)
	stw	%r22,GREP_DESCRIPTOR(%r3)
	stw	%r0,GREP_RVAL(%r3)
	stw	%r0,GREP_INTERRUPT(%r3)
	ldw	GREQ_RVAL2(%arg0),%r20
	ldw	MSGH_SIZE(%arg0),%r19
	stw	%r20,GREP_RVAL+4(%r3)
	ldi	SIZEOF_GENERIC_REQUEST,%r22
	bb,<	%r21,0,generic_bad		; complex
	ldw	GREQ_DESCRIPTOR(%arg0),%r20
	comb,=	%r19,%r22,generic_plain
	stw	%r0,-84(%sp)
	; A record behind, as long as it says.
	ldo	SIZEOF_GENERIC_REQUEST(%arg0),%r21
	ldo	SIZEOF_GENERIC_REQUEST+SIZEOF_GENERIC_RECORD(%r0),%r22
	comb,<<,n	%r19,%r22,generic_bad
	ldw	RECORD_SIZE(%r21),%r1
	stw	%r21,-84(%sp)
	addl	%r22,%r1,%r22
	comb,<>,n	%r19,%r22,generic_bad
generic_plain:
	ldil	L%GENERIC_DESCRIPTOR,%r22
	ldo	R%GENERIC_DESCRIPTOR(%r22),%r22
	comb,<>,n	%r20,%r22,generic_bad
	ldw	GREQ_ARGUMENTS+4(%arg0),%r19
	ldw	GREQ_ARGUMENTS+8(%arg0),%r20
	stw	%r19,-52(%sp)
	stw	%r20,-56(%sp)
	ldw	GREQ_ARGUMENTS+12(%arg0),%r19
	ldw	GREQ_ARGUMENTS+16(%arg0),%r20
	stw	%r19,-60(%sp)
	stw	%r20,-64(%sp)
	ldw	GREQ_ARGUMENTS+20(%arg0),%r19
	ldw	GREQ_ARGUMENTS+24(%arg0),%r20
	stw	%r19,-68(%sp)
	stw	%r20,-72(%sp)
	ldw	GREQ_ARGUMENTS+28(%arg0),%r19
	ldw	GREQ_ARGUMENTS+32(%arg0),%r20
	stw	%r19,-76(%sp)
	stw	%r20,-80(%sp)
	ldw	GREQ_SYSCODE(%arg0),%arg2
	ldw	GREQ_ARGUMENTS(%arg0),%arg3
	ldo	GREP_RVAL(%r3),%arg1
	bl	server_generic,%rp
	ldw	MSGH_LOCAL_PORT(%arg0),%arg0
generic_served:
	stw	%r28,GREP_RETCODE(%r3)
	ldw	-148(%sp),%rp
	ldi	1,%r28
	bv	%r0(%rp)
	ldwm	-128(%sp),%r3
generic_bad:
	b	generic_served
	ldi	MIG_BAD_ARGUMENTS,%r28
not_generic:
	bv	%r0(%rp)
	copy	%r0,%r28

; The trap: the kernel has left the arguments where the client's call had them; only `rval` is the
; client's, and gets what the work function leaves, Out integers (§3.4.4).
generic_trap:
	stw	%rp,-20(%sp)
	stwm	%r3,128(%sp)
	copy	%arg1,%r3
	ldw	-180(%sp),%r19
	ldw	-184(%sp),%r20
	stw	%r19,-52(%sp)
	stw	%r20,-56(%sp)
	ldw	-188(%sp),%r19
	ldw	-192(%sp),%r20
	stw	%r19,-60(%sp)
	stw	%r20,-64(%sp)
	ldw	-196(%sp),%r19
	ldw	-200(%sp),%r20
	stw	%r19,-68(%sp)
	stw	%r20,-72(%sp)
	ldw	-204(%sp),%r19
	ldw	-208(%sp),%r20
	stw	%r19,-76(%sp)
	stw	%r20,-80(%sp)
	stw	%r0,-84(%sp)
	stw	%r0,GENERIC_LOCALS(%sp)
	stw	%r0,GENERIC_LOCALS+4(%sp)
	stw	%r0,GENERIC_LOCALS+GRES_INTERRUPT(%sp)
	bl	server_generic,%rp
	ldo	GENERIC_LOCALS(%sp),%arg1
	stw	%r28,GENERIC_LOCALS+GRES_CODE(%sp)
	ldo	GENERIC_LOCALS(%sp),%arg0
	copy	%r3,%arg1
	ldil	L%inks_copyout,%r22
	ldi	SIZEOF_GENERIC_RESULTS,%arg2
	ldw	R%inks_copyout(%r22),%r22
	bl	$$dyncall,%r31
	copy	%r31,%rp
	comib,<>	0,%r28,generic_fault
	ldw	GENERIC_LOCALS+GRES_CODE(%sp),%r28
generic_leave:
	ldw	-148(%sp),%rp
	bv	%r0(%rp)
	ldwm	-128(%sp),%r3
generic_fault:
	b	generic_leave
	ldi	KERN_INVALID_ADDRESS,%r28

	.data
	.align	4
	.globl	generic_inks_table
generic_inks_table:
	.word	GENERIC_ID, 1, generic_inks_vector
generic_inks_vector:
	.word	generic_trap
