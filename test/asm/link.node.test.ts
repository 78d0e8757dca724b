/** Two objects through our linker and GNU ld at several addresses: the same bytes. */
import { describe, expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { link } from "../../host/asm/link.ts";
import { gnuLink, haveTool } from "./binutils.ts";
import { hexWords } from "./hex.ts";

const available = haveTool("as") && haveTool("ld");

/** Every relocation, forwards and backwards, with addends; common blocks and a weak symbol. */
const LINKED = [
  `
 .level 1.1
 .text
 .globl start
start:
 ldil L%var,%r1
 ldw R%var(%r1),%r2
 ldo R%var+4(%r1),%r3
 ldil LR%var+0x1800,%r1
 ldo RR%var+0x1800(%r1),%r1
 addil L%var-$global$,%dp
 ldo R%var-$global$(%r1),%r1
 addil LR%var-$global$+0x2344,%dp
 ldw RR%var-$global$+0x2344(%r1),%r1
 addil L%fun-$global$,%dp
 ldo R%fun-$global$(%r1),%r1
 ldw var-$global$(%dp),%r4
 bl fun,%r2 ! nop
 comb,= %r1,%r2,fun ! nop
 ldil L%fun,%r1
 ble R%fun(%sr4,%r1) ! nop
 be low(%sr0,%r0)
 ldo low(%r0),%r4
 ldil L%fun-$PIC_pcrel$0+4,%r1
 ldo R%fun-$PIC_pcrel$0+8(%r1),%r1
 ldil L'fun-4,%r1
 ldo R'fun-4(%r1),%r1
 ldil L'var-0x2fff,%r1
 ldo R'var-0x2fff(%r1),%r1
 b .Lx ! nop
.Lx: b 1f
1: nop
 .globl low
low: .equ 0x1ff4
 .section .rodata
 .word start, .Lx
 .data
 .space 0x7f4
 .globl var
var: .word fun, var+8, .Lx, start-4, shared, wk
 .word var-., fun-.
 .globl $global$
$global$: .word 1
 .comm shared,12,8
 .weak wk
 .bss
z: .space 16
 .text
 ldil L%z,%r1
`,
  `
 .level 1.1
 .text
 .globl fun
fun: bv %r0(%r2) ! nop
 bl start,%r2 ! nop
 ldil LR%var+4,%r1 ! ldw RR%var+4(%r1),%r1
 ldil L%shared,%r1 ! stw %r1,R%shared(%r1)
 .weak start2
 .data
 .word fun, start, var
 .comm shared,20,4
 .bss
 .space 4
`,
];

describe.skipIf(!available)("linked bytes are GNU ld's", () => {
  const layouts: [number, number][] = [
    [0x1000, 0x1800],
    [0x1234, 0x12345678],
    [0x10000, 0x1a7f8],
    [0x40000000, 0x40003000],
    [0x7ff000, 0xf0000000],
  ];
  test.each(layouts)("text at %i, data at %i", (text, data) => {
    const image = link(
      LINKED.map((source, index) => assemble({ file: `${index}.s`, text: source })),
      { text, data, entry: "start" },
    );
    const reference = gnuLink(LINKED, text, data);
    const names = [".text", ".rodata"].map((name) => reference.sections.get(name)!);
    const [code, constants] = names;
    const bytes = Buffer.from(image.segments[0]!.bytes);
    expect(hexWords(bytes.subarray(0, code!.length))).toEqual(hexWords(code!));
    expect(hexWords(bytes.subarray(bytes.length - constants!.length))).toEqual(
      hexWords(constants!),
    );
    const initialised = Buffer.from(image.segments[1]!.bytes);
    expect(hexWords(initialised)).toEqual(hexWords(reference.sections.get(".data")!));
    expect(image.entry).toBe(text);
  });
});
