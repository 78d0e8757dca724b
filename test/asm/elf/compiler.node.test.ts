/**
 * Whole outputs of GNU C, assembled by us and by GNU as: the same relocations and sections, and after
 * GNU ld the same output and exit status under qemu.
 */
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../../../host/asm/assemble.ts";
import { readElf } from "../../../host/asm/elf/read.ts";
import { writeObject } from "../../../host/asm/elf/write-object.ts";
import { Folder, haveQemu, haveTools, sources, type Run } from "./cross.ts";
import { describeGlobals, describeRelocations, describeSections } from "./describe.ts";

const available = haveTools("gcc", "as", "ld") && haveQemu();

const OPTIONS = ["-O0", "-O2", "-Os -ffunction-sections -fdata-sections", "-O3 -g -mlong-calls"];

describe.skipIf(!available)("a program in C", () => {
  let folder: Folder;
  let expected: Run;
  beforeAll(() => {
    folder = new Folder();
    folder.tool("gcc", "-static", "-w", "-O1", "-o", "plain", ...sources());
    expected = folder.run("plain");
    // What main returns, by its source.
    expect(expected).toMatchObject({ status: 51 });
    expect(expected.stdout.split("\n").length).toBeGreaterThan(30);
  });
  afterAll(() => folder.remove());

  test.each(OPTIONS)("%s", (options) => {
    const texts = sources().map((source) => basename(source).replace(/c$/, "s"));
    folder.tool("gcc", "-S", "-w", ...options.split(" "), ...sources());
    const objects = texts.map((text) => {
      const bytes = writeObject(assemble({ file: text, text: folder.text(text) }));
      folder.tool("as", "-o", "gnu.o", text);
      const [ours, reference] = [readElf(text, bytes), readElf("gnu.o", folder.bytes("gnu.o"))];
      expect(describeRelocations(ours)).toEqual(describeRelocations(reference));
      expect(describeGlobals(ours)).toEqual(describeGlobals(reference));
      expect(describeSections(ours)).toEqual(describeSections(reference));
      return folder.put(`${text}.o`, bytes);
    });
    folder.tool("gcc", "-static", "-o", "ours", ...objects);
    expect(folder.run("ours")).toEqual(expected);
  });
});
