; System calls: the gateway page, entry with state saving, decoding, and the two exits.
;
; A user calls `ble 4(%sr7,%r1)` with r1 = 0xC0000000, the number in r22, four arguments in r26–r23
; and the rest on its stack. Negative numbers are Mach traps; numbers from INKS_FIRST_TRAP on belong
; to a registered in-kernel server (paper §3.3). All callee-saved registers are stored because a
; thread that blocks leaves through a continuation, not through its stack.
;
; Assembled with INKS = 1, entry also serves a server inside the kernel: privilege 0 in r31 takes the
; lighter path into the second saved state (paper §3.2).

; Finds the Mach trap of the negative number in r22: r21 = its function, r20 = arguments beyond four.
; A trap without such arguments is called at once, at `call`; no such trap: `invalid`.
	.macro	find_trap call, invalid
	sub	%r0,%r22,%r21
	comib,>=,n	0,%r21,syscall_other
	ldi	MACH_TRAP_COUNT,%r29
	comb,<<=,n	%r29,%r21,\invalid
	zdep	%r21,27,28,%r21			; 16-byte table entries
	ldil	L%mach_trap_table,%r29
	ldo	R%mach_trap_table(%r29),%r29
	addl	%r21,%r29,%r29
	ldw	MACH_TRAP_ARGC(%r29),%r20
	ldw	MACH_TRAP_FUNCTION(%r29),%r21
	ldo	-4(%r20),%r20
	comib,>=,n	0,%r20,\call
	.endm

; Copies r20 argument words (1 to 8) from the caller's stack, whose pointer is `base`, to the frame.
	.macro	copy_stack_arguments base
	subi	8,%r20,%r20			; pairs to skip: at most 8 stack arguments
	blr	%r20,%r0
	nop
	ldw	-80(\base),%r28
	stw	%r28,-80(%sp)
	ldw	-76(\base),%r28
	stw	%r28,-76(%sp)
	ldw	-72(\base),%r28
	stw	%r28,-72(%sp)
	ldw	-68(\base),%r28
	stw	%r28,-68(%sp)
	ldw	-64(\base),%r28
	stw	%r28,-64(%sp)
	ldw	-60(\base),%r28
	stw	%r28,-60(%sp)
	ldw	-56(\base),%r28
	stw	%r28,-56(%sp)
	ldw	-52(\base),%r28
	stw	%r28,-52(%sp)
	.endm

; The caller's protection ids and space registers, from the saved state r1, which is then reached by
; sr1 = 0. Protection id 2 goes last, with the branch. Uses r20, r21.
	.macro	load_user_spaces
	mtsp	%r0,%sr1
	ldw	SS_PIDR3(%r1),%r20
	mtctl	%r20,%cr12
	ldw	SS_PIDR4(%r1),%r21
	mtctl	%r21,%cr13
	ldw	SS_PIDR1(%r1),%r20
	mtctl	%r20,%cr8
	ldw	SS_SR7(%r1),%r21
	mtsp	%r21,%sr7
	ldw	SS_SR6(%sr1,%r1),%r20
	mtsp	%r20,%sr6
	ldw	SS_SR5(%sr1,%r1),%r21
	mtsp	%r21,%sr5
	ldw	SS_SR4(%sr1,%r1),%r20
	mtsp	%r20,%sr4
	.endm

	.text
	.align	4096
	.globl	gateway_page
gateway_page:
	break	0,0
	gate,n	gateway_promoted,%r31		; privilege 0, the caller's in r31; the slot is nullified
	nop
gateway_promoted:
	mtsp	%r0,%sr1
	mfctl	%cr9,%r28			; the caller's protection id 2
	ldi	KERNEL_PID,%r1
	mtctl	%r1,%cr9
	ldil	L%syscall_entry,%r1
	be	R%syscall_entry(%sr1,%r1)
	ldil	L%cpu_data,%r1

; At GATEWAY_THREAD_POINTER: r26 to cr27, which programs read but may not write. System calls do not
; keep it for a thread that waits: whoever uses it asks again (the emulator of Linux programs).
	.align	64
	gate,n	thread_pointer_promoted,%r31
	nop
thread_pointer_promoted:
	mtctl	%r26,%cr27
	be,n	0(%sr0,%r31)
	nop
	.align	4096

	.if	INKS
