; The start of a program without a library: data pointer, an aligned stack, main, exit.
	.level 1.1
	.text
	.globl	_start
	.import	main,code
_start:	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	ldo	127(%sp),%sp
	depi	0,31,6,%sp
	bl	main,%rp
	ldo	64(%sp),%sp
	copy	%ret0,%r26
	ble	0x100(%sr2,%r0)
	ldi	1,%r20
