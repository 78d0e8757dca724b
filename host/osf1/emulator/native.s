; OSF/1's calls in the emulator. What needs no server is answered here, from the page that the server
; fills (paper Table 4: nop, getpid); calls with a routine in bsd_1.defs go by KMIG's stubs, all others
; by the generic call. Path names get their length here, so a wild one is found here: EFAULT.
;
; Conventions of a routine: dispatch.s.

	.set	PATH_MOST, 1024
	.set	SHORT_MOST, 8192
	.set	CREAT_FLAGS, 0x601		; O_WRONLY, O_CREAT, O_TRUNC

	.text
	.globl	e_nop
e_nop:
	bv	%r0(%rp)
	copy	%r0,%r28

	.globl	e_nosys
e_nosys:
	ldil	L%UNIX_ERROR+ENOSYS,%r28
	bv	%r0(%rp)
	ldo	R%UNIX_ERROR+ENOSYS(%r28),%r28

	.globl	e_getpid
e_getpid:
	ldil	L%EMULATOR_INFO,%r19
	ldo	R%EMULATOR_INFO(%r19),%r19
	ldw	INFO_PID(%r19),%r21
	ldw	INFO_PPID(%r19),%r22
	stw	%r21,0(%r20)
	copy	%r0,%r28
	bv	%r0(%rp)
	stw	%r22,4(%r20)

	.globl	e_getpagesize
e_getpagesize:
	ldil	L%PAGE_SIZE,%r21
	stw	%r21,0(%r20)
	bv	%r0(%rp)
	copy	%r0,%r28

; Every other call: six arguments, whatever it has. r3 = record.
	.globl	e_generic
e_generic:
	stw	%rp,-20(%sp)
	ldo	128(%sp),%sp
	ldw	REC_ARGUMENTS(%r3),%r19
	ldw	REC_FLAGS(%r3),%r21
	ldw	REC_NUMBER(%r3),%r22
	sub	%r19,%r21,%r19
	ldw	0(%r19),%arg3
	ldw	-4(%r19),%r21
	ldw	-8(%r19),%r1
	stw	%r21,-52(%sp)
	stw	%r1,-56(%sp)
	ldw	-12(%r19),%r21
	ldw	-16(%r19),%r1
	stw	%r21,-60(%sp)
	stw	%r1,-64(%sp)
	ldw	-20(%r19),%r21
	copy	%r22,%arg2
	copy	%r20,%arg1
	stw	%r21,-68(%sp)
	stw	%r0,-80(%sp)
	bl	emul_generic,%rp
	ldi	REQUEST_PORT,%arg0
	ldw	-148(%sp),%rp
	bv	%r0(%rp)
	ldo	-128(%sp),%sp

; A path's length: r26 = string, kept; r28 = its bytes, NUL included; 0 when it is too long or wild.
emul_strlen:
	copy	%r26,%r21
	ldi	PATH_MOST,%r22
strlen_next:
	ldbs,ma	1(%r21),%r19
	comib,=,n	0,%r19,strlen_end
	addib,>	-1,%r22,strlen_next
	nop
	bv	%r0(%rp)
	copy	%r0,%r28
strlen_end:
	bv	%r0(%rp)
	sub	%r21,%r26,%r28

; What a stub copies into its message is looked at before: a call with a wild pointer does nothing.
; r25 = address, r24 = bytes, kept like all but r1, r19, r21, r22; r28 = 0: it is wild.
	.globl	probe
probe:
	comib,=	0,%r24,probe_end
	ldi	1,%r28
	addl	%r25,%r24,%r21
	copy	%r25,%r22
	ldil	L%PAGE_SIZE,%r1
	ldo	-1(%r21),%r21
probe_page:
	ldb	0(%r22),%r19
	addl	%r22,%r1,%r22
	comb,<<	%r22,%r21,probe_page
	nop
	ldb	0(%r21),%r19
probe_end:
	bv,n	%r0(%rp)

; A routine with paths begins so, with words for what it needs afterwards; r28 = the first one's length.
	.macro	enter_path
	stw	%rp,-20(%sp)
	ldo	128(%sp),%sp
	stw	%arg1,-128(%sp)
	stw	%arg2,-124(%sp)
	bl	emul_strlen,%rp
	stw	%r20,-120(%sp)
	comib,=	0,%r28,e_bad_path
	nop
	.endm

e_bad_path:
	ldil	L%emulator_faulted,%r19
	ldw	R%emulator_faulted(%r19),%r19
	ldil	L%UNIX_ERROR+ENAMETOOLONG,%r28
	ldo	R%UNIX_ERROR+ENAMETOOLONG(%r28),%r28
	comiclr,=	0,%r19,%r0
	ldi	KERN_INVALID_ADDRESS,%r28
e_path_done:
	ldw	-148(%sp),%rp
	bv	%r0(%rp)
	ldo	-128(%sp),%sp

	.macro	path_call name
	.globl	e_\name
e_\name:
	enter_path
	copy	%r26,%arg1
	copy	%r28,%arg2
	bl	bsd_\name,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_path_done
	.endm

	path_call unlink
	path_call rmdir
	path_call chdir
	path_call chroot

; (path, mode)
	.macro	path_mode_call name
	.globl	e_\name
e_\name:
	enter_path
	copy	%r26,%arg2
	copy	%r28,%arg3
	ldw	-128(%sp),%arg1
	bl	bsd_\name,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_path_done
	.endm

	path_mode_call access
	path_mode_call mkdir

; (path, path)
	.macro	two_paths_call name
	.globl	e_\name
