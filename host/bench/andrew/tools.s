; The programs of Andrew's script, all in one, by the first letter of the name that one is called by: mkdir,
; cp, ls -l, grep, wc, after 4.3BSD's. Memory comes by brk and output is looked at (fstat) and written at
; once, as C's library did; ls reads who users and groups are. Any other name is the driver's.
;
; r3 = argv  r4, r5 = descriptors, or names  r6 = memory  r7 = end of the output

	.set	ROOM, 65536
	.set	PIECE, 8192

	.text

	stub	exit, 1
	stub	fork, 2
	stub	read, 3
	stub	write, 4
	stub	close, 6
	stub	wait4, 7
	stub	creat, 8
	stub	chdir, 12
	stub	brk, 17
	stub	dup, 41
	stub	open, 45
	stub	execve, 59
	stub	getpagesize, 64
	stub	stat, 67
	stub	lstat, 68
	stub	dup2, 90
	stub	fstat, 91
	stub	gettimeofday, 116
	stub	mkdir, 136
	stub	getdirentries, 159

	.globl	_start
_start:
	ldo	64(%sp),%sp
	copy	%r24,%r3
	ldw	0(%r3),%r19
	load	output, %r7
	ldb	0(%r19),%r20
	ldi	0x6d,%r21
	comb,=	%r20,%r21,tool_mkdir
	ldi	0x63,%r21
	comb,=	%r20,%r21,tool_cp
	ldi	0x6c,%r21
	comb,=	%r20,%r21,tool_ls
	ldi	0x67,%r21
	comb,=	%r20,%r21,tool_grep
	ldi	0x77,%r21
	comb,=	%r20,%r21,tool_wc
	nop
	b,n	driver
	.globl	done
done:
	bl	exit,%rp
	copy	%r0,%arg0
not_found:
	bl	exit,%rp
	ldi	1,%arg0
	.globl	failed
failed:
	bl	exit,%rp
	ldi	2,%arg0
	break	0,0

; mkdir PATH
tool_mkdir:
	ldw	4(%r3),%arg0
	bl	mkdir,%rp
	ldi	0x1ff,%arg1			; 0777
	must
	b,n	done

; cp FROM TO
tool_cp:
	ldw	4(%r3),%arg0
	load	attributes, %arg1
	bl	stat,%rp
	nop
	must
	ldw	8(%r3),%arg0			; a directory?
	load	attributes, %arg1
	bl	stat,%rp
	nop
	bl	open_file,%rp
	ldw	4(%r3),%arg0
	ldw	8(%r3),%arg0
	bl	creat,%rp
	ldi	0x1a4,%arg1			; 0644
	must
	bl	room,%rp
	copy	%r28,%r5
cp_more:
	copy	%r4,%arg0
	copy	%r6,%arg1
	bl	read,%rp
	ldil	L%PIECE,%arg2
	must
	comib,=	0,%r28,cp_end
	copy	%r5,%arg0
	copy	%r6,%arg1
	bl	write,%rp
	copy	%r28,%arg2
	must
	b,n	cp_more
cp_end:
	bl	close,%rp
	copy	%r5,%arg0
	must
	bl	close,%rp
	copy	%r4,%arg0
	must
	b,n	done

; ls -l PATH
tool_ls:
	load	users, %arg0
	bl	read_names,%rp
	nop
	load	groups, %arg0
	bl	read_names,%rp
	nop
	ldw	8(%r3),%arg0
	load	attributes, %arg1
	bl	lstat,%rp
	nop
	must
	load	attributes, %r19
	ldw	OSTAT_MODE(%r19),%r20
	extru	%r20,19,4,%r20			; S_IFMT
	comib,=,n	4,%r20,ls_directory
	bl	put_line,%rp
	ldw	8(%r3),%arg0
	b,n	print_output
ls_directory:
	bl	open_file,%rp
	ldw	8(%r3),%arg0
	bl	room,%rp
	nop
ls_more:
	copy	%r4,%arg0
	copy	%r6,%arg1
	ldi	4096,%arg2
	load	attributes, %arg3
	bl	getdirentries,%rp
	nop
	must
	comib,=	0,%r28,ls_end
	copy	%r6,%r8
	addl	%r6,%r28,%r9
ls_entry:
	ldb	8(%r8),%r19
	ldi	0x2e,%r20			; "." and ".." are not shown
	comb,=	%r19,%r20,ls_next
	ldw	8(%r3),%r19
	load	path, %r20
ls_directory_name:
	ldbs,ma	1(%r19),%r21
	comib,<>	0,%r21,ls_directory_name
	stbs,ma	%r21,1(%r20)
	ldi	0x2f,%r21
	stb	%r21,-1(%r20)
	ldo	8(%r8),%r19
ls_name:
	ldbs,ma	1(%r19),%r21
	comib,<>	0,%r21,ls_name
	stbs,ma	%r21,1(%r20)
	load	path, %arg0
	load	attributes, %arg1
	bl	lstat,%rp
	nop
	must
	bl	put_line,%rp
	ldo	8(%r8),%arg0
ls_next:
	ldh	4(%r8),%r19
	addl	%r8,%r19,%r8
	comb,<<	%r8,%r9,ls_entry
	nop
	b,n	ls_more
ls_end:
	bl	close,%rp
	copy	%r4,%arg0
	must
	b,n	print_output

; grep PATTERN FILE
tool_grep:
	bl	read_file,%rp
	ldw	8(%r3),%arg0
	ldw	4(%r3),%r10
	ldb	0(%r10),%r20
	copy	%r0,%r13			; lines found
	copy	%r8,%r12			; where the line begins
	comb,=	%r8,%r9,not_found
	ldi	10,%r21
