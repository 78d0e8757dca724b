; The micro RPC client (paper §4.4): makes one kind of call many times and stores what each took, the
; difference of two readings of CR16 in user mode. One image serves every configuration; which call
; and which stubs is told at its start.
;
; Starts with arg0 = send right to the server's port, arg1 = kind of call (twice the row of the table
; below, plus 1 for KMIG's stubs), arg2 = number of calls, at most MAX_CALLS. Ends by waiting for a
; message that never comes; client_status says how it went.

	.set	MAX_CALLS, 4096
	.set	CLIENT_FINISHED, 4096		; no call returns this

	.text
	.globl	_start
_start:
	copy	%arg0,%r3			; server
	copy	%arg2,%r6			; calls left
	ldil	L%results,%r7
	ldo	R%results(%r7),%r7
	ldil	L%argument,%r8
	ldo	R%argument(%r8),%r8
	ldil	L%kinds,%r19
	ldo	R%kinds(%r19),%r19
	sh2add	%arg1,%r19,%r19
	ldw	0(%r19),%r19
	ldil	L%$global$,%dp
	bv	%r0(%r19)
	ldo	R%$global$(%dp),%dp

; The loop of one kind of call. Between the two readings lies what a C statement for it is: the
; arguments, the call, and the result.
	.macro	calls stub
calls_\stub:
	mfctl	%cr16,%r9
	copy	%r3,%arg0
	bl	\stub,%rp
	copy	%r8,%arg1
	copy	%r28,%r11
	mfctl	%cr16,%r10
	comib,<>,n	0,%r11,failed
	sub	%r10,%r9,%r9
	addib,>	-1,%r6,calls_\stub
	stws,ma	%r9,4(%r7)
	b,n	finished
	.endm

	calls	rpc_null_message
	calls	rpc_null
	calls	rpc_in64_message
	calls	rpc_in64
	calls	rpc_in1024_message
	calls	rpc_in1024
	calls	rpc_out1024_message
	calls	rpc_out1024
	calls	rpc_inout128_message
	calls	rpc_inout128

finished:
	ldi	CLIENT_FINISHED,%r28
failed:
	ldil	L%client_status,%r19
	stw	%r28,R%client_status(%r19)
	bl	mach_reply_port,%rp
	nop
	stw	%r28,-52(%sp)
	copy	%r8,%arg0
	ldi	MACH_RCV_MSG,%arg1
	ldi	0,%arg2
	ldi	1024,%arg3
	stw	%r0,-56(%sp)
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	break	0,0				; nobody has a send right to that port

	.data
	.align	8
	.globl	$global$
$global$:
	.globl	client_status
client_status:
	.word	-1				; CLIENT_FINISHED, or what a call returned
kinds:
	.word	calls_rpc_null_message, calls_rpc_null
	.word	calls_rpc_in64_message, calls_rpc_in64
	.word	calls_rpc_in1024_message, calls_rpc_in1024
	.word	calls_rpc_out1024_message, calls_rpc_out1024
	.word	calls_rpc_inout128_message, calls_rpc_inout128

	.bss
	.align	32
	.globl	argument
argument:
	.block	1024
	.globl	results
results:
	.block	4*MAX_CALLS
