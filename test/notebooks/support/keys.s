; Takes the terminal raw, asks it where the cursor is, and names every character until q.
	.macro	call number
	ble	0x100(%sr2,%r0)
	ldi	\number,%r20
	.endm
	.macro	load value, register
	ldil	L%\value,\register
	ldo	R%\value(\register),\register
	.endm
	.text
	.globl	_start
_start:	ldi	0,%r26
	load	0x40245410, %r25		; TCGETS
	load	termios, %r24
	call	54
	load	termios, %r5
	ldw	12(%r5),%r6
	ldi	10,%r19				; ICANON, ECHO
	andcm	%r6,%r19,%r19
	bl	set,%r2
	stw	%r19,12(%r5)
	ldi	1,%r26
	load	ask, %r25
	ldi	4,%r24
	call	4
next:	ldi	0,%r26
	load	key, %r25
	ldi	1,%r24
	call	3
	load	shown, %r25
	ldb	4(%r25),%r19
	ldi	32,%r20
	comb,<<=	%r20,%r19,plain
	ldi	1,%r26
	ldo	64(%r19),%r20
	ldi	2,%r24
	stb	%r20,1(%r25)
	call	4
	b	next
	nop
plain:	load	key, %r25
	ldi	1,%r24
	call	4
	load	key, %r25
	ldb	0(%r25),%r19
	ldi	113,%r20			; q
	comb,<>	%r20,%r19,next
	nop
	bl	set,%r2
	stw	%r6,12(%r5)
	ldi	0,%r26
	call	1
set:	ldi	0,%r26
	load	0x80245411, %r25		; TCSETS
	copy	%r5,%r24
	call	54
	bv	%r0(%r2)
	nop
	.data
	.align	4
termios: .space	44
ask:	.ascii	"\033[6n"
	.align	4
shown:	.ascii	"^?  "
key:	.byte	0
