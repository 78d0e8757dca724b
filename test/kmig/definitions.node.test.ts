/**
 * What the generator says about definitions: good ones are analysed with exactly the warnings that
 * they name, bad ones refused with exactly the errors that they name (`#pragma error L:C: text`).
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Diagnostic, DiagnosticError } from "../../host/diagnostic.ts";
import { analyseInterface, kmig } from "../../host/kmig/kmig.ts";
import type { SourceFile } from "../../host/kmig/preprocess.ts";
import { definition, include } from "./support/definitions.ts";

function folder(name: string): SourceFile[] {
  const files = readdirSync(join(import.meta.dirname, name)).toSorted();
  return files.map((file) => definition(`test/kmig/${name}/${file}`));
}

/** The findings that a definition announces. */
function announced({ text }: SourceFile, kind: "error" | "warn"): string[] {
  return Array.from(text.matchAll(new RegExp(`^#pragma ${kind} (.*)$`, "gm")), (m) => m[1]!);
}

function found(source: SourceFile, diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ file, line, column, message }) => {
    expect(file).toBe(source.file);
    return `${line}:${column}: ${message}`;
  });
}

describe("good", () => {
  test.for(folder("good"))("$file", (source) => {
    const { warnings, layout } = analyseInterface(source, { include });
    expect(found(source, warnings)).toEqual(announced(source, "warn"));
    expect(layout.routines.length).toBeGreaterThan(0);
  });
});

describe("bad", () => {
  test.for(folder("bad"))("$file", (source) => {
    const expected = announced(source, "error");
    expect(expected).not.toEqual([]);
    let said: unknown;
    try {
      kmig(source, { include });
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(DiagnosticError);
    expect(found(source, (said as DiagnosticError).diagnostics)).toEqual(expected);
  });
});

describe("messages", () => {
  test("name file, line and column, also of an included file", () => {
    const files: Record<string, string> = { "inner.defs": "\ntype a = missing;\n" };
    const source = { file: "outer.defs", text: '#include "inner.defs"\nsubsystem s 1;\n' };
    const find = (name: string) => ({ file: `dir/${name}`, text: files[name]! });
    expect(() => kmig(source, { include: find })).toThrow(
      "dir/inner.defs:2:10: unknown type: missing",
    );
  });

  test("follow line directives", () => {
    const text = 'subsystem s 1;\n# 40 "made/from.defs"\ntype a = missing;\n';
    expect(() => kmig({ file: "x.defs", text })).toThrow("made/from.defs:40:10: unknown type");
  });

  test("count columns of the file as written, not of its expansion", () => {
    const text = "#define T missing\nsubsystem s 1; /* c */ type a = array[2] of \\\n  T;\n";
    expect(() => kmig({ file: "x.defs", text })).toThrow("x.defs:3:3: unknown type: missing");
  });
});
