; OSF/1's select(nd, in, out, except, limit): sets are as long as nd says and may be missing, so the
; server gets whole ones of the emulator's. In the frame: nd, the pointers, where the count goes, bytes
; of a set, which there are.
	.set	SELECT_ND, -192
	.set	SELECT_POINTERS, -188
	.set	SELECT_LIMIT, -176
	.set	SELECT_FOUND, -172
	.set	SELECT_BYTES, -168
	.set	SELECT_GIVEN, -164
	.set	SELECT_SET, 32			; bytes of a whole one
	.set	SELECT_MOST, 256

; Brings what the pointer at `offset` points to, r24 bytes, if there is any.
	.macro	select_in offset, to, bit
	ldw	\offset(%sp),%r25
	comib,=,n	0,%r25,select_without\@
	bl	probe,%rp
	nop
	comib,=,n	0,%r28,select_done
	copy	%r25,%arg0
	address	\to,%arg1
	ldw	SELECT_GIVEN(%sp),%r19
	ldo	\bit(%r19),%r19
	bl	bcopy,%rp
	stw	%r19,SELECT_GIVEN(%sp)
select_without\@:
	.endm

	.macro	select_out offset, from
	ldw	\offset(%sp),%arg1
	comib,=,n	0,%arg1,select_gone\@
	address	\from,%arg0
	bl	bcopy,%rp
	ldw	SELECT_BYTES(%sp),%arg2
select_gone\@:
	.endm

	.text
	.globl	e_select
e_select:
	stw	%rp,-20(%sp)
	ldw	-52(%sp),%r21
	ldo	192(%sp),%sp
	stw	%arg0,SELECT_ND(%sp)
	stw	%arg1,SELECT_POINTERS(%sp)
	stw	%arg2,SELECT_POINTERS+4(%sp)
	stw	%arg3,SELECT_POINTERS+8(%sp)
	stw	%r21,SELECT_LIMIT(%sp)
	stw	%r20,SELECT_FOUND(%sp)
	stw	%r0,SELECT_GIVEN(%sp)
	comclr,<=	%r0,%arg0,%r0
	copy	%r0,%arg0			; the server says what it thinks of less than none
	ldi	SELECT_MOST,%r22
	comclr,>>=	%r22,%arg0,%r0
	copy	%r22,%arg0
	ldo	31(%arg0),%r22
	extru	%r22,26,27,%r22
	sh2addl	%r22,%r0,%r22
	stw	%r22,SELECT_BYTES(%sp)
	ldw	SELECT_BYTES(%sp),%r24
	select_in	SELECT_POINTERS, select_sets, 1
	ldw	SELECT_BYTES(%sp),%r24
	select_in	SELECT_POINTERS+4, select_sets+SELECT_SET, 2
	ldw	SELECT_BYTES(%sp),%r24
	select_in	SELECT_POINTERS+8, select_sets+2*SELECT_SET, 4
	ldi	8,%r24
	select_in	SELECT_LIMIT, select_limit, 8
	address	select_sets,%arg3
	ldo	SELECT_SET(%arg3),%r19
	ldo	2*SELECT_SET(%arg3),%r20
	ldo	3*SELECT_SET(%arg3),%r21
	ldw	SELECT_FOUND(%sp),%r22
	stw	%r19,-52(%sp)
	stw	%r20,-56(%sp)
	stw	%r21,-60(%sp)
	stw	%r22,-64(%sp)
	ldw	SELECT_ND(%sp),%arg1
	ldw	SELECT_GIVEN(%sp),%arg2
	bl	bsd_select,%rp
	ldi	REQUEST_PORT,%arg0
	comib,<>,n	0,%r28,select_done
	select_out	SELECT_POINTERS, select_sets
	select_out	SELECT_POINTERS+4, select_sets+SELECT_SET
	select_out	SELECT_POINTERS+8, select_sets+2*SELECT_SET
	copy	%r0,%r28
select_done:
	ldw	-212(%sp),%rp
	bv	%r0(%rp)
	ldo	-192(%sp),%sp

	.bss
	.align	8
select_sets:
	.block	3*SELECT_SET
select_limit:
	.block	8
