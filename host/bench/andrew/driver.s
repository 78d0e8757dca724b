; Andrew's file-system phases, run again and again: a script of commands, a process each, as a shell runs
; them. Phases end with an empty line; at each end the system's clock is read. A run works in a directory of
; its own. At the end `results` goes to standard output: for each run {seconds, microseconds} at its start
; and behind each phase; what commands print goes to a file. A byte on standard error marks, outside of what
; is timed, where each run begins and ends.
;
; r3 = results  r4 = place in the script, r5 = the next line's  r8 = runs left  r10 = standard output

	.set	O_APPENDING, 0x209		; O_WRONLY, O_CREAT, O_APPEND
	.set	SCRIPT_MOST, 32768

	.text
	.globl	driver
driver:
	bl	dup,%rp
	ldi	1,%arg0
	must
	copy	%r28,%r10
	load	log, %arg0
	ldi	O_APPENDING,%arg1
	bl	open,%rp
	ldi	0x1a4,%arg2			; 0644
	must
	copy	%r28,%arg0
	bl	dup2,%rp
	ldi	1,%arg1
	must

	load	script, %arg0
	copy	%r0,%arg1
	bl	open,%rp
	copy	%r0,%arg2
	must
	copy	%r28,%r4
	load	text, %r5
read_script:
	copy	%r4,%arg0
	copy	%r5,%arg1
	bl	read,%rp
	ldi	4096,%arg2
	must
	comib,<>	0,%r28,read_script
	addl	%r5,%r28,%r5
	bl	close,%rp
	copy	%r4,%arg0
	must

	load	results, %r3
	ldi	RUNS,%r8
again:
	load	directory, %arg0
	ldo	0x30(%r8),%r19
	stb	%r19,4(%arg0)
	bl	mkdir,%rp
	ldi	0x1ff,%arg1			; 0777
	must
	load	directory, %arg0
	bl	chdir,%rp
	nop
	must
	bl	mark,%rp
	nop
	bl	clock,%rp
	nop
	load	text, %r4
line:
	ldb	0(%r4),%r19
	comib,=	0,%r19,run_end
	ldi	10,%r20
	comb,=	%r19,%r20,phase_end
	copy	%r4,%r5
line_end:
	ldbs,ma	1(%r5),%r19
	comb,<>	%r19,%r20,line_end
	nop
	bl	fork,%rp
	nop
	must
	comib,=,n	1,%r29,child
	copy	%r28,%arg0
	load	status, %arg1
	copy	%r0,%arg2
	bl	wait4,%rp
	copy	%r0,%arg3
	must
	load	status, %r19
	ldw	0(%r19),%r19
	extru,=	%r19,31,8,%r20			; killed
	b,n	failed
	extru,=	%r19,22,23,%r20			; more than "not found"
	b,n	failed
	b	line
	copy	%r5,%r4
phase_end:
	bl	clock,%rp
	nop
	b	line
	ldo	1(%r4),%r4
run_end:
	bl	mark,%rp
	nop
	addib,>	-1,%r8,again
	nop
	copy	%r10,%arg0
	load	results, %arg1
	bl	write,%rp
	ldi	40*RUNS,%arg2
	must
	b,n	done

	clock_routine
	mark_routine

; The child: its line to words, and the program of the first of them.
child:
	stb	%r0,-1(%r5)
	load	words, %r6
	ldi	32,%r20
	stwm	%r4,4(%r6)
split:
	ldbs,ma	1(%r4),%r19
	comib,=,n	0,%r19,split_end
	comb,<>	%r19,%r20,split
	nop
	stb	%r0,-1(%r4)
	b	split
	stwm	%r4,4(%r6)
split_end:
	stw	%r0,0(%r6)
	load	words, %arg1
	ldw	0(%arg1),%r4
	load	name, %r19
append:
	ldbs,ma	1(%r4),%r21
	comib,<>	0,%r21,append
	stbs,ma	%r21,1(%r19)
	load	program, %arg0
	bl	execve,%rp
	copy	%r0,%arg2
	b,n	failed

	.data
	.align	8
log:	.asciz	"/andrew.log"
script:	.asciz	"/andrew.script"
directory:	.asciz	"/run0"
dot:	.ascii	"."
program:	.ascii	"/bin/"
name:	.block	32
	.bss
	.align	8
results:
	.block	40*RUNS
status:	.block	4
	.align	8
words:	.block	64
text:	.block	SCRIPT_MOST
