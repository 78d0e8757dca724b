; What a procedure call costs (paper §4.3): two procedures as a C compiler makes them, called over and
; over between two readings of CR16 in user mode.
;
; Starts with arg0 = the number of readings of each kind, at most MAX_READINGS. Stores three for each
; turn, of nothing, of a call of `leaf`, and of a call of `framed`; then sets `finished` and loops.

	.set	MAX_READINGS, 256

	.text
	.globl	_start
_start:
	copy	%arg0,%r6
	ldil	L%readings,%r7
	ldo	R%readings(%r7),%r7
	ldi	3,%r4
	ldi	5,%r5

; The two readings, and between them what is timed; the difference is kept.
	.macro	begin
	mfctl	%cr16,%r9
	.endm
	.macro	end
	mfctl	%cr16,%r10
	sub	%r10,%r9,%r9
	stws,ma	%r9,4(%r7)
	.endm

again:
	begin
	end
	begin
	copy	%r4,%arg0
	bl	leaf,%rp
	copy	%r5,%arg1
	end
	begin
	copy	%r4,%arg0
	bl	framed,%rp
	copy	%r5,%arg1
	end
	addib,>	-1,%r6,again
	nop
	ldil	L%finished,%r19
	ldi	1,%r20
	stw	%r20,R%finished(%r19)
	b	.
	nop

; int leaf(int a, int b) { return a + b; }
leaf:
	bv	%r0(%rp)
	addl	%r26,%r25,%r28

; int framed(int a, int b) { if (a == b) refused(); return a + b; }
framed:
	stw	%r2,-20(%r30)
	stwm	%r4,64(%r30)
	stw	%r3,-60(%r30)
	copy	%r26,%r4
	comb,=	%r25,%r26,1f
	copy	%r25,%r3
	addl	%r4,%r3,%r28
2:	ldw	-84(%r30),%r2
	ldw	-60(%r30),%r3
	bv	%r0(%r2)
	ldwm	-64(%r30),%r4
1:	bl	refused,%r2
	nop
	b	2b
	addl	%r4,%r3,%r28

refused:
	bv,n	%r0(%rp)

	.data
	.align	4
finished:
	.word	0

	.bss
	.align	32
readings:
	.block	3*4*MAX_READINGS
