; echo: its arguments, with spaces between. r3 = argv.
	.text
	.globl	_start
_start:
	ldo	64(%sp),%sp
	ldo	4(%r24),%r3
next:
	ldwm	4(%r3),%arg1
	comib,=,n	0,%arg1,end
	bl	print,%rp
	ldi	1,%arg0
	ldw	0(%r3),%r19
	comib,=,n	0,%r19,end
	ldi	1,%arg0
	ldil	L%space,%arg1
	bl	print,%rp
	ldo	R%space(%arg1),%arg1
	b,n	next
end:
	ldi	1,%arg0
	ldil	L%newline,%arg1
	bl	print,%rp
	ldo	R%newline(%arg1),%arg1
	bl	exit,%rp
	ldi	0,%arg0

	.data
space:	.asciz	" "
newline:	.asciz	"\n"
