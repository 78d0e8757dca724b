/** Whole outputs of GNU C through our assembler and GNU's: the same sections and relocations. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { gnuAssemble, gnuCompile, haveTool } from "./binutils.ts";

const available = haveTool("gcc") && haveTool("as");

const PROGRAMS = ["integers.c", "floats.c"];
const OPTIONS = [
  ["-O0"],
  ["-O1"],
  ["-O2"],
  ["-Os"],
  ["-O2", "-funroll-loops"],
  ["-O1", "-mlong-calls"],
  ["-O1", "-g"],
];

describe.skipIf(!available)("compiler output", () => {
  for (const program of PROGRAMS)
    test.each(OPTIONS.map((options) => [options.join(" "), options] as const))(
      `${program} %s`,
      (_, options) => {
        const file = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
        const text = gnuCompile(file, options);
        const object = assemble({ file: `${program}.s`, text });
        const reference = gnuAssemble(text);
        for (const section of object.sections) {
          if (!section.flags.allocate || section.flags.zero) continue;
          const ours = section.bytes.slice();
          const gnu = Buffer.from(reference.sections.get(section.name)!);
          // What a relocation will write does not count: GNU as leaves addends there.
          const places = object.relocations.filter((at) => at.section === section.name);
          for (const { offset } of places)
            for (const bytes of [ours, gnu]) bytes.fill(0, offset, offset + 4);
          expect([section.name, Buffer.from(ours).toString("hex")]).toEqual([
            section.name,
            gnu.toString("hex"),
          ]);
          const named = (list: readonly { readonly section: string; readonly offset: number; readonly type: string }[]): string[] =>
          list.filter((at) => at.section === section.name).map(({ offset, type }) => `${offset} ${type}`).sort(); // prettier-ignore
          expect(named(object.relocations)).toEqual(named(reference.relocations));
        }
        expect(object.sections.find(({ name }) => name === ".text")!.size).toBeGreaterThan(200);
      },
    );
});
