; Linux's light-weight calls on PA-RISC: compare-and-swap at the caller's own level, for the page that a
; program sees at address 0, whoever makes it. `light_entry` is that page up to 0xe0, with the entry at
; 0xb0; `light_calls` is what it branches to. (linux-hppa-abi; LIGHT_CALL numbers.)

	.macro	light_entry
	.rept	44				; not an entry: illegal
	break	0,0
	.endr

; 0xb0: light-weight calls, number in r20. They run at the caller's level, so that its rights hold,
; and the host delivers no signal while they do, so that they are indivisible. r28 = result, r21 = error.
light_call:
	comib,=	LWS_CAS32,%r20,compare_and_swap
	ldi	LWS_CAS64,%r1
	comb,=	%r1,%r20,compare_and_swap
	ldi	LWS_CAS2,%r1
	comb,=	%r1,%r20,compare_and_swap_2
	nop
	b	light_call_return
	ldi	-251,%r21			; ENOSYS
	.rept	4
	break	0,0
	.endr
	.endm

	.macro	light_calls
; r26 = address, r25 = old, r24 = new: r28 = what was there.
	.globl	compare_and_swap
compare_and_swap:
	ldw	0(%r26),%r28
	comb,<>,n %r25,%r28,compare_and_swap_done
	stw	%r24,0(%r26)
compare_and_swap_done:
	copy	%r0,%r21
light_call_return:
	be,n	0(%sr0,%r31)
	nop

; The same through pointers: r26 = memory, r25 = old, r24 = new, r23 = log2 of the size: r28 = 0 when
; they were swapped.
compare_and_swap_2:
	comiclr,>>= 3,%r23,%r0
	b,n	light_call_invalid
	blr,n	%r23,%r0
	nop
	b	swap_byte
	ldb	0(%r25),%r1
	b	swap_half
	ldh	0(%r25),%r1
	b	swap_word
	ldw	0(%r25),%r1
	ldw	0(%r25),%r1			; 8 bytes
	ldw	0(%r26),%r28
	ldw	4(%r25),%r29
	comb,<>,n %r1,%r28,swap_differs
	ldw	4(%r26),%r28
	comb,<>,n %r29,%r28,swap_differs
	ldw	0(%r24),%r1
	ldw	4(%r24),%r29
	stw	%r1,0(%r26)
	b	swap_done
	stw	%r29,4(%r26)
swap_byte:
	ldb	0(%r26),%r28
	comb,<>,n %r1,%r28,swap_differs
	ldb	0(%r24),%r1
	b	swap_done
	stb	%r1,0(%r26)
swap_half:
	ldh	0(%r26),%r28
	comb,<>,n %r1,%r28,swap_differs
	ldh	0(%r24),%r1
	b	swap_done
	sth	%r1,0(%r26)
swap_word:
	ldw	0(%r26),%r28
	comb,<>,n %r1,%r28,swap_differs
	ldw	0(%r24),%r1
	stw	%r1,0(%r26)
swap_done:
	copy	%r0,%r21
	be	0(%sr0,%r31)
	copy	%r0,%r28
swap_differs:
	copy	%r0,%r21
	be	0(%sr0,%r31)
	ldi	1,%r28
light_call_invalid:
	b	light_call_return
	ldi	-22,%r21			; EINVAL

; Where the host goes on when a light-weight call had a wild pointer.
	.globl	light_call_fault
light_call_fault:
	b	light_call_return
	ldi	-14,%r21			; EFAULT
	.endm
