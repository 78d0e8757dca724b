; Macros of the emulator's text, read before each file.

; Loads the address of a global.
	.macro	address symbol, register
	ldil	L%\symbol,\register
	ldo	R%\symbol(\register),\register
	.endm

; Registers of a program to or from the `emulator_state` at `base`.
	.macro	keep register, number, base
	stw	\register,STATE_GR+4*\number(\base)
	.endm

	.macro	fetch register, number, base
	ldw	STATE_GR+4*\number(\base),\register
	.endm
