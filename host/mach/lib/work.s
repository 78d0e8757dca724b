; host_work: where the text of a server calls work functions that are TypeScript (work.ts). Called
; like any procedure, arguments in registers and on the stack, r22 = which one; result in r28. A work
; function may call procedures of this text in turn, any number of times.

	.text
	.globl	host_work
	.globl	host_work_enter
	.globl	host_work_call
	.globl	host_work_returned
	.globl	host_work_leave
	.globl	host_work_end
host_work:
	stw	%rp,-20(%sp)
	ldo	128(%sp),%sp
host_work_enter:
	escape	ESCAPE_WORK
	b,n	host_work_leave			; only if nobody answers
host_work_call:					; r22 = a procedure; its arguments are in place
	bl	$$dyncall,%r31
	copy	%r31,%rp
host_work_returned:
	escape	ESCAPE_WORK_RETURNED
	nop
host_work_leave:
	ldw	-148(%sp),%rp
	bv	%r0(%rp)
	ldo	-128(%sp),%sp
host_work_end:
	nop
