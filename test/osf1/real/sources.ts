/**
 * Programs of Debian source packages, built static by the cross compiler as their own build has it. None is
 * kept here: `.ci/sources FOLDER` unpacks them;
 * INKWELL_SOURCES names the folder. busybox also needs make, sqlite tclsh.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Names } from "./run.ts";

const FOLDER = process.env["INKWELL_SOURCES"];
const PREFIX = "hppa-linux-gnu-";
const CFLAGS = ["-O1", "-w", "-std=gnu11", "-static"];

const entries = (): string[] => (FOLDER === undefined ? [] : readdirSync(FOLDER));
const folderOf = (start: string): string =>
  join(
    FOLDER!,
    entries().find((name) => name.startsWith(start) && !/\.(xz|bz2|gz|dsc)$/.test(name))!,
  );

/** Whether all are there; what is not there is not asked for. */
export function haveRealSources(): boolean {
  const missing = ["busybox-", "bzip2-", "lua5.4-", "sqlite3-"].filter(
    (start) => !entries().some((name) => name.startsWith(start)),
  );
  if (FOLDER !== undefined && missing.length > 0)
    console.warn(`skipped: INKWELL_SOURCES: not there: ${missing.join(", ")}`);
  return missing.length === 0;
}

/** Builds all in `output`, and says which names call which file. */
export function buildPrograms(output: string): Names {
  const busybox = buildBusybox(join(output, "busybox-build"));
  const list = execFileSync("qemu-hppa", [busybox, "--list"], { encoding: "utf8" });
  return new Map([
    ...list
      .trim()
      .split("\n")
      .concat("[", "[[")
      .map((name) => [name, busybox] as const),
    ["bz2", buildBzip2(join(output, "bz2"))],
    ["lua", buildLua(output)],
    ["sqlite3", buildSqlite(output)],
  ]);
}

/** Runs a command of a build; its error output is part of the error, if it fails. */
function quietly(command: string, args: string[], cwd?: string): void {
  execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 26 });
}

/** Its default configuration, static, without what newer kernel headers no longer have. */
function buildBusybox(folder: string): string {
  mkdirSync(folder);
  const make = (...args: string[]) =>
    quietly("make", ["-C", folderOf("busybox-"), `O=${folder}`, ...args]);
  const chosen = join(folder, "chosen");
  writeFileSync(chosen, "CONFIG_STATIC=y\n# CONFIG_TC is not set\n");
  make("defconfig", `KCONFIG_ALLCONFIG=${chosen}`);
  execFileSync("sed", [
    "-i",
    "s/^# CONFIG_STATIC is.*/CONFIG_STATIC=y/; s/^CONFIG_TC=y/# CONFIG_TC is not set/",
    join(folder, ".config"),
  ]);
  quietly("make", ["-C", folder, "-j2", "EXTRA_CFLAGS=-w", `CROSS_COMPILE=${PREFIX}`]);
  return join(folder, "busybox");
}

function buildBzip2(output: string): string {
  const names = ["bzip2", "bzlib", "blocksort", "huffman", "crctable", "randtable", "compress", "decompress"]; // prettier-ignore
  const files = names.map((name) => join(folderOf("bzip2-"), `${name}.c`));
  execFileSync(`${PREFIX}gcc`, [...CFLAGS, "-D_FILE_OFFSET_BITS=64", "-o", output, ...files]);
  return output;
}

function buildLua(folder: string): string {
  const source = join(folderOf("lua5.4-"), "src");
  const files = readdirSync(source).filter((name) => /^l(?!uac\.c)\w+\.c$/.test(name));
  const header = '#define DEB_HOST_MULTIARCH "hppa-linux-gnu"\n';
  writeFileSync(join(folder, "lua5.4-deb-multiarch.h"), header);
  const output = join(folder, "lua");
  const paths = files.map((name) => join(source, name));
  const flags = [...CFLAGS, `-I${folder}`, "-DLUA_USE_POSIX", "-o", output];
  execFileSync(`${PREFIX}gcc`, [...flags, ...paths, "-lm"]);
  return output;
}

/**
 * Its one-file form, made as its own build makes it, and its shell. With a section for each function: the
 * linker puts its branches' stubs between sections, and one of this size would be too far from them.
 */
function buildSqlite(folder: string): string {
  const build = join(folder, "sqlite-build");
  mkdirSync(build);
  quietly("sh", [join(folderOf("sqlite3-"), "configure"), "--disable-tcl"], build);
  quietly("make", ["sqlite3.c", "shell.c"], build);
  const output = join(folder, "sqlite3");
  const flags = [...CFLAGS, "-Os", "-ffunction-sections", "-DSQLITE_THREADSAFE=0", "-DSQLITE_OMIT_LOAD_EXTENSION"]; // prettier-ignore
  const files = ["sqlite3.c", "shell.c"].map((name) => join(build, name));
  quietly(`${PREFIX}gcc`, [...flags, "-o", output, ...files, "-lm"]);
  return output;
}
