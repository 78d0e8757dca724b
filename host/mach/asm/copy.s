; copyin and copyout: between the kernel (sr4–sr7 = space 0) and the current task's space, through
; sr1. The loop is the HP 700 port's: 9 instructions and, with the store rule, 16 cycles for 16 bytes.
;
; copyin(user address, kernel address, bytes), copyout(kernel address, user address, bytes): 0, or −1
; on a fault. A fault resumes at the thread's recovery address; the space register and the
; protection ids do the checking. `inks_copyin`/`inks_copyout` are what an in-kernel server is
; told at registration (paper §3.3): the thread's task is the server then, so the client's map is
; found through `inks_task`.
; Uses r1 r19–r22 r31 and the argument registers.

	.text
	.macro	copy_prologue task_field
	ldw	CPU_ACTIVE_THREAD(%dp),%r1
	comib,>=,n	0,%r24,copy_nothing
	ldil	L%copy_fault,%r20
	ldw	\task_field(%r1),%r21
	ldo	R%copy_fault(%r20),%r20
	ldw	TASK_MAP(%r21),%r21
	stw	%r20,THREAD_RECOVER(%r1)
	ldw	VM_MAP_PMAP(%r21),%r21
	or	%r26,%r25,%r20
	ldw	PMAP_SPACE(%r21),%r22
	or	%r20,%r24,%r20
	ldw	PMAP_PID(%r21),%r21
	mtsp	%r22,%sr1
	mtctl	%r21,%cr8
	extru,=	%r20,31,2,%r0			; both addresses and the count word-aligned?
	.endm

	.if	INKS
; The server's dp is not the kernel's: find the processor's variables by address.
	.macro	inks_copy_entry target
	stw	%dp,-32(%sp)			; the caller's frame marker has room (ext dp)
	stw	%rp,-20(%sp)
	address	cpu_data,%dp
	bl	\target,%rp
	nop
	ldw	-20(%sp),%rp
	bv	%r0(%rp)
	ldw	-32(%sp),%dp
	.endm

	.globl	inks_copyin
inks_copyin:
	inks_copy_entry copyin_client
	.globl	inks_copyout
inks_copyout:
	inks_copy_entry copyout_client

copyin_client:
	copy_prologue THREAD_INKS_TASK
	b,n	copyin_bytes
	addib,<,n	-16,%r24,copyin_tail
	b,n	copyin_loop
copyout_client:
	copy_prologue THREAD_INKS_TASK
	b,n	copyout_bytes
	addib,<,n	-16,%r24,copyout_tail
	b,n	copyout_loop
	.endif

	.globl	copyin
	.globl	copyinmsg
copyin:
copyinmsg:
	copy_prologue THREAD_TASK
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
	copy_prologue THREAD_TASK
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


; The ends of all copies. They come last: the conditional branches to them are forward ones, which
; nullify their slot when taken.
copy_done:
	ldi	0,%r28
	bv	%r0(%rp)
	stw	%r0,THREAD_RECOVER(%r1)

copy_nothing:
	bv	%r0(%rp)
	ldi	0,%r28

copy_fault:
	ldi	-1,%r28
	bv	%r0(%rp)
	stw	%r0,THREAD_RECOVER(%r1)
