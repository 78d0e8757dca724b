; The OSF/1 server's own text: start, service threads, and which interfaces a message may be of. All
; else it calls is libmach's and KMIG's; its work functions are TypeScript behind host_work.
;
; arg0 = host privilege port, arg1 = master device port, arg2 = bootstrap port.


	.text
	.globl	_start
_start:
	copy	%arg0,%r3
	copy	%arg1,%r4
	copy	%arg2,%r5
	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	; The first thread, too, serves; so it needs a service stack.
	ldil	L%thread_stacks,%r19
	ldo	R%thread_stacks(%r19),%r19
	stw	%r19,0(%r19)			; its self pointer
	ldo	SIZEOF_SERVICE_STACK+64(%r19),%sp

	; The records that KMIG made, one after another.
	ldil	L%osf1_inks_records,%r20
	ldo	R%osf1_inks_records(%r20),%r20
	ldil	L%osf1_inks_tables,%r21
	ldo	R%osf1_inks_tables(%r21),%r21
	ldi	OSF1_INKS_TABLES,%r22
next_record:
	ldwm	4(%r20),%r19
	ldw	INKS_REGISTRATION_BASE(%r19),%r1
	ldw	INKS_REGISTRATION_COUNT(%r19),%r28
	ldw	INKS_REGISTRATION_VECTOR(%r19),%r29
	stw	%r1,INKS_REGISTRATION_BASE(%r21)
	stw	%r28,INKS_REGISTRATION_COUNT(%r21)
	stw	%r29,INKS_REGISTRATION_VECTOR(%r21)
	addib,>	-1,%r22,next_record
	ldo	SIZEOF_INKS_REGISTRATION(%r21),%r21

	; "The server's first action is to register" (paper §2.3). Out of the kernel this fails, and
	; nothing else is different.
	ldil	L%osf1_inks_tables,%arg0
	ldo	R%osf1_inks_tables(%arg0),%arg0
	ldi	OSF1_INKS_TABLES,%arg1
	copy	%dp,%arg2
	ldil	L%service_stacks,%arg3
	ldo	R%service_stacks(%arg3),%arg3
	ldil	L%SERVICE_STACK_SIZE,%r19
	stw	%r19,-52(%sp)
	ldi	TRAP_STACKS,%r20
	stw	%r20,-56(%sp)
	ldil	L%inks_copyin,%r21
	ldo	R%inks_copyin(%r21),%r21
	bl	inks_register,%rp
	stw	%r21,-60(%sp)			; where the addresses of copyin and copyout go

	copy	%r3,%arg0
	copy	%r4,%arg1
	copy	%r5,%arg2
	copy	%r28,%arg3			; whether it is in the kernel
	bl	host_work,%rp
	ldi	WORK_START,%r22
	comib,=,n	0,%r28,failed
	b	serve
	copy	%r28,%arg2

; A service thread begins here, on a stack of its own, arg0 = the port set.
	.globl	service_thread
service_thread:
	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	copy	%arg0,%arg2
serve:
	ldil	L%osf1_demux,%arg0
	ldo	R%osf1_demux(%arg0),%arg0
	ldil	L%MAX_MESSAGE,%arg1
	bl	mach_msg_server,%rp
	ldo	R%MAX_MESSAGE(%arg1),%arg1
failed:
	break	1,1				; the port set is gone, or there was no start

; A thread of the server's for its own business: r3 = work function, r4 = its argument; comes back only
; to end.
	.globl	worker_thread
worker_thread:
	ldil	L%$global$,%dp
	ldo	R%$global$(%dp),%dp
	copy	%r3,%r22
	bl	host_work,%rp
	copy	%r4,%arg0
	b,n	failed

; osf1_demux(request, reply): the first interface that knows the request serves it.
osf1_demux:
	stw	%rp,-20(%sp)
	stwm	%r3,128(%sp)
	stw	%r4,-124(%sp)
	stw	%r5,-120(%sp)
	copy	%arg0,%r3
	copy	%arg1,%r4
	ldil	L%osf1_interfaces,%r5
	ldo	R%osf1_interfaces(%r5),%r5
next_interface:
	ldwm	4(%r5),%r22
	comib,=,n	0,%r22,known
	copy	%r3,%arg0
	bl	$$dyncall,%r31
	copy	%r31,%rp
	comib,=	0,%r28,next_interface
	copy	%r4,%arg1
	b,n	served
