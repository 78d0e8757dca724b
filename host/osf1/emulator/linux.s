; Where a Linux program's system call goes on: from the page at 0 (linux-page.s) by way of Mach's
; emulation vector, r22 = number + LINUX_CALLS. Every call is the server's, by the generic call, with a
; flag that says whose numbers and structures these are. Linux keeps all registers but r1, r20, r28,
; r29, r31, and the shift amount; the thread pointer, cr27, and sr2, by which the page at 0 is reached, are not Mach's to keep.

	.set	LINUX_FORK, 1
	.set	LINUX_STATE, 2
	.set	LINUX_STACK_POINTER, 3
	.set	CLONE_CHILD_SETTID_BIT, 7
	.set	LINUX_CLONE_NUMBER, 120

	.text
	.globl	linux_trampoline
linux_trampoline:
	stw	%r23,LF_R23(%sp)
	mfctl	%cr27,%r1
	stw	%r24,LF_R24(%sp)
	ldil	L%emulator_thread_pointer,%r19
	stw	%r25,LF_R25(%sp)
	stw	%r26,LF_R26(%sp)
	stw	%rp,LF_RP(%sp)
	ldo	-LINUX_CALLS(%r22),%r20
	stw	%dp,LF_DP(%sp)
	stw	%r31,LF_RETURN(%sp)
	stw	%r1,R%emulator_thread_pointer(%r19)
	mfctl	%cr11,%r21
	address	linux_kinds,%r1
	stw	%r21,LF_SAR(%sp)
	stw	%r20,LF_NUMBER(%sp)
	ldbx	%r20(%r1),%r21
	; port, results, number, and the arguments
	ldw	LF_R22(%sp),%r19
	ldo	LINUX_FRAME(%sp),%sp
	comib,<>	0,%r21,linux_special
	ldil	L%GENERIC_LINUX,%r1
linux_call:
	stw	%r25,-52(%sp)
	ldw	LF_R21-LINUX_FRAME(%sp),%r21
	stw	%r24,-56(%sp)
	addl	%r1,%r20,%arg2
	stw	%r23,-60(%sp)
	copy	%r26,%arg3
	stw	%r19,-64(%sp)
	stw	%r0,LF_INTERRUPT-LINUX_FRAME(%sp)
	ldo	LF_RVAL-LINUX_FRAME(%sp),%arg1
	stw	%r21,-68(%sp)
	bl	emul_generic,%rp
	ldi	REQUEST_PORT,%arg0
linux_called:
	comib,<>,n	0,%r28,linux_failed
	ldw	LF_RVAL-LINUX_FRAME(%sp),%r28

	.globl	linux_leave
	.globl	linux_leave_end
linux_leave:
	mfctl	%cr27,%r1
	ldil	L%emulator_thread_pointer,%r19
	ldw	R%emulator_thread_pointer(%r19),%r19
	comb,<>	%r1,%r19,linux_thread_pointer
	ldil	L%EMULATOR_INFO+INFO_SIGNALS,%r1
	ldw	R%EMULATOR_INFO+INFO_SIGNALS(%r1),%r1
	ldw	LF_INTERRUPT-LINUX_FRAME(%sp),%r20
	mfsp	%sr4,%r19
	or	%r1,%r20,%r1
	comb,<>	%r0,%r1,linux_signal
	ldw	LF_RETURN-LINUX_FRAME(%sp),%r31
	ldw	LF_SAR-LINUX_FRAME(%sp),%r1
	mtsp	%r19,%sr0
	mtctl	%r1,%cr11
	ldw	LF_R21-LINUX_FRAME(%sp),%r21
	mtsp	%r19,%sr2
	ldw	LF_R22-LINUX_FRAME(%sp),%r22
	ldw	LF_R23-LINUX_FRAME(%sp),%r23
	ldw	LF_R24-LINUX_FRAME(%sp),%r24
	ldw	LF_R25-LINUX_FRAME(%sp),%r25
	ldw	LF_R26-LINUX_FRAME(%sp),%r26
	ldw	LF_RP-LINUX_FRAME(%sp),%rp
	ldw	LF_DP-LINUX_FRAME(%sp),%dp
	ldw	LF_R19-LINUX_FRAME(%sp),%r19
	be	0(%sr0,%r31)
	ldo	-LINUX_FRAME(%sp),%sp
linux_leave_end:

linux_thread_pointer:
	bl	restore_thread_pointer,%rp
	nop
	b,n	linux_leave

; The server, or the way to it, is gone: r28 is no result of Linux's.
linux_failed:
	bl	emul_errno,%rp
	copy	%r28,%arg0
	b	linux_leave
	sub	%r0,%r28,%r28

linux_signal:
	bl	linux_state,%rp
	nop
	b,n	take_signal

