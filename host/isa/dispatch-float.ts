/**
 * The forms of floating-point instructions, for dispatch.ts: by format, by what is fast, by address.
 *
 * A row's clause name is the stem of its clauses' names: `floatAdd` has floatAddSingle and
 * floatAddDouble, conversions name both formats, source first. A clause with `Fast` after its name does
 * the common case without calls. Operand texts and conditions here are AssemblyScript over the fields of
 * the word, `{field}`. What an instruction waits for follows from the types of its clause's parameters.
 */
import type { Instruction } from "./instructions.ts";
import { screaming, type Operand } from "./operation.ts";
import type { Clause, Parameter } from "./signature.ts";

/** An operation as this file sees it; dispatch.ts gives it slots. */
export interface FloatForm {
  readonly when?: string;
  readonly name: string;
  readonly pattern: string;
  readonly clause?: Clause;
  readonly fast?: Clause;
  readonly texts: Readonly<Record<string, string>>;
}

export interface FloatForms {
  readonly operands: readonly Operand[];
  readonly forms: readonly FloatForm[];
}

type Clauses = (name: string) => Clause;
type FastClauses = (name: string) => Clause | undefined;

const byte = (name: string, text: string): Operand => ({ name, type: "Byte", text });

/** Whether an instruction belongs here. */
export function isFloat({ kind, clause, name }: Instruction): boolean {
  return (
    kind === "float" || /^(load|store)Float(Word|Double|Quad)$/.test(clause) || name === "COPR"
  );
}

/** Handle of a register (assembly/float/registers.ts); `single` is a condition for half a register. */
function handle(row: Instruction, name: string, single: string): Operand {
  if (row.fields.some((field) => field.name === "sgl"))
    return byte(
      name,
      `(({sgl} ? ({${name}} & 15) | 16 : {${name}}) << 3) | ({sgl} && !({${name}} & 16) ? 4 : 0)`,
    );
  const half = `h${name.at(-1)}`;
  const right = row.fields.some((field) => field.name === half) ? ` && !{${half}}` : "";
  return byte(name, `({${name}} << 3) | (${single}${right} ? 4 : 0)`);
}

/** FMPYADD and FMPYSUB keep both units; division and square root keep the multiplier for long. */
function unitOf(stem: string): "alu" | "multiplier" | "both" | "none" {
  if (/^floatMultiply(Add|Subtract)$/.test(stem)) return "both";
  if (/^(floatMultiply|floatDivide|floatSquareRoot|fixedMultiplyUnsigned)$/.test(stem))
    return "multiplier";
  return stem === "floatIdentify" ? "none" : "alu";
}

/** Address of the latency of a clause's result. */
function latencyOf(name: string): string {
  const [, stem, format] = /^float(Divide|SquareRoot)(Single|Double)$/.exec(name) ?? [];
  if (stem === undefined) return "TIME_FLOAT_RESULT";
  return `TIME_${stem === "Divide" ? "DIVIDE" : "ROOT"}_${format!.toUpperCase()}`;
}

/** The latest of some times. */
function latest(times: readonly string[]): string {
  return times.reduce((all, time) => `max<i32>(${all}, ${time})`);
}

/** `ready` and `done` of an operation. */
function timing(stem: string, { name, parameters }: Clause): Record<string, string> {
  if (parameters.length === 0) return { ready: "allReady()", done: "testWritten(issue)" };
  const unit = unitOf(stem);
  const latency = latencyOf(name);
  const reads = parameters.filter(({ type }) => /Source$/.test(type));
  const writes = parameters.filter(({ type }) => /Target$/.test(type));
  const ready = ({ name: operand, type }: Parameter): string =>
    `${type.startsWith("Single") ? "half" : "whole"}Ready($${operand})`;
  // FMPYADD's ta is read as well.
  const also = writes.filter(({ name: operand }) => operand === "ta");
  const times = [...reads, ...also].map(ready);
  const done = writes.map(
    ({ name: operand, type }) =>
      `${type.startsWith("Single") ? "half" : "whole"}Written($${operand}, issue, ${latency})`,
  );
  if (writes.length === 0) done.push("testWritten(issue)");
  if (unit === "alu" || unit === "both") {
    times.push("aluFree()");
    done.push("useAlu(issue)");
  }
  if (unit === "multiplier" || unit === "both") {
    times.push("multiplierFree()");
    const busy = latency === "TIME_FLOAT_RESULT" ? "TIME_FLOAT_DISTANCE" : latency;
    done.push(`useMultiplier(issue, ${busy})`);
  }
  return { ready: latest(times), done: done.join(";\n") };
}

