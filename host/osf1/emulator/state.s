; A program's whole registers: kept for the server (signals, fork) and loaded when it has changed them
; (handlers, a new program, the return from a handler). There is one `emulator_state`, as a process has
; one thread, and while it is in use a thread runs on the emulator's own stack.

	.text
; keep_callee_saved: r26 = state. Also the shift amount, as it is.
	.globl	keep_callee_saved
keep_callee_saved:
	keep	%r3, 3, %r26
	mfctl	%cr11,%r19
	keep	%r4, 4, %r26
	keep	%r5, 5, %r26
	keep	%r6, 6, %r26
	keep	%r7, 7, %r26
	keep	%r8, 8, %r26
	keep	%r9, 9, %r26
	keep	%r10, 10, %r26
	keep	%r11, 11, %r26
	keep	%r12, 12, %r26
	keep	%r13, 13, %r26
	keep	%r14, 14, %r26
	keep	%r15, 15, %r26
	keep	%r16, 16, %r26
	keep	%r17, 17, %r26
	keep	%r18, 18, %r26
	bv	%r0(%rp)
	stw	%r19,STATE_SAR(%r26)

; keep_float: r26 = state; marks that they are there.
	.globl	keep_float
keep_float:
	ldo	STATE_FR(%r26),%r19
	ldw	STATE_FLAGS(%r26),%r20
	fstds,ma	%fr0,8(%r19)
	fstds,ma	%fr1,8(%r19)
	fstds,ma	%fr2,8(%r19)
	fstds,ma	%fr3,8(%r19)
	fstds,ma	%fr4,8(%r19)
	fstds,ma	%fr5,8(%r19)
	fstds,ma	%fr6,8(%r19)
	fstds,ma	%fr7,8(%r19)
	fstds,ma	%fr8,8(%r19)
	fstds,ma	%fr9,8(%r19)
	fstds,ma	%fr10,8(%r19)
	fstds,ma	%fr11,8(%r19)
	fstds,ma	%fr12,8(%r19)
	fstds,ma	%fr13,8(%r19)
	fstds,ma	%fr14,8(%r19)
	fstds,ma	%fr15,8(%r19)
	fstds,ma	%fr16,8(%r19)
	fstds,ma	%fr17,8(%r19)
	fstds,ma	%fr18,8(%r19)
	fstds,ma	%fr19,8(%r19)
	fstds,ma	%fr20,8(%r19)
	fstds,ma	%fr21,8(%r19)
	fstds,ma	%fr22,8(%r19)
	fstds,ma	%fr23,8(%r19)
	fstds,ma	%fr24,8(%r19)
	fstds,ma	%fr25,8(%r19)
	fstds,ma	%fr26,8(%r19)
	fstds,ma	%fr27,8(%r19)
	fstds,ma	%fr28,8(%r19)
	fstds,ma	%fr29,8(%r19)
	fstds,ma	%fr30,8(%r19)
	fstds,ma	%fr31,8(%r19)
	depi	1,30,1,%r20			; STATE_FLOAT
	bv	%r0(%rp)
	stw	%r20,STATE_FLAGS(%r26)

; take_signal: r26 = state, kept. Asks the server which signal is to be taken, and goes on as it says.
	.globl	take_signal
take_signal:
	copy	%r26,%r3
	address	EMULATOR_STACK+128,%sp
	ldil	L%TAKE_SIGNAL,%arg2
	bl	emul_generic_state,%rp
	ldo	R%TAKE_SIGNAL(%arg2),%arg2
; A call that gave a new state is over: r28 = its code, emulator_rval = what to do.
	.globl	state_given
state_given:
	address	emulator_rval,%r19
	ldw	0(%r19),%r20
	comib,<>,n	0,%r28,state_unanswered
	comib,=,n	STATE_RESUME,%r20,resume
; state_load: emulator_registers are the program's. All but r1, which leads to the program, and the PSW.
; As behind a call, a signal that came meanwhile is looked for last: a thread in here is sent back to look.
	.globl	state_load
state_load:
	bl	restore_thread_pointer,%rp
	nop
	.globl	state_leave
	.globl	state_leave_end
state_leave:
	ldil	L%EMULATOR_INFO+INFO_SIGNALS,%r1
	ldw	R%EMULATOR_INFO+INFO_SIGNALS(%r1),%r1
	address	emulator_registers,%r26
	comib,<>,n	0,%r1,take_signal
load_registers:
	ldw	STATE_FLAGS(%r26),%r19
	bb,>=,n	%r19,30,load_general		; STATE_FLOAT is off
	ldo	STATE_FR+248(%r26),%r19
	fldds,ma	-8(%r19),%fr31
	fldds,ma	-8(%r19),%fr30
	fldds,ma	-8(%r19),%fr29
	fldds,ma	-8(%r19),%fr28
	fldds,ma	-8(%r19),%fr27
	fldds,ma	-8(%r19),%fr26
	fldds,ma	-8(%r19),%fr25
	fldds,ma	-8(%r19),%fr24
	fldds,ma	-8(%r19),%fr23
	fldds,ma	-8(%r19),%fr22
	fldds,ma	-8(%r19),%fr21
	fldds,ma	-8(%r19),%fr20
	fldds,ma	-8(%r19),%fr19
	fldds,ma	-8(%r19),%fr18
	fldds,ma	-8(%r19),%fr17
	fldds,ma	-8(%r19),%fr16
	fldds,ma	-8(%r19),%fr15
	fldds,ma	-8(%r19),%fr14
	fldds,ma	-8(%r19),%fr13
	fldds,ma	-8(%r19),%fr12
	fldds,ma	-8(%r19),%fr11
	fldds,ma	-8(%r19),%fr10
	fldds,ma	-8(%r19),%fr9
	fldds,ma	-8(%r19),%fr8
	fldds,ma	-8(%r19),%fr7
	fldds,ma	-8(%r19),%fr6
	fldds,ma	-8(%r19),%fr5
	fldds,ma	-8(%r19),%fr4
	fldds,ma	-8(%r19),%fr3
	fldds,ma	-8(%r19),%fr2
	fldds,ma	-8(%r19),%fr1
	fldds,ma	-8(%r19),%fr0
load_general:
	ldw	STATE_SAR(%r26),%r19
	mfsp	%sr4,%r20
	mtctl	%r19,%cr11
	mtsp	%r20,%sr0
	mtsp	%r20,%sr2			; by which a Linux program reaches the page at 0
	ldw	STATE_PC(%r26),%r1
	fetch	%r2, 2, %r26
	fetch	%r3, 3, %r26
	fetch	%r4, 4, %r26
	fetch	%r5, 5, %r26
	fetch	%r6, 6, %r26
	fetch	%r7, 7, %r26
	fetch	%r8, 8, %r26
	fetch	%r9, 9, %r26
	fetch	%r10, 10, %r26
	fetch	%r11, 11, %r26
	fetch	%r12, 12, %r26
	fetch	%r13, 13, %r26
	fetch	%r14, 14, %r26
	fetch	%r15, 15, %r26
	fetch	%r16, 16, %r26
	fetch	%r17, 17, %r26
	fetch	%r18, 18, %r26
	fetch	%r19, 19, %r26
	fetch	%r20, 20, %r26
	fetch	%r21, 21, %r26
	fetch	%r22, 22, %r26
	fetch	%r23, 23, %r26
	fetch	%r24, 24, %r26
	fetch	%r25, 25, %r26
	fetch	%r27, 27, %r26
	fetch	%r28, 28, %r26
	fetch	%r29, 29, %r26
	fetch	%r30, 30, %r26
	fetch	%r31, 31, %r26
	be	0(%sr0,%r1)
	fetch	%r26, 26, %r26
state_leave_end:

; Nobody answers: the program goes on as it was.
state_unanswered:
	bl	restore_thread_pointer,%rp
	nop
	address	emulator_registers,%r26
	b,n	load_registers

; The program was interrupted between two instructions, in a place that only a full return reaches:
; the server sets the thread's state, so this is a message in every configuration, without an answer.
; There is no right to answer it either: whatever came of one would meet the next call at the reply port.
	.set	RESUME_BITS, GENERIC_BITS-0x1500
resume:
	bl	mig_get_reply_port,%rp
	ldo	64(%sp),%sp
	address	generic_buffer,%arg0
	ldi	RESUME_BITS,%r20
	stw	%r20,MSGH_BITS(%arg0)
	ldi	SIZEOF_GENERIC_REQUEST,%arg2
	stw	%arg2,MSGH_SIZE(%arg0)
	ldi	REQUEST_PORT,%r21
	stw	%r21,MSGH_REMOTE_PORT(%arg0)
	ldil	L%GENERIC_ID,%r22
	stw	%r0,MSGH_LOCAL_PORT(%arg0)
	ldo	R%GENERIC_ID(%r22),%r22
	stw	%r22,MSGH_ID(%arg0)
	ldil	L%GENERIC_DESCRIPTOR,%r20
	ldo	R%GENERIC_DESCRIPTOR(%r20),%r20
	stw	%r20,GREQ_DESCRIPTOR(%arg0)
	ldil	L%RESUME,%r21
	ldo	R%RESUME(%r21),%r21
	stw	%r21,GREQ_SYSCODE(%arg0)
	ldi	MACH_SEND_MSG+MACH_RCV_MSG,%arg1
	copy	%arg2,%arg3
	stw	%r28,-52(%sp)
	stw	%r0,-56(%sp)
	bl	mach_msg,%rp
	stw	%r0,-60(%sp)
	break	0,0				; nobody answers: the program is lost

