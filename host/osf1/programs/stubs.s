; What every small program links: OSF/1's system call stubs, and a way to end. A stub returns r28, and in
; r22 the errno, 0 for success.

	.text
	.macro	stub name, number
	.globl	\name
\name:
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	\number,%r22
	bv	%r0(%rp)
	nop
	.endm

; exit(status) does not return: when nobody ends the process, since the server is gone, it ends by a trap.
	.globl	exit
exit:
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	1,%r22
	break	0,0

	stub	fork, 2
	stub	read, 3
	stub	write, 4
	stub	close, 6
	stub	wait4, 7
	stub	chdir, 12
	stub	open, 45
	stub	execve, 59
	stub	sigaction, 156

; strlen(string): r28.
	.globl	strlen
strlen:
	copy	%arg0,%r19
length:
	ldbs,ma	1(%r19),%r20
	comib,<>	0,%r20,length
	nop
	sub	%r19,%arg0,%r28
	bv	%r0(%rp)
	ldo	-1(%r28),%r28

; print(descriptor, string)
	.globl	print
print:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%arg0,%r3
	stw	%arg1,-60(%sp)
	bl	strlen,%rp
	copy	%arg1,%arg0
	copy	%r28,%arg2
	ldw	-60(%sp),%arg1
	bl	write,%rp
	copy	%r3,%arg0
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3
