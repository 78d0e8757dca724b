; A small shell, process 1 of a console session: a line at a time, words between spaces; cd, exit, and
; programs by path or in /bin. When its input ends, it does; an interrupt from the keyboard ends what it
; runs, and a line under way.
;
; r3 = next argument's place, r4 = where in the line, r5 = environment

	.set	MOST, 16			; words of a line
	.set	SIGINT, 2
	.set	EINTR, 4

	.macro	load symbol, register
	ldil	L%\symbol,\register
	ldo	R%\symbol(\register),\register
	.endm
	.macro	say text
	ldi	1,%arg0
	ldil	L%\text,%arg1
	bl	print,%rp
	ldo	R%\text(%arg1),%arg1
	.endm

	.text
	.globl	_start
_start:
	ldo	64(%sp),%sp
	sh2addl	%r25,%r24,%r5
	ldo	4(%r5),%r5			; envp, behind argv and its null
	ldi	SIGINT,%arg0			; caught, not ignored: programs begin with the default
	load	action, %arg1
	bl	sigaction,%rp
	copy	%r0,%arg2
prompt:
	say	dollar
	copy	%r0,%arg0
	load	line, %arg1
	bl	read,%rp
	ldi	1000,%arg2
	comib,=	EINTR,%r22,interrupted
	nop
	comib,<>	0,%r22,leave
	nop
	comib,>=	0,%r28,leave
	nop
	load	line, %r4
	addl	%r4,%r28,%r19
	stb	%r0,0(%r19)
	load	words, %r3
	ldi	MOST,%r6
word:						; blanks become NULs, words go to the list
	ldb	0(%r4),%r19
	comib,=,n	0,%r19,complete
	ldi	32,%r20
	comclr,<<	%r20,%r19,%r0
	b,n	blank
	addib,=,n	-1,%r6,complete
	stwm	%r4,4(%r3)
letter:
	ldo	1(%r4),%r4
	ldb	0(%r4),%r19
	comib,=,n	0,%r19,complete
	comb,<<	%r20,%r19,letter
	nop
blank:
	stb	%r0,0(%r4)
	b	word
	ldo	1(%r4),%r4
complete:
	stw	%r0,0(%r3)
	load	words, %r3
	ldw	0(%r3),%r4
	comib,=	0,%r4,prompt
	nop
	ldb	0(%r4),%r19			; "cd"?
	ldi	0x63,%r20
	comb,<>	%r19,%r20,program
	ldb	1(%r4),%r19
	ldi	0x64,%r20
	comb,<>	%r19,%r20,program
	ldb	2(%r4),%r19
	comib,=	0,%r19,change
	nop
program:
	bl	exit_word,%rp
	copy	%r4,%arg0
	comib,<>,n	0,%r28,leave
	bl	fork,%rp
	nop
	comib,<>	0,%r22,failed
	nop
	comib,=,n	1,%r29,child
	copy	%r28,%r6
wait:
	copy	%r6,%arg0
	copy	%r0,%arg1
	copy	%r0,%arg2
	bl	wait4,%rp
	copy	%r0,%arg3
	comib,=	EINTR,%r22,wait
	nop
	b,n	prompt
interrupted:
	say	newline
	b,n	prompt
failed:
	say	no_process
	b,n	prompt

change:
	ldw	4(%r3),%arg0
	comib,=	0,%arg0,prompt
	nop
	bl	chdir,%rp
	nop
	comib,=	0,%r22,prompt
	nop
	say	no_directory
	b,n	prompt

; exit_word(word): whether it is "exit".
exit_word:
	ldb	0(%arg0),%r19
	ldb	1(%arg0),%r20
	ldi	0x65,%r21
	ldi	0x78,%r22
	comclr,=	%r19,%r21,%r28
	bv,n	%r0(%rp)
	comclr,=	%r20,%r22,%r28
	bv,n	%r0(%rp)
	ldb	2(%arg0),%r19
	ldb	3(%arg0),%r20
	ldi	0x69,%r21
	ldi	0x74,%r22
	comclr,=	%r19,%r21,%r28
	bv,n	%r0(%rp)
	comclr,=	%r20,%r22,%r28
	bv,n	%r0(%rp)
	ldb	4(%arg0),%r19
	copy	%r0,%r28
	comiclr,<>	0,%r19,%r0
	ldi	1,%r28
	bv,n	%r0(%rp)

; The child: by its path, then in /bin.
child:
	copy	%r4,%arg0
	copy	%r3,%arg1
	bl	execve,%rp
	copy	%r5,%arg2
	load	directory_end, %r19
	ldi	200,%r20
append:
	ldbs,ma	1(%r4),%r21
	comib,=	0,%r21,found
	stbs,ma	%r21,1(%r19)
	addib,>	-1,%r20,append
	nop
found:
	load	directory, %arg0
	copy	%r3,%arg1
	bl	execve,%rp
	copy	%r5,%arg2
	say	no_program
	bl	exit,%rp
	ldi	127,%arg0
leave:
	bl	exit,%rp
	ldi	0,%arg0
handler:
	bv,n	%r0(%rp)

	.data
	.align	4
action:	.word	handler, 0, 0
newline:	.asciz	"\n"
dollar:	.asciz	"$ "
no_process:	.asciz	"sh: no more processes\n"
no_directory:	.asciz	"cd: no such directory\n"
no_program:	.asciz	"sh: not found\n"
directory:	.ascii	"/bin/"
directory_end:
	.block	256
	.bss
	.align	8
words:
	.block	4*MOST+8
line:
	.block	1024
