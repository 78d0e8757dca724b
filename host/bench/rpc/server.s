; The micro RPC server (paper §4.3): work functions that just return, behind the stubs that KMIG
; makes of rpc.defs. One image, linked once, runs out of the kernel or inside it.
;
; Starts with arg0 = the name of its service port. Its first action is to register its trap tables
; (paper §2.3); out of the kernel the call fails and nothing else changes.

	.equ	SERVICE_STACKS, 4
	.equ	SERVICE_STACK_SIZE, 16384
	.equ	MAX_MESSAGE, 2048

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
	ldil	L%SERVICE_STACK_SIZE,%r19
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

	; Work functions that just return success: every measured call.
	.macro	work name
	.globl	\name
\name:
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28
	.endm

	.data
	.align	8
	.globl	$global$
$global$:
	.globl	rpc_server_registered
rpc_server_registered:
	.word	-1

	.bss
	.align	SERVICE_STACK_SIZE
service_stacks:
	.block	SERVICE_STACK_SIZE*SERVICE_STACKS
