/** Objects as text that can be compared: what each relocation does, what each global symbol is. */
import type { ElfFile } from "../../../host/asm/elf/read.ts";
import type { ElfSymbol } from "../../../host/asm/elf/sections.ts";
import { OTHER_RELOCATIONS, RELOCATION_NUMBERS } from "../../../host/asm/elf/format.ts";

const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(RELOCATION_NUMBERS).map(([name, number]) => [number, name] as const),
  ...Object.entries(OTHER_RELOCATIONS).map(([number, name]) => [Number(number), name] as const),
]);

/** A place that does not depend on how local symbols are called. */
function target(
  { sections }: ElfFile,
  { name, value, section }: ElfSymbol,
  addend: number,
): string {
  // Left and right parts round by the symbol, so symbol and addend stay apart.
  return typeof section === "number"
    ? `${sections[section]!.name}+${value}+${addend}`
    : `${name}+${addend}`;
}

/** What makes no difference where the symbol ends and the addend starts. */
const WHOLE = new Set(["DIR32", "PCREL32", "PCREL17F", "PCREL12F", "SEGREL32"]);

/** `section offset type target`, sorted; unwind tables, which ours do not have, left out. */
export function describeRelocations(elf: ElfFile): string[] {
  return elf.relocations
    .map(({ section, offset, type, symbol, addend }) => {
      const to = elf.symbols[symbol]!;
      const name = NAMES.get(type) ?? String(type);
      const where =
        typeof to.section === "number" && WHOLE.has(name)
          ? `${elf.sections[to.section]!.name}+${to.value + addend}`
          : target(elf, to, addend);
      const at = offset.toString(16).padStart(8, "0");
      return `${elf.sections[section]!.name} ${at} ${name} ${where}`;
    })
    .filter((line) => !/^\.(PARISC|debug|eh_frame)/.test(line))
    .toSorted();
}

/** Symbols that others see, sorted. */
export function describeGlobals({ symbols, sections }: ElfFile): string[] {
  return symbols
    .filter(({ binding, name }) => binding !== "local" && name !== "")
    .map(({ name, value, size, binding, type, section }) => {
      const place = typeof section === "number" ? sections[section]!.name : section;
      // Of what is elsewhere only the name counts.
      return place === "undefined"
        ? `${name} undefined`
        : `${name} ${place}+${value} ${size} ${binding} ${type}`;
    })
    .toSorted();
}

/** Loaded sections by name with type, flags, alignment (of code at least a word, which GNU as leaves out); empty ones left out. */
export function describeSections({ sections }: ElfFile): string[] {
  return sections
    .filter(({ allocate, size, name }) => allocate && size > 0 && !name.startsWith(".PARISC"))
    .map(({ name, type, write, execute, threadLocal, size, align }) =>
      [name, type, write, execute, threadLocal, size, execute ? Math.max(4, align) : align].join(
        " ",
      ),
    )
    .toSorted();
}
