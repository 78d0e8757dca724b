; $$dyncall: how compiled C calls through a pointer (the PA-RISC 32-bit runtime's millicode). r22 = a
; procedure's address, or a procedure label with bit 30 set; r31 = return, which the caller copies to rp.

	.text
	.globl	$$dyncall
	.type	$$dyncall,@function
$$dyncall:
	bb,>=,n	%r22,30,dyncall_address
	depi	0,31,2,%r22
	ldw	4(%r22),%r19
	ldw	0(%r22),%r22
dyncall_address:
	ldsid	(%r22),%r1
	mtsp	%r1,%sr0
	be	0(%sr0,%r22)
	stw	%rp,-24(%sp)
