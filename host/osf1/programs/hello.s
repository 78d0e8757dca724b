; hello: a line to its output, and its end. The smallest program that is seen to have run.
	.text
	.globl	_start
_start:
	ldo	64(%sp),%sp
	ldi	1,%arg0
	ldil	L%greeting,%arg1
	bl	print,%rp
	ldo	R%greeting(%arg1),%arg1
	bl	exit,%rp
	ldi	0,%arg0

	.data
greeting:	.asciz	"hello, world\n"
