; The server of Table 5 (paper §4.4): calls the kernel many times and does nothing else. One image,
; linked once, runs out of the kernel or inside it; each call stands between two readings of CR16.
;
; The call is task_terminate of no task (§3.2). By trap its argument is MACH_PORT_NULL; by message
; there must be a port that the kernel answers at, and it is the calling thread's own, which stands
; for no task either.
;
; Starts with arg0 = kind of call (0 by message, 1 by trap), arg1 = number of calls, at most
; MAX_CALLS. Ends by waiting for a message that never comes; server_status says how it went.

	.set	MAX_CALLS, 4096
	.set	SERVER_FINISHED, 4096		; no call returns this

	.text
	.globl	_start
_start:
	copy	%arg0,%r5
	copy	%arg1,%r6			; calls left
	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	ldil	L%results,%r7
	bl	mach_thread_self,%rp
	ldo	R%results(%r7),%r7
	ldil	L%MACH_SEND_INTERRUPTED,%r4
	comib,=	0,%r5,calls_message
	copy	%r28,%r3
	b	calls_trap
	ldo	R%MACH_SEND_INTERRUPTED(%r4),%r4

; A loop of calls; r3 = its argument, r4 = what it must return.
	.macro	call_loop stub
	copy	%r3,%arg0
	mfctl	%cr16,%r9
	bl	\stub,%rp
	nop
	mfctl	%cr16,%r10
	comb,<>,n	%r4,%r28,failed
	sub	%r10,%r9,%r9
	addib,>	-1,%r6,loop_\stub
	stws,ma	%r9,4(%r7)
	b,n	finished
	.endm

calls_message:
	ldi	KERN_INVALID_ARGUMENT,%r4
loop_mig_task_terminate:
	call_loop mig_task_terminate
calls_trap:
	copy	%r0,%r3
loop_task_terminate_trap:
	call_loop task_terminate_trap

; The trap itself, without the library's message after MACH_SEND_INTERRUPTED.
task_terminate_trap:
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	TRAP_TASK_TERMINATE,%r22
	bv	%r0(%rp)
	nop

finished:
	ldi	SERVER_FINISHED,%r28
failed:
	ldil	L%server_status,%r19
	stw	%r28,R%server_status(%r19)
	bl	mach_reply_port,%rp
	nop
	stw	%r28,-52(%sp)
	ldil	L%results,%arg0
	ldo	R%results(%arg0),%arg0
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
	.globl	server_status
server_status:
	.word	-1				; SERVER_FINISHED, or what a call returned

	.bss
	.align	32
	.globl	results
results:
	.block	4*MAX_CALLS
