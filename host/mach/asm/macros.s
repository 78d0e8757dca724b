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
