/**
 * GNU as, ld and objdump for hppa-linux as oracles: texts in, words, bytes and lines out.
 *
 * Reads just enough of ELF32 to compare sections and relocations. Tests skip, loudly, where the
 * tools are not installed.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PREFIX = "hppa-linux-gnu-";

/** Whether the cross tools are here; says so once when they are not. */
export function haveTool(name: string): boolean {
  const found = spawnSync(PREFIX + name, ["--version"]).status === 0;
  if (!found) console.warn(`skipped: ${PREFIX}${name} is not installed`);
  return found;
}

/** Runs `work` in a directory that is gone afterwards. */
function inDirectory<T>(work: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "inkwell-asm-"));
  try {
    return work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function run(name: string, args: readonly string[]): string {
  return execFileSync(PREFIX + name, args, {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export interface GnuRelocation {
  readonly section: string;
  readonly offset: number;
  /** Without `R_PARISC_`. */
  readonly type: string;
}

export interface GnuObject {
  readonly sections: ReadonlyMap<string, Buffer>;
  readonly relocations: readonly GnuRelocation[];
}

const RELOCATION_TYPES: Readonly<Record<number, string>> = {
  1: "DIR32",
  2: "DIR21L",
  3: "DIR17R",
  4: "DIR17F",
  6: "DIR14R",
  7: "DIR14F",
  8: "PCREL12F",
  9: "PCREL32",
  10: "PCREL21L",
  12: "PCREL17F",
  14: "PCREL14R",
  18: "DPREL21L",
  22: "DPREL14R",
  23: "DPREL14F",
  49: "SEGREL32",
  65: "PLABEL32",
};

const SHT_RELA = 4;
const SHT_NOBITS = 8;

/** Sections with contents and relocations of an ELF32 big-endian file. */
function readElf(file: Buffer): GnuObject {
  const table = file.readUInt32BE(32);
  const entry = file.readUInt16BE(46);
  const headers = Array.from({ length: file.readUInt16BE(48) }, (_, index) => {
    const at = table + index * entry;
    const [name, type, , , offset, size, , info] = Array.from({ length: 8 }, (_, word) =>
      file.readUInt32BE(at + 4 * word),
    );
    return { name: name!, type: type!, offset: offset!, size: size!, info: info! };
  });
  const names = headers[file.readUInt16BE(50)]!;
  const nameOf = (at: number): string =>
    file.toString("latin1", names.offset + at, file.indexOf(0, names.offset + at));
  const sections = new Map<string, Buffer>();
  const relocations: GnuRelocation[] = [];
  for (const { name, type, offset, size, info } of headers) {
    if (type !== SHT_NOBITS) sections.set(nameOf(name), file.subarray(offset, offset + size));
    if (type !== SHT_RELA) continue;
    for (let at = offset; at < offset + size; at += 12) {
      const number = file.readUInt32BE(at + 4) & 0xff;
      const section = nameOf(headers[info]!.name);
      relocations.push({
        section,
        offset: file.readUInt32BE(at),
        type: RELOCATION_TYPES[number] ?? String(number),
      });
    }
  }
  return { sections, relocations };
}

/** Assembles with GNU as. @throws Error with its messages */
export function gnuAssemble(text: string): GnuObject {
  return inDirectory((directory) => {
    const [source, object] = [join(directory, "a.s"), join(directory, "a.o")];
    writeFileSync(source, text);
    run("as", [source, "-o", object]);
    return readElf(readFileSync(object));
  });
}

/** Whether GNU as refuses a text. */
export function gnuRejects(text: string): boolean {
  return inDirectory((directory) => {
    writeFileSync(join(directory, "a.s"), text);
    return spawnSync(`${PREFIX}as`, [join(directory, "a.s"), "-o", "/dev/null"]).status !== 0;
  });
}

/** Assembles and links with GNU's tools, sections laid out as our linker lays them out. */
export function gnuLink(texts: readonly string[], text: number, data: number): GnuObject {
  return inDirectory((directory) => {
    const objects = texts.map((source, index) => {
      const name = join(directory, `${index}.s`);
      writeFileSync(name, source);
      run("as", [name, "-o", `${name}.o`]);
      return `${name}.o`;
    });
    const script = join(directory, "script.ld");
    writeFileSync(
      script,
      `SECTIONS {
        .text ${text} : { *(.text) } .rodata : { *(.rodata) }
        .data ${data} : { *(.data) } .bss : { *(.bss) *(COMMON) }
        /DISCARD/ : { *(.PARISC.unwind) *(.comment) *(.note*) } }`,
    );
    const output = join(directory, "a.out");
    run("ld", ["-T", script, ...objects, "-o", output]);
    return readElf(readFileSync(output));
  });
}

/** What `objdump -d` prints for each word, address 0 on; words that are nothing included. */
export function gnuDisassemble(words: readonly number[]): string[] {
  return inDirectory((directory) => {
    const [source, object] = [join(directory, "a.s"), join(directory, "a.o")];
    writeFileSync(
      source,
      `\t.level 1.1\n\t.text\n${words.map((word) => `\t.word 0x${word.toString(16)}\n`).join("")}`,
    );
    run("as", [source, "-o", object]);
    // -z: also words of zero.
    const lines = run("objdump", ["-dz", object]).split("\n");
    return lines
      .filter((line) => /^ *[0-9a-f]+:\t/.test(line))
      .map((line) => line.split("\t")[2] ?? "");
  });
}

/** Compiles C with GNU C to assembly text. */
export function gnuCompile(file: string, options: readonly string[]): string {
  return run("gcc", ["-S", ...options, file, "-o", "-"]);
}
