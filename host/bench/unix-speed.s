; What unix-speed.ts runs on the Unix server. NUMBER: the native call that is repeated COUNT times between two
; bytes on standard error, with this program's name and a buffer as arguments; or 0, and then what is repeated is fork, execve of this program with no arguments
; (which ends at once), and wait4.

	.text

	.globl	_start
_start:
	ldw	0(%r24),%r19			; argv[0]: none for the processes that are executed
	comib,=	0,%r19,done
	ldo	64(%sp),%sp
	bl	mark,%rp
	nop
	ldil	L%COUNT,%r4
	ldo	R%COUNT(%r4),%r4
again:
	.if	NUMBER
	load	name, %arg0
	load	buffer, %arg1
	bl	call,%rp
	nop
	must
	.else
	bl	process,%rp
	nop
	.endif
	addib,>	-1,%r4,again
	nop
	bl	mark,%rp
	nop
done:
	bl	exit,%rp
	ldi	0,%arg0
failed:
	bl	exit,%rp
	ldi	1,%arg0
	break	0,0

mark:
	copy	%rp,%r18
	ldi	2,%arg0
	load	name, %arg1
	bl	write,%rp
	ldi	1,%arg2
	must
	bv,n	%r0(%r18)

process:
	copy	%rp,%r18
	bl	fork,%rp
	nop
	must
	comib,=,n	1,%r29,child
	copy	%r28,%arg0
	copy	%r0,%arg1
	copy	%r0,%arg2
	bl	wait4,%rp
	copy	%r0,%arg3
	must
	bv,n	%r0(%r18)
child:
	load	name, %arg0
	load	nobody, %arg1
	bl	execve,%rp
	copy	%arg1,%arg2
	b,n	failed

	stub	exit, 1
	stub	fork, 2
	stub	write, 4
	stub	wait4, 7
	stub	execve, 59
	.if	NUMBER
	stub	call, NUMBER
	.endif

	.data
	.align	8
buffer:	.block	128
nobody:	.word	0
name:	.asciz	"/speed"
