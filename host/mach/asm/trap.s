; Interruptions: saving a thread's whole state, the way into the kernel, and the ways back.
;
; Where the state goes follows from where it was interrupted (facts of the HP 700 port, paper §3.2):
;   a user's code                    the PCB's saved state
;   a server's code in the kernel,   the PCB's second saved state: the first may hold the client's
;   or kernel text it has called     system call
;   kernel text of a system call     `interrupt_state`, for an external interrupt; a fault there goes
;                                    to the host as it is: a recovery address, or a panic
; "In kernel text" a thread is on its kernel stack, and PCB_KSP is 0.

; The whole state but the FPU's to r30; r22, r30, r26 are in cr28, cr30, cr26. Real mode, PSW Q off.
	.macro	save_state flags
	stw	%r1,SS_R1(%r30)
	stw	%r2,SS_R2(%r30)
	store_callee_saved %r30
	stw	%r19,SS_R19(%r30)
	mfctl	%cr28,%r19
	stw	%r20,SS_R20(%r30)
	mfctl	%cr30,%r20
	stw	%r21,SS_R21(%r30)
	mfctl	%cr26,%r21
	stw	%r19,SS_R22(%r30)
	ldi	\flags,%r1
	stw	%r23,SS_R23(%r30)
	mfctl	%cr11,%r19
	stw	%r24,SS_R24(%r30)
	mfctl	%cr17,%r22
	stw	%r25,SS_R25(%r30)
	mfctl	%cr18,%r23
	stw	%r21,SS_R26(%r30)
	mtctl	%r0,%cr17
	stw	%r27,SS_R27(%r30)
	mtctl	%r0,%cr18
	stw	%r28,SS_R28(%r30)
	mfctl	%cr17,%r24
	stw	%r29,SS_R29(%r30)
	mfctl	%cr18,%r25
	stw	%r20,SS_R30(%r30)
	mfctl	%cr15,%r20
	stw	%r31,SS_R31(%r30)
	mfctl	%cr19,%r21
	stw	%r1,SS_FLAGS(%r30)
	mfctl	%cr20,%r1
	stw	%r19,SS_SAR(%r30)
	mfctl	%cr21,%r19
	stw	%r22,SS_IISQ_HEAD(%r30)
	mfctl	%cr22,%r22
	stw	%r23,SS_IIOQ_HEAD(%r30)
	mfctl	%cr8,%r23
	stw	%r24,SS_IISQ_TAIL(%r30)
	mfctl	%cr9,%r24
	stw	%r25,SS_IIOQ_TAIL(%r30)
	mfctl	%cr10,%r25
	stw	%r20,SS_EIEM(%r30)
	mfctl	%cr12,%r20
	stw	%r21,SS_IIR(%r30)
	mfctl	%cr13,%r21
	stw	%r1,SS_ISR(%r30)
	mfctl	%cr0,%r1
	stw	%r19,SS_IOR(%r30)
	mfsp	%sr0,%r19
	stw	%r22,SS_IPSW(%r30)
	mfsp	%sr1,%r22
	stw	%r23,SS_PIDR1(%r30)
	mfsp	%sr2,%r23
	stw	%r24,SS_PIDR2(%r30)
	mfsp	%sr3,%r24
	stw	%r25,SS_CCR(%r30)
	mfsp	%sr4,%r25
	stw	%r20,SS_PIDR3(%r30)
	mfsp	%sr5,%r20
	stw	%r21,SS_PIDR4(%r30)
	mfsp	%sr6,%r21
	stw	%r1,SS_RCTR(%r30)
	mfsp	%sr7,%r1
	stw	%r19,SS_SR0(%r30)
	stw	%r22,SS_SR1(%r30)
	stw	%r23,SS_SR2(%r30)
	stw	%r24,SS_SR3(%r30)
	stw	%r25,SS_SR4(%r30)
	stw	%r20,SS_SR5(%r30)
	stw	%r21,SS_SR6(%r30)
	mfctl	%cr27,%r19
	stw	%r1,SS_SR7(%r30)
	stw	%r19,SS_TR2(%r30)
	.endm

; Real mode with interruption state collection and interrupts off: the queues may be written.
	.macro	real_mode
	rsm	0x1f,%r0			; R Q P D I
	nop
	nop
	nop
	nop
	nop
	nop
	nop
	.endm

