; The TLB dirty-bit trap: the first write through a clean mapping. The mapping, its bucket's entry and
; the TLB get the D bit, and the store runs again; nobody else learns of it (the page is dirty when its
; mapping says so). It stands behind all other text, so that nothing moves for it.
;
; As the miss handlers: real addresses, shadowed registers only, r9:r8 = space, page address, r1 = sr1.

	.text
	.globl	dirty_trap
dirty_trap:
	hash_entry
	ldw	HPT_VTOP(%r24),%r17
dirty_next:
	ldw	MAPPING_HASH_NEXT(%r17),%r17
	ldw	HPT_VTOP(%r24),%r16
	comb,=,n	%r16,%r17,dirty_no_mapping
	ldw	MAPPING_SPACE(%r17),%r16
	comb,<>	%r16,%r9,dirty_next
	ldw	MAPPING_OFFSET(%r17),%r16
	comb,<>	%r16,%r8,dirty_next
	ldw	MAPPING_PROT(%r17),%r16
	depi	1,3,1,%r16			; TLB_D
	stw	%r16,MAPPING_PROT(%r17)
	stw	%r0,HPT_TAG(%r24)		; the bucket's entry had it without
	ldw	MAPPING_PAGE(%r17),%r25
	idtlba	%r25,(%sr1,%r8)
	idtlbp	%r16,(%sr1,%r8)
	mtsp	%r1,%sr1
	rfir
	nop

; The mapping went while the TLB still had it: a page fault.
dirty_no_mapping:
	b,n	dtlb_fault
