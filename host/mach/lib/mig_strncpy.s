; mig_strncpy(dest, source, size) → length with the zero byte: copies a C string into a message's field of
; `size` bytes, cut if it is longer (Mach 3.0 libmach). What is behind the zero byte stays.

	.text
	.globl	mig_strncpy
mig_strncpy:
	copy	%arg0,%r28
	comib,>=,n	0,%arg2,strncpy_done
	addib,=,n	-1,%arg2,strncpy_end
strncpy_next:
	ldbs,ma	1(%arg1),%r19
	comib,=,n	0,%r19,strncpy_end
	addib,<>	-1,%arg2,strncpy_next
	stbs,ma	%r19,1(%arg0)
strncpy_end:
	stbs,ma	%r0,1(%arg0)
strncpy_done:
	bv	%r0(%rp)
	sub	%arg0,%r28,%r28
