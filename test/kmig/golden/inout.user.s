; Subsystem look, base 9000: trap client stubs with message stubs.
; Made by KMIG; do not edit.

	.text

	.align	4
	.globl	rpc_inout
	.type	rpc_inout,@function
rpc_inout:
	ldil	L%9000,%r22	; msgh_id is the trap's number
	ldil	L%0xc0000000,%r1
	ble	4(%sr7,%r1)
	 ldo	R%9000(%r22),%r22
	ldil	L%0x10000007,%r1	; MACH_SEND_INTERRUPTED: send a message
	ldo	R%0x10000007(%r1),%r1
	comb,=,n	%r28,%r1,rpc_inout_message
	bv,n	%r0(%r2)

	.align	4
	.globl	rpc_inout_message
	.type	rpc_inout_message,@function
rpc_inout_message:
	stw	%r2,-20(%r30)
	stwm	%r3,256(%r30)
	ldo	-240(%r30),%r3	; InP
	stw	%r4,-252(%r30)
	copy	%r3,%r4	; OutP
	stw	%r5,-248(%r30)
	copy	%r25,%r5
; data
	ldil	L%0x2200208,%r20	; dataType
	ldo	R%0x2200208(%r20),%r20
	stw	%r20,24(%r3)
	copy	%r5,%r31
	ldo	28(%r3),%r29
	ldi	112,%r1
2:
	ldws,ma	4(%r31),%r19
	ldws,ma	4(%r31),%r20
	ldws,ma	4(%r31),%r21
	ldws,ma	4(%r31),%r22
	stws,ma	%r19,4(%r29)
	stws,ma	%r20,4(%r29)
	stws,ma	%r21,4(%r29)
	addib,>=	-16,%r1,2b
	 stws,ma	%r22,4(%r29)
; message header
	stw	%r26,8(%r3)	; msgh_remote_port
	ldi	5395,%r19	; msgh_bits
	bl	mig_get_reply_port,%r2
	 stw	%r19,0(%r3)	; msgh_bits
	stw	%r28,12(%r3)	; msgh_local_port
	ldil	L%9000,%r19	; msgh_id
	ldo	R%9000(%r19),%r19
	stw	%r0,16(%r3)	; msgh_seqno
	ldi	3,%r25	; option
	copy	%r3,%r26	; msg
	stw	%r19,20(%r3)	; msgh_id
	ldi	156,%r24	; send_size
	ldi	164,%r23	; rcv_size
	stw	%r28,-52(%r30)	; rcv_name
	stw	%r0,-56(%r30)	; timeout
	bl	mach_msg,%r2
	 stw	%r0,-60(%r30)	; notify
	comib,<>,n	0,%r28,3f
; reply: id, size, return code
	ldil	L%9100,%r19
	ldw	20(%r4),%r20	; msgh_id
	ldo	R%9100(%r19),%r19
	comb,<>,n	%r20,%r19,4f
	ldw	0(%r4),%r20	; msgh_bits
	ldw	4(%r4),%r21	; msgh_size
	bb,<,n	%r20,0,5f
	ldi	164,%r19
	comb,<>,n	%r21,%r19,6f
7:
	ldil	L%0x2200018,%r21
	ldw	24(%r4),%r20	; RetCodeType
	ldo	R%0x2200018(%r21),%r21
	comb,<>,n	%r20,%r21,5f
	ldw	28(%r4),%r28	; RetCode
	comib,<>,n	0,%r28,1f
; data
	ldil	L%0x2200208,%r21
	ldw	32(%r4),%r20	; dataType
	ldo	R%0x2200208(%r21),%r21
	comb,<>,n	%r20,%r21,5f
	ldo	36(%r4),%r31
	copy	%r5,%r29
	ldi	112,%r1
8:
	ldws,ma	4(%r31),%r19
	ldws,ma	4(%r31),%r20
	ldws,ma	4(%r31),%r21
	ldws,ma	4(%r31),%r22
	stws,ma	%r19,4(%r29)
	stws,ma	%r20,4(%r29)
	stws,ma	%r21,4(%r29)
	addib,>=	-16,%r1,8b
	 stws,ma	%r22,4(%r29)
1:
	ldw	-276(%r30),%r2
	ldw	-252(%r30),%r4
	ldw	-248(%r30),%r5
	bv	%r0(%r2)
	 ldwm	-256(%r30),%r3
