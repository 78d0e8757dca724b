/**
 * Our linker on objects of GNU's compiler and assembler: the image that our own objects give, and a
 * program that does what GNU ld's does. And what it cannot link, it says.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../../../host/asm/assemble.ts";
import { readArchive, withMembers } from "../../../host/asm/elf/archive.ts";
import { elfImage } from "../../../host/asm/elf/image.ts";
import { elfObject } from "../../../host/asm/elf/object.ts";
import { readElf } from "../../../host/asm/elf/read.ts";
import { writeExecutable } from "../../../host/asm/elf/write-executable.ts";
import type { Image } from "../../../host/asm/image.ts";
import { link } from "../../../host/asm/link.ts";
import type { ObjectFile } from "../../../host/asm/object.ts";
import { Folder, haveQemu, haveTools, sources } from "./cross.ts";

const available = haveTools("gcc", "as", "ld", "readelf") && haveQemu();

const BARE = fileURLToPath(new URL("bare/", import.meta.url));
const LAYOUT = { text: 0x10000, entry: "_start" };

/** An image as values. */
function seen({ segments, sections, symbols, entry }: Image): unknown {
  return { segments, sections, symbols: [...symbols].toSorted(), entry };
}

describe.skipIf(!available)("a program without a library", () => {
  let folder: Folder;
  let libgcc: string;
  beforeAll(() => {
    folder = new Folder();
    libgcc = folder.tool("gcc", "-print-libgcc-file-name").trim();
  });
  afterAll(() => folder.remove());

  /** With what the compiler's library has of it: division, calls through pointers. */
  function complete(objects: readonly ObjectFile[]): ObjectFile[] {
    return withMembers(objects, [readArchive("libgcc.a", new Uint8Array(readFileSync(libgcc)))]);
  }

  function readObject(name: string): ObjectFile {
    return elfObject(readElf(name, folder.bytes(name)));
  }

  test.each([
    ["-O0", LAYOUT],
    ["-O2", { ...LAYOUT, text: 0x40000, data: 0x1000000 }],
    ["-Os -ffunction-sections -fdata-sections", LAYOUT],
    ["-O1 -mlong-calls", { ...LAYOUT, text: 0x20000, data: 0x22ffc }],
  ] as const)("%s", (options, layout) => {
    const names = ["main", "other"];
    for (const name of names)
      folder.tool("gcc", "-S", "-w", "-ffreestanding", "-fno-builtin", ...options.split(" "), "-o", `${name}.s`, `${BARE}${name}.c`); // prettier-ignore
    folder.put("start.s", readFileSync(`${BARE}start.s`, "utf8"));
    names.unshift("start");
    for (const name of names) folder.tool("as", "-o", `${name}.o`, `${name}.s`);
    folder.tool("ld", "-o", "theirs", ...names.map((name) => `${name}.o`), libgcc);
    const expected = folder.run("theirs");
    expect(expected).toMatchObject({ status: 7 });
    expect(expected.stdout.split("\n").length).toBe(35);

    const image = link(complete(names.map((name) => readObject(`${name}.o`))), layout);
    const assembled = names.map((name) => assemble({ file: `${name}.o`, text: folder.text(`${name}.s`) })); // prettier-ignore
    expect(seen(link(complete(assembled), layout))).toEqual(seen(image));

    folder.put("ours", writeExecutable(image, 0));
    expect(folder.run("ours")).toEqual(expected);
    // And the program is read as the image that was written.
    const back = elfImage(readElf("ours", folder.bytes("ours")));
    expect(seen(back)).toEqual(seen(image));
    // readelf complains on stderr, objdump by its status.
    expect(folder.tool("readelf", "-aW", "ours")).toContain("R E 0x1000");
    expect(folder.tool("objdump", "-d", "ours")).toContain("<_start>:");
  });
});

describe.skipIf(!available)("what cannot be linked", () => {
  let folder: Folder;
  beforeAll(() => {
    folder = new Folder();
  });
  afterAll(() => folder.remove());

  function objectOf(name: string, ...options: string[]): ObjectFile {
    const source = sources().find((path) => path.endsWith(`/${name}.c`))!;
    folder.tool("gcc", "-c", "-w", ...options, "-o", "object.o", source);
    return elfObject(readElf("object.o", folder.bytes("object.o")));
  }

  test("position-independent code", () => {
    expect(() => objectOf("statics", "-fPIC")).toThrow(
      /^object\.o: offset 0x\w+: relocation is not of static non-PIC code: R_PARISC_DLTIND21L$/m,
    );
  });

  test("thread-local data", () => {
    const object = objectOf("threads");
    expect(() => link([object], { text: 0 })).toThrow("object.o: thread-local data are not supported: counter"); // prettier-ignore
  });

  test("what nobody defines, each name once", () => {
    const object = objectOf("structs");
    expect(() => link([object], { text: 0 })).toThrow(/^object\.o: undefined symbol: printf$/m);
  });

  test("a library without an index", () => {
    objectOf("structs");
    folder.tool("ar", "rcS", "library.a", "object.o");
    expect(() => readArchive("library.a", folder.bytes("library.a"))).toThrow(
      "library.a: offset 0x8: library without a symbol index (make one with ranlib)",
    );
  });
});