; The kernel's space registers and protection ids (pidr1 stays: copyin needs it), interrupts at
; splhigh, and on to a label in virtual mode. Uses r20, r21.
	.macro	enter_kernel label
	ldi	KERNEL_PID,%r20
	mtctl	%r20,%cr9
	mtctl	%r20,%cr12
	mtctl	%r20,%cr13
	mtsp	%r0,%sr4
	mtsp	%r0,%sr5
	mtsp	%r0,%sr6
	mtsp	%r0,%sr7
	ldi	7,%r21
	mtctl	%r21,%cr15
	mtctl	%r0,%cr17
	mtctl	%r0,%cr17
	address	\label,%r20
	mtctl	%r20,%cr18
	ldo	4(%r20),%r20
	mtctl	%r20,%cr18
	ldil	L%KERNEL_PSW,%r21
	ldo	R%KERNEL_PSW(%r21),%r21
	mtctl	%r21,%cr22
	rfi
	nop
	.endm

	.text
; r26 = number of the interruption; what r22, r30 and r26 held is in cr28, cr30, cr26.
	.globl	thandler
thandler:
	mtctl	%r26,%cr29
	address	cpu_data,%r22
	ldw	CPU_ACTIVE_PCB(%r22),%r30
	mfctl	%cr17,%r26
	comb,<>,n	%r0,%r26,trap_save		; a user's space
	mfctl	%cr18,%r26
	ldil	L%SERVER_BASE,%r22
	comb,>>,n	%r22,%r26,trap_core
	ldil	L%GATEWAY,%r22
	comb,<<=,n	%r22,%r26,trap_gateway
trap_server:
	b	trap_save
	ldo	PCB_KSS(%r30),%r30
trap_gateway:
	extru,=	%r26,31,2,%r0			; not promoted yet: the user's
	b,n	trap_save
trap_core:
	mfctl	%cr29,%r26
	comib,=,n	I_EXTERNAL,%r26,interrupt_core
	ldw	PCB_KSP(%r30),%r26
	comib,<>	0,%r26,trap_server
	nop

; A fault in kernel text: the host resumes at the thread's recovery address, or panics.
	mfctl	%cr28,%r22
	mfctl	%cr30,%r30
	mfctl	%cr26,%r26
	escape	ESCAPE_INTERRUPTION
	.globl	interruption_return
interruption_return:
	rfi
	nop

trap_save:
	save_state SS_INTRAP+SS_RFIRETURN
	mfctl	%cr29,%arg0
	copy	%r30,%arg1
	address	cpu_data,%dp
	ldw	CPU_ACTIVE_PCB(%dp),%r19
	ldw	CPU_ACTIVE_STACK(%dp),%sp
	stw	%r0,PCB_KSP(%r19)
	ldo	KF_SIZE(%sp),%sp
	stw	%r0,-4(%sp)
	enter_kernel trap_call
; trap(number, state): exceptions, faults, interrupts, ASTs. The host leaves by one of the exits.
trap_call:
	escape	ESCAPE_TRAP

interrupt_core:
	address	interrupt_state,%r30
	save_state SS_INTRAP+SS_RFIRETURN+SS_ONISTACK
	address	cpu_data,%dp
	address	interrupt_stack,%sp
	ldo	KF_SIZE(%sp),%sp
	stw	%r0,-4(%sp)
	enter_kernel interrupt_call
interrupt_call:
	escape	ESCAPE_INTERRUPT

; Back to the kernel text that was interrupted.
	.globl	interrupt_return
interrupt_return:
	real_mode
	address	interrupt_state,%r1
	b,n	load_state

; Full return of a thread that did not come by a system call (its start, an interruption): every
; register, both queue elements and the PSW from the saved state, by rfi. The second saved state
; comes first: it is in use while a server in the kernel is.
	.globl	thread_exception_return
thread_exception_return:
	real_mode
	address	cpu_data,%r1
	ldw	CPU_ACTIVE_STACK(%r1),%r20
	ldw	CPU_ACTIVE_PCB(%r1),%r1
	stw	%r20,PCB_KSP(%r1)
	ldw	PCB_KSS+SS_FLAGS(%r1),%r21
	comib,=,n	0,%r21,load_state
	stw	%r0,PCB_KSS+SS_FLAGS(%r1)
	ldo	PCB_KSS(%r1),%r1