; Where the server moves a thread that runs its program when a signal is to be taken: every register
; is the program's. Where it was, only the server knows.
	.globl	emulator_signal
emulator_signal:
	stw	%r1,0(%sp)			; the one place that can be named without a register
	ldil	L%emulator_registers,%r1
	ldo	R%emulator_registers(%r1),%r1
	keep	%r2, 2, %r1
	keep	%r19, 19, %r1
	ldw	0(%sp),%r19
	keep	%r26, 26, %r1
	keep	%r19, 1, %r1
	copy	%r1,%r26
	keep	%r20, 20, %r26
	keep	%r21, 21, %r26
	keep	%r22, 22, %r26
	keep	%r23, 23, %r26
	keep	%r24, 24, %r26
	keep	%r25, 25, %r26
	keep	%r27, 27, %r26
	keep	%r28, 28, %r26
	keep	%r29, 29, %r26
	keep	%r30, 30, %r26
	keep	%r31, 31, %r26
	ldi	STATE_ASYNCHRONOUS,%r19
	bl	keep_callee_saved,%rp
	stw	%r19,STATE_FLAGS(%r26)
	bl	keep_float,%rp
	nop
	bl	keep_thread_pointer,%rp
	nop
	b,n	take_signal

; A child of fork begins: r26 = its parent's state, in its own copy of the memory. It has no ports yet.
	.globl	emulator_child
emulator_child:
	bl	mig_dealloc_reply_port,%rp
	copy	%r26,%r3
	; the child's own word gets its number; a wild one gets nothing
	ldil	L%emulator_child_word,%r19
	ldw	R%emulator_child_word(%r19),%r20
	comib,=,n	0,%r20,child_begins
	ldil	L%EMULATOR_INFO+INFO_PID,%r1
	bl	store_word,%rp
	ldw	R%EMULATOR_INFO+INFO_PID(%r1),%r1
child_begins:
	b	state_load
	keep	%r0, 28, %r3

store_word:
	bv	%r0(%rp)
	stw	%r1,0(%r20)

; Where the server moves a thread that had a wild pointer of its program's: only strlen, probe, bcopy and
; store_word use such, and they return to rp. The call then ends with EFAULT.
	.globl	emulator_fault
emulator_fault:
	ldil	L%emulator_faulted,%r1
	ldi	1,%r28
	stw	%r28,R%emulator_faulted(%r1)
	bv	%r0(%rp)
	copy	%r0,%r28

; keep_thread_pointer, restore_thread_pointer: cr27 is not kept while a thread waits, so it is
; remembered at the beginning of a call. Linux programs only: others never set it, and it stays 0.
	.globl	keep_thread_pointer
keep_thread_pointer:
	mfctl	%cr27,%r1
	ldil	L%emulator_thread_pointer,%r19
	bv	%r0(%rp)
	stw	%r1,R%emulator_thread_pointer(%r19)

	.globl	restore_thread_pointer
restore_thread_pointer:
	ldil	L%emulator_thread_pointer,%r19
	ldw	R%emulator_thread_pointer(%r19),%r19
	mfctl	%cr27,%r1
	comb,<>,n	%r1,%r19,set_thread_pointer
	bv,n	%r0(%rp)
set_thread_pointer:
	copy	%r26,%r20
	ldil	L%GATEWAY,%r1
	ble	GATEWAY_THREAD_POINTER(%sr7,%r1)
	copy	%r19,%r26
	bv	%r0(%rp)
	copy	%r20,%r26

	.bss
	.align	8
	.globl	$global$
$global$:
	.globl	emulator_child_word
emulator_child_word:
	.block	4				; where a child's number goes, or 0
	.globl	emulator_faulted
emulator_faulted:
	.block	4				; a wild pointer was met in this call
	.globl	emulator_thread_pointer
emulator_thread_pointer:
	.block	4
	.globl	emulator_rval
emulator_rval:
	.block	SIZEOF_GENERIC_RESULTS		; results of the emulator's own calls
	.align	64
	.globl	emulator_registers
emulator_registers:
	.block	SIZEOF_EMULATOR_STATE
