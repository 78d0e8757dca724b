/** What we read of real files is what readelf and nm read: a static program, and objects. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf } from "../../../host/asm/elf/code.ts";
import { elfImage } from "../../../host/asm/elf/image.ts";
import { readElf, type ElfFile } from "../../../host/asm/elf/read.ts";
import { SHT_NOBITS } from "../../../host/asm/elf/format.ts";
import { DiagnosticError } from "../../../host/diagnostic.ts";
import { Folder, haveTools, sources } from "./cross.ts";

const available = haveTools("gcc", "readelf", "nm");

const number = (digits: string): number => Number.parseInt(digits, 16);

describe.skipIf(!available)("GNU's files", () => {
  let folder: Folder;
  let program: ElfFile;
  beforeAll(() => {
    folder = new Folder();
    folder.tool("gcc", "-static", "-w", "-o", "program", ...sources());
    program = readElf("program", folder.bytes("program"));
  });
  afterAll(() => folder.remove());

  test("header and segments", () => {
    const entry = /Entry point address:\s+(0x\w+)/.exec(folder.tool("readelf", "-h", "program"));
    expect(program).toMatchObject({ kind: "executable", level: "1.1", dynamic: false });
    expect(program.entry).toBe(Number(entry![1]));
    const rows = folder.tool("readelf", "-lW", "program").matchAll(/^ +LOAD +(.*)$/gm);
    const segments = Array.from(rows, ([, row]) => {
      const [offset, address, , fileSize, size, ...flags] = row!.trim().split(/\s+/);
      return [offset, address, fileSize, size].map(Number).concat(flags.includes("E") ? 1 : 0);
    });
    expect(
      program.segments.map(({ fileOffset, address, bytes, size, executable }) =>
        [fileOffset, address, bytes.length, size].concat(executable ? 1 : 0),
      ),
    ).toEqual(segments);
    expect(segments.length).toBe(2);
  });

  test("sections", () => {
    const rows = folder.tool("readelf", "-SW", "program").matchAll(/^ +\[ *(\d+)\] (\S+) +(\S+) +(\w+) (\w+) (\w+) \w\w +([A-Z]*)/gm); // prettier-ignore
    const theirs = Array.from(rows, ([, index, name, type, address, , size, flags]) =>
      [index, name, type === "NOBITS", number(address!), number(size!), flags].join(" "),
    );
    const ours = program.sections.flatMap((section, index) => {
      if (index === 0) return [];
      const { name, type, address, size, write, allocate, execute, threadLocal } = section;
      const flags = [write && "W", allocate && "A", execute && "X", threadLocal && "T"];
      const letters = flags.filter((flag) => flag !== false).join("");
      return [[index, name, type === SHT_NOBITS, address, size, letters].join(" ")];
    });
    // Flags that we do not tell apart: link order, strings, merged, retained.
    expect(ours).toEqual(theirs.map((line) => line.replace(/[A-Z]+$/, (all) => all.replace(/[^WAXT]/g, "")))); // prettier-ignore
    expect(ours.length).toBeGreaterThan(20);
  });

  test("symbols", () => {
    const rows = folder.tool("readelf", "-sW", "program").matchAll(/^ +\d+: (\w+) +(\d+|0x\w+) (\w+) +(\w+) +\w+ +(\w+) ?(\S*)$/gm); // prettier-ignore
    const theirs = Array.from(rows, ([, value, size, , binding, place, name]) =>
      [name, number(value!), Number(size), binding!.toLowerCase(), place].join(" "),
    );
    const places = { undefined: "UND", absolute: "ABS", common: "COM" } as const;
    const ours = program.symbols.map(({ name, value, size, binding, section }) => {
      const place = typeof section === "number" ? section : places[section];
      return [name, value, size, binding, place].join(" ");
    });
    expect(ours).toEqual(theirs);
    expect(ours.length).toBeGreaterThan(1000);
  });

  test("an image locates every function of nm's", () => {
    const image = elfImage(program);
    const rows = folder.tool("nm", "-S", "program").matchAll(/^(\w+) (\w+) [TtW] (\S+)$/gm);
    let count = 0;
    for (const [, address, size, name] of rows) {
      const [start, end] = [number(address!), number(address!) + number(size!)];
      const found = image.locate(end - 4);
      expect(image.symbols.has(name!)).toBe(true);
      // Others may share the address, and aliases inside may come later.
      expect(found!.offset).toBeLessThan(end - start);
      count++;
    }
    expect(count).toBeGreaterThan(500);
    expect(image.locate(image.entry!)).toEqual({ symbol: "_start", offset: 0 });
    expect(image.locate(0)).toBeUndefined();
  });

  test("a program without section headers can still be run, and its text is its segment", () => {
    const bytes = folder.bytes("program").slice();
    bytes.fill(0, 32, 36);
    const bare = readElf("bare", bytes);
    const [code] = codeOf(bare);
    expect(code!.address).toBe(bare.segments[0]!.address);
    expect(code!.bytes.length).toBe(bare.segments[0]!.size & ~3);
    const image = elfImage(bare);
    expect(image.entry).toBe(program.entry);
    expect(image.symbols.size).toBe(0);
  });

  test("what wants a dynamic linker is read, and refused as a program", () => {
    folder.tool("gcc", "-w", "-o", "dynamic", ...sources());
    const dynamic = readElf("dynamic", folder.bytes("dynamic"));
    expect(dynamic.dynamic).toBe(true);
    expect(() => elfImage(dynamic)).toThrow("dynamic: offset 0x10: not a static program");
    folder.tool("gcc", "-w", "-c", "-o", "object.o", sources()[0]!);
    const object = readElf("object.o", folder.bytes("object.o"));
    expect(() => elfImage(object)).toThrow(DiagnosticError);
  });
});
