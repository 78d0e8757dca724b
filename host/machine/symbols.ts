/** Names for addresses of several spaces: which program an instruction is of, and which label it follows. */
import type { Image } from "../asm/image.ts";

/** A program that is loaded somewhere. */
export interface LoadedImage {
  /** What reports call it: `client`, `kernel`. */
  readonly title: string;
  readonly space: number;
  readonly image: Image;
  /** A part of it that is seen elsewhere: `size` bytes of what is linked at `linked`. */
  readonly seenAt?: { readonly virtual: number; readonly linked: number; readonly size: number };
}

export interface Located {
  readonly title: string;
  /** The label at or before the address; its page, where no program is known. */
  readonly symbol: string;
  readonly offset: number;
}

const PAGE_MASK = 0xfffff000;

/** Finds names, and remembers what it found. */
export class Symbols {
  readonly #images: readonly LoadedImage[];
  readonly #known = new Map<number, Map<number, Located>>();

  constructor(images: readonly LoadedImage[]) {
    this.#images = images;
  }

  /** Where an instruction is; the level in the low bits of its address does not matter. */
  locate(space: number, offset: number): Located {
    const address = (offset & ~3) >>> 0;
    let known = this.#known.get(space);
    if (known === undefined) this.#known.set(space, (known = new Map()));
    let located = known.get(address);
    if (located === undefined) known.set(address, (located = this.#find(space, address)));
    return located;
  }

  #find(space: number, address: number): Located {
    for (const { title, space: where, image, seenAt } of this.#images) {
      if (where !== space) continue;
      const inside = seenAt ? address - seenAt.virtual : 0;
      if (seenAt && !(inside >= 0 && inside < seenAt.size)) continue;
      const location = image.locate(seenAt ? seenAt.linked + inside : address);
      if (location) return { title, ...location };
    }
    const page = (address & PAGE_MASK) >>> 0;
    const symbol = `0x${page.toString(16).padStart(8, "0")}`;
    return { title: `space ${space}`, symbol, offset: address - page };
  }

  /** Addresses that a symbol names, in the programs that have it. */
  addresses(
    symbol: string,
  ): { readonly title: string; readonly space: number; readonly address: number }[] {
    return this.#images.flatMap(({ title, space, image }) => {
      const address = image.symbols.get(symbol);
      return address === undefined ? [] : [{ title, space, address }];
    });
  }
}
