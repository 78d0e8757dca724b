; A program run again and again, as the authors ran their benchmarks: alone on the system, each run timed
; by the system's clock from its start to its end. A run is a child that executes this program anew, which
; with an argument works: it makes files, writes, reads, looks at and removes them. At the end `results`
; goes to standard output: {seconds, microseconds} before the first run and after each.
;
; r3 = results  r4 = runs left

	.set	RUNS, 6
	.set	FILES, 24
	.set	O_RDWR, 2

	.text

	stub	exit, 1
	stub	fork, 2
	stub	read, 3
	stub	write, 4
	stub	close, 6
	stub	wait4, 7
	stub	creat, 8
	stub	unlink, 10
	stub	open, 45
	stub	execve, 59
	stub	stat, 67
	stub	gettimeofday, 116

	.globl	_start
_start:
	comib,<>	1,%r25,work		; argc
	ldo	64(%sp),%sp
	load	results, %r3
	bl	clock,%rp
	ldi	RUNS,%r4
again:
	bl	fork,%rp
	nop
	must
	comib,=,n	1,%r29,child
	copy	%r28,%arg0
	load	status, %arg1
	ldi	0,%arg2
	bl	wait4,%rp
	ldi	0,%arg3
	must
	load	status, %r19
	ldw	0(%r19),%r19
	comib,<>,n	0,%r19,failed
	bl	clock,%rp
	nop
	addib,>	-1,%r4,again
	nop
	ldi	1,%arg0
	load	results, %arg1
	bl	write,%rp
	ldi	8*(RUNS+1),%arg2
	must
	bl	exit,%rp
	ldi	0,%arg0
failed:
	bl	exit,%rp
	ldi	1,%arg0
	break	0,0

	clock_routine

child:
	load	self, %arg0
	load	arguments, %arg1
	bl	execve,%rp
	ldi	0,%arg2
	b,n	failed

work:
	ldi	FILES,%r4
next_file:
	load	name, %arg0
	bl	creat,%rp
	ldi	0x1a4,%arg1
	must
	copy	%r28,%r5
	copy	%r5,%arg0
	load	data, %arg1
	ldil	L%8192,%arg2
	bl	write,%rp
	ldo	R%8192(%arg2),%arg2
	must
	bl	close,%rp
	copy	%r5,%arg0
	must
	load	name, %arg0
	bl	open,%rp
	ldi	O_RDWR,%arg1
	must
	copy	%r28,%r5
	ldi	8,%r6
read_more:
	copy	%r5,%arg0
	load	data, %arg1
	bl	read,%rp
	ldi	1024,%arg2
	must
	addib,>	-1,%r6,read_more
	nop
	bl	close,%rp
	copy	%r5,%arg0
	must
	load	name, %arg0
	load	data, %arg1
	bl	stat,%rp
	nop
	must
	load	name, %arg0
	bl	unlink,%rp
	nop
	must
	addib,>	-1,%r4,next_file
	nop
	bl	exit,%rp
	ldi	0,%arg0

	.data
	.align	8
self:	.stringz	"/runs"
name:	.stringz	"/tmp/work"
	.align	4
arguments: .word	self, self, 0
	.bss
	.align	8
results:
	.block	8*(RUNS+1)
status:	.block	4
	.align	8
data:	.block	8192
