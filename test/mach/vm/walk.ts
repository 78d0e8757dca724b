/** A program that walks over memory, however much there is of it. */
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import type { Kernel } from "../../../host/mach/kernel.ts";
import type { Image } from "../../../host/asm/image.ts";

/** Where the memory begins. */
export const HEAP = 0x50000000;
export const { PAGE_SIZE } = MEMORY_MAP;

/** Writes its own address to each of `pages` pages from HEAP on, then reads them, `rounds` times over. */
export const WALK = `
	.text
	.globl	_start
_start:
	ldil	L%pages,%r4
	ldw	R%pages(%r4),%r4
	ldil	L%rounds,%r5
	ldw	R%rounds(%r5),%r5
again:
	ldil	L%${HEAP},%r6
	copy	%r4,%r7
write:
	stw	%r6,0(%r6)
	addib,>	-1,%r7,write
	ldo	4096(%r6),%r6
	ldil	L%${HEAP},%r6
	copy	%r4,%r7
	ldi	0,%r8
read:
	ldw	0(%r6),%r9
	sub	%r9,%r6,%r9
	or	%r9,%r8,%r8
	addib,>	-1,%r7,read
	ldo	4096(%r6),%r6
	ldil	L%wrong,%r9
	ldw	R%wrong(%r9),%r10
	or	%r10,%r8,%r8
	stw	%r8,R%wrong(%r9)
	ldil	L%done,%r9
	ldw	R%done(%r9),%r10
	ldo	1(%r10),%r10
	stw	%r10,R%done(%r9)
	addib,>	-1,%r5,again
	nop
	stop
	.data
	.globl	pages
pages:	.word	0
	.globl	rounds
rounds:	.word	0
	.globl	wrong
wrong:	.word	0
	.globl	done
done:	.word	0
`;

/** Tells the program how far and how often. */
export function setWalk(
  kernel: Kernel,
  task: number,
  image: Image,
  { pages, rounds }: { readonly pages: number; readonly rounds: number },
): void {
  const words = new Uint8Array(8);
  new DataView(words.buffer).setUint32(0, pages);
  new DataView(words.buffer).setUint32(4, rounds);
  kernel.copyout(task, image.symbols.get("pages")!, words);
}