e_\name:
	enter_path
	stw	%r26,-124(%sp)
	stw	%r28,-116(%sp)
	bl	emul_strlen,%rp
	ldw	-128(%sp),%r26
	comib,=	0,%r28,e_bad_path
	nop
	copy	%r26,%arg3
	stw	%r28,-52(%sp)
	ldw	-124(%sp),%arg1
	ldw	-116(%sp),%arg2
	bl	bsd_\name,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_path_done
	.endm

	two_paths_call link
	two_paths_call symlink
	two_paths_call rename

; open(path, flags, mode); creat(path, mode)
	.globl	e_creat
e_creat:
	copy	%arg1,%arg2
	ldi	CREAT_FLAGS,%arg1
	.globl	e_open
e_open:
	enter_path
	copy	%r26,%arg3
	ldw	-120(%sp),%r20
	stw	%r28,-52(%sp)
	stw	%r20,-56(%sp)
	ldw	-128(%sp),%arg1
	ldw	-124(%sp),%arg2
	bl	bsd_open,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_path_done

; mknod(path, mode, dev)
	.globl	e_mknod
e_mknod:
	enter_path
	copy	%r26,%arg3
	stw	%r28,-52(%sp)
	ldw	-128(%sp),%arg1
	ldw	-124(%sp),%arg2
	bl	bsd_mknod,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_path_done

; readlink(path, buffer, room)
	.globl	e_readlink
e_readlink:
	enter_path
	ldw	-128(%sp),%r19
	ldw	-124(%sp),%arg1
	copy	%r28,%arg3
	ldw	-120(%sp),%r20
	ldil	L%SHORT_MOST,%r21
	comclr,>>=	%r21,%arg1,%r0
	copy	%r21,%arg1
	copy	%r26,%arg2
	stw	%arg1,0(%r20)
	stw	%r19,-52(%sp)
	stw	%r20,-56(%sp)
	bl	bsd_readlink,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_path_done

; utimes(path, times): without times, now, which only the server knows.
	.globl	e_utimes
e_utimes:
	comib,=,n	0,%arg1,e_utimes_now
	enter_path
	copy	%r28,%arg3
	bl	probe,%rp
	ldi	16,%r24
	comib,=	0,%r28,e_path_done
	copy	%r26,%arg2
	ldw	-128(%sp),%arg1
	bl	bsd_utimes,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_path_done
e_utimes_now:
	b,n	e_generic

; read(file, buffer, bytes): up to 8 KB in line, in long.s what is longer. write has no routine: the
; server reads what it needs of the caller's memory.
	.globl	e_read
e_read:
	ldil	L%SHORT_MOST,%r19
	comb,<<,n	%r19,%arg2,e_long_read
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	stw	%arg2,0(%r20)			; the room; becomes the count
	copy	%arg1,%arg3
	stw	%r20,-52(%sp)
	copy	%arg0,%arg1
	bl	bsd_read_short,%rp
	ldi	REQUEST_PORT,%arg0
e_short_done:
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldo	-64(%sp),%sp
e_long_read:
	b,n	e_read_long

; setrlimit(which, limits), getrusage(who, usage)
	.globl	e_setrlimit
e_setrlimit:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	bl	probe,%rp
	ldi	8,%r24
	comib,=	0,%r28,e_short_done
	copy	%arg1,%arg2
	copy	%arg0,%arg1
	bl	bsd_setrlimit,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_short_done

	.globl	e_getrusage
e_getrusage:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	copy	%arg1,%arg2
	copy	%arg0,%arg1
	bl	bsd_getrusage,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_short_done

; fork: the child begins with these registers, but returns 0, 1.
	.globl	e_fork
e_fork:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	stw	%r20,-64(%sp)
	ldil	L%emulator_child_word,%r1
	stw	%r0,R%emulator_child_word(%r1)
	copy	%r0,%r22
	copy	%r0,%r28
	ldi	1,%r29
	bl	native_state,%rp
	copy	%r3,%arg0
	bl	keep_float,%rp
	nop
	ldw	NATIVE_FRAME(%r3),%r19		; the dispatcher has saved the program's
	ldw	-64(%sp),%arg2
	keep	%r19, 3, %r26
	copy	%r26,%arg1
	bl	bsd_fork,%rp
	ldi	REQUEST_PORT,%arg0
	b,n	e_short_done

; execve(path, argv, envp) and sigreturn(context) bring new registers, or fail. The stack that this
; frame is on may be gone by then.
	.globl	e_execve
e_execve:
	enter_path
	stw	%r4,-116(%sp)
	copy	%sp,%r4
	copy	%r26,%arg3
	ldw	-128(%r4),%arg1
	address	EMULATOR_STACK+128,%sp
	address	emulator_registers,%r19
	stw	%r28,-52(%sp)
	ldw	-124(%r4),%arg2
	stw	%r19,-56(%sp)
	bl	bsd_execve,%rp
	ldi	REQUEST_PORT,%arg0
	comib,=,n	0,%r28,e_program_given
	copy	%r4,%sp
	b	e_path_done
	ldw	-116(%sp),%r4
e_program_given:
	b,n	state_load

	.globl	e_sigreturn
e_sigreturn:
	stw	%rp,-20(%sp)
	stwm	%r4,64(%sp)
	copy	%arg0,%r21
	copy	%sp,%r4
	address	EMULATOR_STACK+128,%sp
	stw	%arg1,-52(%sp)
	stw	%arg2,-56(%sp)
	copy	%r22,%arg2
	bl	emul_generic_state,%rp
	copy	%r21,%arg3
	comib,=,n	0,%r28,e_state_given
	copy	%r4,%sp
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldwm	-64(%sp),%r4
e_state_given:
	b,n	state_given
