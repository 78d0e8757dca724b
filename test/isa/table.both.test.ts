/** The instruction table as a whole: nothing missing, nothing twice, both directions agree. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FIELD_KINDS,
  fieldOf,
  fits,
  readField,
  valueWidth,
  writeField,
  type FieldName,
} from "../../host/isa/fields.ts";
import { insn } from "../../host/isa/instruction.ts";
import {
  CATCH_ALL,
  decode,
  encode,
  fieldsOf,
  instruction,
  INSTRUCTIONS,
} from "../../host/isa/instructions.ts";

/** The PA-RISC 1.1 manual's instructions, floating-point operations included. */
const MANUAL = `
  LDW LDWM LDH LDB LDO STW STWM STH STB LDWX LDHX LDBX LDWAX LDCWX LDWS LDHS LDBS LDWAS LDCWS
  STWS STHS STBS STWAS STBYS LDIL ADDIL BL GATE BLR BV BE BLE MOVB MOVIB COMBT COMBF COMIBT COMIBF
  ADDBT ADDBF ADDIBT ADDIBF BVB BB ADD ADDL ADDO SH1ADD SH1ADDL SH1ADDO SH2ADD SH2ADDL SH2ADDO
  SH3ADD SH3ADDL SH3ADDO ADDC ADDCO SUB SUBO SUBB SUBBO SUBT SUBTO DS COMCLR OR XOR AND ANDCM UXOR
  UADDCM UADDCMT DCOR IDCOR ADDI ADDIO ADDIT ADDITO SUBI SUBIO COMICLR VSHD SHD VEXTRU VEXTRS EXTRU
  EXTRS VDEP DEP VDEPI DEPI ZVDEP ZDEP ZVDEPI ZDEPI BREAK RFI RFIR SSM RSM MTSM LDSID MTSP MTCTL
  MFSP MFCTL SYNC DIAG SPOP0 SPOP1 SPOP2 SPOP3 COPR CLDWX CLDDX CSTWX CSTDX CLDWS CLDDS CSTWS CSTDS
  FLDWX FLDDX FSTWX FSTDX FLDWS FLDDS FSTWS FSTDS FSTQX FSTQS FMPYSUB FMPYADD
  PROBER PROBERI PROBEW PROBEWI LPA LCI PDTLB PITLB PDTLBE PITLBE IDTLBA IITLBA IDTLBP IITLBP
  PDC FDC FIC FDCE FICE FCPY FABS FSQRT FRND FCNVFF FCNVXF FCNVFX FCNVFXT FCMP FTEST FADD FSUB FMPY
  FDIV FREM XMPYU`
  .trim()
  .split(/\s+/);

/** Random values for a row's free fields. */
function valuesOf(
  row: (typeof INSTRUCTIONS)[number],
): fc.Arbitrary<Partial<Record<FieldName, number>>> {
  const free = row.fields.filter((field) => !field.constant);
  return fc.tuple(...free.map(({ kind }) => fc.nat(2 ** kind.width - 1))).map((bits) =>
    Object.fromEntries(
      free.map((field, index) => {
        // A raw number becomes a value by writing it where the field stands and reading it back.
        const places = {
          ...field,
          moves: [{ from: 0, to: field.kind.scale, width: field.kind.width }],
        };
        return [field.name, readField(places, bits[index]!)];
      }),
    ),
  );
}

