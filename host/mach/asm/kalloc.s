; Kernel memory for messages that the cached kmsg does not hold: zones of 16 << i bytes
; (Mach 3.0 kern/kalloc.c, kern/zalloc.c). A zone that runs dry is grown by the host.

	.text
; zalloc(zone) → element. A free element links to the next in its first word.
	.globl	zalloc
zalloc:
	ldw	ZONE_FREE(%arg0),%r28
	comb,=,n	%r0,%r28,zone_empty
	ldw	0(%r28),%r19
	ldw	ZONE_COUNT(%arg0),%r20
	stw	%r19,ZONE_FREE(%arg0)
	ldw	ZONE_FREE_COUNT(%arg0),%r21
	ldo	1(%r20),%r20
	stw	%r20,ZONE_COUNT(%arg0)
	ldo	-1(%r21),%r21
	bv	%r0(%rp)
	stw	%r21,ZONE_FREE_COUNT(%arg0)
zone_empty:
	escape	ESCAPE_ZONE

; zfree(zone, element)
zfree:
	ldw	ZONE_FREE(%arg0),%r19
	ldw	ZONE_COUNT(%arg0),%r20
	stw	%r19,0(%arg1)
	ldw	ZONE_FREE_COUNT(%arg0),%r21
	ldo	-1(%r20),%r20
	stw	%arg1,ZONE_FREE(%arg0)
	ldo	1(%r21),%r21
	stw	%r20,ZONE_COUNT(%arg0)
	bv	%r0(%rp)
	stw	%r21,ZONE_FREE_COUNT(%arg0)

; Leaves in \zone the first zone whose elements hold \size bytes.
	.macro	kalloc_zone size, zone
	address	kalloc_zones,\zone
	ldi	KALLOC_MINIMUM,%r19
	comb,<<=,n	\size,%r19,kzone\@
kstep\@:
	sh1add	%r19,%r0,%r19
	comb,<<	%r19,\size,kstep\@
	ldo	SIZEOF_ZONE(\zone),\zone
kzone\@:
	.endm

; kalloc(bytes) → address, at most KALLOC_MINIMUM << (KALLOC_ZONES − 1) bytes.
	.globl	kalloc
kalloc:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	copy	%arg0,%r20
	kalloc_zone %r20,%arg0
	bl	zalloc,%rp
	nop
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldo	-64(%sp),%sp

; kfree(address, bytes)
	.globl	kfree
kfree:
	stw	%rp,-20(%sp)
	ldo	64(%sp),%sp
	copy	%arg1,%r20
	copy	%arg0,%arg1
	kalloc_zone %r20,%arg0
	bl	zfree,%rp
	nop
	ldw	-84(%sp),%rp
	bv	%r0(%rp)
	ldo	-64(%sp),%sp