5:
	b	1b
	 ldi	-300,%r28
6:
	ldi	32,%r19
	comb,<>	%r21,%r19,5b
	 nop
	ldw	28(%r4),%r19
	comib,=	0,%r19,5b
	 nop
	b,n	7b
3:
	ldil	L%0x10000009,%r19
	ldo	R%0x10000009(%r19),%r19
	comb,=,n	%r28,%r19,9f
	ldil	L%0x10004002,%r19
	ldo	R%0x10004002(%r19),%r19
	comb,=,n	%r28,%r19,9f
	b,n	1b
9:
	bl	mig_dealloc_reply_port,%r2
	 copy	%r28,%r3	; InP is no longer needed
	b	1b
	 copy	%r3,%r28
4:
	ldi	-301,%r28
	ldi	71,%r19
	comclr,<>	%r20,%r19,%r0
	ldi	-308,%r28
	b,n	1b

	.align	4
	.globl	rpc_null
	.type	rpc_null,@function
rpc_null:
	ldil	L%9002,%r22	; msgh_id is the trap's number
	ldil	L%0xc0000000,%r1
	ble	4(%sr7,%r1)
	 ldo	R%9002(%r22),%r22
	ldil	L%0x10000007,%r1	; MACH_SEND_INTERRUPTED: send a message
	ldo	R%0x10000007(%r1),%r1
	comb,=,n	%r28,%r1,rpc_null_message
	bv,n	%r0(%r2)

	.align	4
	.globl	rpc_null_message
	.type	rpc_null_message,@function
rpc_null_message:
	stw	%r2,-20(%r30)
	stwm	%r3,128(%r30)
	ldo	-120(%r30),%r3	; InP
	stw	%r4,-124(%r30)
	copy	%r3,%r4	; OutP
; message header
	stw	%r26,8(%r3)	; msgh_remote_port
	ldi	5395,%r19	; msgh_bits
	bl	mig_get_reply_port,%r2
	 stw	%r19,0(%r3)	; msgh_bits
	stw	%r28,12(%r3)	; msgh_local_port
	ldil	L%9002,%r19	; msgh_id
	ldo	R%9002(%r19),%r19
	stw	%r0,16(%r3)	; msgh_seqno
	ldi	3,%r25	; option
	copy	%r3,%r26	; msg
	stw	%r19,20(%r3)	; msgh_id
	ldi	24,%r24	; send_size
	ldi	32,%r23	; rcv_size
	stw	%r28,-52(%r30)	; rcv_name
	stw	%r0,-56(%r30)	; timeout
	bl	mach_msg,%r2
	 stw	%r0,-60(%r30)	; notify
	comib,<>,n	0,%r28,2f
; reply: id, size, return code
	ldil	L%9102,%r19
	ldw	20(%r4),%r20	; msgh_id
	ldo	R%9102(%r19),%r19
	comb,<>,n	%r20,%r19,3f
	ldw	0(%r4),%r20	; msgh_bits
	ldw	4(%r4),%r21	; msgh_size
	bb,<,n	%r20,0,4f
	ldi	32,%r19
	comb,<>,n	%r21,%r19,4f
	ldil	L%0x2200018,%r21
	ldw	24(%r4),%r20	; RetCodeType
	ldo	R%0x2200018(%r21),%r21
	comb,<>,n	%r20,%r21,4f
	ldw	28(%r4),%r28	; RetCode
1:
	ldw	-148(%r30),%r2
	ldw	-124(%r30),%r4
	bv	%r0(%r2)
	 ldwm	-128(%r30),%r3
4:
	b	1b
	 ldi	-300,%r28
2:
	ldil	L%0x10000009,%r19
	ldo	R%0x10000009(%r19),%r19
	comb,=,n	%r28,%r19,5f
	ldil	L%0x10004002,%r19
	ldo	R%0x10004002(%r19),%r19
	comb,=,n	%r28,%r19,5f
	b,n	1b
5:
	bl	mig_dealloc_reply_port,%r2
	 copy	%r28,%r3	; InP is no longer needed
	b	1b
	 copy	%r3,%r28
3:
	ldi	-301,%r28
	ldi	71,%r19
	comclr,<>	%r20,%r19,%r0
	ldi	-308,%r28
	b,n	1b