grep_byte:
	ldbs,ma	1(%r8),%r19
	comclr,<>	%r19,%r21,%r0
	copy	%r8,%r12
	comb,=	%r19,%r20,grep_first
	nop
grep_next:
	comb,<>	%r8,%r9,grep_byte
	nop
	comib,=	0,%r13,not_found
	nop
	b,n	print_output
grep_first:					; a NUL is behind the file, which no pattern has
	copy	%r8,%r22
	ldo	1(%r10),%r23
grep_compare:
	ldbs,ma	1(%r23),%r24
	comib,=	0,%r24,grep_found
	ldbs,ma	1(%r22),%r25
	comb,=	%r24,%r25,grep_compare
	nop
	b,n	grep_next
grep_found:					; the whole line is shown, and left
	ldo	1(%r13),%r13
grep_show:
	comb,=	%r12,%r9,grep_shown
	nop
	ldbs,ma	1(%r12),%r19
	comb,<>	%r19,%r21,grep_show
	stbs,ma	%r19,1(%r7)
grep_shown:
	b	grep_next
	copy	%r12,%r8

; wc FILE
tool_wc:
	bl	read_file,%rp
	ldw	4(%r3),%arg0
	copy	%r8,%r13
	copy	%r0,%r10			; lines
	copy	%r0,%r11			; words
	copy	%r0,%r12			; in a word
	ldi	10,%r21
	comb,=	%r8,%r9,wc_end
	ldi	32,%r20
wc_byte:
	ldbs,ma	1(%r8),%r19
	comclr,<>	%r19,%r21,%r0
	ldo	1(%r10),%r10
	comclr,<<=	%r19,%r20,%r22		; white
	ldi	1,%r22
	andcm	%r22,%r12,%r23
	addl	%r11,%r23,%r11
	comb,<>	%r8,%r9,wc_byte
	copy	%r22,%r12
wc_end:
	bl	put_number,%rp
	copy	%r10,%arg0
	bl	put_number,%rp
	copy	%r11,%arg0
	bl	put_number,%rp
	sub	%r9,%r13,%arg0
	bl	put_name,%rp
	ldw	4(%r3),%arg0
	b,n	print_output

; What has been put goes out, and the program ends.
print_output:
	ldi	1,%arg0
	load	attributes, %arg1
	bl	fstat,%rp
	nop
	must
	ldi	1,%arg0
	load	output, %arg1
	bl	write,%rp
	sub	%r7,%arg1,%arg2
	must
	b,n	done

; put_line(name): attributes and a name.
put_line:
	copy	%rp,%r17
	copy	%arg0,%r16
	load	attributes, %r15
	bl	put_number,%rp
	ldw	OSTAT_MODE(%r15),%arg0
	bl	put_number,%rp
	ldw	OSTAT_SIZE(%r15),%arg0
	copy	%r16,%arg0
	copy	%r17,%rp
; put_name(name): behind it a new line.
put_name:
	ldbs,ma	1(%arg0),%r19
	comib,<>	0,%r19,put_name
	stbs,ma	%r19,1(%r7)
	ldi	10,%r19
	bv	%r0(%rp)
	stb	%r19,-1(%r7)
; put_number(number): octal, eight digits and a space.
put_number:
	zdep	%arg0,23,24,%r19		; its 24 bits to the left
	ldi	8,%r20
put_digit:
	extru	%r19,2,3,%r22
	ldo	0x30(%r22),%r22
	stbs,ma	%r22,1(%r7)
	addib,>	-1,%r20,put_digit
	zdep	%r19,28,29,%r19
	ldi	32,%r22
	bv	%r0(%rp)
	stbs,ma	%r22,1(%r7)

; room: r6 = ROOM bytes behind the program.
room:
	copy	%rp,%r18
	bl	getpagesize,%rp
	nop
	load	end, %r19
	addl	%r19,%r28,%r6
	ldo	-1(%r6),%r6
	sub	%r0,%r28,%r28
	and	%r6,%r28,%r6
	ldil	L%ROOM,%arg0
	bl	brk,%rp
	addl	%r6,%arg0,%arg0
	must
	bv,n	%r0(%r18)

; open_file(name): r4.
open_file:
	copy	%rp,%r18
	copy	%r0,%arg1
	bl	open,%rp
	copy	%r0,%arg2
	must
	copy	%r28,%r4
	copy	%r4,%arg0
	load	attributes, %arg1
	bl	fstat,%rp
	nop
	must
	bv,n	%r0(%r18)

; read_file(name): r8, r9 = where it is, its end.
read_file:
	copy	%rp,%r17
	bl	open_file,%rp
	nop
	bl	room,%rp
	nop
	copy	%r6,%r9
read_more:
	copy	%r4,%arg0
	copy	%r9,%arg1
	bl	read,%rp
	ldil	L%PIECE,%arg2
	must
	comib,<>	0,%r28,read_more
	addl	%r9,%r28,%r9
	bl	close,%rp
	copy	%r4,%arg0
	must
	bv	%r0(%r17)
	copy	%r6,%r8

; read_names(file): through to its end, where the last of them is.
read_names:
	copy	%rp,%r17
	bl	open_file,%rp
	nop
names_more:
	copy	%r4,%arg0
	load	names, %arg1
	bl	read,%rp
	ldi	1024,%arg2
	must
	comib,<>	0,%r28,names_more
	nop
	bl	close,%rp
	copy	%r4,%arg0
	must
	bv,n	%r0(%r17)

	.data
users:	.asciz	"/etc/passwd"
groups:	.asciz	"/etc/group"
	.bss
	.align	8
attributes:
	.block	SIZEOF_OSTAT
names:	.block	1024
path:	.block	1024
output:
	.block	8192
