/**
 * Writes the operations of dispatch.ts out as AssemblyScript: their numbers, the predecoder, and the
 * two run loops from assembly/loop.template.ts. Text in, text out; host/generate.ts does the files.
 */
import { readField, valueWidth, type Field } from "./fields.ts";
import type { Instruction } from "./instructions.ts";
import type { Dispatch } from "./dispatch.ts";
import type { Decoding, Operand, Operation, Slot } from "./operation.ts";
import type { Clause } from "./signature.ts";

const PSEUDO = ["PROBE", "TRANSLATED", "DECODE", "LEAVE"];

/**
 * OP_… numbers: those of the floating-point loop only, of both fast loops, of the other only, of none;
 * then those that are no instructions. So each loop's are together, and the switch becomes a table.
 */
export function writeOperations({ operations }: Dispatch): string {
  const numbers = [...inOrder(operations).map(({ name }) => name), ...PSEUDO].map(
    (name, number) => `export const OP_${name}: u32 = ${number};\n`,
  );
  const count = operations.filter(
    (operation) => place(operation, fastLoops(operations)) === 0,
  ).length;
  return `${numbers.join("")}
/** Below it are the operations of the floating-point loop only. */
export const FLOAT_END: u32 = ${count};
`;
}

function place(operation: Operation, { loop, floatLoop }: FastLoops): number {
  if (!loop.has(operation)) return floatLoop.has(operation) ? 0 : 3;
  return floatLoop.has(operation) ? 1 : 2;
}

/** Operations, each at its number. */
function inOrder(operations: readonly Operation[]): Operation[] {
  const loops = fastLoops(operations);
  return operations.toSorted((a, b) => place(a, loops) - place(b, loops));
}

/** An expression over `w` for a field's value, as readField computes it. */
function fieldText(field: Field, row: Instruction): string {
  if (field.constant) return String(readField(field, row.match));
  const { kind, moves } = field;
  const parts = moves.map(({ from, to, width }) => {
    const bits = `((w >>> ${from}) & ${2 ** width - 1})`;
    return to === 0 ? bits : `(${bits} << ${to})`;
  });
  let text = parts.length === 1 ? parts[0]! : `(${parts.join(" | ")})`;
  const unused = 32 - valueWidth(kind);
  if (kind.signed) text = `((<i32>${text} << ${unused}) >> ${unused})`;
  return kind.reflect === undefined ? text : `(${kind.reflect} - ${text})`;
}

/** The field that an operand is named after: `tIn`, `bOut` are t and b. */
function fieldName(operand: string): string {
  return operand.replace(/(In|Out)$/, "");
}

/** A text with `{field}` filled in. */
function filled(text: string, row: Instruction): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const field = row.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new Error(`${row.name}: no field ${name}`);
    return fieldText(field, row);
  });
}

function operandText(operand: Operand, row: Instruction): string {
  if (operand.text !== undefined) return filled(operand.text, row);
  const field = (name: string): string | undefined => {
    const found = row.fields.find((candidate) => candidate.name === name);
    return found && fieldText(found, row);
  };
  if (operand.type === "Condition") {
    const f = field("f");
    return f === undefined ? field("c")! : `(${field("c")} << 1 | ${f})`;
  }
  if (operand.name === "shift") return `(${field("u")} ? ${Math.log2(row.bytes!)} : 0)`;
  if (operand.name === "im") return field("im14") ?? field("im5")!;
  if (operand.name === "displacement") return "displacement";
  const text = field(fieldName(operand.name));
  if (text === undefined) throw new Error(`${row.name}: no field for operand ${operand.name}`);
  if (operand.type === "Source") return `${text} << 2`;
  if (operand.type === "Target") return `targetHandle(${text})`;
  return text;
}

/** Fields that a choice's condition may name, as constants. */
const TESTED = ["n", "m", "ab", "s", "im14", "w12", "cr", "u5"];

