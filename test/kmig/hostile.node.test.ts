/**
 * Hostile definitions: whatever the text, the generator answers with stubs or with diagnostics, and
 * soon. Never another error, never no end.
 */
import fc from "fast-check";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { kmig } from "../../host/kmig/kmig.ts";
import { definition, include, rpcDefs } from "./support/definitions.ts";

const SEED = 101014;

/** Stubs or diagnostics, or the test fails. */
function answers(text: string): "stubs" | "diagnostics" {
  try {
    const output = kmig({ file: "hostile.defs", text }, { include });
    expect(output.user).not.toContain("undefined");
    expect(output.server).not.toContain("NaN");
    const other = output.trapServer + output.header + output.serverHeader + output.typescript;
    expect(other).not.toMatch(/undefined|NaN/);
    return "stubs";
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    expect(error.diagnostics.length).toBeGreaterThan(0);
    for (const { message } of error.diagnostics) expect(message).toMatch(/^[\x20-\x7e]{3,120}$/);
    return "diagnostics";
  }
}

const good = readdirSync(join(import.meta.dirname, "good"));
const SEEDS = [rpcDefs.text, ...good.map((file) => definition(`test/kmig/good/${file}`).text)];

const WORDS =
  `routine simpleroutine function procedure subsystem type skip import msgoption waittime error
  in out inout requestport replyport msgseqno array struct of c_string ^ [ ] ( ) : ; , = * + - / |
  IsLong Dealloc CountInOut ServerCopy polymorphic MACH_MSG_TYPE_CHAR MACH_MSG_TYPE_COPY_SEND
  MACH_MSG_TYPE_REAL intran intranpayload outtran destructor ctype { } ServerCopy struct{ 0 1 2 32 4096 99999 2147483647 a b int mach_port_t
  "x" <y> # \\ @`.split(/\s+/);

const LINES =
  `#if 1|#if a|#else|#elif 0|#endif|#ifdef a|#define a b|#define b a a|#define f(x) x x|#undef a
  |#include <mach/std_types.defs>|#line 9 "z"|# 3|/*|*/|//`.split("|");

const soup = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...LINES.map((l) => `\n${l}\n`))), {
    maxLength: 60,
  })
  .map((words) => words.join(" "));

/** A real definition with pieces cut out, doubled, moved or replaced. */
const mutant = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(
      fc.record({
        at: fc.nat(),
        length: fc.nat({ max: 40 }),
        what: fc.constantFrom("cut", "double", "word", "byte"),
        word: fc.constantFrom(...WORDS),
        byte: fc.integer({ min: 0, max: 255 }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  )
  .map(([text, edits]) =>
    edits.reduce((old, { at, length, what, word, byte }) => {
      const start = at % (old.length + 1);
      const [before, middle, after] = [
        old.slice(0, start),
        old.slice(start, start + length),
        old.slice(start + length),
      ];
      if (what === "cut") return before + after;
      if (what === "double") return before + middle + middle + after;
      return before + (what === "word" ? ` ${word} ` : String.fromCharCode(byte)) + after;
    }, text),
  );

describe("hostile definitions", () => {
  test("any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        answers(text);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("words in any order", () => {
    fc.assert(
      fc.property(soup, (text) => {
        answers(text);
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  test("real definitions, damaged", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(mutant, (text) => {
        seen.add(answers(text));
      }),
      { seed: SEED, numRuns: 300 },
    );
    // The damage is neither always fatal nor always harmless.
    expect([...seen].toSorted()).toEqual(["diagnostics", "stubs"]);
  });

  test.for<[string, string]>([
    ["parentheses", `type t = array[${"(".repeat(50_000)}`],
    ["pointers", `type t = ${"^".repeat(50_000)} int;`],
    ["arrays", `type t = ${"array[2] of ".repeat(5_000)} int;`],
    ["minus signs in #if", `#if ${"-".repeat(50_000)}1\n#endif`],
    ["choices in #if", `#if ${"1 ? ".repeat(20_000)}\n#endif`],
    ["groups", "#if 1\n".repeat(20_000)],
    ["errors", "@".repeat(50_000)],
    ["arguments", `subsystem s 1;\nroutine r(${"a : b; ".repeat(20_000)}c : d);`],
    ["one long line", `subsystem s 1; ${"skip; ".repeat(9_000)}`],
    ["many routines", `subsystem s 1;\n${"skip;\n".repeat(20_000)}`],
    ["long names", `subsystem ${"s".repeat(100_000)} 1;\ntype ${"t".repeat(100_000)} = u;`],
    ["a macro that doubles", `${doubling(30)}subsystem s 1;\ntype t = M30;`],
    ["a call that doubles", `${doublingCall(30)}subsystem s 1;\ntype t = F30(1);`],
    ["an array of everything", "subsystem s 1;\ntype t = array[2147483647] of (9, 2147483647);"],
  ])("too many %s", ([, text]) => {
    // What grew without end would never come back.
    answers(text);
  });
});

function doubling(levels: number): string {
  let text = "#define M0 1\n";
  for (let i = 1; i <= levels; i++) text += `#define M${i} M${i - 1} M${i - 1}\n`;
  return text;
}

function doublingCall(levels: number): string {
  let text = "#define F0(x) x\n";
  for (let i = 1; i <= levels; i++) text += `#define F${i}(x) F${i - 1}(x x)\n`;
  return text;
}
