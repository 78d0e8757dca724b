/**
 * Our ELF objects beside GNU as's: the same relocations to the same places, the same global
 * symbols, the same sections. And through our reader an object comes back as it was.
 */
import { describe, expect, test } from "vitest";
import { assemble } from "../../../host/asm/assemble.ts";
import { elfObject } from "../../../host/asm/elf/object.ts";
import { readElf } from "../../../host/asm/elf/read.ts";
import { writeObject } from "../../../host/asm/elf/write-object.ts";
import { isTemporary, type ObjectFile, type ObjectSymbol } from "../../../host/asm/object.ts";
import { CASES } from "../texts.ts";
import { haveTools, inFolder } from "./cross.ts";
import { describeGlobals, describeRelocations, describeSections } from "./describe.ts";

const available = haveTools("as");

/** With what GNU as does not know. */
const OURS =
  ".text\n.probe T1.1\nstart: nop\n1: b 1b ! nop\n.probe T1.2\n.globl start\n.word 1b, start";

const all = Object.entries(CASES).map(([name, text]) => [name, `\t.level 1.1\n${text}`] as const);

describe.skipIf(!available)("an object is GNU as's", () => {
  test.each(all)("%s", (_, text) => {
    const ours = readElf("ours.o", writeObject(assemble({ file: "case.s", text })));
    const reference = inFolder((folder) => {
      folder.put("case.s", text);
      folder.tool("as", "-o", "case.o", "case.s");
      return readElf("gnu.o", folder.bytes("case.o"));
    });
    expect(describeRelocations(ours)).toEqual(describeRelocations(reference));
    expect(describeGlobals(ours)).toEqual(describeGlobals(reference));
    expect(describeSections(ours)).toEqual(describeSections(reference));
  });
});

/** What a linker sees, in an order that the file does not change. */
function seen({ sections, symbols, relocations, probes }: ObjectFile): unknown {
  const named = ({ name, place, section, value, size, binding, type }: ObjectSymbol): string =>
    // Numeric labels have no name outside.
    `${binding === "local" && isTemporary(name) ? "" : name} ${place} ${section} ${value} ${size} ${binding} ${type}`;
  return {
    sections: sections.filter(({ flags }) => flags.allocate),
    symbols: symbols.map(named).toSorted(),
    relocations: relocations.map(({ symbol, ...rest }) => [rest, named(symbols[symbol]!)]),
    probes,
  };
}

test.each([...all, ["probes and numeric labels", OURS] as const])(
  "%s, through a file",
  (_, text) => {
    const object = assemble({ file: "case.s", text });
    const back = elfObject(readElf("case.o", writeObject(object)));
    const loaded = new Set(object.sections.filter(({ flags }) => flags.allocate).map(({ name }) => name)); // prettier-ignore
    const relocations = object.relocations.filter(({ section }) => loaded.has(section));
    expect(seen(back)).toEqual(seen({ ...object, relocations }));
  },
);