; A server inside the kernel calls (paper §3.2): no protection ids or space registers to change, no
; emulation vector to look at, state into the PCB's second saved state. r1 = pcb, r19 = thread,
; r20 = the server's sp, sp = kernel stack.
syscall_from_kernel:
	stw	%r0,PCB_KSP(%r1)
	ldo	PCB_KSS(%r1),%r1
	stw	%r21,SS_FLAGS(%r1)
	ldo	KF_SIZE(%sp),%sp
	stw	%r20,SS_R30(%r1)
	store_callee_saved %r1
	store_arguments %r1
	stw	%r31,SS_R31(%r1)
	stw	%dp,SS_R27(%r1)
	stw	%rp,SS_R2(%r1)
	mfsp	%sr3,%r21			; a procedure keeps it, and other threads run before this returns
	stw	%r21,SS_SR3(%r1)
	stw	%r0,-4(%sp)
	address	cpu_data,%dp

	find_trap kernel_call, kernel_invalid
	ldw	SS_R30(%r1),%r29
	copy_stack_arguments %r29
kernel_call:
	ldil	L%syscall_return_to_kernel,%rp
	bv	%r0(%r21)
	ldo	R%syscall_return_to_kernel(%rp),%rp
kernel_invalid:
	b	syscall_return_to_kernel
	ldi	KERN_INVALID_ARGUMENT,%r28
	.endif

; Entry. sr1 = 0 reaches the kernel; sr4–sr7 are still the caller's. r28 = caller's pidr2,
; r31/sr0 = return point, r1 = L%cpu_data. Leaves r1 = saved state, r19 = thread, sp = kernel frame.
	.globl	syscall_entry
syscall_entry:
	ldw	R%cpu_data+CPU_ACTIVE_THREAD(%sr1,%r1),%r19
	copy	%sp,%r20
	ldw	THREAD_PCB(%sr1,%r19),%r1
	ldi	SS_INSYSCALL,%r21
	ldw	PCB_KSP(%sr1,%r1),%sp
	.if	INKS
	extru,<>	%r31,31,2,%r0		; privilege 0: the caller is a server in the kernel
	.if	OWN_STACK
	b,n	own_stack_entry
	.else
	b,n	syscall_from_kernel
	.endif
	.endif
	stw	%r21,SS_FLAGS(%sr1,%r1)
	stw	%r0,PCB_KSP(%sr1,%r1)
	ldo	KF_SIZE(%sp),%sp

	stw	%r20,SS_R30(%sr1,%r1)
	store_callee_saved "%sr1,%r1"
	store_arguments "%sr1,%r1"
	stw	%r31,SS_R31(%sr1,%r1)
	stw	%dp,SS_R27(%sr1,%r1)
	stw	%rp,SS_R2(%sr1,%r1)

	; Protection ids and space registers: keep the caller's, take the kernel's. pidr1 stays the
	; caller's, so that copyin and copyout can reach its pages.
	mfctl	%cr12,%r20
	stw	%r20,SS_PIDR3(%sr1,%r1)
	mfctl	%cr13,%r21
	stw	%r21,SS_PIDR4(%sr1,%r1)
	mfctl	%cr8,%r20
	stw	%r20,SS_PIDR1(%sr1,%r1)
	mfsp	%sr4,%r20
	stw	%r20,SS_SR4(%sr1,%r1)
	mfsp	%sr5,%r21
	stw	%r21,SS_SR5(%sr1,%r1)
	mfsp	%sr6,%r20
	stw	%r20,SS_SR6(%sr1,%r1)
	mfsp	%sr7,%r21
	stw	%r21,SS_SR7(%sr1,%r1)
	ldi	KERNEL_PID,%r20
	mtctl	%r20,%cr12
	mtctl	%r20,%cr13
	mtsp	%r0,%sr4
	mtsp	%r0,%sr5
	mtsp	%r0,%sr6
	mtsp	%r0,%sr7
	mfsp	%sr0,%r20
	stw	%r20,SS_SR0(%r1)
	mfsp	%sr3,%r21
	stw	%r21,SS_SR3(%r1)
	stw	%r28,SS_PIDR2(%r1)
	stw	%r0,-4(%sp)			; no previous frame
	address	cpu_data,%dp			; the kernel's global data

	; Decode: first whether an in-kernel server is meant (paper §3.3), then whether the task emulates
	; the call, as NMK13 does.
	ldw	THREAD_TASK(%r19),%r20
	.if	INKS
	ldil	L%INKS_FIRST_TRAP,%r21
	comb,<=,n	%r21,%r22,inks_trap	; signed: negative numbers are Mach's; r20 = task
	.endif
	ldw	TASK_EML_DISPATCH(%r20),%r21
	comb,<>,n	%r0,%r21,syscall_emulation
