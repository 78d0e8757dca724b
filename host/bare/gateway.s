; The gateway page of Linux on PA-RISC, at virtual address 0 of space 0. A program calls it with
; `ble ENTRY(%sr2,%r0)`; r31 is where it goes on, sr7 its space. The page is executable at every level
; and a GATE in it promotes to level 0. Offsets of the entries are Linux's (linux-hppa-abi); the
; light-weight calls at 0xb0 are of light-calls.s.

	.text
	.globl	gateway_page
gateway_page:
	light_entry

; 0xe0: set the thread pointer, r26.
set_thread_pointer:
	gate,n	promoted_1,%r0
	break	0,0
promoted_1:
	mtctl	%r26,%cr27
	b,n	user_return
	.rept	4
	break	0,0
	.endr

; 0x100: a system call, number in r20, arguments in r26 to r21. The host leaves the result in r28.
system_call:
	gate,n	promoted_2,%r0
	break	0,0
promoted_2:
	escape	BARE_SYSCALL
	.globl	user_return
user_return:
	depi	3,31,2,%r31
	be,n	0(%sr7,%r31)
	nop

	light_calls
