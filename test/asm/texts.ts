/**
 * Texts that both our assembler and GNU as accept, by what they exercise.
 *
 * Everything that GNU as for hppa-linux means by a construct is in its answer, so a case needs no
 * expectation; `!` separates statements.
 */
export const CASES: Readonly<Record<string, string>> = {
  "labels, with or without text on the line": `
a:b: c : nop
 d: nop ! e: nop
1: nop
 b 1b ! b 1f ! nop
1: b 1b
 b,n a ! bl c,%r2 ! comb,=,n %r1,%r2,d ! bb,< %r3,5,e
 .word 1f-0f
0: nop
1: nop
 nop
 b .+8 ! b . ! b .-4 ! addib,> -1,%r3,.
`,
  comments: `
; a comment
# another
 nop ; and one ! nop
 nop /* inside */ ! nop /* over
 two lines */
 .ascii "; # ! /* */" ; end
  # indented
 .align 4
`,
  "upper and lower case": `
 NOP
 ADD,L,<= %R1,%R2,%r3
 Ldw,Ma 4(%r5),%r6
 .WORD 5 ! .Byte 1,2 ! .HALF 3
 LDIL l%0x12345678,%r1 ! ldo r'0x12345678(%r1),%r1
 fadd,DBL %FR4,%fr5,%Fr6 ! FCMP,sgl,!= %fr4r,%fr5L
`,
  "numbers and expressions": `
x = 5
y = x+1
 .word x,y,x*2,-x,~x,x<<2,7/2,7%3,5|2,6^3,1&3,(3+4)*2,-7/2,-7%3
 .word 1<2, 5>6, 1<=1, 3<>4, 2 == 2, 2&&3, 4||0, 0&&1
 .word 0x10, 0X1F, 0b101, 017, 10, 'a, 'b+1
 .word 1+2*3, 8>>1+1, 1|2+4, 1+2<4, 2*3<<1, -(3+4), ~0, - -5, +6
 .word 0xffffffff, -1, 0x80000000, 1<<31, 0xffffffff>>4, -8>>1
 .half 0xffff, -1, 65535 ! .byte 255, -128, 'z'-'a+1
 .quad 0x123456789abcdef0, 5, -1 ! .2byte 1 ! .4byte 2 ! .8byte 3
x = 7
 .word x, y
z = later+1
 .word z, later
later = 0x100
 .set w,9
 .word w
five: .equ 5
 .word five
 .align 4
`.replace("'z'-'a+1", "'z-'a+1"),
  strings: `
 .data
 .string "abc\\n\\0\\101" ! .stringz "abc" ! .asciz "de" ! .ascii "x\\ty\\"\\\\\\x41"
 .asciz "a","b" ! .ascii "no" "comma" ! .string "é"
 .asciz ""
`,
  "blocks and alignment": `
 .data
 .byte 1
 .align 4
 .word 2
 .byte 3
 .align 8,0xff
 .byte 4
 .balign 4,3,1
 .balign 4
 .p2align 3
 .byte 5
 .p2align 4,,3
 .block 3 ! .blockz 2 ! .space 4,7 ! .skip 1 ! .zero 3 ! .fill 3,2,7 ! .fill 2
 .org 120,1
 .align 16
`,
  "padding of text": `
 .byte 1
 .align 8
 nop
 .align 16
 nop
`,
  "floating data": `
 .data
 .double 1.5, -2.25e3, 0.1 ! .float 2.5, 0.1 ! .single -1
 .uleb128 5, 300, 16384 ! .sleb128 -5, 64, -65, 300
 .align 4
`,
  sections: `
 .word 1
 .data
 .word 2
 .text
 .word 3
 .section .foo,"ax",@progbits
 .word 4
 .previous
 .word 5
 .pushsection .data
 .word 6
 .popsection
 .word 7
 .section .rodata
 .word 8
 .section .rodata.cst8,"aM",@progbits,8
 .align 8
 .word 9,10
 .code
 nop
 .bss
 .space 8
`,
  "constants of the text with every selector": `
 ldil L%0x12345fff,%r1 ! ldil LR%0x12345fff,%r1 ! ldil LD%0x12345fff,%r1 ! ldil LS%0x12345fff,%r1
 ldil NL%0x12345fff,%r1 ! ldil NLR%0x12345fff,%r1 ! ldil L%0x12345800,%r1 ! ldil LS%0x12345bff,%r1
 ldo R%0x12345fff(%r1),%r1 ! ldo RR%0x12345fff(%r1),%r1 ! ldo RD%0x12345fff(%r1),%r1
 ldo RS%0x12345fff(%r1),%r1 ! ldo RS%0x123453ff(%r1),%r1 ! ldo F%0x123(%r1),%r1 ! ldo N%0x123(%r1),%r1
 ldil 0x12345,%r1 ! ldil -1,%r1 ! ldil L%-1,%r1 ! ldil L%0xffffffff,%r1 ! addil L%0x7ff,%r5
 ldw R%0x8000_(%r1),%r2
`.replace("0x8000_", "0x8004"),
  "constants that come later": `
 ldi x,%r1 ! ldw x(%r5),%r1 ! addi x,%r1,%r2 ! ldil L%big,%r1 ! ldo R%big(%r1),%r1
 ldil LR%big,%r1 ! ldw RR%big(%r1),%r1
x = 6
big = 0x12345abc
 ldi x,%r1 ! ldw x(%r5),%r1 ! ldil LR%big,%r1 ! ldw RR%big(%r1),%r1
`,
  "distances between labels": `
 ldo foo-bar(%r1),%r2
foo: nop
 nop
bar: nop
 ldo bar-foo(%r1),%r2
 ldw bar-foo(%r1),%r2
 .word bar-foo, foo-bar+4
 .align 8
baz: ldw baz-foo(%r1),%r2
 ldi baz-foo,%r3
`,
  "short forms by displacement": `
 ldw 15(%r5),%r6 ! ldw 16(%r5),%r6 ! ldw -16(%r5),%r6 ! ldw -17(%r5),%r6 ! ldw 4(5),6
 ldh 3(%sr1,%r5),%r6 ! ldb 16(%sr2,%r5),%r6 ! stw %r2,-20(%r30) ! stw %r2,-4(%r30) ! stb %r3,7(%r4)
 ldw,ma 4(%r5),%r6 ! ldw,mb -4(%r5),%r6 ! ldw,ma 64(%r5),%r6 ! ldw,mb -64(%r5),%r6 ! stw,ma %r6,64(%sp)
`,
  "register names": `
x: .reg %r5
n = 7
 copy x,%r4 ! copy n,%r4 ! copy 5,4 ! mtctl %r1,16 ! mfctl 16,%r1 ! mtsp %r1,5 ! ldw 4(3,5),6
 copy %rp,%dp ! copy %sp,%ret0 ! copy %ret1,%mrp ! copy %arg0,%arg3 ! copy %t1,%t4
 mtctl %r1,%sar ! mfctl %itmr,%r2 ! mfctl %cr8,%r1 ! mtctl %r1,%tr7 ! mtsp %r0,%sr5
 bv (%r2) ! bv,n 0(%r2) ! fldws 4(%r5),4 ! fadd,dbl 4,5,6 ! fadd 4R,5L,6
`,
  macros: `
 .macro FOO a,b=5
 ldi \\a,%r1
 ldi \\b,%r2
 .endm
 FOO 1
 FOO 2,3
 FOO b=7,a=1
 .macro LOOP n
l\\@: ldi \\n,%r1
 b l\\@ ! nop
 .endm
 loop 1
 LOOP 2
 .macro TWO a b
 .word \\a,\\b
 .endm
 TWO 1 2
 TWO 3+4 5
 TWO (3 + 4),5
 TWO 3 + 4,5
 TWO "6", 7
 .macro GLUE a
g\\()\\a: .word \\a\\()1
 .endm
 GLUE 3
 .macro ADDR a
 ldw \\a,%r5
 .endm
 ADDR 4(%r5)
 ADDR "-4(%r4)"
 .macro REST r:req,s:vararg
 .word \\r
 .word \\s
 .endm
 REST 1,2,3,4
 .macro DOWN x
 .if \\x
 .word \\x
 DOWN (\\x-1)
 .endif
 .endm
 DOWN 3
 .macro LEAVE a
 .if \\a == 5
 .word 5
 .exitm
 .endif
 .word 0
 .endm
 LEAVE 5
 LEAVE 6
 .macro OUTER
 .macro INNER
 .word 77
 .endm
 INNER
 .endm
 OUTER
 INNER
 .macro nop
 .word 99
 .endm
 nop
 .purgem nop
 nop
`,
  repetition: `
 .rept 3
 .word 1
 .rept 2
 .byte 2
 .endr
 .endr
 .align 4
 .irp x,1,2,%r3
 .ascii "\\x;"
 .endr
 .irpc c,abc
 .ascii "\\c"
 .endr
 .rept 0
 garbage
 .endr
 .align 4
`,
  conditionals: `
x = 1
 .if 0
 garbage here
 .if 1
 .else
 .endif
 .else
 .word 1
 .endif
 .ifdef x
 .word 2
 .endif
 .ifdef foo
 .word 3
 .elseif x == 1
 .word 4
 .elseif 1
 .word 5
 .else
 .word 6
 .endif
 .ifndef foo
 .word 7
 .endif
 .ifc a,a
 .word 8
 .endif
 .ifnc a,b
 .word 9
 .endif
 .ifeq 0
 .word 10
 .endif
 .ifne 0
 .word 11
 .endif
 .ifgt 1
 .word 12
 .endif
 .ifle 1
 .word 13
 .endif
`,
  relocations: `
 .globl ext
 ldil L'foo,%r1 ! ldo R'foo(%r1),%r1 ! ldw R'foo+4(%r1),%r1 ! ldil L'foo+0x1004,%r1
 ble R'foo(%sr4,%r1) ! be,l R'foo(%sr4,%r1),%sr0,%r31 ! be foo(%sr4,%r1) ! ldo foo(%r1),%r2
 addil L%foo-$global$,%dp ! ldo R%foo-$global$(%r1),%r1 ! ldw foo-$global$(%dp),%r1
 ldil LR'foo-$PIC_pcrel$0+4,%r1 ! ldo RR'foo-$PIC_pcrel$0+8(%r1),%r1
 bl foo,%r2 ! comb,= %r1,%r2,foo ! b ext
ext: nop
 .word foo, foo+4, foo-8, ext, local, P%foo
local: nop
 .data
 .word ext-., foo-.
 .byte 1,2
 .word foo
 .align 4
`,
  "HP's procedure directives": `
 .export foo,entry,priv_lev=3,rtnval=gr
 .import bar,data
 .type foo,@function
foo:
 .proc
 .callinfo frame=64,calls,save_rp
 .entry
 stw %r2,-20(%r30)
 .import $$mulI,MILLICODE
 .exit
 .procend
 .size foo,.-foo
 .ident "x"
 .weak w
 .word w, bar
`,
  "diagnose registers": `
 mtcpu %r4,%cr8 ! mfcpu %cr8,%r4 ! mtcpu %r4,5 ! diag 0x1a00
`,
};