known:
	copy	%r0,%r28
served:
	ldw	-148(%sp),%rp
	ldw	-124(%sp),%r4
	ldw	-120(%sp),%r5
	bv	%r0(%rp)
	ldwm	-128(%sp),%r3

; mig_get_reply_port(): the thread's own, which is in its uthread; made at its first use.
	.globl	mig_get_reply_port
mig_get_reply_port:
	copy	%sp,%r19
	depi	0,31,15,%r19			; base of the stack: SERVICE_STACK_SIZE is 2^15
	ldil	L%UTHREAD_OFFSET,%r20
	ldo	R%UTHREAD_OFFSET(%r20),%r20
	addl	%r19,%r20,%r19
	ldw	UTHREAD_UU_REPLY_PORT(%r19),%r28
	comb,=,n	%r0,%r28,new_reply_port
	bv,n	%r0(%rp)
new_reply_port:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	bl	mach_reply_port,%rp
	stw	%r19,-56(%sp)
	ldw	-56(%sp),%r19
	stw	%r28,UTHREAD_UU_REPLY_PORT(%r19)
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldo	-64(%sp),%sp

; mig_dealloc_reply_port(): forgets it; the next call makes another.
	.globl	mig_dealloc_reply_port
mig_dealloc_reply_port:
	copy	%sp,%r19
	depi	0,31,15,%r19
	ldil	L%UTHREAD_OFFSET,%r20
	ldo	R%UTHREAD_OFFSET(%r20),%r20
	addl	%r19,%r20,%r19
	bv	%r0(%rp)
	stw	%r0,UTHREAD_UU_REPLY_PORT(%r19)

; The kernel's copy routines, as registration told them: client_copyin(from, to, length).
	.globl	client_copyin
client_copyin:
	ldil	L%inks_copyin,%r22
	b	$$dyncall
	ldw	R%inks_copyin(%r22),%r22
	.globl	client_copyout
client_copyout:
	ldil	L%inks_copyout,%r22
	b	$$dyncall
	ldw	R%inks_copyout(%r22),%r22

; generic_record(reply, address, from, bytes): adds a record to the generic call's reply, for the emulator
; to copy to the caller's address.
	.globl	generic_record
generic_record:
	ldw	MSGH_SIZE(%arg0),%r19
	addl	%arg0,%r19,%r20
	ldil	L%GENERIC_RECORD_ADDRESS,%r21
	ldo	R%GENERIC_RECORD_ADDRESS(%r21),%r21
	stw	%r21,0(%r20)
	ldi	GENERIC_RECORD_DATA,%r22
	stw	%arg1,4(%r20)
	ldil	L%GENERIC_RECORD_DATA_TYPE,%r21
	stw	%r22,8(%r20)
	ldo	R%GENERIC_RECORD_DATA_TYPE(%r21),%r21
	stw	%r21,12(%r20)
	ldo	3(%arg3),%r22
	stw	%arg3,16(%r20)
	depi	0,31,2,%r22
	addl	%r19,%r22,%r19
	ldo	SIZEOF_GENERIC_RECORD(%r19),%r19
	stw	%r19,MSGH_SIZE(%arg0)
	ldo	SIZEOF_GENERIC_RECORD(%r20),%arg1
	copy	%arg2,%arg0
	b	bcopy
	copy	%arg3,%arg2

	.data
	.align	8
	.globl	$global$
$global$:
	.globl	inks_copyin
inks_copyin:
	.word	0
	.globl	inks_copyout
inks_copyout:
	.word	0

	.bss
	.align	4
osf1_inks_tables:
	.block	SIZEOF_INKS_REGISTRATION*OSF1_INKS_TABLES
	.align	SERVICE_STACK_SIZE
	.globl	service_stacks
service_stacks:
	.block	SERVICE_STACK_SIZE*TRAP_STACKS
	.globl	thread_stacks
thread_stacks:
	.block	SERVICE_STACK_SIZE*THREAD_STACKS
	.globl	buffers
buffers:
	.block	BUFFER_SIZE*BUFFER_COUNT+PAGE_SIZE*PIPE_PAGES
	.globl	buffers_end
buffers_end:
