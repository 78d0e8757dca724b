/** What a user reads when a text is wrong: the whole message, its place, and all of them at once. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { assemble, GNU_PRELUDE } from "../../host/asm/assemble.ts";
import { link } from "../../host/asm/link.ts";

/** The message of assembling a text; empty when nothing is wrong. */
function messages(text: string, symbols: Record<string, number> = {}): string {
  try {
    assemble({ file: "t.s", text }, { symbols });
    return "";
  } catch (error) {
    if (error instanceof DiagnosticError) return error.message;
    throw error;
  }
}

/** Cases of the random texts; `INKWELL_FUZZ=100000` runs that many. */
const RUNS = Number(globalThis.process?.env["INKWELL_FUZZ"] ?? 3000);

describe("one mistake, one message", () => {
  const cases: [string, string][] = [
    [" foo %r1", "t.s:1:2: unknown mnemonic: foo"],
    ["lab nop", "t.s:1:1: label without a colon: lab"],
    ["x .equ 5", "t.s:1:1: label without a colon: x"],
    [" .foo 1", "t.s:1:2: unknown directive: .foo"],
    [" ldw 9000(%r5),%r6", "t.s:1:6: displacement out of range: 9000"],
    [" ldw 4(%r5)", "t.s:1:12: expected ,: end of statement"],
    [" ldw 4(%r5),%r6,%r7", "t.s:1:16: unexpected text: ,"],
    [" add %r1,%r2,%q3", "t.s:1:14: unknown register: %q3"],
    [" add %r1,%r2,%sr3", "t.s:1:14: not a general register: %sr3"],
    [" add %r1,%r2,r3", "t.s:1:14: expected a general register: r3"],
    [" add %r1,%r2,32", "t.s:1:14: no such general register: 32"],
    [" add,zz %r1,%r2,%r3", "t.s:1:6: unknown completer: zz"],
    [" add,=,= %r1,%r2,%r3", "t.s:1:6: unknown completer: ="],
    [" bb %r1,5,.", "t.s:1:4: missing completer"],
    [" ldw,q 4(%r5),%r6", "t.s:1:6: unknown completer: q"],
    [" ldw,mb 4(%r5),%r6,", "t.s:1:19: unexpected text: ,"],
    [" ldw,mb 64(%r5),%r6", "t.s:1:9: mb does not go with displacement 64"],
    [" addi 1024,%r1,%r2", "t.s:1:7: immediate out of range: 1024"],
    [" extru %r1,32,5,%r2", "t.s:1:12: position out of range: 32"],
    [" extru %r1,31,0,%r2", "t.s:1:15: length out of range: 0"],
    [" depi 16,31,5,%r2", "t.s:1:7: immediate out of range: 16"],
    [" shladd %r1,4,%r2,%r3", "t.s:1:13: shift must be 1 to 3: 4"],
    [" ldw 4(%sr5,%r1),%r2", "t.s:1:8: no such space register here: 5"],
    [
      " fmpyadd,sgl %fr4,%fr17,%fr18,%fr19,%fr20",
      "t.s:1:14: single operands are fr16 to fr31: fr4",
    ],
    [" fcnvff,dbl,dbl %fr4R,%fr5", "t.s:1:17: double registers have no right half"],
    [" b 6", "t.s:1:4: displacement out of range: 6"],
    [" depi x,31,5,%r2", "t.s:1:7: not a constant: x"],
    [" ldo Q%5(%r1),%r2", "t.s:1:6: unknown field selector: Q%"],
    [" ldil T%foo,%r1", "t.s:1:7: no linkage table: T%"],
    [" ldil foo,%r1", "t.s:1:7: field cannot hold a whole address: foo"],
    [" ldo L%foo(%r1),%r1", "t.s:1:6: field cannot hold the left part: foo"],
    [" addi foo,%r1,%r2", "t.s:1:7: field cannot hold a whole address: foo"],
    [" .word 5,", "t.s:1:10: expected an expression: end of statement"],
    [" .word 5+", "t.s:1:10: expected an expression: end of statement"],
    [" .word (5", "t.s:1:10: expected ): end of statement"],
    [" .word 5 5", "t.s:1:10: unexpected text: 5"],
    [" .word 1/0", "t.s:1:9: division by zero: .word 1/0"],
    [" .word 0x1ffffffff", "t.s:1:8: value out of range: 8589934591"],
    [" .word 99999999999999999999999", "t.s:1:8: number too large: 99999999999999999999999"],
    [" .word 08", "t.s:1:8: bad octal number: 08"],
    [" .byte 256", "t.s:1:8: value out of range: 256"],
    [" .byte foo", "t.s:1:8: not a constant: foo"],
    [" .word a-b\na: nop", "t.s:1:8: not a constant: a-b"],
    [" .word a+b", "t.s:1:8: cannot combine symbols: a, b"],
    [" .word a*2", "t.s:1:8: * needs a constant: a"],
    [" .word 1b", "t.s:1:8: no such label before: 1"],
    [" b 1f", "t.s:1:2: undefined label: 1f"],
    [" b .Lnowhere", "t.s:1:2: undefined label: .Lnowhere"],
    ["a: nop\na: nop", "t.s:2:1: symbol already defined: a"],
    ["a: nop\na = 5", "t.s:2:1: symbol already defined: a"],
    ["a = 5\na: nop", "t.s:2:1: symbol already defined: a"],
    ["a: .equ 5\na: .equ 6", "t.s:2:4: symbol already defined: a"],
    ["a = b\nb = a\n .word a", "t.s:3:8: symbol defined by itself: b"],
    [" .equ x,5", "t.s:1:2: .equ needs a label: write NAME: .equ VALUE or NAME = VALUE"],
    [' .ascii "abc', "t.s:1:9: string without an end"],
    [" .ascii 5", "t.s:1:9: expected a string: 5"],
    [" .align 3", "t.s:1:9: alignment is not a power of two: 3"],
    [" .space -1", "t.s:1:9: negative count: -1"],
    [" .space 0x10000000", "t.s:1:2: section too large: .text"],
    [" .org 4\n .org 0", "t.s:2:7: origin goes back: 0"],
    [" .bss\n .word 5", "t.s:2:2: section without contents: .bss"],
    [" .bss\n nop", "t.s:2:2: section without contents: .bss"],
    [" .level 2.0", "t.s:1:2: unsupported level: 2.0"],
    [" .popsection", "t.s:1:2: .popsection without .pushsection"],
    [' .section .x,"q"', "t.s:1:13: unknown section flag: q"],
    [" .if 1", "t.s:1:2: .if without .endif"],
    [" .endif", "t.s:1:2: .endif without .if"],
    [" .else", "t.s:1:2: .else without .if"],
    [" .if x\n .endif", "t.s:1:6: not a constant: x"],
    [" .macro m\n nop", "t.s:1:2: .macro without .endm"],
    [" .endm", "t.s:1:2: .endm without .macro"],
    [" .rept 2\n nop", "t.s:1:2: .rept without .endr"],
    [" .exitm", "t.s:1:2: .exitm outside a macro"],
    [" .macro m\n .endm\n .macro m\n .endm", "t.s:3:9: macro already defined: m"],
    [" .macro m a:req\n .endm\n m", "t.s:3:3: missing argument: a"],
    [" .macro m a\n .endm\n m 1,2", "t.s:3:6: too many arguments: m"],
    [" .macro m\n m\n .endm\n m", "t.s:4:1: macros nested too deep (in m, line 2)"],
    [' .error "stop here"', "t.s:1:2: stop here"],
  ];
  test.each(cases)("%j", (text, message) => expect(messages(text)).toBe(message));

  test("in a macro's text: the call's line, the macro's name and line", () => {
    expect(messages(" .macro bad reg\n nop\n copy \\reg,%r1\n .endm\n nop\n  bad %x")).toBe(
      "t.s:6:1: unknown register: %x (in bad, line 3)",
    );
    expect(messages(" escape 40000")).toBe("t.s:1:1: immediate out of range: 40000 (in escape)");
  });

  test("in a prelude, and in what the text makes of it", () => {
    const prelude = {
      file: "macros.s",
      text: " .macro put value\n ldi \\value,%r1\n .endm\nsize = 8",
    };
    const object = assemble({ file: "t.s", text: " put size" }, { prelude });
    expect([...object.sections[0]!.bytes]).toEqual([0x34, 0x01, 0x00, 0x10]);
    expect(() => assemble({ file: "t.s", text: "\n put 9000" }, { prelude })).toThrow(
      "t.s:2:1: displacement out of range: 9000 (in put, macros.s:2)",
    );
    const wrong = { file: "macros.s", text: " foo\n .if 1" };
    expect(() => assemble({ file: "t.s", text: " bar" }, { prelude: wrong })).toThrow(
      "macros.s:1:2: unknown mnemonic: foo\nmacros.s:2:2: .if without .endif\nt.s:1:2: unknown mnemonic: bar",
    );
  });

  test("of a constant that was given", () => {
    expect(messages("SS_R26: nop", { SS_R26: 4 })).toBe("t.s:1:1: symbol already defined: SS_R26");
    expect(messages("SS_R26 = 5", { SS_R26: 4 })).toBe("t.s:1:1: symbol already defined: SS_R26");
    expect(messages(" ldw SS_R26(%r1),%r2\n .word SS_R26", { SS_R26: 4 })).toBe("");
  });
});

