; Macros of all kernel text, read before each file. (`escape NAME` is the assembler's own: the one
; border between text and TypeScript, an illegal instruction where the host did not register it.)

; Loads the address of a global. Kernel text uses absolute addresses throughout.
	.macro	address symbol, register
	ldil	L%\symbol,\register
	ldo	R%\symbol(\register),\register
	.endm