; linux_state: r26 = the state of a program that returns with r28; frame at sp.
linux_state:
	copy	%rp,%r21
	address	emulator_registers,%r26
	keep	%r28, 28, %r26
	ldo	-LINUX_FRAME(%sp),%r20
	keep	%r20, 30, %r26
	ldw	LF_R19(%r20),%r19
	ldw	LF_R21(%r20),%r1
	keep	%r19, 19, %r26
	keep	%r1, 21, %r26
	ldw	LF_R22(%r20),%r19
	ldw	LF_R23(%r20),%r1
	keep	%r19, 22, %r26
	keep	%r1, 23, %r26
	ldw	LF_R24(%r20),%r19
	ldw	LF_R25(%r20),%r1
	keep	%r19, 24, %r26
	keep	%r1, 25, %r26
	ldw	LF_R26(%r20),%r19
	ldw	LF_RP(%r20),%r1
	keep	%r19, 26, %r26
	keep	%r1, 2, %r26
	ldw	LF_DP(%r20),%r19
	ldw	LF_NUMBER(%r20),%r1
	keep	%r19, 27, %r26
	keep	%r1, 20, %r26
	ldw	LF_RETURN(%r20),%r19
	stw	%r0,STATE_FLAGS(%r26)
	keep	%r19, 31, %r26
	stw	%r19,STATE_PC(%r26)
	ldo	4(%r19),%r19
	stw	%r19,STATE_PC_BACK(%r26)
	bl	keep_callee_saved,%rp
	nop
	ldw	LF_SAR-LINUX_FRAME(%sp),%r19
	bl	keep_float,%rp
	stw	%r19,STATE_SAR(%r26)
	bv,n	%r0(%r21)

; Calls that need the program's registers, or bring new ones (linux_kinds): r21 = which, r20 = number,
; r1, r19 as at linux_call.
linux_special:
	comib,=,n	LINUX_FORK,%r21,linux_fork
	comib,=,n	LINUX_STACK_POINTER,%r21,linux_stack_pointer
	; A program begins, or a handler returns: this frame goes with the stack it is on, unless the call
	; fails. A handler's return has no argument but where its frame is: below the caller's sp.
	copy	%sp,%r25			; the program's is in its frame
	bl	linux_state,%rp
	nop
	ldw	LF_NUMBER-LINUX_FRAME(%r25),%r20
	ldw	LF_R26-LINUX_FRAME(%r25),%arg3
	ldw	LF_R25-LINUX_FRAME(%r25),%r21
	ldw	LF_R24-LINUX_FRAME(%r25),%r22
	ldi	LINUX_SIGRETURN_NUMBER,%r19
	comclr,<>	%r19,%r20,%r0
	ldo	-LINUX_FRAME(%r25),%arg3
	address	EMULATOR_STACK+128,%sp
	ldil	L%GENERIC_LINUX,%r1
	stw	%r21,-52(%sp)
	stw	%r22,-56(%sp)
	bl	emul_generic_state,%rp
	addl	%r1,%r20,%arg2
	address	emulator_rval,%r19
	comib,<>,n	0,%r28,linux_special_failed
	ldw	0(%r19),%r28
	comib,>=,n	0,%r28,linux_special_result
	b	state_given			; STATE_LOAD, STATE_RESUME
	copy	%r0,%r28
linux_special_failed:
	bl	emul_errno,%rp
	copy	%r28,%arg0
	sub	%r0,%r28,%r28
linux_special_result:				; −errno: the program goes on as it was
	address	emulator_registers,%r26
	b	state_load
	keep	%r28, 28, %r26

; Where handlers return to: no stack need be executable.
	.globl	linux_sigreturn
linux_sigreturn:
	ble	LINUX_PAGE_CALL(%sr4,%r0)
	ldi	LINUX_SIGRETURN_NUMBER,%r20

; sigaltstack: the server must know which stack the program is on. It is the third argument.
linux_stack_pointer:
	b	linux_call
	ldo	-LINUX_FRAME(%sp),%r24

; The child begins with the state as it is now; clone may have given it a stack, and a word of its memory
; for its number (emulator_child).
linux_fork:
	stw	%r28,-LINUX_FRAME+LF_RVAL2(%sp)
	bl	linux_state,%rp
	nop
	ldw	LF_NUMBER-LINUX_FRAME(%sp),%r20
	ldw	LF_R26-LINUX_FRAME(%sp),%r26
	ldw	LF_R25-LINUX_FRAME(%sp),%r25
	ldw	LF_R24-LINUX_FRAME(%sp),%r24
	ldw	LF_R23-LINUX_FRAME(%sp),%r23
	ldil	L%emulator_child_word,%r19
	stw	%r0,R%emulator_child_word(%r19)
	ldi	LINUX_CLONE_NUMBER,%r19
	address	emulator_registers,%r21
	comclr,=	%r19,%r20,%r0
	b,n	linux_fork_call
	comclr,=	%r0,%r25,%r0
	keep	%r25, 30, %r21
	bb,>=,n	%r26,CLONE_CHILD_SETTID_BIT,linux_fork_call
	ldw	LF_R22-LINUX_FRAME(%sp),%r1
	ldil	L%emulator_child_word,%r19
	stw	%r1,R%emulator_child_word(%r19)
linux_fork_call:
	stw	%r21,-80(%sp)			; GENERIC_STATE
	ldw	LF_R22-LINUX_FRAME(%sp),%r19
	b	linux_call
	ldil	L%GENERIC_LINUX,%r1

	.section .rodata
; How a call by its number is made: 0, or one of the above.
linux_kinds:
	.byte	0, 0, LINUX_FORK
	.block	8
	.byte	LINUX_STATE			; 11 execve
	.block	101
	.byte	LINUX_FORK			; 113 vfork
	.block	6
	.byte	LINUX_FORK			; 120 clone
	.block	45
	.byte	LINUX_STACK_POINTER		; 166 sigaltstack
	.block	6
	.byte	LINUX_STATE			; 173 rt_sigreturn
	.block	LINUX_CALL_COUNT-174