function decodingText({ row, operands, slots, choices }: Decoding): string {
  const lines: string[] = [];
  const field = (name: string): Field | undefined =>
    row.fields.find((candidate) => candidate.name === name);
  const tests = choices.map(({ when }) => when ?? "").join(" ");
  for (const name of TESTED)
    if (field(name) && new RegExp(`\\b${name}\\b`).test(tests))
      lines.push(`const ${name} = ${fieldText(field(name)!, row)};`);
  if (/\bc\b/.test(tests))
    lines.push(`const c = ${operandText({ name: "c", type: "Condition" }, row)};`);
  if (operands.some(({ name }) => name === "displacement")) {
    const w = field("w12") ?? field("w17")!;
    lines.push(`const bytes = ${fieldText(w, row)};`);
    if (/\bnear\b/.test(tests)) {
      lines.push(
        "const near = isNear(index, bytes);",
        "const displacement = near ? 32 + (bytes << 2) : bytes;",
      );
    } else lines.push("const displacement = bytes;");
  }
  const sources = new Set(
    operands
      .filter(({ type }) => type === "Source")
      .map(({ name }) => fieldText(field(fieldName(name))!, row)),
  );
  const mask = [...sources].map((text) => `1 << ${text}`).join(" | ");
  let choice = "";
  for (const { when, operation } of choices.toReversed())
    choice =
      when === undefined || when === "true"
        ? `OP_${operation.name}`
        : `(${filled(when, row)}) ? OP_${operation.name} : ${choice}`;
  lines.push(`store<u16>(record, ${choice});`);
  lines.push(`store<u32>(record, ${mask === "" ? "0" : `(${mask}) & ~1`}, RECORD_MASK);`);
  for (const operand of operands) {
    const slot = slots.get(operand.name)!;
    lines.push(`store<${slot.access}>(record, ${operandText(operand, row)}, ${slot.offset});`);
  }
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
  return `      if ((w & ${hex(row.mask)}) == ${hex(row.match)}) { // ${row.name}\n${lines.map((line) => `        ${line}\n`).join("")}        return;\n      }\n`;
}

/** The predecoder: one nest of tests for each major opcode, in table order. */
export function writePredecoder(dispatch: Dispatch): string {
  const cases: string[] = [];
  for (let major = 0; major < 64; major++) {
    const rows = dispatch.decodings.filter(({ row }) => row.match >>> 26 === major);
    if (rows.length > 0)
      cases.push(`    case ${major}: {\n${rows.map(decodingText).join("")}      break;\n    }\n`);
  }
  const names = new Set(dispatch.operations.map(({ name }) => `OP_${name}`));
  return `import { ${[...names].join(", ")} } from "./operations";
import { RECORD_MASK } from "./abi";
import { isEscape } from "../probe";

/** Conditions of FTEST besides none: ACC, REJ, ACC8, REJ8, ACC6, ACC4, ACC2. */
function isTestCondition(c: u32): bool { return c < 18 && (0x22266 >>> c & 1) != 0; }

/** Handle of a register that is written: r0 has a slot that nobody reads. */
function targetHandle(register: u32): u32 { return register ? register << 2 : 128; }

/**
 * Whether a branch at \`index\` of its page stays in the page: its delay slot and target are there, and
 * the target is not the instruction after the slot, which would look like no branch at all.
 */
function isNear(index: u32, bytes: i32): bool {
  return index < 1023 && bytes != 0 && <u32>(index + 2 + (bytes >> 2)) < 1024;
}

/** Fills the record of the word \`w\`, which stands at \`index\` of its page. */
export function predecode(record: u32, w: u32, index: u32, physical: u32): void {
  switch (w >>> 26) {
${cases.join("")}  }
  store<u16>(record, OP_ILLEGAL);
  store<u32>(record, 0, RECORD_MASK);
}
`;
}

function slotText({ offset, access }: Slot): string {
  return `<${access === "u8" ? "u32" : "i32"}>load<${access}>(rp, ${offset})`;
}

/** Named parts of a template: `//@pattern name … //@end`, `//@frame name … //@end`. */
function readParts(kind: "pattern" | "frame", template: string): ReadonlyMap<string, string> {
  const parts = template.matchAll(new RegExp(`^//@${kind} (\\S+)\n([\\s\\S]*?)^//@end$`, "gm"));
  return new Map([...parts].map(([, name, text]) => [name!, text!]));
}

