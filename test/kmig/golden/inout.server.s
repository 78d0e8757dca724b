; Subsystem look, base 9000: message server stubs and demultiplexer.
; Made by KMIG; do not edit.

	.text

	.align	4
	.globl	_Xrpc_inout
	.type	_Xrpc_inout,@function
_Xrpc_inout:
	stw	%r2,-20(%r30)
	stwm	%r3,64(%r30)
	copy	%r25,%r3	; OutP
	stw	%r4,-60(%r30)
	copy	%r26,%r4	; In0P
; request: size, bits, types
	ldw	4(%r4),%r22	; msgh_size
	ldw	0(%r4),%r21	; msgh_bits
	ldi	156,%r20
	comb,<>,n	%r22,%r20,2f
	bb,<,n	%r21,0,2f
	ldil	L%0x2200208,%r21
	ldw	24(%r4),%r20	; dataType
	ldo	R%0x2200208(%r21),%r21
	comb,<>,n	%r20,%r21,2f
; work function
	ldo	28(%r4),%r25	; data
	bl	server_rpc_inout,%r2
	 ldw	12(%r4),%r26	; server
	stw	%r28,28(%r3)	; RetCode
	comib,<>,n	0,%r28,1f
; reply
	ldil	L%0x2200208,%r20	; dataType
	ldi	164,%r22
	stw	%r22,4(%r3)	; msgh_size
	ldo	R%0x2200208(%r20),%r20
	ldo	28(%r4),%r31
	stw	%r20,32(%r3)
	ldo	36(%r3),%r29
	ldi	112,%r1
3:
	ldws,ma	4(%r31),%r19
	ldws,ma	4(%r31),%r20
	ldws,ma	4(%r31),%r21
	ldws,ma	4(%r31),%r22
	stws,ma	%r19,4(%r29)
	stws,ma	%r20,4(%r29)
	stws,ma	%r21,4(%r29)
	addib,>=	-16,%r1,3b
	 stws,ma	%r22,4(%r29)
1:
	ldw	-84(%r30),%r2
	ldw	-60(%r30),%r4
	bv	%r0(%r2)
	 ldwm	-64(%r30),%r3
2:
	ldi	-304,%r19
	b	1b
	 stw	%r19,28(%r3)	; RetCode

	.align	4
	.globl	_Xrpc_null
	.type	_Xrpc_null,@function
_Xrpc_null:
	stw	%r2,-20(%r30)
	stwm	%r3,64(%r30)
	copy	%r25,%r3	; OutP
; request: size, bits, types
	ldw	4(%r26),%r22	; msgh_size
	ldw	0(%r26),%r21	; msgh_bits
	ldi	24,%r20
	comb,<>,n	%r22,%r20,2f
	bb,<,n	%r21,0,2f
; work function
	bl	server_rpc_null,%r2
	 ldw	12(%r26),%r26	; server
	stw	%r28,28(%r3)	; RetCode
1:
	ldw	-84(%r30),%r2
	bv	%r0(%r2)
	 ldwm	-64(%r30),%r3
2:
	ldi	-304,%r19
	b	1b
	 stw	%r19,28(%r3)	; RetCode

	.align	4
	.globl	look_server
	.type	look_server,@function
look_server:
	stw	%r2,-20(%r30)
	ldil	L%0x2200018,%r31	; RetCodeType
	ldi	32,%r20
	stw	%r20,4(%r25)	; msgh_size
	ldo	R%0x2200018(%r31),%r31
	ldo	64(%r30),%r30
	stw	%r0,12(%r25)	; msgh_local_port
	stw	%r0,16(%r25)	; msgh_seqno
	stw	%r31,24(%r25)
	ldw	0(%r26),%r19	; msgh_bits
	ldw	20(%r26),%r22	; msgh_id
	extru	%r19,31,8,%r19	; reply right's type
	stw	%r19,0(%r25)	; msgh_bits
	ldo	100(%r22),%r29
	addil	L%-9000,%r22
	stw	%r29,20(%r25)	; msgh_id
	ldo	R%-9000(%r1),%r22	; routine number
	ldi	3,%r19
	ldw	8(%r26),%r21	; msgh_remote_port
	stw	%r21,8(%r25)	; msgh_remote_port
	comb,<<=,n	%r19,%r22,1f
	ldil	L%look_server_routines,%r20
	ldo	R%look_server_routines(%r20),%r20
	ldwx,s	%r22(%r20),%r22
	comib,=,n	0,%r22,1f
	bl	$$dyncall,%r31	; the routine's stub
	 copy	%r31,%r2
	ldi	1,%r28	; TRUE
2:
	ldw	-84(%r30),%r2
	bv	%r0(%r2)
	 ldo	-64(%r30),%r30
1:
	ldi	-303,%r19
	stw	%r19,28(%r25)	; RetCode
	b	2b
	 ldi	0,%r28	; FALSE

	.align	4
	.globl	look_server_routine
	.type	look_server_routine,@function
look_server_routine:
	ldw	20(%r26),%r22	; msgh_id
	ldi	3,%r19
	addil	L%-9000,%r22
	ldo	R%-9000(%r1),%r22	; routine number
	comb,<<=,n	%r19,%r22,1f
	ldil	L%look_server_routines,%r20
	ldo	R%look_server_routines(%r20),%r20
	bv	%r0(%r2)
	 ldwx,s	%r22(%r20),%r28
1:
	bv	%r0(%r2)
	 ldi	0,%r28

	.data
	.align	4
look_server_routines:
	.word	_Xrpc_inout
	.word	0
	.word	_Xrpc_null