syscall_native:
	find_trap syscall_call, syscall_invalid

	; Arguments beyond four come from the caller's stack. A fault there ends at syscall_bad_stack.
	ldil	L%syscall_bad_stack,%r28
	ldo	R%syscall_bad_stack(%r28),%r28
	stw	%r28,THREAD_RECOVER(%r19)
	ldw	SS_SR5(%r1),%r28
	ldw	SS_R30(%r1),%r29
	mtsp	%r28,%sr1
	copy_stack_arguments "%sr1,%r29"
	stw	%r0,THREAD_RECOVER(%r19)

syscall_call:
	ldil	L%syscall_return,%rp
	bv	%r0(%r21)
	ldo	R%syscall_return(%rp),%rp

; The task has an emulation vector: r21. A number outside it, or without an entry, is the kernel's.
; Else the caller goes on in its emulator, at the entry: r31 and sr0 still hold the stub's return
; point, r22 the number, r23–r26 and the caller's stack the arguments.
syscall_emulation:
	ldw	EML_MIN(%r21),%r28
	ldw	EML_COUNT(%r21),%r29
	sub	%r22,%r28,%r28
	comb,<<=	%r29,%r28,syscall_native
	sh2add	%r28,%r21,%r29
	ldw	EML_VECTOR(%r29),%r29
	comb,=	%r0,%r29,syscall_native
	depi	3,31,2,%r29
	ldw	CPU_ACTIVE_STACK(%dp),%r19
	load_user_spaces
	ldw	SS_R27(%sr1,%r1),%dp
	stw	%r19,PCB_KSP(%sr1,%r1)
	ldw	SS_R30(%sr1,%r1),%sp
	ldw	SS_PIDR2(%sr1,%r1),%r20
	be	0(%sr0,%r29)
	mtctl	%r20,%cr9

syscall_bad_stack:
	ldi	KERN_INVALID_ADDRESS,%r28
	b	syscall_return
	stw	%r0,THREAD_RECOVER(%r19)

syscall_invalid:
	b	syscall_return
	ldi	KERN_INVALID_ARGUMENT,%r28

	.globl	syscall_other
syscall_other:
	.if	INKS
	ldil	L%INKS_FIRST_TRAP,%r29
	comb,<=,n	%r29,%r22,syscall_nested	; a user's would be on its way already
	.endif
	escape	ESCAPE_SYSCALL
	.if	INKS
syscall_nested:
	b,n	inks_trap_nested
	.endif

; Exit of a thread that blocked, or whose frame is gone: the stack restarts at its base and the
; callee-saved registers come from the saved state. arg0 = result.
	.globl	thread_syscall_return
thread_syscall_return:
	address	cpu_data,%dp
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	copy	%arg0,%r28
	.if	INKS
	ldw	PCB_KSS+SS_FLAGS(%r1),%r20
	.endif
	ldw	SS_FLAGS(%r1),%r21
	.if	INKS
	comib,<>,n	0,%r20,thread_syscall_return_kernel
	.endif
	bb,>=,n	%r21,30,full_return		; SS_INSYSCALL is off
	ldw	CPU_ACTIVE_STACK(%dp),%sp
	ldo	KF_SIZE(%sp),%sp
	load_callee_saved %r1

; Normal exit: r28 = result. r22–r26 come back from the saved state, so a client stub that is told
; MACH_SEND_INTERRUPTED still has its arguments.
	.globl	syscall_return
syscall_return:
	address	cpu_data,%dp
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldw	CPU_NEED_AST(%dp),%r20
	comb,<>,n	%r0,%r20,syscall_ast
