/**
 * Programs of Debian source packages, for suite.node.test.ts: which files make them and what they are given.
 * None is kept here. `apt-get source --only-source bzip2 lua5.4 zlib` in an empty folder unpacks them;
 * INKWELL_SOURCES names the folder.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Input } from "./cross.ts";

export interface SourcePackage {
  readonly name: string;
  readonly level: string;
  /** Start of the folder's name. */
  readonly folder: string;
  /** Files below it, by pattern, and options of the compiler; FOLDER stands for it. */
  readonly files: RegExp;
  readonly options: readonly string[];
  /** Headers that Debian's build makes, by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Runs: arguments and input. */
  readonly given: readonly Input[];
}

const FOLDER = process.env["INKWELL_SOURCES"];

/** Something to compress: a text with a rule. */
const TEXT = Buffer.from(
  Array.from({ length: 4000 }, (_, i) => `line ${i} of ${(i * i) % 977} words\n`).join(""),
);

const LUA = Buffer.from(`
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(fib(20), 7 // 2, 7 % -3, 2^53, 1e15, 0.1 + 0.2, math.maxinteger, -7 >> 1)
local t = {}
for w in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do t[#t + 1] = w:upper() end
table.sort(t, function(a, b) return #a < #b or (#a == #b and a < b) end)
print(table.concat(t, ","), #t, string.format("%5.2f|%-8s|%x|%q", math.pi, "pad", 48879, "q\\n"))
local co = coroutine.wrap(function(a) for i = 1, 5 do a = a * coroutine.yield(a + i) end return "end" end)
print(co(2), co(3), co(4), co(5), co(6), co(7))
print(pcall(error, {code = 3}), select("#", pcall(error, "x")), select(2, pcall(function() local x = nil; return x.y end)))
local s = setmetatable({}, {__index = function(_, k) return k * k end, __call = function(_, x) return x + 1 end})
print(s[12], s(41), string.rep("ab", 3, "-"), ("x"):byte(), utf8.char(228, 8364), #utf8.char(8364))
local sum = 0
for i = 1, 30000 do sum = (sum * 31 + i) % 1000003 end
print(sum, collectgarbage("count") > 0, next({}), type(print), tostring(1/0), -0.0, math.tointeger(3.0))
`);

export const PACKAGES: readonly SourcePackage[] = ["-O0", "-O1", "-O2", "-O3"].flatMap((level) => [
  {
    name: "bzip2",
    level,
    folder: "bzip2-",
    files: /^(bzip2|bzlib|blocksort|huffman|crctable|randtable|compress|decompress)\.c$/,
    options: ["-D_FILE_OFFSET_BITS=64"],
    given: [{ arguments: ["-c", "-9"], input: TEXT }],
  },
  {
    name: "lua",
    level,
    folder: "lua5.4-",
    files: /^src\/l(?!uac\.c)\w+\.c$/,
    options: ["-IFOLDER/src", "-DLUA_USE_C89"],
    headers: { "lua5.4-deb-multiarch.h": '#define DEB_HOST_MULTIARCH "hppa-linux-gnu"\n' },
    given: [{ arguments: ["-"], input: LUA }],
  },
  {
    name: "minigzip",
    level,
    folder: "zlib-",
    files:
      /^((adler32|compress|crc32|deflate|gz\w+|infback|inffast|inflate|inftrees|trees|uncompr|zutil)|test\/minigzip)\.c$/,
    options: ["-IFOLDER", "-DHAVE_UNISTD_H"],
    given: [{ arguments: [], input: TEXT }],
  },
]);

function folderOf({ folder }: SourcePackage): string {
  const name = readdirSync(FOLDER!, { withFileTypes: true }).find(
    (each) => each.isDirectory() && each.name.startsWith(folder),
  )!.name;
  return join(FOLDER!, name);
}

/** Whether the sources are there; without the variable they are not asked for. */
export function haveSources(): boolean {
  if (FOLDER === undefined) return false;
  const missing = PACKAGES.filter(
    ({ folder }) =>
      !existsSync(FOLDER) || !readdirSync(FOLDER).some((each) => each.startsWith(folder)),
  );
  if (missing.length > 0)
    throw new Error(`INKWELL_SOURCES: not there: ${missing.map(({ name }) => name).join(", ")}`);
  return true;
}

/** The files of a program, and what it is compiled with. */
export function packageSources(wanted: SourcePackage): {
  readonly files: readonly string[];
  readonly options: readonly string[];
} {
  const folder = folderOf(wanted);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => wanted.files.test(name))
    .map((name) => join(folder, name));
  return { files, options: wanted.options.map((option) => option.replace("FOLDER", folder)) };
}
