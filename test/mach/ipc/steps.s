; Runs the steps of one scenario thread. A step is a record of words, built by machine-driver.ts:
;
;     0 trap number   4 words of message   8 address of expected words   12 how many
;     16 where results go   20 address of the next record (0: none)   24 seven arguments
;     52 the message's words
;
; Starts with arg0 = first record, arg1 = data area. A thread without more steps stops at `finished`.

	.text
	.globl	_start
_start:
	copy	%arg0,%r3
	copy	%arg1,%r4
	ldo	128(%sp),%sp
step:
	comib,=,n	0,%r3,finished
	ldw	4(%r3),%r19			; the message, to the start of the data area
	ldo	52(%r3),%r20
	copy	%r4,%r21
	comib,=,n	0,%r19,call
put:
	ldws,ma	4(%r20),%r22
	addib,>	-1,%r19,put
	stws,ma	%r22,4(%r21)
call:
	ldw	24(%r3),%arg0
	ldw	28(%r3),%arg1
	ldw	32(%r3),%arg2
	ldw	36(%r3),%arg3
	ldw	40(%r3),%r19
	ldw	44(%r3),%r20
	ldw	48(%r3),%r21
	stw	%r19,-52(%sp)
	stw	%r20,-56(%sp)
	stw	%r21,-60(%sp)
	ldw	0(%r3),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
	ldw	16(%r3),%r21
	stws,ma	%r28,4(%r21)			; the code, then the expected words as they are now
	ldw	8(%r3),%r20
	ldw	12(%r3),%r19
	comib,=,n	0,%r19,next
get:
	ldws,ma	4(%r20),%r22
	addib,>	-1,%r19,get
	stws,ma	%r22,4(%r21)
next:
	b	step
	ldw	20(%r3),%r3
	.globl	finished
finished:
	break	0,0				; the driver takes the thread away
