; The micro RPC server (paper §4.3): work functions that just return, behind the stubs that KMIG
; makes of rpc.defs. One image, linked once, runs out of the kernel or inside it.
;
; Starts with arg0 = the name of its service port. Its first action is to register its trap tables
; (paper §2.3); out of the kernel the call fails and nothing else changes.

	.set	SERVICE_STACKS, 4
	.set	RPC_STACK_SIZE, 16384
	.set	MAX_MESSAGE, 2048

	.text
	.globl	_start
_start:
	copy	%arg0,%r3
	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	ldil	L%rpc_inks_table,%arg0
	ldo	R%rpc_inks_table(%arg0),%arg0
	ldi	1,%arg1				; one table
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
	stw	%r21,-60(%sp)			; where the addresses of copyin and copyout go
	ldil	L%rpc_server_registered,%r19
	stw	%r28,R%rpc_server_registered(%r19)

	ldil	L%rpc_server,%arg0
	ldo	R%rpc_server(%arg0),%arg0
	ldi	MAX_MESSAGE,%arg1
	bl	mach_msg_server,%rp
	copy	%r3,%arg2
	break	0,0				; the service port is gone

	; Work functions that just return success: every measured call (paper §4.3, "just returns").
	.macro	just_returns name
	.globl	\name
\name:
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28
	.endm

	just_returns server_rpc_null
	just_returns server_rpc_in64
	just_returns server_rpc_in1024
	just_returns server_rpc_out1024
	just_returns server_rpc_inout128
	just_returns server_rpc_echo

; Work functions for tests: results that depend on every argument.
	.globl	server_rpc_add
server_rpc_add:
	add	%arg1,%arg2,%r19
	stw	%r19,0(%arg3)
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28

	.globl	server_rpc_ints
server_rpc_ints:
	add	%arg1,%arg2,%r19
	ldw	-52(%sp),%r20
	add	%r19,%arg3,%r19
	ldw	-56(%sp),%r21
	add	%r19,%r20,%r19
	ldw	-60(%sp),%r22
	add	%r19,%r21,%r19
	ldw	-64(%sp),%r20
	add	%r19,%r22,%r19
	stw	%r19,0(%r20)
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28

	.globl	server_rpc_notify
server_rpc_notify:
	ldil	L%rpc_notified,%r19
	stw	%arg1,R%rpc_notified(%r19)
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28

	.globl	server_rpc_give_port
server_rpc_give_port:
	ldi	1,%r19
	stw	%r19,0(%arg2)
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28

	.globl	server_rpc_fail
server_rpc_fail:
	bv	%r0(%rp)
	copy	%arg1,%r28

	.data
	.align	8
	.globl	$global$
$global$:
	.globl	rpc_server_registered
rpc_server_registered:
	.word	-1				; what inks_register said
	.globl	rpc_notified
rpc_notified:
	.word	0
	.globl	inks_copyin
inks_copyin:
	.word	0				; the kernel's copyin and copyout, told at registration
	.globl	inks_copyout
inks_copyout:
	.word	0

	.bss
	.align	16384				; size-aligned, like any cthread stack
service_stacks:
	.block	RPC_STACK_SIZE*SERVICE_STACKS
