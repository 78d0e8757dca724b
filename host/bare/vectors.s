; The interruption vector table and the TLB miss handlers of a machine that runs one bare program.
;
; A handler runs in real mode, uses only the shadowed registers r1 r8 r9 r16 r17 r24 r25, and leaves
; by rfir. cr24 = the program's space, cr25 = its page directory (layout.ts). What has no page, and
; every other interruption, escapes to the host with the interruption's state untouched.

	.text
	.macro	to_host
	.align	32
	escape	BARE_INTERRUPTION
	.endm

; r9 = space, r8 = address, r17 = the program's space, r24 = directory.
	.macro	tlb_miss handler, space, offset
	.align	32
	mfctl	\space,%r9
	mfctl	\offset,%r8
	mfctl	%cr24,%r17
	b	\handler
	mfctl	%cr25,%r24
	.endm

	.align	4096
	.globl	interruption_vectors
interruption_vectors:
	to_host					; 0  nonexistent
	to_host					; 1  high-priority machine check
	to_host					; 2  power failure
	to_host					; 3  recovery counter
	to_host					; 4  external interrupt: a timer of the program's
	to_host					; 5  low-priority machine check
	tlb_miss itlb_miss,%cr17,%cr18		; 6  instruction TLB miss
	to_host					; 7  instruction memory protection
	to_host					; 8  illegal instruction
	to_host					; 9  break
	to_host					; 10 privileged operation
	to_host					; 11 privileged register
	to_host					; 12 overflow
	to_host					; 13 conditional
	to_host					; 14 assist exception
	tlb_miss dtlb_miss,%cr20,%cr21		; 15 data TLB miss
	tlb_miss itlb_probe,%cr20,%cr21		; 16 non-access instruction TLB miss
	tlb_miss dtlb_probe,%cr20,%cr21		; 17 non-access data TLB miss
	.rept	14				; 18 data protection or alignment, 19 … 31
	to_host
	.endr
	.align	32

; Leaves the page's TLB words in r16 and r17, and the caller's sr1 in r1: inserts take the space from a
; space register.
	.macro	find_page missing
	comb,<>,n %r17,%r9,\missing
	extru	%r8,9,10,%r16
	ldwx,s	%r16(%r24),%r24
	extru	%r8,19,10,%r16
	comb,=,n %r0,%r24,\missing
	sh3addl	%r16,%r24,%r24
	ldw	PTE_PROTECTION(%r24),%r17
	ldw	PTE_PAGE(%r24),%r16
	comb,=,n %r0,%r17,\missing
	mfsp	%sr1,%r1
	mtsp	%r9,%sr1
	.endm

	.macro	insert_instruction
	iitlba	%r16,(%sr1,%r8)
	iitlbp	%r17,(%sr1,%r8)
	mtsp	%r1,%sr1
	rfir
	nop
	.endm

	.macro	insert_data
	idtlba	%r16,(%sr1,%r8)
	idtlbp	%r17,(%sr1,%r8)
	mtsp	%r1,%sr1
	rfir
	nop
	.endm

dtlb_miss:
	find_page no_data
	insert_data
itlb_miss:
	find_page no_instruction
	insert_instruction
dtlb_probe:
	find_page no_probe
	insert_data
itlb_probe:
	find_page no_probe
	insert_instruction

no_data:
	escape	BARE_NO_DATA
no_instruction:
	escape	BARE_NO_INSTRUCTION
no_probe:
	escape	BARE_NO_PROBE

; Where the host goes on: after a page came, with the registers that the shadows keep; and into a
; context that it loaded whole.
	.globl	return_to_interrupted
return_to_interrupted:
	rfir
	nop
	.globl	return_to_context
return_to_context:
	rfi
	nop