test("all mistakes are collected, in the order of lines", () => {
  expect(
    messages(" b far\n foo\nnop\n addi 5000,%r1,%r2 ! bar\n .byte 300\n .space 0x100000\nfar: nop"),
  ).toBe(
    [
      "t.s:1:4: displacement out of range: 1048576",
      "t.s:2:2: unknown mnemonic: foo",
      "t.s:4:7: immediate out of range: 5000",
      "t.s:4:22: unknown mnemonic: bar",
      "t.s:5:8: value out of range: 300",
    ].join("\n"),
  );
});

describe("linking", () => {
  function linked(texts: readonly string[], layout: Parameters<typeof link>[1]): string {
    try {
      link(
        texts.map((text, index) => assemble({ file: `${index}.s`, text })),
        layout,
      );
      return "";
    } catch (error) {
      if (error instanceof DiagnosticError) return error.message;
      throw error;
    }
  }

  test("undefined symbols, once a file", () => {
    expect(
      linked([" nop\n bl foo,%r2\n nop\n bl foo,%r2\n nop", " .data\n .word foo"], { text: 0 }),
    ).toBe("0.s:2: undefined symbol: foo\n1.s: undefined symbol: foo");
    expect(linked([" nop"], { text: 0, entry: "start" })).toBe("link: undefined symbol: start");
  });

  test("symbols defined twice", () => {
    const text = " .globl a\na: nop";
    expect(linked([text, text], { text: 0 })).toBe("1.s: symbol already defined in 0.s: a");
    expect(linked([text, " .weak a\na: nop"], { text: 0 })).toBe("");
    expect(linked(["a: nop", "a: nop"], { text: 0 })).toBe("");
  });

  test("segments over each other", () => {
    expect(linked([" .space 64\n .data\n .word 1"], { text: 0x1000, data: 0x1020 })).toBe(
      "link: segments overlap: text ends at 0x1040, data starts at 0x1020",
    );
  });

  test("what does not reach", () => {
    expect(
      linked([" nop\n comb,= %r1,%r2,foo\n nop", " .space 9000\n .globl foo\nfoo: nop"], {
        text: 0,
      }),
    ).toBe("0.s:2: displacement to foo out of range: 9000");
    expect(linked([" ldo foo(%r0),%r1", " .globl foo\nfoo: nop"], { text: 0x4000 })).toBe(
      "0.s:1: displacement to foo out of range: 16388",
    );
  });
});

