; The interruption vector table (32 slots of 8 instructions) and the software TLB miss handlers.
;
; A handler runs with PSW.D off (real addresses; the page tables lie in the equivalent region), may
; use only the shadowed registers r1 r8 r9 r16 r17 r24 r25, and leaves by rfir, which restores them.
; Page tables (Utah hp700): a hashed table of 16-byte entries at cr25, each a one-entry cache of its
; bucket's chain. Tag: valid, 15 top bits of the offset, 16 bits of space. Hash: (space << 5) ^ page.

	.text
	.macro	unhandled
	.align	32
	escape	ESCAPE_INTERRUPTION
	.endm

; An interruption that is not for these handlers: three registers make room (asm/trap.s).
	.macro	trap number
	.align	32
	mtctl	%r22,%cr28
	mtctl	%r30,%cr30
	mtctl	%r26,%cr26
	b	thandler
	ldi	\number,%r26
	.endm

; A miss saves sr1 (the insert needs a space register) and goes to the common lookup.
	.macro	tlb_miss handler, space, offset
	.align	32
	mfctl	\space,%r9
	mfctl	\offset,%r8
	mfsp	%sr1,%r1
	mtsp	%r9,%sr1
	b	\handler
	depi	0,31,12,%r8
	.endm

	.align	2048
	.globl	interruption_vectors
interruption_vectors:
	unhandled				; 0  nonexistent
	unhandled				; 1  high-priority machine check
	unhandled				; 2  power failure
	trap	3					; 3  recovery counter
	trap	4					; 4  external interrupt
	unhandled				; 5  low-priority machine check
	tlb_miss itlb_miss,%cr17,%cr18		; 6  instruction TLB miss
	trap	7					; 7  instruction memory protection
	trap	8					; 8  illegal instruction
	trap	9					; 9  break
	trap	10					; 10 privileged operation
	trap	11					; 11 privileged register
	trap	12					; 12 overflow
	trap	13					; 13 conditional
	trap	14					; 14 assist exception
	tlb_miss dtlb_miss,%cr20,%cr21		; 15 data TLB miss
	tlb_miss itlb_miss,%cr20,%cr21		; 16 non-access instruction TLB miss
	tlb_miss dtlb_miss,%cr20,%cr21		; 17 non-access data TLB miss
	trap	18					; 18 data memory protection, unaligned
	trap	19					; 19 data memory break
	tlb_miss dirty_trap,%cr20,%cr21		; 20 TLB dirty bit (asm/dirty.s)
	trap	21					; 21 page reference
	.align	32				; 22 assist emulation: the FPU is another thread's
	mtctl	%r22,%cr28
	mfctl	%cr10,%r22
	bb,>=,n	%r22,24,fpu_is_off
	b,n	trap_emulation
fpu_is_off:
	b	fpu_switch
	mfctl	%cr28,%r22
	trap	23					; 23 higher-privilege transfer
	trap	24					; 24 lower-privilege transfer
	trap	25					; 25 taken branch
	.rept	6				; 26–31 not raised by this processor
	unhandled
	.endr
	.align	32

; Finds the mapping of r9:r8 (space, page address) and leaves its TLB words in r16 (page) and r17
; (protection). A hit in the hashed table takes the straight path; a miss searches the chain and
; refills the entry. Uses r24 (entry) and r25 (wanted tag).
	.macro	find_mapping fault
	hash_entry
	extru	%r8,14,15,%r25
	ldw	HPT_TAG(%r24),%r17
	zdep	%r25,15,16,%r25
	or	%r25,%r9,%r25
	depi	1,0,1,%r25			; wanted: valid, top of offset, space
	comb,=	%r17,%r25,found\@
	ldw	HPT_PROT(%r24),%r17
	ldw	HPT_VTOP(%r24),%r17		; head of the bucket's circular chain
next\@:
	ldw	MAPPING_HASH_NEXT(%r17),%r17
	ldw	HPT_VTOP(%r24),%r16
	comb,=,n	%r16,%r17,\fault
	ldw	MAPPING_SPACE(%r17),%r16
	comb,<>	%r16,%r9,next\@
	ldw	MAPPING_OFFSET(%r17),%r16
	comb,<>	%r16,%r8,next\@
	ldw	MAPPING_PAGE(%r17),%r16
	ldw	MAPPING_PROT(%r17),%r17
	stw	%r16,HPT_PAGE(%r24)
	stw	%r17,HPT_PROT(%r24)
	stw	%r25,HPT_TAG(%r24)
found\@:
	ldw	HPT_PAGE(%r24),%r16
	.endm

dtlb_miss:
	find_mapping dtlb_no_mapping
	idtlba	%r16,(%sr1,%r8)
	idtlbp	%r17,(%sr1,%r8)
	mtsp	%r1,%sr1
	rfir
	nop

itlb_miss:
	find_mapping itlb_no_mapping
	iitlba	%r16,(%sr1,%r8)
	iitlbp	%r17,(%sr1,%r8)
	mtsp	%r1,%sr1
	rfir
	nop

; No mapping: a page fault (asm/trap.s).
itlb_no_mapping:
	b,n	itlb_fault
dtlb_no_mapping:
	b,n	dtlb_fault
