/** Reads known-deviations.txt: what differential runs leave out, by instruction and by what of it. */
import { readFileSync } from "node:fs";
import { INSTRUCTIONS } from "../../host/isa/instructions.ts";

export interface Deviation {
  readonly id: string;
  readonly kind: "wrong" | "open" | "choice";
  /** What is named: instructions, or another thing. */
  readonly names: readonly string[];
  /** After the colon: which forms of them. */
  readonly form: string | undefined;
  readonly what: string;
  readonly rule: string;
}

const FILE = new URL("../known-deviations.txt", import.meta.url);
const KINDS = ["wrong", "open", "choice"] as const;

function parse(line: string): Deviation {
  const columns = line.split("|").map((column) => column.trim());
  const [id, scope, kind, what, rule] = columns;
  const known = KINDS.find((each) => each === kind);
  if (columns.length !== 5 || !id || !scope || !known || !what || !rule)
    throw new Error(`known-deviations.txt: not five columns: ${line}`);
  const [names, form] = scope.split(":");
  return { id, kind: known, names: names!.trim().split(/\s+/), form: form?.trim(), what, rule };
}

export const DEVIATIONS: readonly Deviation[] = readFileSync(FILE, "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "" && !line.startsWith("#"))
  .map(parse);

const MNEMONICS = new Set(INSTRUCTIONS.map(({ name }) => name.replace(/_LR$/, "")));

/** Whether a line is of instructions. */
export function isOfInstructions({ names }: Deviation): boolean {
  return MNEMONICS.has(names[0]!);
}

const FORMS = [
  "t = b",
  "t = 0",
  "fa = 0, double to single",
  "len > p + 1",
  "overflow",
  "condition",
  "nullified",
  "not aligned to 16",
] as const;
type Form = (typeof FORMS)[number];

/** Lines of an instruction. */
function of(name: string): readonly Deviation[] {
  const row = name.replace(/_LR$/, "");
  return DEVIATIONS.filter((line) => isOfInstructions(line) && line.names.includes(row));
}

/** Whether every form of an instruction is left out. */
export function isLeftOut(name: string): boolean {
  return of(name).some(({ form }) => form === undefined);
}

/** Whether one kind of form of an instruction is left out. */
export function isFormLeftOut(name: string, form: Form): boolean {
  return of(name).some((line) => line.form === form);
}

/** Condition codes of an instruction that are left out. */
export function conditionsLeftOut(name: string): readonly number[] {
  return of(name).flatMap(({ form }) => {
    const [, list] = /^c = (.*)$/.exec(form ?? "") ?? [];
    return list === undefined ? [] : list.split(",").map(Number);
  });
}

/** Bits of the floating-point status that are not compared. */
export function statusLeftOut(): number {
  return DEVIATIONS.filter(({ names }) => names[0] === "status").reduce(
    (bits, { form }) => (bits | Number(form)) >>> 0,
    0,
  );
}

/** What is wrong with the file itself. */
export function mistakes(): string[] {
  const ids = DEVIATIONS.map(({ id }) => id);
  return DEVIATIONS.flatMap((line) => {
    const { id, names, form } = line;
    const problems = ids.indexOf(id) === ids.lastIndexOf(id) ? [] : [`${id}: twice`];
    if (!isOfInstructions(line)) return problems;
    problems.push(...names.filter((name) => !MNEMONICS.has(name)).map((name) => `${id}: ${name}`));
    const isKnown = form === undefined || /^c = [0-7](,[0-7])*$/.test(form) || FORMS.includes(form as Form); // prettier-ignore
    return isKnown ? problems : [...problems, `${id}: no form: ${form}`];
  });
}
