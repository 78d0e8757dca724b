/**
 * Files that are not what they claim: each ends in one diagnostic with file and offset, or is read;
 * never in another exception. `INKWELL_FUZZ=100000` runs that many cases of each kind.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { assemble } from "../../../host/asm/assemble.ts";
import { readArchive, withMembers } from "../../../host/asm/elf/archive.ts";
import { codeOf } from "../../../host/asm/elf/code.ts";
import { SHT_RELA, SHT_SYMTAB } from "../../../host/asm/elf/format.ts";
import { elfImage } from "../../../host/asm/elf/image.ts";
import { elfObject } from "../../../host/asm/elf/object.ts";
import { readElf } from "../../../host/asm/elf/read.ts";
import { writeExecutable } from "../../../host/asm/elf/write-executable.ts";
import { writeObject } from "../../../host/asm/elf/write-object.ts";
import { link } from "../../../host/asm/link.ts";
import { DiagnosticError } from "../../../host/diagnostic.ts";
import { Folder, haveTools, sources } from "./cross.ts";

const RUNS = Number(process.env["INKWELL_FUZZ"] ?? 1500);
const TIMEOUT = 20_000 + RUNS * 5;

const TEXT = `
	.globl _start, table
_start:	ldil L%table,%r1
	ldw R%table(%r1),%r2
1:	addil L%block-$global$,%dp
	bl 1b,%r2
	comb,= %r1,%r2,_start
	.probe T1.1
	.section .rodata
	.word _start, table+4
	.data
table:	.word P%_start, 0x12345678
	.comm block,64,8
`;

const object = assemble({ file: "small.s", text: TEXT });
const small = {
  object: writeObject(object),
  program: writeExecutable(link([object], { text: 0x10000, entry: "_start" }), 0),
};

/** Everything that is done with files, as far as it gets. */
function use(bytes: Uint8Array): void {
  const elf = readElf("file", bytes);
  for (const step of [
    () => elfImage(elf).locate(elf.entry),
    () => codeOf(elf).map(({ symbolize, address }) => symbolize(address + 100)),
    () => link([elfObject(elf)], { text: 0x10000 }),
  ])
    attempt(step);
}

/** What is wrong, or undefined; any other exception goes through. */
function attempt(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    for (const { file } of error.diagnostics) expect(file).toMatch(/^file|^link$/);
    return error.message;
  }
}

function changed(bytes: Uint8Array, ...changes: readonly (readonly [number, ...number[]])[]) {
  const result = bytes.slice();
  for (const [offset, ...values] of changes) result.set(values, offset);
  return result;
}

/** The word at an offset of a file. */
function word(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset);
}

describe("one diagnostic with file and offset", () => {
  const { program } = small;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["nothing", new Uint8Array(0), "file: offset 0x0: not an ELF file"],
    ["text", new TextEncoder().encode("#!/bin/sh\n"), "file: offset 0x0: not an ELF file"],
    ["a header cut off", program.subarray(0, 40), "file: offset 0x28: file ends in the ELF header"],
    ["64 bits", changed(program, [4, 2]), "file: offset 0x4: not a 32-bit ELF file: class 2"],
    [
      "little-endian",
      changed(program, [5, 1]),
      "file: offset 0x5: not a big-endian ELF file: data encoding 1",
    ],
    [
      "another machine",
      changed(program, [18, 0, 8]),
      "file: offset 0x12: not for PA-RISC (machine 15): machine 8",
    ],
    ["a core dump", changed(program, [16, 0, 4]), "file: offset 0x10: not an object or a program: type 4"], // prettier-ignore
    ["wide code", changed(program, [36, 0, 8]), "file: offset 0x24: 64-bit code: flags 0x80210"],
    ["an unknown level", changed(program, [36, 0, 0, 9, 9]), "file: offset 0x24: unknown PA-RISC level: flags 0x909"], // prettier-ignore
    ["an unaligned entry", changed(program, [27, 2]), "file: offset 0x18: entry is not aligned to a word: 0x10002"], // prettier-ignore
    ["program headers elsewhere", changed(program, [28, 0x7f]), "file: offset 0x1c: program headers past the end of the file: 0x7f000074"], // prettier-ignore
    ["section headers elsewhere", changed(program, [32, 0x7f]), `file: offset 0x20: section headers past the end of the file: 0x${(0x7f000000 + word(program, 32) + 8 * 40).toString(16)}`], // prettier-ignore
    ["a segment cut off", program.subarray(0, 0x1004), "file: offset 0x38: segment past the end of the file: 0x101c"], // prettier-ignore
    ["more bytes than memory", changed(program, [52 + 20, 0, 0, 0, 1]), "file: offset 0x44: segment is larger in the file than in memory: 28 > 1"], // prettier-ignore
    ["segments over each other", changed(program, [52 + 32 + 8, 0, 1, 0, 0x10]), "file: offset 0x5c: segments overlap: 0x10010"], // prettier-ignore
    ["a segment past memory", changed(program, [52 + 32 + 8, 0xff, 0xff, 0xff, 0xf0]), "file: offset 0x5c: segment past the end of memory: 0xfffffff0"], // prettier-ignore
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(attempt(() => readElf("file", bytes))).toBe(message);
  });

  test("a program cannot start outside its code", () => {
    for (const entry of [
      [0, 1, 0x10, 0],
      [0, 2, 0, 0],
    ])
      expect(attempt(() => elfImage(readElf("file", changed(program, [24, ...entry]))))).toMatch(
        /^file: offset 0x18: entry is not in an executable segment: 0x/,
      );
  });

  test("and what is well-formed is read", () => {
    expect(attempt(() => elfImage(readElf("file", program)))).toBeUndefined();
    expect(attempt(() => link([elfObject(readElf("file", small.object))], { text: 0 }))).toBeUndefined(); // prettier-ignore
  });
});

