/**
 * The preprocessor line by line, and whole against the stock C preprocessor.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { Log } from "../../host/kmig/log.ts";
import { preprocess } from "../../host/kmig/preprocess.ts";
import { crossTools } from "./support/cross.ts";

function lines(text: string, defines: Record<string, string> = {}): string[] {
  const log = new Log();
  const output = preprocess({ file: "a.defs", text }, () => undefined, defines, log);
  log.finish();
  return output.map((line) => line.text.replaceAll(/\s+/g, " ").trim());
}

describe("preprocess", () => {
  test.for<[string, string, string[]]>([
    ["comments", "a /* b */ c // d\n/* e\nf */ g\n", ["a c", "g"]],
    ["a string with a comment in it", 'a "/* b" c\n', ['a "/* b" c']],
    ["continued lines", "a \\\nb\n", ["a b"]],
    ["object-like macros", "#define X y z\nX X1 X\n", ["y z X1 y z"]],
    ["macros in macros", "#define A B\n#define B A c\nA\n", ["A c"]],
    ["function-like macros", "#define f(x, y) <x-y>\nf(1, (2, 3)) f\n", ["<1-(2, 3)> f"]],
    ["arguments that are macros", "#define f(x) x x\n#define g h\nf(g)\n", ["h h"]],
    ["no arguments", "#define f() q\nf() f( )\n", ["q q"]],
    ["strings of arguments", "#define s(x) #x\ns(a b)\n", ['"a b"']],
    ["pasting", "#define p(x, y) x ## y\n#define n 9\np(n, 1) p(a, b)\n", ["n1 ab"]],
    ["undef", "#define X 1\n#undef X\nX\n", ["X"]],
    ["ifdef and else", "#ifdef X\na\n#else\nb\n#endif\n#ifndef X\nc\n#endif\n", ["b", "c"]],
    ["elif", "#if 0\na\n#elif 1\nb\n#elif 1\nc\n#else\nd\n#endif\n", ["b"]],
    ["nested groups", "#if 0\n#if 1\na\n#else\nb\n#endif\n#else\nc\n#endif\n", ["c"]],
    ["defined", "#define X\n#if defined(X) && !defined Y\na\n#endif\n", ["a"]],
    ["arithmetic", "#if (1 << 4) / 3 * 2 % 7 == 3 && -1 < 0 && ~0 == -1\na\n#endif\n", ["a"]],
    ["choice", "#if (0 ? 1 : 2) == 2 && (3 & 6 | 8 ^ 1) == 11\na\n#endif\n", ["a"]],
    ["numbers of other bases", "#if 0x1F == 31 && 017 == 15 && 7UL\na\n#endif\n", ["a"]],
    ["unknown names are 0", "#if FOO\na\n#elif FOO == 0\nb\n#endif\n", ["b"]],
    ["errors in groups that are skipped", "#if 0\n#error no\n#what\n#endif\na\n", ["a"]],
    ["directives with blanks", "  #  define X y\n # if X\n # endif\nX\n", ["y"]],
    ["ignored directives", "#pragma x\n#ident y\n#\na\n", ["a"]],
  ])("%s", ([, text, expected]) => {
    expect(lines(text)).toEqual(expected);
  });

  test("definitions from outside", () => {
    expect(lines("#if KERNEL_SERVER\nX\n#endif\n", { KERNEL_SERVER: "1", X: "a" })).toEqual(["a"]);
  });

  test("included files share macros, and may be guarded", () => {
    const files: Record<string, string> = {
      "in.defs": "#ifndef IN\n#define IN\n#define V 7\nonce\n#endif\n",
    };
    const text = '#include <in.defs>\n#include "in.defs"\nV\n';
    const log = new Log();
    const find = (name: string) => ({ file: name, text: files[name]! });
    const output = preprocess({ file: "a.defs", text }, find, {}, log);
    expect(output.map((line) => line.text)).toEqual(["once", "7"]);
  });

  test.skipIf(!crossTools)("agrees with the stock preprocessor", () => {
    const text = `#define COUNT 12
#define array_of(n, t) array[(n) + 1] of t
#define twice(x) x x
#define name(a, b) a##_##b
#if COUNT > 10 && defined(array_of)
type name(big, t) = array_of(COUNT, twice(int));
#elif COUNT
type small = COUNT;
#endif
#ifdef name
type t = struct[COUNT * (2 + COUNT)] of name(big, t);
#endif
`;
    const cpp = spawnSync("hppa-linux-gnu-gcc", ["-E", "-P", "-x", "c", "-"], {
      input: text,
      encoding: "utf8",
    });
    const bare = (s: string): string => s.replaceAll(/\s+/g, "");
    expect(bare(lines(text).join(""))).toBe(bare(cpp.stdout));
  });
});
