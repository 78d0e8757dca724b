; Macros of all kernel text, read before each file. (`escape NAME` is the assembler's own: the one
; border between text and TypeScript, an illegal instruction where the host did not register it.)

; Loads the address of a global. Kernel text uses absolute addresses throughout.
	.macro	address symbol, register
	ldil	L%\symbol,\register
	ldo	R%\symbol(\register),\register
	.endm

; Where a stage of a call begins (paper §4.3). With STAMPS = 1 also the authors' instrumentation: the
; clock is read and stored, for a message in the call's own InOut argument, word N of a request, which
; is word N − 2 of a reply; for a trap in words of page zero, which any text at privilege 0 reaches
; without a register. STAMPS = 0 leaves nothing. A kernel with stamps serves that one test only.
	.macro	stamp name, place
	.probe	\name
	.if	STAMPS
	mfctl	%cr16,%r31
	stw	%r31,\place
	.endif
	.endm

; Before the message is in the kernel, a register holds the time until it can be stored.
	.macro	stamp_hold name, register
	.probe	\name
	.if	STAMPS
	mfctl	%cr16,\register
	.endif
	.endm

	.macro	stamp_store register, place
	.if	STAMPS
	stw	\register,\place
	.endif
	.endm

	.set	STAMP_MESSAGE, IKM_HEADER+SIZEOF_MACH_MSG_HEADER+4	; behind one type descriptor

; The registers that a procedure keeps, r3 to r18, to or from a saved state. `base` is the operand's
; inside: a register, or a space and a register.
	.macro	store_callee_saved base
	stw	%r3,SS_R3(\base)
	stw	%r4,SS_R4(\base)
	stw	%r5,SS_R5(\base)
	stw	%r6,SS_R6(\base)
	stw	%r7,SS_R7(\base)
	stw	%r8,SS_R8(\base)
	stw	%r9,SS_R9(\base)
	stw	%r10,SS_R10(\base)
	stw	%r11,SS_R11(\base)
	stw	%r12,SS_R12(\base)
	stw	%r13,SS_R13(\base)
	stw	%r14,SS_R14(\base)
	stw	%r15,SS_R15(\base)
	stw	%r16,SS_R16(\base)
	stw	%r17,SS_R17(\base)
	stw	%r18,SS_R18(\base)
	.endm

	.macro	load_callee_saved base
	ldw	SS_R3(\base),%r3
	ldw	SS_R4(\base),%r4
	ldw	SS_R5(\base),%r5
	ldw	SS_R6(\base),%r6
	ldw	SS_R7(\base),%r7
	ldw	SS_R8(\base),%r8
	ldw	SS_R9(\base),%r9
	ldw	SS_R10(\base),%r10
	ldw	SS_R11(\base),%r11
	ldw	SS_R12(\base),%r12
	ldw	SS_R13(\base),%r13
	ldw	SS_R14(\base),%r14
	ldw	SS_R15(\base),%r15
	ldw	SS_R16(\base),%r16
	ldw	SS_R17(\base),%r17
	ldw	SS_R18(\base),%r18
	.endm

; Frame of mach_msg_trap, and its fifth argument, in the caller's frame.
	.set	RCV_NAME, -52-MACH_MSG_FRAME