describe("an image", () => {
  const image = link(
    [
      assemble({
        file: "a.s",
        text: " .globl start\nstart: nop\n.probe T1.1\n bl f,%r2\n nop\n .data\nd: .word 1\n .bss\nz: .space 8",
      }),
      assemble({
        file: "b.s",
        text: " .macro two\n nop\n nop\n .endm\n .globl f\nf: two\n.L1: nop",
      }),
    ],
    { text: 0x1000, entry: "start" },
  );

  test("has segments, symbols, probes", () => {
    expect(
      image.segments.map(({ name, address, size, bytes, executable, writable }) => [
        name,
        address,
        size,
        bytes.length,
        executable,
        writable,
      ]),
    ).toEqual([
      ["text", 0x1000, 24, 24, true, false],
      ["data", 0x2000, 12, 4, false, true],
    ]);
    expect(image.entry).toBe(0x1000);
    expect(Object.fromEntries(image.symbols)).toEqual({
      start: 0x1000,
      f: 0x100c,
      d: 0x2000,
      z: 0x2004,
    });
    expect(image.probes).toEqual([{ name: "T1.1", address: 0x1004 }]);
  });

  test("knows where an address is", () => {
    expect(image.locate(0x1004)).toEqual({ symbol: "start", offset: 4 });
    expect(image.locate(0x1014)).toEqual({ symbol: "f", offset: 8 });
    expect(image.locate(0x2008)).toEqual({ symbol: "z", offset: 4 });
    expect(image.locate(0x1018)).toBeUndefined();
    expect(image.locate(0xfff)).toBeUndefined();
    expect(image.line(0x1000)).toEqual({ file: "a.s", line: 2 });
    expect(image.line(0x1008)).toEqual({ file: "a.s", line: 5 });
    expect(image.line(0x1010)).toEqual({ file: "b.s", line: 6 });
    expect(image.line(0x1014)).toEqual({ file: "b.s", line: 7 });
    expect(image.line(0x3000)).toBeUndefined();
  });
});

