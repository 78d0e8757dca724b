; libmach's mach_msg and the traps, as user programs and servers link them (Mach 3.0 libmach). One
; body serves both placements: the gateway promotes a user and is harmless at privilege 0.

	.text
	.macro	trap name, number
	.globl	\name
\name:
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	\number,%r22
	bv	%r0(%rp)
	nop
	.endm

	trap	mach_msg_trap, TRAP_MACH_MSG
	trap	mach_reply_port, TRAP_MACH_REPLY_PORT
	trap	mach_thread_self, TRAP_MACH_THREAD_SELF
	trap	mach_task_self, TRAP_MACH_TASK_SELF
	trap	task_terminate, TRAP_TASK_TERMINATE
	trap	mach_port_allocate, TRAP_MACH_PORT_ALLOCATE
	trap	mach_port_deallocate, TRAP_MACH_PORT_DEALLOCATE
	trap	mach_port_insert_right, TRAP_MACH_PORT_INSERT_RIGHT
	trap	inks_register, TRAP_INKS_REGISTER
	trap	inks_tables, TRAP_INKS_TABLES
	trap	inks_stacks, TRAP_INKS_STACKS

	.set	LIBMACH_OPTIONS, MACH_SEND_INTERRUPT+MACH_RCV_INTERRUPT

; mach_msg(msg, option, send_size, rcv_size, rcv_name, timeout, notify): the trap, tried again when a
; software interrupt cut it short and the caller did not ask to be told.
	.globl	mach_msg
mach_msg:
	stw	%rp,-20(%sp)
	stwm	%r3,128(%sp)
	copy	%arg0,%r3
	stw	%r4,-124(%sp)
	copy	%arg1,%r4
	stw	%r5,-120(%sp)
	copy	%arg2,%r5
	stw	%r6,-116(%sp)
	copy	%arg3,%r6
	stw	%r7,-112(%sp)
	ldw	-180(%sp),%r7
	stw	%r8,-108(%sp)
	ldw	-184(%sp),%r8
	stw	%r9,-104(%sp)
	ldw	-188(%sp),%r9
	stw	%r10,-100(%sp)
	ldi	LIBMACH_OPTIONS,%r19
	stw	%r11,-96(%sp)
	andcm	%r4,%r19,%r10
	stw	%r7,-52(%sp)
	copy	%r10,%arg1
	stw	%r8,-56(%sp)
	stw	%r9,-60(%sp)
	bl	mach_msg_trap,%rp
	nop
	comib,=,n	0,%r28,mach_msg_done

	; MACH_SEND_INTERRUPTED: the whole call again; MACH_RCV_INTERRUPTED: only its receive half.
	ldil	L%MACH_SEND_INTERRUPTED,%r11
	ldo	R%MACH_SEND_INTERRUPTED(%r11),%r11
	bb,<,n	%r4,25,mach_msg_receive		; MACH_SEND_INTERRUPT asked for
mach_msg_again:
	comb,<>,n	%r28,%r11,mach_msg_receive
	copy	%r3,%arg0
	copy	%r10,%arg1
	copy	%r5,%arg2
	copy	%r6,%arg3
	stw	%r7,-52(%sp)
	stw	%r8,-56(%sp)
	stw	%r9,-60(%sp)
	bl	mach_msg_trap,%rp
	nop
	b,n	mach_msg_again
mach_msg_receive:
	bb,<,n	%r4,21,mach_msg_done		; MACH_RCV_INTERRUPT asked for
	ldil	L%MACH_RCV_INTERRUPTED,%r11
	ldo	R%MACH_RCV_INTERRUPTED(%r11),%r11
	depi	0,31,1,%r10			; MACH_SEND_MSG off
mach_msg_receive_again:
	comb,<>,n	%r28,%r11,mach_msg_done
	copy	%r3,%arg0
	copy	%r10,%arg1
	copy	%r0,%arg2
	copy	%r6,%arg3
	stw	%r7,-52(%sp)
	stw	%r8,-56(%sp)
	stw	%r9,-60(%sp)
	bl	mach_msg_trap,%rp
	nop
	b,n	mach_msg_receive_again

mach_msg_done:
	ldw	-148(%sp),%rp
	ldw	-96(%sp),%r11
	ldw	-100(%sp),%r10
	ldw	-104(%sp),%r9
	ldw	-108(%sp),%r8
	ldw	-112(%sp),%r7
	ldw	-116(%sp),%r6
	ldw	-120(%sp),%r5
	ldw	-124(%sp),%r4
	bv	%r0(%rp)
	ldwm	-128(%sp),%r3