describe("never another exception", () => {
  const available = haveTools("gcc", "as", "ld", "ar");
  const folder = new Folder();
  const files: Uint8Array[] = [small.object, small.program];
  let library: Uint8Array = new Uint8Array(0);
  beforeAll(() => {
    if (!available) return;
    folder.put("small.s", TEXT.replace(/.*probe.*\n/, ""));
    folder.tool("as", "-o", "small.o", "small.s");
    folder.tool("ld", "-o", "small", "small.o");
    const part = sources().filter((name) => name.endsWith("threads.c"));
    folder.tool("gcc", "-c", "-w", "-O1", "-o", "part.o", ...part);
    folder.tool("gcc", "-w", "-nostdlib", "-fPIC", "-shared", "-o", "shared", ...part);
    files.push(...["small.o", "small", "part.o", "shared"].map((name) => folder.bytes(name)));
    folder.tool("ar", "rc", "library.a", "small.o", "part.o");
    library = folder.bytes("library.a");
  });
  afterAll(() => folder.remove());

  /** Numbers that are often wrong in the wrong way. */
  const value = fc.oneof(
    fc.constantFrom(0, 1, 2, 3, 4, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
    fc.nat(200),
    fc.nat(70_000),
    fc.integer({ min: -200, max: 200 }),
    fc.nat(0xffff_ffff),
  );
  const change = fc.record({ at: fc.nat(), bytes: fc.constantFrom(1, 2, 4), value });
  const changes = fc.array(change, { minLength: 1, maxLength: 4 });

  /** Puts numbers where the file has numbers, past its identity. */
  function mutated(bytes: Uint8Array, list: readonly Change[], places: readonly number[]) {
    const result = bytes.slice();
    for (const { at, bytes: count, value: number } of list) {
      const place = places[at % places.length]! + ((at % 4) & ~(count - 1));
      for (let index = 0; index < count && place + index < result.length; index++)
        result[place + index] = number >>> (8 * (count - 1 - index));
    }
    return result;
  }

  const options = { numRuns: RUNS };

  test("changed files", { timeout: TIMEOUT }, () => {
    const places = files.map(numberPlaces);
    let read = 0;
    fc.assert(
      fc.property(fc.nat(), changes, (which, list) => {
        const at = which % files.length;
        const bytes = mutated(files[at]!, list, places[at]!);
        if (attempt(() => use(bytes)) === undefined) read++;
      }),
      options,
    );
    // Neither is all refused at once, nor all let through.
    expect(read).toBeGreaterThan(RUNS / 10);
    expect(read).toBeLessThan(RUNS * 0.9);
  });

  test("files cut off, and changed as well", { timeout: TIMEOUT }, () => {
    const places = files.map(numberPlaces);
    fc.assert(
      fc.property(fc.nat(), fc.nat(), changes, fc.boolean(), (which, length, list, change) => {
        const at = which % files.length;
        const bytes = change ? mutated(files[at]!, list, places[at]!) : files[at]!;
        attempt(() => use(bytes.subarray(0, length % bytes.length)));
      }),
      options,
    );
  });

  test("noise, with and without a good start", { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(60), (noise, start) => {
        const bytes = new Uint8Array(start + noise.length);
        bytes.set(noise, start);
        bytes.set(small.object.subarray(0, start));
        attempt(() => use(bytes));
      }),
      options,
    );
  });

  test.skipIf(!available)("changed libraries", { timeout: TIMEOUT }, () => {
    // Headers and the index; the members are files that are changed above.
    const places = [...library.keys()].filter((at) => at % 4 === 0 && at < 300);
    fc.assert(
      fc.property(changes, fc.nat(), fc.boolean(), (list, length, cut) => {
        const bytes = mutated(library, list, places);
        attempt(() => {
          const whole = readArchive("file", cut ? bytes.subarray(0, length % bytes.length) : bytes);
          const wanted = { ...object, file: "file", symbols: [], relocations: [] };
          for (const name of whole.index.keys())
            attempt(() => withMembers([{ ...wanted, symbols: [undefinedSymbol(name)] }], [whole]));
        });
      }),
      options,
    );
  });
});

interface Change {
  readonly at: number;
  readonly bytes: number;
  readonly value: number;
}

/** Where the words of headers, symbols and relocations stand in a good file. */
function numberPlaces(bytes: Uint8Array): number[] {
  const { programHeaders, sections } = readElf("file", bytes);
  const words = (start: number, size: number): number[] =>
    Array.from({ length: size / 4 }, (_, index) => start + 4 * index);
  return [
    ...words(16, 36),
    ...words(programHeaders.offset, 32 * programHeaders.count),
    ...sections.flatMap(({ headerOffset, type, bytes: contents }) => [
      ...words(headerOffset, 40),
      ...(type === SHT_SYMTAB || type === SHT_RELA
        ? words(contents.byteOffset - bytes.byteOffset, contents.length)
        : []),
    ]),
  ];
}

function undefinedSymbol(name: string) {
  const rest = { section: undefined, place: "undefined", value: 0, size: 0 } as const;
  return { name, ...rest, binding: "global", type: "none" } as const;
}