load_state:
	ldw	SS_IISQ_HEAD(%r1),%r20
	ldw	SS_IISQ_TAIL(%r1),%r21
	mtctl	%r20,%cr17
	mtctl	%r21,%cr17
	ldw	SS_IIOQ_HEAD(%r1),%r20
	ldw	SS_IIOQ_TAIL(%r1),%r21
	mtctl	%r20,%cr18
	mtctl	%r21,%cr18
	ldw	SS_IPSW(%r1),%r20
	mtctl	%r20,%cr22
	ldw	SS_EIEM(%r1),%r20
	mtctl	%r20,%cr15
	ldw	SS_SAR(%r1),%r20
	mtctl	%r20,%cr11
	ldw	SS_PIDR1(%r1),%r20
	mtctl	%r20,%cr8
	ldw	SS_PIDR2(%r1),%r20
	mtctl	%r20,%cr9
	ldw	SS_PIDR3(%r1),%r20
	mtctl	%r20,%cr12
	ldw	SS_PIDR4(%r1),%r20
	mtctl	%r20,%cr13
	ldw	SS_TR2(%r1),%r20
	mtctl	%r20,%cr27
	ldw	SS_SR0(%r1),%r20
	mtsp	%r20,%sr0
	ldw	SS_SR1(%r1),%r20
	mtsp	%r20,%sr1
	ldw	SS_SR2(%r1),%r20
	mtsp	%r20,%sr2
	ldw	SS_SR3(%r1),%r20
	mtsp	%r20,%sr3
	ldw	SS_SR4(%r1),%r20
	mtsp	%r20,%sr4
	ldw	SS_SR5(%r1),%r20
	mtsp	%r20,%sr5
	ldw	SS_SR6(%r1),%r20
	mtsp	%r20,%sr6
	ldw	SS_SR7(%r1),%r20
	mtsp	%r20,%sr7
	ldw	SS_R2(%r1),%r2
	load_callee_saved %r1
	ldw	SS_R19(%r1),%r19
	ldw	SS_R20(%r1),%r20
	ldw	SS_R21(%r1),%r21
	ldw	SS_R22(%r1),%r22
	ldw	SS_R23(%r1),%r23
	ldw	SS_R24(%r1),%r24
	ldw	SS_R25(%r1),%r25
	ldw	SS_R26(%r1),%r26
	ldw	SS_R27(%r1),%r27
	ldw	SS_R28(%r1),%r28
	ldw	SS_R29(%r1),%r29
	ldw	SS_R30(%r1),%r30
	ldw	SS_R31(%r1),%r31
	ldw	SS_R1(%r1),%r1
	rfi
	nop

; No mapping: a fault at r9:r8, which for an instruction's own page is in no register yet. The queues
; are kept while rfir brings the shadowed registers back; then it is an interruption like others.
	.globl	itlb_fault
itlb_fault:
	mtctl	%r9,%cr20
	mtctl	%r8,%cr21
	b	page_fault
	ldi	I_ITLB_MISS,%r25
	.globl	dtlb_fault
dtlb_fault:
	ldi	I_DTLB_MISS,%r25
page_fault:
	mtsp	%r1,%sr1
	mtctl	%r25,%cr29
	address	fault_queue,%r1
	mfctl	%cr17,%r8
	stw	%r8,FAULT_IISQ_FRONT(%r1)
	mfctl	%cr18,%r9
	stw	%r9,FAULT_IIOQ_FRONT(%r1)
	mtctl	%r0,%cr17
	mtctl	%r0,%cr18
	mfctl	%cr17,%r8
	stw	%r8,FAULT_IISQ_BACK(%r1)
	mfctl	%cr18,%r9
	stw	%r9,FAULT_IIOQ_BACK(%r1)
	mfctl	%cr22,%r8
	stw	%r8,FAULT_IPSW(%r1)
	mtctl	%r0,%cr17
	address	page_fault_restored,%r9
	mtctl	%r9,%cr18
	ldo	4(%r9),%r9
	mtctl	%r9,%cr18
	mtctl	%r0,%cr22
	rfir
	nop
page_fault_restored:
	mtctl	%r22,%cr28
	mtctl	%r30,%cr30
	mtctl	%r26,%cr26
	address	fault_queue,%r22
	ldw	FAULT_IISQ_FRONT(%r22),%r26
	mtctl	%r26,%cr17
	ldw	FAULT_IISQ_BACK(%r22),%r26
	mtctl	%r26,%cr17
	ldw	FAULT_IIOQ_FRONT(%r22),%r26
	mtctl	%r26,%cr18
	ldw	FAULT_IIOQ_BACK(%r22),%r26
	mtctl	%r26,%cr18
	ldw	FAULT_IPSW(%r22),%r26
	mtctl	%r26,%cr22
	b	thandler
	mfctl	%cr29,%r26