syscall_return_drop:
	ldw	CPU_ACTIVE_STACK(%dp),%r29
	ldw	SS_R31(%r1),%r31
	load_user_spaces
	ldw	SS_SR0(%sr1,%r1),%r20
	mtsp	%r20,%sr0
	ldw	SS_SR3(%sr1,%r1),%r21
	mtsp	%r21,%sr3
	ldw	SS_R27(%sr1,%r1),%dp
	ldw	SS_R2(%sr1,%r1),%rp
	stw	%r29,PCB_KSP(%sr1,%r1)		; the kernel stack is free again
	ldw	SS_R30(%sr1,%r1),%sp
	ldw	SS_R21(%sr1,%r1),%r21
	ldw	SS_R22(%sr1,%r1),%r22
	ldw	SS_R23(%sr1,%r1),%r23
	ldw	SS_R24(%sr1,%r1),%r24
	ldw	SS_R25(%sr1,%r1),%r25
	ldw	SS_R26(%sr1,%r1),%r26
	ldw	SS_PIDR2(%sr1,%r1),%r20
	be	0(%sr0,%r31)
	mtctl	%r20,%cr9

full_return:
	b,n	thread_exception_return

	.if	INKS
thread_syscall_return_kernel:
	.if	OWN_STACK
	bb,<,n	%r20,26,thread_return_own_stack	; SS_OWNSTACK
	.endif
	ldw	CPU_ACTIVE_STACK(%dp),%sp
	ldo	KF_SIZE(%sp),%sp
	ldo	PCB_KSS(%r1),%r20
	load_callee_saved %r20
; Back into a server inside the kernel, at privilege 0: no protection ids, no space register but sr3.
	.globl	syscall_return_to_kernel
syscall_return_to_kernel:
	address	cpu_data,%dp
	ldw	CPU_ACTIVE_PCB(%dp),%r1
	ldw	CPU_NEED_AST(%dp),%r21
	comb,<>,n	%r0,%r21,syscall_ast_kernel
syscall_return_kernel_drop:
	ldw	CPU_ACTIVE_STACK(%dp),%r29
	ldo	PCB_KSS(%r1),%r20
	stw	%r29,PCB_KSP(%r1)
	ldw	SS_R31(%r20),%r31
	ldw	SS_SR3(%r20),%r21
	mtsp	%r21,%sr3
	ldw	SS_R27(%r20),%dp
	ldw	SS_R2(%r20),%rp
	ldw	SS_R30(%r20),%sp
	ldw	SS_R22(%r20),%r22
	ldw	SS_R23(%r20),%r23
	ldw	SS_R24(%r20),%r24
	ldw	SS_R25(%r20),%r25
	ldw	SS_R26(%r20),%r26
	bv	%r0(%r31)
	stw	%r0,SS_FLAGS(%r20)
	.if	OWN_STACK
thread_return_own_stack:
	b,n	own_stack_mach_msg_return
	.endif
	.endif

; Something wants the thread's attention before it leaves (need_ast). The exit goes on with PSW L, so
; that the drop in privilege at its end is a trap; the trap's handler finds the thread's whole state.
; For a server in the kernel, which drops nothing, the exit forges a return to privilege 3, and the
; handler takes that back (paper §3.2). r28 = result; r1, dp stay.
	.macro	leave_by_trap label
	rsm	9,%r0				; Q, I
	nop
	nop
	nop
	nop
	nop
	nop
	nop
	mtctl	%r0,%cr17
	mtctl	%r0,%cr17
	address	\label,%r20
	mtctl	%r20,%cr18
	ldo	4(%r20),%r20
	mtctl	%r20,%cr18
	ldil	L%KERNEL_PSW+PSW_L+PSW_I,%r20
	ldo	R%KERNEL_PSW+PSW_L+PSW_I(%r20),%r20
	mtctl	%r20,%cr22
	rfi
	nop
	.endm

syscall_ast:
	leave_by_trap syscall_return_drop

	.if	INKS
syscall_ast_kernel:
	ldw	PCB_KSS+SS_R31(%r1),%r20
	depi	3,31,2,%r20
	stw	%r20,PCB_KSS+SS_R31(%r1)
	leave_by_trap syscall_return_kernel_drop
	.endif

