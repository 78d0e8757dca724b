/**
 * What firmware and the kernel's start-up code leave behind before the first thread runs: the image
 * in memory, vectors, page table base, protection ids, the block TLB entry of the equivalent region,
 * and the places where text escapes to the host.
 */
import { PSW_SETTINGS } from "../../abi/hp700.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { CR } from "../../abi/pa.ts";
import type { Image } from "../../asm/image.ts";
import { panic } from "../../diagnostic.ts";
import type { Machine } from "../../machine/machine.ts";

const { EQUIVALENT_END, HPT_BASE, KERNEL_PID, KERNEL_SPACE } = MEMORY_MAP;

/** `break 31,N`, the escape instruction, in a text that has no other use for it. */
const ESCAPE_MASK = 0xfc001fff;
const ESCAPE_WORD = 0x0000001f;

/** Where kernel text escapes to the host. */
function escapesOf(image: Image): number[] {
  return image.segments
    .filter(({ executable }) => executable)
    .flatMap(({ address, bytes }) => {
      const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return Array.from({ length: bytes.length >> 2 }, (_, i) => i * 4)
        .filter((at) => (words.getUint32(at) & ESCAPE_MASK) >>> 0 === ESCAPE_WORD)
        .map((at) => address + at);
    });
}

/** Puts the kernel's image into memory. */
export function loadKernelImage(machine: Machine, image: Image): void {
  for (const { address, bytes } of image.segments) machine.memory.copyIn(address, bytes);
}

/** Vectors, page tables, block TLB, kernel state. */
export function setUpMachine(machine: Machine, image: Image): void {
  const vectors = image.symbols.get("interruption_vectors") ?? panic("setUpMachine: no vectors");
  machine.setCr(CR.CR_IVA, vectors);
  machine.setCr(CR.CR_TR1, HPT_BASE);
  for (const pidr of [CR.CR_PIDR1, CR.CR_PIDR2, CR.CR_PIDR3, CR.CR_PIDR4])
    machine.setCr(pidr, KERNEL_PID);
  machine.insertBlockTlb({
    space: KERNEL_SPACE,
    virtual: 0,
    physical: 0,
    size: EQUIVALENT_END,
    accessRights: 0x30,
    accessId: KERNEL_PID >>> 1,
  });
  machine.psw = PSW_SETTINGS.KERNEL_PSW;
  for (const address of escapesOf(image)) machine.registerEscape(address);
}