describe("table", () => {
  test("has every instruction of the manual", () => {
    const names = new Set(INSTRUCTIONS.map(({ name }) => name));
    expect(MANUAL.filter((name) => !names.has(name))).toEqual([]);
  });

  test("has no name twice, and ids in order", () => {
    expect(new Set(INSTRUCTIONS.map(({ name }) => name)).size).toBe(INSTRUCTIONS.length);
    expect(INSTRUCTIONS.map(({ id }) => id)).toEqual(INSTRUCTIONS.map((_, index) => index));
  });

  test("rows do not overlap, catch-alls aside", () => {
    const overlaps: string[] = [];
    for (const a of INSTRUCTIONS)
      for (const b of INSTRUCTIONS)
        if (a.id < b.id && !CATCH_ALL.has(b.name) && ((a.match ^ b.match) & a.mask & b.mask) === 0)
          overlaps.push(`${a.name} ${b.name}`);
    expect(overlaps).toEqual([]);
  });

  test("every bit of a word is literal or in exactly one field", () => {
    for (const row of INSTRUCTIONS) {
      let covered = row.mask;
      for (const { constant, moves } of row.fields)
        for (const { from, width } of moves) {
          const bits = ((2 ** width - 1) * 2 ** from) | 0;
          if (!constant) expect([row.name, covered & bits]).toEqual([row.name, 0]);
          covered |= bits;
        }
      expect([row.name, covered >>> 0]).toEqual([row.name, 0xffffffff]);
    }
  });

  test.each(INSTRUCTIONS.map((row) => [row.name, row] as const))(
    "%s: fields → word → fields",
    (_, row) => {
      fc.assert(
        fc.property(valuesOf(row), (values) => {
          const word = encode(row, values);
          const found = decode(word);
          // What a catch-all shares with an earlier row belongs to that row.
          if (!CATCH_ALL.has(row.name)) expect(found?.name).toBe(row.name);
          expect(fieldsOf(row, word)).toMatchObject(values);
        }),
        { numRuns: 50 },
      );
    },
  );

  test("any word decodes to a row that encodes it again", () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), (word) => {
        const row = decode(word);
        if (row !== undefined) expect(encode(row, fieldsOf(row, word))).toBe(word);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("fields", () => {
  test("low_sign_ext, assemble_12, 17 and 21 as the manual defines them", () => {
    // Words and operands of instructions that GNU as assembled.
    const cases: [number, string, FieldName, number][] = [
      [0x6bc23fd9, "STW", "im14", -20],
      [0x4fc33f81, "LDWM", "im14", -64],
      [0x0cb930a6, "LDWS", "im5", -4],
      [0x20226246, "LDIL", "im21", 0x12345000],
      [0x203fffff, "LDIL", "im21", -2048],
      [0xe85f1f85, "BL", "w17", -64],
      [0x80413ef7, "COMBT", "w12", -136],
      [0xe0210002, "BE", "w17", 0x2000],
      [0x00007820, "MTSP", "sr", 5],
      [0xb42207ed, "ADDI", "im11", -10],
      [0xd0851bf8, "EXTRU", "len", 8],
      [0xd4a40c18, "DEP", "cp", 31],
    ];
    for (const [word, name, field, value] of cases) {
      expect([decode(word)?.name, field, fieldsOf(instruction(name), word)[field]]).toEqual([
        name,
        field,
        value,
      ]);
      expect(encode(instruction(name), fieldsOf(instruction(name), word))).toBe(word);
    }
  });

  test("every kind writes what it reads, and accepts exactly its range", () => {
    for (const [name, kind] of Object.entries(FIELD_KINDS) as [
      FieldName,
      (typeof FIELD_KINDS)[FieldName],
    ][]) {
      const field = fieldOf(name, [{ from: 0, width: kind.width }], false);
      for (const raw of [0, 1, 2 ** (kind.width - 1), 2 ** kind.width - 1]) {
        const value = readField(field, raw);
        expect([name, writeField(field, value)]).toEqual([name, raw]);
        expect([name, fits(kind, value)]).toEqual([name, true]);
      }
      expect([name, fits(kind, 2 ** (valueWidth(kind) + 1))]).toEqual([name, false]);
      expect([name, fits(kind, 0.5)]).toEqual([name, false]);
    }
  });

  test("encode refuses what does not fit", () => {
    expect(() => encode(instruction("LDW"), { im14: 8192 })).toThrow(
      "LDW: im14 out of range: 8192",
    );
    expect(() => encode(instruction("BL"), { w17: 2 })).toThrow("BL: w17 out of range: 2");
    expect(() => encode(instruction("LDW"), { x: 1 })).toThrow("LDW: no field x");
    expect(() => encode(instruction("COMBT"), { f: 1 })).toThrow("COMBT: f out of range: 1");
  });
});

describe("a bad row is refused", () => {
  const cases: [string, string, string, string][] = [
    ["short", "000010 b:5", "", "BAD: pattern has 11 bits"],
    ["long", "000010 b:5 a:5 r:5 t:5 x:5 00", "", "BAD: pattern longer than 32 bits"],
    ["field unknown", "000010 q:26", "", "BAD: unknown field: q"],
    [
      "field of the wrong width",
      "000010 b:6 00000000000000000000",
      "",
      "BAD: b: 6 bits, must be 5",
    ],
    ["not a pattern", "000010 b=2 00000000000000000000", "", "BAD: bad pattern part: b=2"],
    [
      "operand without a field",
      "00001000000000000000000000000000",
      "b,t",
      "BAD: operand without a field: b",
    ],
  ];
  test.each(cases)("%s", (_, bits, operands, message) => {
    expect(() => insn("BAD", bits, "", operands, "compute", "bad")).toThrow(message);
  });
});
