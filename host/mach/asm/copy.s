; copyin and copyout: between the kernel (sr4–sr7 = space 0) and the current task's space, through
; sr1. The loop is the HP 700 port's: 9 instructions and, with the store rule, 16 cycles for 16 bytes.
;
; copyin(user address, kernel address, bytes), copyout(kernel address, user address, bytes): 0, or −1
; on a fault. A fault resumes at the thread's recovery address; the space register and the
; protection ids do the checking. `inks_copyin`/`inks_copyout` are what an in-kernel server is
; told at registration (paper §3.3).
; Uses r19–r22 r28 r29 and the argument registers.

	.text
	.macro	copy_prologue
	ldil	L%cpu_data+CPU_ACTIVE_THREAD,%r20
	ldw	R%cpu_data+CPU_ACTIVE_THREAD(%r20),%r29
	comb,=	%r0,%r24,copy_end
	ldi	0,%r28
	comb,>	%r0,%r24,copy_end
	ldi	-1,%r28
	ldil	L%copy_end,%r20			; a fault resumes there, with the −1
	ldw	THREAD_TASK(%r29),%r21
	ldo	R%copy_end(%r20),%r20
	ldw	TASK_MAP(%r21),%r21
	stw	%r20,THREAD_RECOVER(%r29)
	ldw	VM_MAP_PMAP(%r21),%r21
	or	%r26,%r25,%r20
	or	%r20,%r24,%r20
	ldw	PMAP_SPACE(%r21),%r22
	mtsp	%r22,%sr1
	ldw	PMAP_PID(%r21),%r22
	mtctl	%r22,%cr8
	extru,=	%r20,31,2,%r0			; both addresses and the count word-aligned?
	.endm

	.if	INKS
; For a server in the kernel. The copy is its client's business, as is a page fault in it, so while it
; lasts the thread belongs to the client's task again; and the kernel's data pointer is not the server's.
	.macro	inks_copy copy
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%dp,%r3
	stw	%r4,-60(%sp)
	address	cpu_data,%dp
	ldw	CPU_ACTIVE_THREAD(%dp),%r19
	ldw	THREAD_INKS_TASK(%r19),%r20
	ldw	THREAD_TASK(%r19),%r4
	comclr,<>	%r0,%r20,%r0		; the server's own thread has no client
	copy	%r4,%r20
	bl	\copy,%rp
	stw	%r20,THREAD_TASK(%r19)
	ldw	CPU_ACTIVE_THREAD(%dp),%r19
	ldw	-84(%sp),%rp
	stw	%r4,THREAD_TASK(%r19)
	copy	%r3,%dp
	ldw	-60(%sp),%r4
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3
	.endm

	.globl	inks_copyin
inks_copyin:
	inks_copy copyin
	.globl	inks_copyout
inks_copyout:
	inks_copy copyout
	.endif

	.globl	copyin
	.globl	copyinmsg
copyin:
copyinmsg:
	copy_prologue
	b,n	copyin_bytes
	addib,<,n	-16,%r24,copyin_tail
copyin_loop:
	ldws,ma	4(%sr1,%r26),%r19
	ldws,ma	4(%sr1,%r26),%r20
	ldws,ma	4(%sr1,%r26),%r21
	ldws,ma	4(%sr1,%r26),%r22
	stws,ma	%r19,4(%r25)
	stws,ma	%r20,4(%r25)
	stws,ma	%r21,4(%r25)
	addib,>=	-16,%r24,copyin_loop
	stws,ma	%r22,4(%r25)
copyin_tail:
	addib,<,n	12,%r24,copy_done
copyin_word:
	ldws,ma	4(%sr1,%r26),%r19
	addib,>=	-4,%r24,copyin_word
	stws,ma	%r19,4(%r25)
	b,n	copy_done
copyin_bytes:
	ldbs,ma	1(%sr1,%r26),%r19
	addib,>	-1,%r24,copyin_bytes
	stbs,ma	%r19,1(%r25)
	b,n	copy_done

	.globl	copyout
	.globl	copyoutmsg
copyout:
copyoutmsg:
	copy_prologue
	b,n	copyout_bytes
	addib,<,n	-16,%r24,copyout_tail
copyout_loop:
	ldws,ma	4(%r26),%r19
	ldws,ma	4(%r26),%r20
	ldws,ma	4(%r26),%r21
	ldws,ma	4(%r26),%r22
	stws,ma	%r19,4(%sr1,%r25)
	stws,ma	%r20,4(%sr1,%r25)
	stws,ma	%r21,4(%sr1,%r25)
	addib,>=	-16,%r24,copyout_loop
	stws,ma	%r22,4(%sr1,%r25)
copyout_tail:
	addib,<,n	12,%r24,copy_done
copyout_word:
	ldws,ma	4(%r26),%r19
	addib,>=	-4,%r24,copyout_word
	stws,ma	%r19,4(%sr1,%r25)
	b,n	copy_done
copyout_bytes:
	ldbs,ma	1(%r26),%r19
	addib,>	-1,%r24,copyout_bytes
	stbs,ma	%r19,1(%sr1,%r25)
	b,n	copy_done

; The end of all copies. It comes last: the conditional branches to it are forward ones, which nullify
; their slot when taken.
copy_done:
	ldi	0,%r28
copy_end:
	bv	%r0(%rp)
	stw	%r0,THREAD_RECOVER(%r29)
