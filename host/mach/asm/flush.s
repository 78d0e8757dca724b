; What the VM's slow paths do to whole pages, called from TypeScript (mach/kernel-text.ts): flushing a
; page from the virtually indexed caches before its mapping goes, zeroes, copies. It stands behind all
; other text, so that nothing moves for it. After hp_pa/pmap.c and movc.s of the HP 700 port.

	.text
	.set	LINE, 32
	.set	LINES_A_PAGE, PAGE_SIZE/LINE

; pmap_flush_data(space, page): its lines of the data cache go to memory, and its D-TLB entry goes. It has
; a mapping still: a flush translates its address, by the miss handlers if need be.
	.globl	pmap_flush_data
pmap_flush_data:
	mtsp	%arg0,%sr1
	copy	%arg1,%r19
	ldi	LINE,%r20
	ldi	LINES_A_PAGE/16,%r21
flush_data_lines:
	.rept	15
	fdc,m	%r20(%sr1,%r19)
	.endr
	addib,>	-1,%r21,flush_data_lines
	fdc,m	%r20(%sr1,%r19)
	sync
	bv	%r0(%rp)
	pdtlb	%r0(%sr1,%arg1)

; pmap_flush_text(space, page): the same of the instruction cache and the I-TLB.
	.globl	pmap_flush_text
pmap_flush_text:
	mtsp	%arg0,%sr1
	copy	%arg1,%r19
	ldi	LINE,%r20
	ldi	LINES_A_PAGE/16,%r21
flush_text_lines:
	.rept	15
	fic,m	%r20(%sr1,%r19)
	.endr
	addib,>	-1,%r21,flush_text_lines
	fic,m	%r20(%sr1,%r19)
	sync
	bv	%r0(%rp)
	pitlb	%r0(%sr1,%arg1)

; pmap_zero_page(frame): with real addresses; its lines are flushed, as it will have another address.
	.globl	pmap_zero_page
pmap_zero_page:
	ldi	-LINE,%r20
	ldi	LINES_A_PAGE,%r21
zero_line:
	.rept	LINE/4
	stws,ma	%r0,4(%arg0)
	.endr
	addib,>	-1,%r21,zero_line
	fdc	%r20(%arg0)
	bv	%r0(%rp)
	sync

; pmap_copy_page(from, to): frames, with real addresses; the lines of both are flushed.
	.globl	pmap_copy_page
pmap_copy_page:
	ldi	-LINE,%r20
	ldi	LINES_A_PAGE,%r21
copy_line:
	ldws,ma	4(%arg0),%r1
	ldws,ma	4(%arg0),%r19
	ldws,ma	4(%arg0),%r22
	ldws,ma	4(%arg0),%r23
	ldws,ma	4(%arg0),%r24
	ldws,ma	4(%arg0),%r28
	ldws,ma	4(%arg0),%r29
	ldws,ma	4(%arg0),%r31
	stws,ma	%r1,4(%arg1)
	stws,ma	%r19,4(%arg1)
	stws,ma	%r22,4(%arg1)
	stws,ma	%r23,4(%arg1)
	stws,ma	%r24,4(%arg1)
	stws,ma	%r28,4(%arg1)
	stws,ma	%r29,4(%arg1)
	stws,ma	%r31,4(%arg1)
	fdc	%r20(%arg0)
	addib,>	-1,%r21,copy_line
	fdc	%r20(%arg1)
	bv	%r0(%rp)
	sync

; Where such a call comes back to the host.
	.globl	text_return
text_return:
	escape	ESCAPE_TEXT_RETURN
