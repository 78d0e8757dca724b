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

; The arguments of a call and its number, r22 to r26, to a saved state.
	.macro	store_arguments base
	stw	%r22,SS_R22(\base)
	stw	%r23,SS_R23(\base)
	stw	%r24,SS_R24(\base)
	stw	%r25,SS_R25(\base)
	stw	%r26,SS_R26(\base)
	.endm

; All eight arguments that a caller's stack may hold, to the frame at sp, by way of four registers; `a` and
; `c` may be one, `b` and `d` as well. The last store is left to the caller, whose delay slot it may fill:
; stw \d,-80(%sp).
	.macro	copy_all_stack_arguments base, a, b, c, d
	ldw	-52(\base),\a
	ldw	-56(\base),\b
	stw	\a,-52(%sp)
	stw	\b,-56(%sp)
	ldw	-60(\base),\c
	ldw	-64(\base),\d
	stw	\c,-60(%sp)
	stw	\d,-64(%sp)
	ldw	-68(\base),\a
	ldw	-72(\base),\b
	stw	\a,-68(%sp)
	stw	\b,-72(%sp)
	ldw	-76(\base),\c
	ldw	-80(\base),\d
	stw	\c,-76(%sp)
	.endm

; Takes back the rights that a request was given on its way: a send right for the destination r13, a
; send-once right for the reply port r7, whose new count of references stays in r22 for the caller to store.
	.macro	uncommit_request
	ldw	IP_SRIGHTS(%r13),%r19
	ldw	IP_REFERENCES(%r13),%r20
	ldo	-1(%r19),%r19
	stw	%r19,IP_SRIGHTS(%r13)
	ldo	-1(%r20),%r20
	stw	%r20,IP_REFERENCES(%r13)
	ldw	IP_SORIGHTS(%r7),%r21
	ldo	-1(%r21),%r21
	stw	%r21,IP_SORIGHTS(%r7)
	ldw	IP_REFERENCES(%r7),%r22
	ldo	-1(%r22),%r22
	.endm

; The entry of the hashed page table for r9:r8 (space, page address), to r24. Uses r16, r25.
	.macro	hash_entry
	mfctl	%cr25,%r24
	extru	%r8,19,20,%r25			; page number
	zdep	%r9,26,27,%r16			; space << 5
	xor	%r25,%r16,%r16
	zdep	%r16,27,12,%r16			; 12 bits of hash, times the entry size
	addl	%r16,%r24,%r24
	.endm

; Frame of mach_msg_trap, and its fifth argument, in the caller's frame.
	.set	RCV_NAME, -52-MACH_MSG_FRAME
