; The prototype of the paper's footnote 6: a server's call to the kernel stays on the server's own
; stack. No arguments are copied, no stack is changed, and no callee-saved register is kept for a
; continuation: those that the call could meet are disabled. The thread does not hand its stack over
; (asm/switch.s refuses), mach_msg returns through its frame, and a call that leaves for the slow
; path, where it may wait, first saves what the light entry of asm/syscall.s would have saved.

	.text
; r1 = pcb, r20 = the server's sp, r22 = number, r23–r26 and the stack the arguments.
	.globl	own_stack_entry
own_stack_entry:
	stw	%r0,PCB_KSP(%r1)
	ldo	PCB_KSS(%r1),%r1
	ldi	SS_INSYSCALL+SS_OWNSTACK,%r21
	stw	%r21,SS_FLAGS(%r1)
	copy	%r20,%sp
	stw	%r20,SS_R30(%r1)
	sub	%r0,%r22,%r21
	stw	%r31,SS_R31(%r1)
	ldi	MACH_TRAP_COUNT,%r29
	stw	%dp,SS_R27(%r1)
	address	cpu_data,%dp
	comib,>=	0,%r21,own_stack_other
	stw	%rp,SS_R2(%r1)
	comb,<<=,n	%r29,%r21,own_stack_invalid
	zdep	%r21,27,28,%r21
	address	mach_trap_table,%r29
	addl	%r21,%r29,%r29
	ldw	MACH_TRAP_FUNCTION(%r29),%r21
	ldil	L%own_stack_return,%rp
	bv	%r0(%r21)
	ldo	R%own_stack_return(%rp),%rp

own_stack_invalid:
	ldi	KERN_INVALID_ARGUMENT,%r28
; r28 = result.
own_stack_return:
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldw	CPU_NEED_AST(%dp),%r21
	ldw	CPU_ACTIVE_STACK(%dp),%r29
	comb,<>,n	%r0,%r21,own_stack_ast
	ldo	PCB_KSS(%r1),%r20
	stw	%r29,PCB_KSP(%r1)
	ldw	SS_R31(%r20),%r31
	ldw	SS_R27(%r20),%dp
	ldw	SS_R2(%r20),%rp
	bv	%r0(%r31)
	stw	%r0,SS_FLAGS(%r20)
own_stack_ast:
	b,n	syscall_return_to_kernel	; the usual exit knows what to do; the rest is scratch

; From thread_syscall_return, where only mach_msg comes while the call is on the server's stack: its
; registers are in its frame. r28 = result.
	.globl	own_stack_mach_msg_return
own_stack_mach_msg_return:
	bl	mach_msg_frame,%r31
	nop
	b,n	own_stack_return

; Takes mach_msg's frame down: r3–r18 and sp are its caller's again. Link in r31.
mach_msg_frame:
	ldw	-124(%sp),%r4
	ldw	-128(%sp),%r5
	ldw	-132(%sp),%r6
	ldw	-136(%sp),%r7
	ldw	-140(%sp),%r8
	ldw	-144(%sp),%r9
	ldw	-148(%sp),%r10
	ldw	-152(%sp),%r11
	ldw	-156(%sp),%r12
	ldw	-160(%sp),%r13
	ldw	-164(%sp),%r14
	ldw	-168(%sp),%r15
	ldw	-172(%sp),%r16
	ldw	-176(%sp),%r17
	ldw	-180(%sp),%r18
	ldw	-120(%sp),%r3
	bv	%r0(%r31)
	ldo	-MACH_MSG_FRAME(%sp),%sp

; Leaves for the slow path unless that has all it needs already: not on the server's stack.
	.macro	when_usual target
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldw	PCB_KSS+SS_FLAGS(%r1),%r20
	bb,>=,n	%r20,26,\target			; SS_OWNSTACK
	.endm

	.globl	own_stack_mach_msg
own_stack_mach_msg:
	when_usual usual_mach_msg
	ldw	-36-MACH_MSG_FRAME(%sp),%arg0	; as mach_msg_trap stored them
	ldw	-40-MACH_MSG_FRAME(%sp),%arg1
	ldw	-44-MACH_MSG_FRAME(%sp),%arg2
	ldw	-48-MACH_MSG_FRAME(%sp),%arg3
	bl	mach_msg_frame,%r31
	ldi	TRAP_MACH_MSG,%r22
	bl	save_server,%r31
	nop
usual_mach_msg:
	escape	ESCAPE_MACH_MSG

	.globl	own_stack_trap
own_stack_trap:
	when_usual usual_trap
	bl	save_server,%r31
	nop
usual_trap:
	escape	ESCAPE_MACH_TRAP

own_stack_other:
	bl	save_server,%r31
	nop
	b,n	syscall_other

; What the light entry saves and copies. r22–r26, r3–r18 and sp are the server's. Link in r31.
save_server:
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldo	PCB_KSS(%r1),%r1
	store_callee_saved %r1
	store_arguments %r1
	mfsp	%sr3,%r21
	stw	%r21,SS_SR3(%r1)
	ldi	SS_INSYSCALL,%r21
	stw	%r21,SS_FLAGS(%r1)
	copy	%sp,%r29
	ldw	CPU_ACTIVE_STACK(%dp),%sp
	ldo	KF_SIZE(%sp),%sp
	stw	%r0,-4(%sp)
	copy_all_stack_arguments %r29, %r20, %r21, %r20, %r21
	bv	%r0(%r31)
	stw	%r21,-80(%sp)