/** What a case of the switch does: the pattern with clause, operands and texts filled in. */
function bodyText(operation: Operation, patterns: ReadonlyMap<string, string>): string {
  const { clause, fast, slots, constants, texts } = operation;
  const operand = (name: string): string | undefined => {
    if (name in constants) return String(constants[name]);
    const slot = slots.get(name);
    return slot && slotText(slot);
  };
  const callOf = ({ name, parameters }: Clause): string =>
    `${name}(${parameters
      .map(({ name, type }) => (type === "Pointer" || type === "Link" ? name : operand(name)!))
      .join(", ")})`;
  const calls: Record<string, Clause | undefined> = { clause, fast };
  const expand = (text: string): string =>
    text
      .replace(/^[ \t]*\/\/@(\$?)(\w+)$/gm, (_, indirect: string, name: string) => {
        const pattern = patterns.get(indirect ? texts[name]! : name);
        if (pattern === undefined) throw new Error(`${operation.name}: no pattern ${name}`);
        return expand(pattern);
      })
      .replace(/\$(\w+)/g, (_, name: string) => {
        const called = calls[name];
        const value = called
          ? callOf(called)
          : name in texts
            ? expand(texts[name]!)
            : operand(name);
        if (value === undefined) throw new Error(`${operation.name}: nothing for $${name}`);
        return value;
      });
  const body =
    (operation.privileged && !texts["access"]?.startsWith("absolute") ? "//@privileged\n" : "") +
    patterns.get(operation.pattern)!;
  return `${expand(body).trimEnd().replace(/^/gm, "        ")}\n`;
}

function caseText(operation: Operation, patterns: ReadonlyMap<string, string>): string {
  return `      case OP_${operation.name}: {\n${bodyText(operation, patterns)}      }\n`;
}

/** Patterns whose operations need calls, and clauses that do. */
const SLOW_PATTERNS = new Set([
  "semaphore",
  "gate",
  "trapping",
  "flushing",
  "returning",
  "synchronize",
  "escape",
  "interruption",
  "writeTimer",
  "floatSlow",
  "floatUnimplemented",
  "floatReserved",
  "floatStoreQuad",
  "statusLoad",
  "statusStore",
]);
const SLOW_CLAUSES = new Set([
  "moveToControlRegister",
  "moveToCpuRegister",
  "moveFromCpuRegister",
  "storeBytes",
  "floatTestQueue",
]);

/**
 * Forms that programs hardly contain, or not in loops: the loops have a limit of size (see their head),
 * and a step is some ten times slower, not more. Traps on overflow; decimal arithmetic; conditions for
 * which other forms of the same instruction stand; short accesses through named space registers.
 */
const RARE =
  /^(UNIT|DECIMAL|INTERMEDIATE|.*(HALF|INDEXED).*_SPACE$|.*_BEFORE_SPACE$|.*_BYTE_AFTER_SPACE$|.*FLOAT.*_GENERAL$)/;
/** What the floating-point loop leaves to the other one. */
const INTEGER =
  /^(COMPARE_CLEAR|COMPARE_IMMEDIATE_CLEAR|MOVE_|ADD_AND_BRANCH|BRANCH_ON|DIVIDE|ADD_CARRY|.*VARIABLE_DEPOSIT|.*_SPACE$|.*_FAR|VARIABLE|.*_FORWARD_N|.*_BACKWARD_N|.*HALF|.*SYSTEM_MASK)/;

function isFloat({ pattern }: Operation): boolean {
  return /^(float|status)/.test(pattern);
}

type FastLoop = "loop" | "floatLoop";

function isFast(operation: Operation, loop: FastLoop): boolean {
  const { name, pattern, clause, texts } = operation;
  if (SLOW_PATTERNS.has(pattern) || pattern === "outcome" || texts["access"] === "absolute")
    return false;
  if (RARE.test(name) || (clause !== undefined && SLOW_CLAUSES.has(clause.name))) return false;
  return loop === "floatLoop" ? !INTEGER.test(name) : !isFloat(operation);
}

type FastLoops = Record<FastLoop, ReadonlySet<Operation>>;

