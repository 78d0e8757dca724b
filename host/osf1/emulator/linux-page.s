; The page at virtual address 0 of a Linux program's task. Programs call it with `ble ENTRY(%sr2,%r0)`:
; r31 and sr0 are where they go on. A system call enters the kernel by the real gateway, whose number
; register is one of Linux's arguments: what the kernel's redirection does not keep is stored where the
; emulator's frame will be. light_entry and light_calls are of light-calls.s.

	.text
	.globl	linux_page
linux_page:
	light_entry

; 0xe0: the thread pointer, r26: by the kernel, which alone may write cr27.
	ldil	L%GATEWAY,%r1
	be	GATEWAY_THREAD_POINTER(%sr7,%r1)
	nop
	.rept	5
	break	0,0
	.endr

; 0x100: a system call, number in r20, arguments in r26 to r21.
	ldi	LINUX_CALL_COUNT,%r1
	comb,<<=,n	%r1,%r20,no_such_call
	stw	%r19,LF_R19(%sp)
	ldil	L%GATEWAY,%r1
	stw	%r21,LF_R21(%sp)
	stw	%r22,LF_R22(%sp)
	be	4(%sr7,%r1)
	ldo	LINUX_CALLS(%r20),%r22
no_such_call:
	be	0(%sr0,%r31)
	ldi	-LINUX_ENOSYS,%r28

	light_calls
