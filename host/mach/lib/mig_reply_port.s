; The reply port of KMIG's client stubs (Mach 3.0 libmach/mig_support.c), for programs with one
; thread. A program with several links its own, which looks at the thread's stack.

	.text
; mig_get_reply_port(): one reply port for a single-threaded program, made at its first use.
	.globl	mig_get_reply_port
mig_get_reply_port:
	ldil	L%mig_reply_port,%r19
	ldw	R%mig_reply_port(%r19),%r28
	comb,=,n	%r0,%r28,mig_new_reply_port
	bv,n	%r0(%rp)
mig_new_reply_port:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	bl	mach_reply_port,%rp
	nop
	ldil	L%mig_reply_port,%r19
	stw	%r28,R%mig_reply_port(%r19)
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldo	-64(%sp),%sp

; mig_dealloc_reply_port(): forgets it; the next call makes another.
	.globl	mig_dealloc_reply_port
mig_dealloc_reply_port:
	ldil	L%mig_reply_port,%r19
	bv	%r0(%rp)
	stw	%r0,R%mig_reply_port(%r19)

	.data
	.align	4
mig_reply_port:
	.word	0