/** The operations of the fast loops: none makes a call. Some are in both. */
function fastLoops(operations: readonly Operation[]): FastLoops {
  const special = new Set(operations.map(({ general }) => general));
  const set = (loop: FastLoop): ReadonlySet<Operation> =>
    new Set(
      operations.filter((operation) => isFast(operation, loop) && !special.has(operation.name)),
    );
  return { loop: set("loop"), floatLoop: set("floatLoop") };
}

/** The cases of the step: every operation, in its general form only. */
function stepCases({ operations }: Dispatch, patterns: ReadonlyMap<string, string>): string {
  return operations
    .filter(({ general }) => general === undefined)
    .map((operation) => {
      const forms = operations.filter(({ general }) => general === operation.name);
      const labels = forms.map(({ name }) => `      case OP_${name}:\n`).join("");
      return labels + caseText(operation, patterns);
    })
    .join("");
}

/** Sources that the generated loops are made of: frames of loops, patterns, and those of translations. */
export interface Templates {
  readonly frames: string;
  readonly patterns: string;
  readonly translation: string;
}

/** Modules that are made of operations: the run loops, and the templates of translated code. */
export type Frame = FastLoop | "step" | "translation";

/** What the translator must know of an operation, besides its template: by pattern, the end of its name. */
const KINDS: Readonly<Record<string, string>> = {
  branchRegister: "register",
  load: "load",
  floatLoad: "load",
  store: "store",
  floatStore: "store",
};

function templateName({ pattern }: Operation, number: number): string {
  const kind = KINDS[pattern];
  return kind === undefined ? `op${number}` : `op${number}_${kind}`;
}

/** One such module. `abi` are the names that generated/abi.ts exports. */
export function writeLoop(
  dispatch: Dispatch,
  { frames, patterns: patternText, translation }: Templates,
  abi: readonly string[],
  name: Frame,
): string {
  const ends = name === "translation" ? readParts("pattern", translation) : [];
  const patterns = new Map([...readParts("pattern", patternText), ...ends]);
  const operations = inOrder(dispatch.operations);
  const loops = fastLoops(operations);
  const parts = readParts("frame", name === "translation" ? translation : frames);
  const fill = (frame: string, cases: string, named: string = name): string =>
    parts
      .get(frame)!
      .replace("$name", named)
      .replace(/^[ \t]*\/\/@cases?\n/m, () => cases)
      .replace(/^([ \t]*)\/\/@(locals|tails|lookUpLine)\n/gm, (_, indent: string, part: string) =>
        patterns.get(part)!.replace(/^/gm, indent),
      );
  const template = (operation: Operation, number: number): string =>
    loops.loop.has(operation) || loops.floatLoop.has(operation)
      ? fill("template", bodyText(operation, patterns), templateName(operation, number))
      : "";
  const cases = (frame: FastLoop): string =>
    operations
      .filter((operation) => loops[frame].has(operation))
      .map((operation) => caseText(operation, patterns))
      .join("");
  const text =
    name === "step"
      ? fill("step", stepCases(dispatch, patterns))
      : name === "translation"
        ? fill("translation", "") + operations.map(template).join("\n")
        : fill("loop", cases(name));
  const common = frames.slice(frames.indexOf("//@common\n") + 10, frames.indexOf("//@imports"));
  const modules = new Map<string, Set<string>>();
  for (const clause of dispatch.operations.flatMap(({ clause, fast }) => [clause, fast]))
    if (clause)
      modules.set(clause.module, (modules.get(clause.module) ?? new Set()).add(clause.name));
  const ops = [...operations.map((operation) => operation.name), ...PSEUDO].map((op) => `OP_${op}`);
  const used = (names: readonly string[]): string =>
    names.filter((word) => new RegExp(`\\b${word}\\b`).test(text)).join(", ");
  return [
    common.trimEnd(),
    `import { ${used(abi)} } from "./abi";`,
    `import { ${used(ops)} } from "./operations";`,
    ...[...modules].map(
      ([module, names]) => `import { ${[...names].join(", ")} } from "../exec/${module}";`,
    ),
    text,
  ].join("\n");
}
