/**
 * The house rules that a machine can check: who may import whom, no cycles, file sizes, names,
 * headers, no `any`, no clock in the simulation, and that the README names only what exists.
 * Each rule is data at the head of this file; each check prints every offender at once.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { parseSync } from "vite";
import { describe, expect, test } from "vitest";

/** What each folder of host/ may import besides itself; a file name allows that file only. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  abi: [],
  isa: ["abi"],
  asm: ["abi", "isa"],
  kmig: ["abi"],
  platform: [],
  machine: ["abi", "isa", "asm", "platform"],
  mach: ["abi", "asm", "kmig", "machine", "platform"],
  osf1: ["abi", "asm", "kmig", "mach/interface.ts", "platform"],
  bare: ["abi", "isa", "asm", "machine", "platform"],
  bench: ["abi", "isa", "asm", "kmig", "machine", "mach", "osf1", "platform", "version.ts"],
  worker: ["abi", "asm", "bare", "bench", "kmig", "machine", "platform", "version.ts"],
  cli: [
    "abi",
    "isa",
    "asm",
    "kmig",
    "machine",
    "mach",
    "osf1",
    "bare",
    "bench",
    "worker",
    "platform",
    "version.ts",
  ],
  build: ["abi", "isa", "asm", "mach", "osf1", "bench", "cli/chromium.ts"],
  "cli.ts": ["cli", "version.ts"],
  "index.ts": ["abi", "asm", "kmig", "machine", "bare", "bench", "worker", "version.ts"],
  "generate.ts": ["abi", "isa"],
};
/** What anyone may import. */
const OPEN = ["diagnostic.ts"];
/** What a notebook page may import of host/. */
const NOTEBOOK_IMPORTS = ["host/worker/client.ts"];
/** The platform of the embedded script stands in for one of host/platform. */
const PLATFORM = "notebooks/embed/platform.ts";

const MAY_IMPORT_PAPER = ["host/bench/experiment.ts", "host/bench/report.ts"];

const LINES = 400;
/** Longer files, each with its own ceiling and a reason. */
const LONGER: Readonly<Record<string, readonly [lines: number, reason: string]>> = {};
/** Pure tables, and assembly text, which takes a line an instruction, may reach this. */
const TABLES = /^host\/(isa\/table\/|isa\/instructions\.ts|bench\/paper\.ts|mach\/asm\/)/;
const TABLE_LINES = 450;

/** Names that say nothing about what is inside. */
const EMPTY_NAMES = /^(utils?|helpers?|managers?|common|misc|shared|lib)\b/i;

/** Where simulated time is the only time. */
const TIMELESS = /^(assembly|host\/(abi|isa|asm|kmig|machine|mach|osf1|bare|bench))\//;

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

function walk(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name}`)
    .filter((name) => statSync(join(root, name)).isFile())
    .filter((name) => !name.startsWith("assembly/generated/"))
    .toSorted();
}

const host = walk("host");
const source = [...host, ...walk("assembly"), ...walk("test")];
const scripts = source.filter((name) => name.endsWith(".ts"));

/** A script without comments, so that prose about imports is not one. */
const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|(?<![:"'`\\])\/\/.*/g, "");

/** Every specifier a script imports or re-exports; `types` says whether for types alone, too. */
function imports(text: string, { types }: { readonly types: boolean }): string[] {
  const { module } = parseSync("script.ts", text);
  const quoted = ({ start, end }: { start: number; end: number }) => text.slice(start + 1, end - 1);
  return [
    ...module.staticImports
      .filter(({ entries }) => types || !entries.length || entries.some(({ isType }) => !isType))
      .map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries
        .filter(({ isType }) => types || !isType)
        .flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => quoted(moduleRequest)),
  ];
}

/** The scripts of a notebook page, together. */
function pageScript(html: string): string {
  const cells = html.matchAll(/<script[^>]*type="module"[^>]*>([\s\S]*?)<\/script>/g);
  return Array.from(cells, (m) => m[1]!).join("\n");
}

