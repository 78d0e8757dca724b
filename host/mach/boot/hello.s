; The server that boots when no other is named: it greets on the console by device calls, says on which
; side of the boundary it runs, and gives every line back until one begins with q, or no more come; then
; it halts the machine. The same binary runs in and out of the kernel.
;
; arg0 = master host port, arg1 = master device port, arg2 = bootstrap port.

	.text
	.macro	say text, length
	ldil	L%\text,%arg0
	ldo	R%\text(%arg0),%arg0
	bl	write,%rp
	ldi	\length,%arg1
	.endm

	.globl	_start
_start:
	ldo	128(%sp),%sp
	copy	%arg0,%r3
	copy	%arg1,%r4

	copy	%r4,%arg0
	ldi	3,%arg1				; D_READ | D_WRITE
	ldil	L%name,%arg2
	ldo	R%name(%arg2),%arg2
	ldil	L%device,%arg3
	bl	device_open,%rp
	ldo	R%device(%arg3),%arg3
	comib,<>,n	0,%r28,failed
	ldil	L%device,%r5
	ldw	R%device(%r5),%r5

	bl	.+8,%r19			; our own privilege level is in the low two bits
	nop
	extru,<>	%r19,31,2,%r0
	b,n	in_kernel
	say	out_text, out_end-out_text
	b,n	greeted
in_kernel:
	say	in_text, in_end-in_text
greeted:

next_line:
	say	prompt, 2
	ldil	L%count,%r19
	ldi	128,%r20
	stw	%r20,R%count(%r19)
	ldo	R%count(%r19),%r19
	copy	%r5,%arg0
	ldi	0,%arg1
	ldi	0,%arg2
	ldi	128,%arg3
	stw	%r19,-56(%sp)
	ldil	L%line,%r20
	ldo	R%line(%r20),%r20
	bl	device_read_inband,%rp
	stw	%r20,-52(%sp)
	comib,<>,n	0,%r28,failed
	ldil	L%count,%r19
	ldw	R%count(%r19),%r19
	comib,=,n	0,%r19,halt		; nobody types any more
	ldil	L%line,%arg0
	ldb	R%line(%arg0),%r19
	ldi	0x71,%r20			; q
	comb,=,n	%r19,%r20,halt
	ldo	R%line(%arg0),%arg0
	ldil	L%count,%arg1
	bl	write,%rp
	ldw	R%count(%arg1),%arg1
	b,n	next_line

halt:
	say	bye, bye_end-bye
	copy	%r3,%arg0
	bl	host_reboot,%rp
	ldi	0,%arg1
failed:
	break	1,1

; write(text, length) to the console; device in r5.
write:
	stw	%rp,-20(%sp)
	ldo	128(%sp),%sp
	copy	%arg0,%arg3
	stw	%arg1,-52(%sp)
	ldil	L%written,%r19
	ldo	R%written(%r19),%r19
	stw	%r19,-56(%sp)
	copy	%r5,%arg0
	ldi	0,%arg1
	bl	device_write_inband,%rp
	ldi	0,%arg2
	ldw	-148(%sp),%rp
	comib,<>	0,%r28,failed
	nop
	bv	%r0(%rp)
	ldo	-128(%sp),%sp

	.data
	.align	8
device:	.word	0
count:	.word	0
written:	.word	0
name:	.asciz	"console"
	.block	120
out_text:	.ascii	"Mach 3.0: this server runs as a user task.\n"
out_end:
in_text:	.ascii	"Mach 3.0: this server runs in the kernel, at privilege 0.\n"
in_end:
prompt:	.ascii	"> "
bye:	.ascii	"Halting.\n"
bye_end:
	.align	8
line:	.block	128
