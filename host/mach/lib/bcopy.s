; bcopy(source, destination, bytes): the copy that C programs and MIG's stubs ask of their library
; (4.3BSD bcopy(3): overlapping areas are copied as if through a third). Words when both ends and the
; count are word-aligned, by the same loop as the kernel's copies: 9 instructions for 16 bytes; bytes
; otherwise, and backwards when the destination begins inside the source.
; Uses r1 r19–r22 and the argument registers.

	.text
	.globl	bcopy
	.type	bcopy,@function
bcopy:
	sub	%arg1,%arg0,%r19
	comb,<<	%r19,%arg2,bcopy_backwards
	or	%arg0,%arg1,%r20
	or	%r20,%arg2,%r20
	extru,=	%r20,31,2,%r0
	b,n	bcopy_bytes
	addib,<,n	-16,%arg2,bcopy_tail
bcopy_loop:
	ldws,ma	4(%arg0),%r19
	ldws,ma	4(%arg0),%r20
	ldws,ma	4(%arg0),%r21
	ldws,ma	4(%arg0),%r22
	stws,ma	%r19,4(%arg1)
	stws,ma	%r20,4(%arg1)
	stws,ma	%r21,4(%arg1)
	addib,>=	-16,%arg2,bcopy_loop
	stws,ma	%r22,4(%arg1)
bcopy_tail:
	addib,<,n	12,%arg2,bcopy_done
bcopy_word:
	ldws,ma	4(%arg0),%r19
	addib,>=	-4,%arg2,bcopy_word
	stws,ma	%r19,4(%arg1)
	bv,n	%r0(%rp)

bcopy_bytes:
	addib,<,n	-1,%arg2,bcopy_done
bcopy_byte:
	ldbs,ma	1(%arg0),%r19
	addib,>=	-1,%arg2,bcopy_byte
	stbs,ma	%r19,1(%arg1)
	bv,n	%r0(%rp)

; The destination begins inside the source, or at it: from the last byte to the first.
bcopy_backwards:
	comb,=,n	%arg0,%arg1,bcopy_done
	add	%arg0,%arg2,%arg0
	add	%arg1,%arg2,%arg1
bcopy_byte_before:
	ldbs,mb	-1(%arg0),%r19
	addib,>	-1,%arg2,bcopy_byte_before
	stbs,mb	%r19,-1(%arg1)
bcopy_done:
	bv,n	%r0(%rp)