/** The repository path that a relative import (or #platform) of `file` means. */
function target(file: string, specifier: string): string | undefined {
  if (specifier === "#platform") return "host/platform/node.ts";
  return specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : undefined;
}

function graph(options: { readonly types: boolean }): Map<string, string[]> {
  const targets = (file: string) =>
    imports(read(file), options).flatMap((specifier) => target(file, specifier) ?? []);
  return new Map(scripts.map((file) => [file, targets(file)]));
}

const edges = graph({ types: true });

/** The part of host/ that a path belongs to: its folder, or the file itself at the top. */
const part = (file: string) => file.split("/")[1]!;

describe("imports", () => {
  test("the scanner sees imports", () => {
    const text = `import type { a } from "./a.ts";
// import "./no.ts"
export * from "../b.ts";
export const text = 'import "./no.ts"';
await import("./c.ts");`;
    expect(imports(text, { types: true })).toEqual(["./a.ts", "../b.ts", "./c.ts"]);
    expect(imports(text, { types: false })).toEqual(["../b.ts", "./c.ts"]);
    expect(imports(pageScript(read("notebooks/index.html")), { types: true })).toContain(
      "./lab/lab.ts",
    );
    expect(imports(read("notebooks/lab/lab.ts"), { types: true })).toContain(
      `../../${NOTEBOOK_IMPORTS[0]}`,
    );
    expect(edges.get("host/worker/client.ts")).toContain("host/platform/node.ts");
  });

  test("each folder of host/ imports only what lies below it", () => {
    const offences = host.flatMap((file) =>
      (edges.get(file) ?? [])
        .filter((to) => !mayImport(file, to))
        .map((to) => `${file} imports ${to}`),
    );
    expect(offences).toEqual([]);
  });

  test("every folder of host/ has a rule", () => {
    const known = [...Object.keys(ALLOWED), ...OPEN, "version.ts"];
    expect([...new Set(host.map(part))].filter((name) => !known.includes(name))).toEqual([]);
  });

  test("assembly/ imports only assembly/", () => {
    const offences = scripts
      // A template's imports are those of the file that is generated from it.
      .filter((file) => file.startsWith("assembly/") && !file.endsWith(".template.ts"))
      .flatMap((file) => edges.get(file)!.map((to) => [file, to]))
      .filter(([, to]) => !to!.startsWith("assembly/"));
    expect(offences).toEqual([]);
  });

  test("notebooks see the simulator only through its client", () => {
    const offences = walk("notebooks")
      .filter((file) => /\.(html|ts)$/.test(file) && file !== PLATFORM)
      .flatMap((file) => {
        const script = file.endsWith(".html") ? pageScript(read(file)) : read(file);
        return imports(script, { types: true }).map((specifier) => [file, target(file, specifier)]);
      })
      .filter(([, to]) => to?.startsWith("host/") && !NOTEBOOK_IMPORTS.includes(to));
    expect(offences).toEqual([]);
  });

  test("only the runner, the report and tests know the paper's figures", () => {
    const readers = scripts.filter(
      (file) => !file.startsWith("test/") && edges.get(file)!.includes("host/bench/paper.ts"),
    );
    expect(readers).toEqual(MAY_IMPORT_PAPER);
  });

  // What works on a Kernel must name its type; a cycle of types alone is gone when the code runs.
  test("no import cycles", () => {
    expect(findCycles(graph({ types: false }))).toEqual([]);
  });
});

function mayImport(file: string, to: string): boolean {
  if (!to.startsWith("host/")) return false;
  const [from, other] = [part(file), part(to)];
  if (from === other || OPEN.includes(other)) return true;
  return (ALLOWED[from] ?? []).some((rule) => rule === other || `host/${rule}` === to);
}

/** Each cycle once, as the path that closes it. */
function findCycles(links: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push([...path.slice(at), file].join(" → "));
    if (at >= 0 || done.has(file)) return;
    for (const to of links.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of links.keys()) visit(file, []);
  return cycles;
}

