/**
 * The text under a bare program, assembled: gateway page at physical 0, vectors and TLB handlers
 * behind it. Assembled once; the image is the same for every machine.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../abi/index.ts";
import { AR } from "../abi/hp700.ts";
import { LIGHT_CALL } from "../abi/linux/light-calls.ts";
import { CR, TLB_WORD } from "../abi/pa.ts";
import { structSymbols, SYMBOLS } from "../abi/struct.ts";
import { assemble, type Source } from "../asm/assemble.ts";
import type { Image } from "../asm/image.ts";
import { link } from "../asm/link.ts";
import { panic } from "../diagnostic.ts";
import type { Machine } from "../machine/machine.ts";
import { BARE, BARE_ESCAPE, PAGE_SIZE, pageEntry } from "./layout.ts";

const FILES = [new URL("./gateway.s", import.meta.url), new URL("./vectors.s", import.meta.url)];
/** Macros, read before each. */
const PRELUDE = new URL("../abi/linux/light-calls.s", import.meta.url);

/** What the text may name. */
export function bareSymbols(): Record<string, number> {
  const own = [BARE, BARE_ESCAPE, LIGHT_CALL].map((constants) => constants[SYMBOLS].values);
  return Object.assign({ ...abiSymbols(), ...structSymbols(pageEntry) }, ...own) as Record<
    string,
    number
  >;
}

/** The sources, as they go to an assembler. */
export async function bareSources(): Promise<Source[]> {
  const prelude = await loadText(PRELUDE);
  return Promise.all(
    FILES.map(async (url) => ({
      file: url.pathname.split("/").at(-1)!,
      text: prelude + (await loadText(url)),
    })),
  );
}

let image: Promise<Image> | undefined;

/** Gateway and vectors, linked at their place. */
export function bareText(): Promise<Image> {
  return (image ??= bareSources().then((sources) => {
    const symbols = bareSymbols();
    return link(
      sources.map((source) => assemble(source, { symbols })),
      { text: 0 },
    );
  }));
}

/** `break 31, N`, the escape instruction, in a text that has no other use for it. */
const ESCAPE_MASK = 0xfc001fff;
const ESCAPE_WORD = 0x0000001f;

/** Puts the text into a new machine: vectors, gateway page and escapes work from now on. */
export function installText(machine: Machine, text: Image): void {
  for (const { address, bytes } of text.segments) {
    machine.memory.copyIn(address, bytes);
    for (let at = address; at < address + bytes.length; at += 4)
      if ((machine.memory.read32(at) & ESCAPE_MASK) >>> 0 === ESCAPE_WORD)
        machine.registerEscape(at);
  }
  machine.setCr(CR.CR_IVA, symbolOf(text, "interruption_vectors"));
  machine.insertBlockTlb({
    space: 0,
    virtual: symbolOf(text, "gateway_page"),
    physical: symbolOf(text, "gateway_page"),
    size: PAGE_SIZE,
    accessRights: (AR.AR_GATEWAY >>> TLB_WORD.TLB_PL2_SHIFT) & 0x7f,
    accessId: 0,
    sides: "instruction",
  });
}

/** Address of a label of the text. */
export function symbolOf(text: Image, name: string): number {
  return text.symbols.get(name) ?? panic(`bare text: no symbol ${name}`);
}
