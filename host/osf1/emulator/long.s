; read of more than 8 KB: memory out of line, so by message wherever the server is. Of more than
; LONG_MOST, by the generic call.

	.set	LONG_DATA, -128
	.set	LONG_COUNT, -124
	.set	LONG_BUFFER, -120
	.set	LONG_RESULT, -116

	.text
	.globl	e_read_long
e_read_long:
	ldil	L%LONG_MOST,%r19
	comb,<<,n	%r19,%arg2,long_generic
	stw	%rp,-20(%sp)
	ldo	128(%sp),%sp
	ldo	LONG_COUNT(%sp),%r21
	stw	%arg1,LONG_BUFFER(%sp)
	ldo	LONG_DATA(%sp),%arg3
	stw	%r20,LONG_RESULT(%sp)
	copy	%arg0,%arg1
	stw	%r21,-52(%sp)
	bl	bsd_read_long,%rp
	ldi	REQUEST_PORT,%arg0
	comib,<>,n	0,%r28,long_done
	ldw	LONG_COUNT(%sp),%arg2
	ldw	LONG_RESULT(%sp),%r20
	comib,=	0,%arg2,long_done
	stw	%arg2,0(%r20)
	ldw	LONG_DATA(%sp),%arg0
	bl	bcopy,%rp
	ldw	LONG_BUFFER(%sp),%arg1
	bl	mach_task_self,%rp
	nop
	copy	%r28,%arg0
	ldw	LONG_DATA(%sp),%arg1
	ldw	LONG_COUNT(%sp),%arg2
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	TRAP_VM_DEALLOCATE,%r22
	copy	%r0,%r28
long_done:
	ldw	-148(%sp),%rp
	bv	%r0(%rp)
	ldo	-128(%sp),%sp
long_generic:
	b,n	e_generic