describe("files", () => {
  test("no file is too long", () => {
    const offences = [...source, ...walk("notebooks")]
      .filter((file) => /\.(ts|s|html|css|defs|mjs)$/.test(file) && !file.includes("/corpus/"))
      .map((file) => [file, read(file).split("\n").length - 1] as const)
      .filter(([file, lines]) => lines > ceiling(file))
      .map(([file, lines]) => `${file}: ${lines} lines, at most ${ceiling(file)}`);
    expect(offences).toEqual([]);
  });

  test("every longer file that is excused exists", () => {
    expect(Object.keys(LONGER).filter((file) => !source.includes(file))).toEqual([]);
  });

  test("names say what is inside, in kebab-case", () => {
    const bad = [...source, ...walk("notebooks")].filter((file) => {
      const name = file.split("/").at(-1)!;
      if (EMPTY_NAMES.test(name)) return true;
      return name.endsWith(".ts") && !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.ts$/.test(name);
    });
    expect(bad).toEqual([]);
  });

  test("every script of host/ says at its head what it is", () => {
    const bare = host.filter((file) => {
      if (!/\.(ts|mjs)$/.test(file)) return false;
      return !/^(#!.*\n)?\/[/*]/.test(read(file));
    });
    expect(bare).toEqual([]);
  });

  test("no any", () => {
    const offences = scripts
      .filter((file) => !file.startsWith("assembly/"))
      .filter((file) => /(:|\bas|<|,|\|)\s*any\b(?!["'`])/.test(bareCode(read(file))));
    expect(offences).toEqual([]);
  });

  test("kernel text reaches structures by name, never by a bare displacement", () => {
    const bare = /\b(?:ld|st)[wohb]\s[^;]*?[\s,]-?[1-9]\d*\((?:%sr\d,)?%r(\d+)\)/;
    const offenders = host
      .filter((file) => /^host\/mach\/asm\/.*\.s$/.test(file))
      .flatMap((file) =>
        read(file)
          .split("\n")
          .flatMap((line, i) => (bare.test(line) ? `${file}:${i + 1}: ${line.trim()}` : [])),
      )
      // Arguments on a stack that is not sp: the client's, whose layout is the calling convention.
      .filter((line) => !/-\d+\(%sr1,%r29\)|-\d+\(%r29\)/.test(line));
    expect(offenders).toEqual([]);
  });

  test("the simulation has no clock and no chance", () => {
    const offences = scripts
      .filter((file) => TIMELESS.test(file))
      .filter((file) => /\bDate\b|Math\.random|performance\.now/.test(bareCode(read(file))));
    expect(offences).toEqual([]);
  });
});

function ceiling(file: string): number {
  return LONGER[file]?.[0] ?? (TABLES.test(file) ? TABLE_LINES : LINES);
}

/** Code without comments and without the text of strings. */
function bareCode(text: string): string {
  return code(text).replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '""');
}

describe("README", () => {
  const readme = existsSync(join(root, "README.md")) ? read("README.md") : "";

  test("names only paths that exist", () => {
    const named = Array.from(readme.matchAll(/`([\w.@-]+(?:\/[\w.@*-]+)+\/?)`/g), (m) => m[1]!);
    const own = named.filter((path) => /^(host|assembly|test|notebooks|\.ci)\//.test(path));
    expect(own.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(own.length).toBeGreaterThan(5);
  });

  test("names only scripts that package.json has", () => {
    const { scripts: known } = JSON.parse(read("package.json")) as { scripts: object };
    const named = Array.from(readme.matchAll(/npm run (?:--silent )?([\w:]+)/g), (m) => m[1]!);
    expect(named.filter((name) => !(name in known))).toEqual([]);
  });
});

test("results carry the version of package.json", () => {
  const { version } = JSON.parse(read("package.json")) as { version: string };
  expect(read("host/version.ts")).toContain(`"${version}"`);
});
