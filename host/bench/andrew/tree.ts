/**
 * What Andrew works on: a tree of sources about as large as the benchmark's ("about 70 files, 200 KB",
 * Ousterhout 1990), and the script of its four file-system phases. Made by the numbers alone: the same
 * bytes everywhere.
 */
import type { TreeEntry } from "../../osf1/ufs/tree.ts";
import { SeededBytes } from "../../platform/seeded-bytes.ts";

/** Of the benchmark's own tree. */
export const FILES = 70;
/** Runs that count, of which a variation can be told; at most so many, as the program has a digit for each. */
export const RUNS = 2;
export const MOST_RUNS = 8;
const BYTES = 200 * 1024;
const DIRECTORIES = 20;
/** From one file to the next larger one. */
const GROWTH = 1.06;
const SEED = 1988;
/** What grep looks for; a few files have it. */
const PATTERN = "kangaroo";
const WORDS = ["int", "char", "struct", "return", "if", "while", "(", ")", "{", "};", "=", "->"];

const SOURCE = "/src";

interface Tree {
  readonly directories: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

/** Sizes that grow evenly, in an order of their own; `count` files have as much on average as all have. */
function sizes(count: number): number[] {
  const weights = Array.from({ length: count }, (_, i) => GROWTH ** ((i * 29) % FILES));
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => Math.round((weight / sum) * BYTES * (count / FILES)));
}

/** Lines of something like C. */
function source(random: SeededBytes, size: number, hasPattern: boolean): Uint8Array {
  let text = hasPattern ? `/* ${PATTERN} */\n` : "";
  while (text.length < size) {
    const [count = 0, ...chosen] = random.bytes(10);
    const words = chosen.slice(0, 2 + (count % 8)).map((byte) => WORDS[byte % WORDS.length]);
    text += `\t${words.join(" ")};\n`;
  }
  return Uint8Array.from(text.slice(0, size), (letter) => letter.charCodeAt(0));
}

function tree(count: number): Tree {
  const random = new SeededBytes(SEED);
  const number = Math.ceil((count * DIRECTORIES) / FILES);
  const name = (i: number): string => `d${String(i).padStart(2, "0")}`;
  // One half in the root, the other half in those.
  const half = Math.ceil(number / 2);
  const directories = Array.from({ length: number }, (_, i) =>
    i < half ? name(i) : `${name(i - half)}/${name(i)}`,
  );
  const files = sizes(count).map((size, i) => ({
    path: `${directories[i % number]}/file${String(i).padStart(2, "0")}.c`,
    bytes: source(random, size, i % 8 === 0),
  }));
  return { directories, files };
}

/** The phases' commands, each with its words between spaces; an empty line ends a phase. */
export function script(count: number): string {
  const { directories, files } = tree(count);
  const paths = files.map(({ path }) => path);
  const phases = [
    // MakeDir, Copy, ScanDir, ReadAll.
    directories.map((path) => `mkdir ${path}`),
    paths.map((path) => `cp ${SOURCE}/${path} ${path}`),
    [...directories, ...paths].map((path) => `ls -l ${path}`),
    paths.flatMap((path) => [`grep ${PATTERN} ${path}`, `wc ${path}`]),
  ];
  return phases.map((lines) => [...lines, "\n"].join("\n")).join("");
}

const TOOLS = ["mkdir", "cp", "ls", "grep", "wc"];
const NAMES = 24;

/** The whole disk: the program by all its names, sources, script, and who users and groups are. */
export function andrewDisk(program: Uint8Array, count: number): TreeEntry[] {
  const { directories, files } = tree(count);
  const file = (path: string, bytes: Uint8Array, permissions = 0o644): TreeEntry => ({
    ...{ path, permissions },
    content: { kind: "file", bytes },
  });
  const directory = (path: string): TreeEntry => ({
    ...{ path, permissions: 0o755 },
    content: { kind: "directory" },
  });
  const text = (string: string) => new TextEncoder().encode(string);
  const names = (line: (i: number) => string) =>
    text(Array.from({ length: NAMES }, (_, i) => line(i)).join(""));
  const root = SOURCE.slice(1);
  return [
    directory("bin"),
    ...TOOLS.map((name) => file(`bin/${name}`, program, 0o755)),
    file("andrew", program, 0o755),
    file("andrew.script", text(script(count))),
    directory("etc"),
    file(
      "etc/passwd",
      names((i) => `user${i}:*:${i}:10:User ${i}:/usr/user${i}:/bin/sh\n`),
    ),
    file(
      "etc/group",
      names((i) => `group${i}:*:${i}:\n`),
    ),
    directory(root),
    ...directories.map((path) => directory(`${root}/${path}`)),
    ...files.map(({ path, bytes }) => file(`${root}/${path}`, bytes)),
  ];
}
