; The twelve system calls of Table 4, each timed as the authors did: the system's clock before and after
; many calls. A native OSF/1 program: stubs are `ldi`, gateway, branch (paper §4.4; facts of the port).
; At the end `results` goes to standard output: for each row {seconds, microseconds} before and after.
; A byte on standard error marks, outside of what is timed, where each row begins and ends.
;
; r3 = results  r4 = calls left  r5, r6, r7 = a row's own

	.set	CALLS, 512			; of each kind
	.set	TRANSFERS, 64			; of reads and writes: so many pieces of a file
	.set	SIGUSR1, 30
	.set	O_RDWR, 2
	.set	O_CREAT_TRUNC, 0x602		; O_RDWR, O_CREAT, O_TRUNC
	.set	RLIMIT_CORE, 4

	.text

	stub	exit, 1
	stub	read, 3
	stub	write, 4
	stub	close, 6
	stub	creat, 8
	stub	lseek, 19
	stub	getpid, 20
	stub	kill, 37
	stub	open, 45
	stub	getgid, 47
	stub	stat, 67
	stub	gettimeofday, 116
	stub	setrlimit, 145
	stub	sigaction, 156
	stub	nop_emulator, NATIVE_NOP_EMULATOR
	stub	nop_server, NATIVE_NOP_SERVER

; timed ROUTINE, SETUP, COUNT: the calls as a warm-up, then between two looks at the clock.
	.macro	timed routine, setup, count
	bl	\setup,%rp
	nop
	ldi	\count,%r4
warm\@:
	bl	\routine,%rp
	nop
	addib,>	-1,%r4,warm\@
	nop
	bl	\setup,%rp
	nop
	bl	mark,%rp
	nop
	bl	clock,%rp
	ldi	\count,%r4
call\@:
	bl	\routine,%rp
	nop
	addib,>	-1,%r4,call\@
	nop
	bl	clock,%rp
	nop
	bl	mark,%rp
	nop
	.endm

	.globl	_start
_start:
	ldo	64(%sp),%sp
	load	results, %r3
	copy	%r3,%arg0			; a look that does not count: what the first one touches is
	bl	gettimeofday,%rp		; there when the first row begins
	copy	%r0,%arg1
	must
	timed	call_nop_emulator, nothing, CALLS
	timed	call_nop_server, nothing, CALLS
	timed	call_getpid, nothing, CALLS
	timed	call_getgid, nothing, CALLS
	timed	call_setrlimit, nothing, CALLS
	timed	call_write4096, open_data, TRANSFERS	; makes what is read
	timed	call_write64, open_data, TRANSFERS
	timed	call_read4096, open_data, TRANSFERS
	timed	call_read64, open_data, TRANSFERS
	timed	call_stat, nothing, CALLS
	timed	call_create, nothing, CALLS
	timed	call_signal, catch_signal, CALLS

	ldi	1,%arg0
	load	results, %arg1
	bl	write,%rp
	ldi	12*16,%arg2
	must
	bl	exit,%rp
	ldi	0,%arg0
failed:
	bl	exit,%rp
	copy	%r22,%arg0
	break	0,0

	clock_routine
	mark_routine

nothing:
	bv,n	%r0(%rp)

call_nop_emulator:
	copy	%rp,%r17
	bl	nop_emulator,%rp
	nop
	bv,n	%r0(%r17)
call_nop_server:
	copy	%rp,%r17
	bl	nop_server,%rp
	nop
	must
	bv,n	%r0(%r17)
call_getpid:
	copy	%rp,%r17
	bl	getpid,%rp
	nop
	bv,n	%r0(%r17)
call_getgid:
	copy	%rp,%r17
	bl	getgid,%rp
	nop
	bv,n	%r0(%r17)
call_setrlimit:
	copy	%rp,%r17
	load	limit, %arg1
	bl	setrlimit,%rp
	ldi	RLIMIT_CORE,%arg0
	must
	bv,n	%r0(%r17)

; The file's descriptor to r5, at its beginning.
open_data:
	copy	%rp,%r17
	comib,<>	0,%r5,rewind
	nop
	load	data_name, %arg0
	ldi	0x202,%arg1			; O_RDWR, O_CREAT
	bl	open,%rp
	ldi	0x1b6,%arg2			; 0666
	must
	copy	%r28,%r5
rewind:
	copy	%r5,%arg0
	copy	%r0,%arg1
	bl	lseek,%rp
	copy	%r0,%arg2
	must
	bv,n	%r0(%r17)

	.macro	transfer name, routine, bytes
\name:
	copy	%rp,%r17
	copy	%r5,%arg0
	load	buffer, %arg1
	ldil	L%\bytes,%arg2
	bl	\routine,%rp
	ldo	R%\bytes(%arg2),%arg2
	must
	bv,n	%r0(%r17)
	.endm

	transfer call_write4096, write, 4096
	transfer call_write64, write, 64
	transfer call_read4096, read, 4096
	transfer call_read64, read, 64

call_stat:
	copy	%rp,%r17
	load	data_name, %arg0
	load	buffer, %arg1
	bl	stat,%rp
	nop
	must
	bv,n	%r0(%r17)

; A file made, which is there and empty from the second time on, and closed.
call_create:
	copy	%rp,%r17
	load	made_name, %arg0
	bl	creat,%rp
	ldi	0x1b6,%arg1
	must
	bl	close,%rp
	copy	%r28,%arg0
	must
	bv,n	%r0(%r17)

; A signal to oneself, its handler, and back.
catch_signal:
	copy	%rp,%r17
	bl	getpid,%rp
	nop
	copy	%r28,%r6
	ldi	SIGUSR1,%arg0
	load	action, %arg1
	bl	sigaction,%rp
	copy	%r0,%arg2
	must
	bv,n	%r0(%r17)
call_signal:
	copy	%rp,%r17
	copy	%r6,%arg0
	bl	kill,%rp
	ldi	SIGUSR1,%arg1
	must
	bv,n	%r0(%r17)
handler:
	bv,n	%r0(%rp)

	.data
	.align	8
limit:	.word	0, 0x7fffffff
action:	.word	handler, 0, 0
data_name:	.asciz	"/tmp/data"
made_name:	.asciz	"/tmp/made"
dot:	.ascii	"."
	.bss
	.align	64
results:
	.block	12*16
	.align	4096
buffer:
	.block	4096