; Lazy switch of the FPU: the context switch only turns it off (ccr = 0), and its next use comes here.
; The state goes to the PCB it belongs to. Only shadowed registers are used.
	.globl	fpu_switch
fpu_switch:
	ldi	0xc0,%r1
	mtctl	%r1,%cr10
	address	cpu_data,%r8
	ldw	CPU_FPU_OWNER(%r8),%r9
	ldw	CPU_ACTIVE_PCB(%r8),%r16
	comb,=	%r9,%r16,fpu_done
	stw	%r16,CPU_FPU_OWNER(%r8)
	comb,=,n	%r0,%r9,fpu_load
	ldo	PCB_SF(%r9),%r9
	fstds,ma	%fr0,8(%r9)
	fstds,ma	%fr1,8(%r9)
	fstds,ma	%fr2,8(%r9)
	fstds,ma	%fr3,8(%r9)
	fstds,ma	%fr4,8(%r9)
	fstds,ma	%fr5,8(%r9)
	fstds,ma	%fr6,8(%r9)
	fstds,ma	%fr7,8(%r9)
	fstds,ma	%fr8,8(%r9)
	fstds,ma	%fr9,8(%r9)
	fstds,ma	%fr10,8(%r9)
	fstds,ma	%fr11,8(%r9)
	fstds,ma	%fr12,8(%r9)
	fstds,ma	%fr13,8(%r9)
	fstds,ma	%fr14,8(%r9)
	fstds,ma	%fr15,8(%r9)
	fstds,ma	%fr16,8(%r9)
	fstds,ma	%fr17,8(%r9)
	fstds,ma	%fr18,8(%r9)
	fstds,ma	%fr19,8(%r9)
	fstds,ma	%fr20,8(%r9)
	fstds,ma	%fr21,8(%r9)
	fstds,ma	%fr22,8(%r9)
	fstds,ma	%fr23,8(%r9)
	fstds,ma	%fr24,8(%r9)
	fstds,ma	%fr25,8(%r9)
	fstds,ma	%fr26,8(%r9)
	fstds,ma	%fr27,8(%r9)
	fstds,ma	%fr28,8(%r9)
	fstds,ma	%fr29,8(%r9)
	fstds,ma	%fr30,8(%r9)
	fstds,ma	%fr31,8(%r9)
fpu_load:
	ldo	PCB_SF+248(%r16),%r16
	fldds,ma	-8(%r16),%fr31
	fldds,ma	-8(%r16),%fr30
	fldds,ma	-8(%r16),%fr29
	fldds,ma	-8(%r16),%fr28
	fldds,ma	-8(%r16),%fr27
	fldds,ma	-8(%r16),%fr26
	fldds,ma	-8(%r16),%fr25
	fldds,ma	-8(%r16),%fr24
	fldds,ma	-8(%r16),%fr23
	fldds,ma	-8(%r16),%fr22
	fldds,ma	-8(%r16),%fr21
	fldds,ma	-8(%r16),%fr20
	fldds,ma	-8(%r16),%fr19
	fldds,ma	-8(%r16),%fr18
	fldds,ma	-8(%r16),%fr17
	fldds,ma	-8(%r16),%fr16
	fldds,ma	-8(%r16),%fr15
	fldds,ma	-8(%r16),%fr14
	fldds,ma	-8(%r16),%fr13
	fldds,ma	-8(%r16),%fr12
	fldds,ma	-8(%r16),%fr11
	fldds,ma	-8(%r16),%fr10
	fldds,ma	-8(%r16),%fr9
	fldds,ma	-8(%r16),%fr8
	fldds,ma	-8(%r16),%fr7
	fldds,ma	-8(%r16),%fr6
	fldds,ma	-8(%r16),%fr5
	fldds,ma	-8(%r16),%fr4
	fldds,ma	-8(%r16),%fr3
	fldds,ma	-8(%r16),%fr2
	fldds,ma	-8(%r16),%fr1
	fldds,ma	-8(%r16),%fr0
fpu_done:
	rfir
	nop

; On already: an operation of a coprocessor that is not there.
	.globl	trap_emulation
trap_emulation:
	mtctl	%r30,%cr30
	mtctl	%r26,%cr26
	b	thandler
	ldi	I_ASSIST_EMULATION,%r26
