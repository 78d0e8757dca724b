; Names of rights, looked up the general way: for callers outside the message path (Mach 3.0
; ipc/ipc_object.c, ipc_right.c, ipc_entry.c). Each layer is a procedure, as in Mach.

	.text
; ipc_object_translate(space, name, right, object *) → KERN_SUCCESS and the port, or
; KERN_INVALID_TASK, _NAME, _RIGHT.
	.globl	ipc_object_translate
ipc_object_translate:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%arg2,%r3
	stw	%r4,-60(%sp)
	copy	%arg3,%r4
	stw	%r5,-56(%sp)
	bl	ipc_right_lookup,%rp
	ldo	-52(%sp),%arg2			; the entry comes back here
	comib,<>,n	0,%r28,translated
	ldw	-52(%sp),%r19
	ldi	1,%r21
	ldw	IE_BITS(%r19),%r20
	subi	15,%r3,%r22			; the right's bit: 1 << (right + 16)
	ldw	IE_OBJECT(%r19),%r5
	mtctl	%r22,%cr11
	vextru	%r20,1,%r22
	comb,<>,n	%r22,%r21,translate_wrong_right
	ldw	IP_BITS(%r5),%r20
	ldi	KERN_INVALID_NAME,%r28
	comb,<=,n	%r0,%r20,translated		; the port is dead
	stw	%r5,0(%r4)
	ldi	KERN_SUCCESS,%r28
translated:
	ldw	-84(%sp),%rp
	ldw	-60(%sp),%r4
	ldw	-56(%sp),%r5
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3
translate_wrong_right:
	b	translated
	ldi	KERN_INVALID_RIGHT,%r28

; ipc_object_copyin(space, name, type, object *) → KERN_INVALID_TASK or _NAME when there is no right of
; that name; KERN_SUCCESS when there is one. What can be made of it is the slow path's to say.
	.globl	ipc_object_copyin
ipc_object_copyin:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	copy	%arg0,%r3
	stw	%r4,-60(%sp)
	copy	%arg1,%r4
	stw	%r5,-56(%sp)
	copy	%arg2,%r5
	stw	%r6,-52(%sp)
	copy	%arg3,%r6
	bl	ipc_right_lookup,%rp
	ldo	-48(%sp),%arg2			; the entry comes back here
	ldw	-84(%sp),%rp
	ldw	-60(%sp),%r4
	ldw	-56(%sp),%r5
	ldw	-52(%sp),%r6
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3

; ipc_right_lookup(space, name, entry *)
ipc_right_lookup:
	stw	%rp,-20(%sp)
	stwm	%r3,64(%sp)
	ldw	IS_ACTIVE(%arg0),%r19
	comb,=	%r0,%r19,lookup_no_task
	copy	%arg2,%r3
	bl	ipc_entry_lookup,%rp
	nop
	copy	%r28,%r19
	comb,=	%r0,%r19,looked_up
	ldi	KERN_INVALID_NAME,%r28
	stw	%r19,0(%r3)
	ldi	KERN_SUCCESS,%r28
looked_up:
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldwm	-64(%sp),%r3
lookup_no_task:
	b	looked_up
	ldi	KERN_INVALID_TASK,%r28

; ipc_entry_lookup(space, name) → entry, or 0
ipc_entry_lookup:
	extru	%arg1,23,24,%r20			; index
	ldw	IS_TABLE_SIZE(%arg0),%r19
	comb,<<=,n	%r19,%r20,no_entry
	ldw	IS_TABLE(%arg0),%r21
	zdep	%r20,27,28,%r20
	addl	%r21,%r20,%r28
	ldw	IE_BITS(%r28),%r19
	zdep	%arg1,7,8,%r22			; generation
	xor	%r19,%r22,%r22
	extru,=	%r22,7,8,%r0
	b,n	no_entry			; stale
	extru,<>	%r19,15,5,%r0
	copy	%r0,%r28			; a free entry has no type
	bv,n	%r0(%rp)
no_entry:
	bv	%r0(%rp)
	copy	%r0,%r28
