; cat: files, or its input, to its output. r3 = argv, r4 = descriptor, r5 = exit status.
	.text
	.globl	_start
_start:
	ldo	64(%sp),%sp
	ldo	4(%r24),%r3
	copy	%r0,%r5
	ldw	0(%r3),%r19
	comib,=	0,%r19,copy_file		; no names: standard input
	copy	%r0,%r4
next:
	ldwm	4(%r3),%arg0
	comib,=,n	0,%arg0,end
	copy	%r0,%arg1
	bl	open,%rp
	copy	%r0,%arg2
	comib,<>	0,%r22,refused
	copy	%r28,%r4
copy_file:
	copy	%r4,%arg0
	ldil	L%buffer,%arg1
	ldo	R%buffer(%arg1),%arg1
	bl	read,%rp
	ldi	4096,%arg2
	comib,<>	0,%r22,closed
	nop
	comib,=,n	0,%r28,closed
	copy	%r28,%arg2
	ldil	L%buffer,%arg1
	ldo	R%buffer(%arg1),%arg1
	bl	write,%rp
	ldi	1,%arg0
	comib,=	0,%r22,copy_file
	nop
closed:
	comib,=,n	0,%r4,end
	bl	close,%rp
	copy	%r4,%arg0
	b,n	next
refused:
	ldi	1,%r5
	ldi	2,%arg0
	bl	print,%rp
	ldw	-4(%r3),%arg1
	ldi	2,%arg0
	ldil	L%cannot,%arg1
	bl	print,%rp
	ldo	R%cannot(%arg1),%arg1
	b,n	next
end:
	bl	exit,%rp
	copy	%r5,%arg0

	.data
cannot:	.asciz	": cannot be opened\n"
	.bss
	.align	64
buffer:
	.block	4096