/** Clauses whose complete form makes no call, so that the loop may have it. */
const PLAIN = /^(floatCopy|floatAbsolute|fixedMultiplyUnsigned)/;

/** The operation of one clause. */
function operation(stem: string, clause: Clause, fastClauses: FastClauses): FloatForm {
  const { name } = clause;
  const fast = fastClauses(`${name}Fast`);
  const texts = timing(stem, clause);
  const common = { name: screaming(name), clause };
  if (PLAIN.test(name))
    return { ...common, pattern: "float", texts: { ...texts, fast: "!($clause)" } };
  return fast === undefined
    ? { ...common, pattern: "floatSlow", texts }
    : { ...common, pattern: "float", fast, texts };
}

const RESERVED: FloatForm = { name: "FLOAT_RESERVED", pattern: "floatReserved", texts: {} };

/** An operation that is left to software; the code tells the major opcode. */
function unimplemented(row: Instruction, when: string): FloatForm {
  const code = row.match >>> 26 === 0x0c ? "0x09" : "0x0b";
  return {
    when,
    name: `FLOAT_UNIMPLEMENTED_${code.toUpperCase()}`,
    pattern: "floatUnimplemented",
    texts: { code },
  };
}

/** Formats that a field of two bits, or one, names; 3 is quad, 2 is none. */
const FORMATS = ["Single", "Double"] as const;

function operationForms(row: Instruction, clauses: Clauses, fast: FastClauses): FloatForms {
  const has = (name: string): boolean => row.fields.some((field) => field.name === name);
  const stem = row.clause;
  const make = (name: string): FloatForm => operation(stem, clauses(name), fast);
  if (stem === "floatTest")
    return {
      operands: [],
      forms: [{ name: "FLOAT_TEST", pattern: "floatTest", clause: clauses(stem), texts: {} }],
    };
  if (stem === "floatIdentify") return { operands: [], forms: [make(stem)] };
  const forbidden = { ...RESERVED, when: "!{ft}" };
  if (stem === "fixedMultiplyUnsigned") {
    const operands = [
      handle(row, "fa", "true"),
      handle(row, "fb", "true"),
      handle(row, "ft", "false"),
    ];
    return { operands, forms: [{ ...RESERVED, when: "!{ft} || {ht}" }, make(stem)] };
  }
  if (has("sgl")) {
    const names = ["rm1", "rm2", "ra", "ta", "tm"];
    return {
      operands: names.map((name) => handle(row, name, "")),
      forms: [
        { ...make(`${stem}Single`), when: "{sgl}" },
        { ...RESERVED, when: "!{ta} || !{tm}" },
        make(`${stem}Double`),
      ],
    };
  }
  const fmt = has("fmt1") ? "fmt1" : "fmt";
  const fa = handle(row, "fa", `{${fmt}} == 0`);
  if (has("df")) {
    const combinations = FORMATS.flatMap((from, f) =>
      FORMATS.filter((to) => stem !== "floatToFloat" || to !== from).map((to) => ({
        ...make(`${stem}${from}${to}`),
        when: `{fmt} == ${f} && {df} == ${FORMATS.indexOf(to)}`,
      })),
    );
    const undone = unimplemented(row, "{fmt} != 2 && {df} != 2");
    return {
      operands: [fa, handle(row, "ft", "{df} == 0")],
      forms: [forbidden, ...combinations, undone, RESERVED],
    };
  }
  const operands = [fa];
  if (has("fb")) operands.push(handle(row, "fb", `{${fmt}} == 0`));
  operands.push(has("fc") ? byte("fc", "{fc}") : handle(row, "ft", `{${fmt}} == 0`));
  const forms =
    stem === "floatRemainder"
      ? [unimplemented(row, `{${fmt}} != 2`)]
      : [
          { ...make(`${stem}Single`), when: `{${fmt}} == 0` },
          { ...make(`${stem}Double`), when: `{${fmt}} == 1` },
          unimplemented(row, `{${fmt}} == 3`),
        ];
  return { operands, forms: [...(has("ft") ? [forbidden] : []), ...forms, RESERVED] };
}

/**
 * Loads and stores. Those with an explicit space, and those of register 0, have one form that works
 * the address out as it runs; the others have a form for each way to modify the base.
 */
