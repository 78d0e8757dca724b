; Calls of the kernel that have a trap and a message (Mach 3.0 libmach, ms_*.c): the trap first, and the
; message when the kernel answers MACH_SEND_INTERRUPTED, as it does for what is no task of its own.
; For programs that link KMIG's stubs of mach.defs.

	.text
	.macro	trap_or_message name, number
	.globl	\name
\name:
	stw	%rp,-20(%sp)
	stw	%arg0,-36(%sp)
	stw	%arg1,-40(%sp)
	stw	%arg2,-44(%sp)
	stw	%arg3,-48(%sp)
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	\number,%r22
	ldil	L%MACH_SEND_INTERRUPTED,%r19
	ldo	R%MACH_SEND_INTERRUPTED(%r19),%r19
	comb,=	%r19,%r28,message\@
	ldw	-20(%sp),%rp
	bv,n	%r0(%rp)
message\@:
	ldw	-36(%sp),%arg0
	ldw	-40(%sp),%arg1
	ldw	-44(%sp),%arg2
	b	r_\name
	ldw	-48(%sp),%arg3
	.endm

	trap_or_message vm_map, TRAP_VM_MAP
	trap_or_message vm_allocate, TRAP_VM_ALLOCATE
	trap_or_message vm_deallocate, TRAP_VM_DEALLOCATE
	trap_or_message task_create, TRAP_TASK_CREATE
	trap_or_message task_suspend, TRAP_TASK_SUSPEND
	trap_or_message task_set_special_port, TRAP_TASK_SET_SPECIAL_PORT