describe("any text", () => {
  const pieces = fc.constantFrom(
    ...[
      "ldw",
      "add,",
      ",ma",
      " 4(",
      "%r5",
      ")",
      ",",
      "=",
      " = ",
      ":",
      "x",
      "1b",
      "1:",
      ".",
      "'",
      '"',
      "\\",
      "!",
      ";",
      "/*",
      "*/",
    ],
    ...[
      "\n",
      "\n ",
      " .word ",
      " .macro m a\n",
      " .endm\n",
      "\\a",
      "\\@",
      " .rept 3\n",
      " .endr\n",
      " .if ",
      " .endif\n",
      " m ",
      " .space ",
      " .align ",
    ],
    ...[
      " b ",
      "-",
      "+",
      "*",
      "/",
      "%",
      "<<",
      "0x",
      "99999999999",
      "-1",
      " .org ",
      " .equ ",
      "L%",
      "(",
      " .set x,",
      " .fill ",
      " .irp x,",
      " .section ",
    ],
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 40 }).map((list) => list.join("")),
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.string({ maxLength: 30 }), { maxLength: 8 }).map((list) => list.join("\n ")),
  );

  test("is assembled or diagnosed, never anything else", { timeout: 20_000 + RUNS * 20 }, () => {
    fc.assert(
      fc.property(texts, (text) => {
        messages(text);
        messages(GNU_PRELUDE + text);
      }),
      { numRuns: RUNS },
    );
  });

  test("that grows without end is stopped", () => {
    expect(messages(" .rept 1000\n .rept 1000\n .rept 1000\n nop\n .endr\n .endr\n .endr")).toMatch(
      /too many/,
    );
    expect(messages(" .macro m\n m\n m\n .endm\n m")).toMatch(/too deep|too many/);
    expect(messages(`x = y\n${"x = x+x+y\n".repeat(100)} .word x`)).toMatch(/^t\.s:/);
    expect(messages(` .word ${"(".repeat(5000)}1`)).toMatch(/^t\.s:1:\d+: expression too deep$/);
    expect(messages(` .word ${"-".repeat(5000)}1`)).toMatch(/expression too deep/);
  });
});