function accessForms(row: Instruction, clauses: Clauses): FloatForms {
  const load = row.kind === "load";
  const quad = row.clause === "storeFloatQuad";
  const whole = quad || row.clause.endsWith("Double");
  const register = load ? "ft" : "fr";
  const indexed = row.mode === "index";
  const size = row.bytes!;
  const operands: Operand[] = [
    { name: "b", type: "Source" },
    { name: "bOut", type: "Target" },
    ...(indexed
      ? [{ name: "x", type: "Source" } as const, { name: "shift", type: "Byte" } as const]
      : [{ name: "im", type: "Small" } as const]),
    handle(row, register, String(!whole)),
    byte("s", "{s}"),
    byte("form", indexed ? "({m} ? 2 : 0)" : "({m} ? ({ab} ? 1 : 2) : 0)"),
    byte("half", whole ? "0" : `{h${register.at(-1)}}`),
  ];
  const offset = indexed ? "(gr($x) << $shift)" : "$im";
  const moved = `setGr($bOut, base + ${offset})`;
  const tag = `FRONT_${load ? "READ" : "WRITE"}_TAG`;
  const common = {
    passes: "false",
    miss: `load<u64>(entry, ${tag}) != accessTag(space, address, ${size})`,
    size: String(size),
    wanted: load ? "1" : "2",
    space: "load<u32>((base >>> 30) << 2, CORE_SR + 16)",
  };
  const part = whole ? "whole" : "half";
  const timed = load
    ? { ready: "0", done: `${part}Loaded($ft, issue)` }
    : { ready: `${part}Stored($fr)` };
  const general = {
    ...common,
    address: `$form == 2 ? base : base + ${offset}`,
    update: `if ($form) ${moved}`,
    space: `$s ? sr($s) : load<u32>((base >>> 30) << 2, CORE_SR + 16)`,
  };
  const stem = `${screaming(row.clause)}${indexed ? "_INDEXED" : ""}`;
  const pattern = load ? "floatLoad" : "floatStore";
  const clause = clauses(row.clause);
  const make = (suffix: string, texts: Record<string, string>, when?: string): FloatForm => ({
    name: stem + suffix,
    pattern,
    clause,
    texts: { ...timed, ...texts },
    ...(when !== undefined && { when }),
  });
  // A quad store names the first of two registers.
  if (quad) {
    const ready = `max<i32>(wholeStored($fr), wholeStored($fr + 8))`;
    const pair = operands.map((operand) =>
      operand.name === "fr" ? byte("fr", "({fr} & 30) << 3") : operand,
    );
    return {
      operands: pair,
      forms: [{ ...make("", { ...general, ready }), pattern: "floatStoreQuad" }],
    };
  }
  const status = clauses(row.clause.replace("Float", "Status"));
  const plain = { ...common, address: `base + ${offset}`, update: "" };
  const forms: FloatForm[] = [
    {
      when: `!{${register}}`,
      name: `${screaming(status.name)}${indexed ? "_INDEXED" : ""}`,
      pattern: load ? "statusLoad" : "statusStore",
      clause: status,
      texts: { ...general, ready: "allReady()", done: "", passes: String(!load && whole) },
    },
    make("_GENERAL", general, "{s}"),
    ...(indexed ? [] : [make("_BEFORE", { ...plain, update: moved }, "{m} && {ab}")]),
    make("_AFTER", { ...plain, address: "base", update: moved }, "{m}"),
    make("", plain),
  ];
  return { operands, forms };
}

/** COPR catches what is left of unit 0: FTEST with a condition, and reserved operations. */
function leftForms(clauses: Clauses): FloatForms {
  const queue: FloatForm = {
    when: "({sop22} >>> 5) == 18 && {n} && !{uid} && isTestCondition({sop22} & 31)",
    name: "FLOAT_TEST_QUEUE",
    pattern: "floatTest",
    clause: clauses("floatTestQueue"),
    texts: {},
  };
  return {
    operands: [byte("condition", "({sop22} & 31)")],
    forms: [
      queue,
      { ...RESERVED, when: "!{uid}" },
      { name: "ASSIST", pattern: "interruption", texts: { number: "I_ASSIST_EMULATION" } },
    ],
  };
}

/** All forms of a floating-point instruction, in the order in which they are tried. */
export function floatForms(row: Instruction, clauses: Clauses, fast: FastClauses): FloatForms {
  if (row.name === "COPR") return leftForms(clauses);
  return row.kind === "float" ? operationForms(row, clauses, fast) : accessForms(row, clauses);
}
