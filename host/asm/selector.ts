/**
 * Field selectors: `L%x` is the upper 21 bits of x, `R%x` the lower 11, and their relatives.
 *
 * A pair reassembles: (L << 11) + R is the value. Rounding ones (`LR`, `RR`) split by the symbol
 * alone, so that several offsets from one symbol may share an `ldil`. Source: HP Assembler Reference
 * Manual, "field selectors"; GNU as and ld agree, which test/asm checks.
 */

const NAMES = [
  "f",
  "n",
  "l",
  "nl",
  "r",
  "lr",
  "nlr",
  "rr",
  "ld",
  "rd",
  "ls",
  "rs",
  "p",
  "t",
] as const;

export type Selector = (typeof NAMES)[number];

/** The selector of a name in any case; selectors for linkage tables other than `P` are not known. */
export function selectorNamed(name: string): Selector | undefined {
  const wanted = name.toLowerCase();
  return NAMES.find((candidate) => candidate === wanted);
}

/** Whether a selector takes the left part, whose unit is 2048. */
export function isLeft(selector: Selector): boolean {
  return ["l", "nl", "lr", "nlr", "ld", "ls"].includes(selector);
}

/**
 * A selector applied to symbol + addend, as GNU's tools do: signed 32-bit.
 * Constants count as addends when the assembler meets them in the text, as symbols when they become known later.
 */
export function select(selector: Selector, symbol: number, addend: number): number {
  const value = (symbol + addend) | 0;
  switch (selector) {
    case "l":
    case "nl":
      return value >> 11;
    case "r":
      return value & 0x7ff;
    case "lr":
    case "nlr":
      return (symbol + ((addend + 0x1000) & -0x2000)) >> 11;
    case "rr":
      return (symbol & 0x7ff) + (((addend & 0x1fff) ^ 0x1000) - 0x1000);
    case "ld":
      return value === 0 ? 0 : (value + 0x800) >> 11;
    case "rd":
      return value === 0 ? 0 : value | -0x800;
    case "ls":
      return (value & 0x400 ? value + 0x800 : value) >> 11;
    case "rs":
      return value & 0x400 ? value | -0x800 : value & 0x3ff;
    default:
      return value;
  }
}
