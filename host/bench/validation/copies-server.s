; The server whose arguments are watched (copies.ts): work functions that just return. Starts with
; arg0 = the name of its service port, and registers its trap table first.

	.set	SERVICE_STACKS, 1
	.set	RPC_STACK_SIZE, 16384
	.set	MAX_MESSAGE, 1024

	.text
	.globl	_start
_start:
	copy	%arg0,%r3
	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	ldil	L%copies_inks_table,%arg0
	ldo	R%copies_inks_table(%arg0),%arg0
	ldi	1,%arg1
	copy	%dp,%arg2
	ldil	L%service_stacks,%arg3
	ldo	R%service_stacks(%arg3),%arg3
	ldil	L%RPC_STACK_SIZE,%r19
	stw	%r19,-52(%sp)
	ldi	SERVICE_STACKS,%r20
	stw	%r20,-56(%sp)
	ldil	L%inks_copyin,%r21
	ldo	R%inks_copyin(%r21),%r21
	bl	inks_register,%rp
	stw	%r21,-60(%sp)
	ldil	L%copies_server,%arg0
	ldo	R%copies_server(%arg0),%arg0
	ldi	MAX_MESSAGE,%arg1
	bl	mach_msg_server,%rp
	copy	%r3,%arg2
	break	0,0				; the service port is gone

	.macro	just_returns name
	.globl	\name
\name:
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28
	.endm

	just_returns server_copies_value
	just_returns server_copies_in
	just_returns server_copies_out
	just_returns server_copies_inout

	.data
	.align	8
	.globl	$global$
$global$:
	.globl	inks_copyin
inks_copyin:
	.word	0
	.globl	inks_copyout
inks_copyout:
	.word	0

	.bss
	.align	16384
service_stacks:
	.block	RPC_STACK_SIZE*SERVICE_STACKS
