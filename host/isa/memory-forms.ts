/**
 * The forms of memory instructions: how the address is made, which space it is in, what becomes of
 * the base register. Texts are AssemblyScript over the names that the pattern `access` defines.
 */
import { accessAlignment, SEMAPHORE, wantedAccess } from "./data-access.ts";
import type { Instruction } from "./instructions.ts";
import {
  allocate,
  fieldOperands,
  screaming,
  type Decoding,
  type Operand,
  type Operation,
} from "./operation.ts";
import type { Clause } from "./signature.ts";

/** Registers an operation, or finds the one of the same name. */
type Register = (parts: Pick<Operation, "name" | "pattern"> & Partial<Operation>) => Operation;

/** Base register unchanged, modified before use, or after. */
type Form = "" | "_BEFORE" | "_AFTER";

/** Which form a word has, as conditions over its fields, in order. */
function formTests({ mode }: Instruction, bytewise: boolean): readonly [Form, string][] {
  switch (mode) {
    case "modify":
      return [["_BEFORE", "im14 < 0"], ["_AFTER", "true"]]; // prettier-ignore
    case "long":
      return [["", "true"]];
    case "index":
      return [["_AFTER", "m"], ["", "true"]]; // prettier-ignore
    default:
      // STBYS always modifies after; its `ab` says which end of the word is stored.
      return [
        ...(bytewise ? [] : [["_BEFORE", "m && ab"] as const]),
        ["_AFTER", "m"],
        ["", "true"],
      ].map(([form, test]) => [form as Form, test!]);
  }
}

export function memoryDecoding(row: Instruction, clause: Clause, register: Register): Decoding {
  const bytewise = row.clause === "storeBytes";
  const absolute = row.clause.endsWith("Absolute");
  const indexed = row.mode === "index";
  const explicit = !absolute && row.fields.some(({ name }) => name === "s");
  const operands: Operand[] = [
    { name: "b", type: "Source" },
    ...fieldOperands(clause),
    { name: "bOut", type: "Target" },
  ];
  if (indexed) operands.push({ name: "x", type: "Source" }, { name: "shift", type: "Byte" });
  else operands.push({ name: "im", type: bytewise ? "Small" : "Wide" });
  if (explicit) operands.push({ name: "s", type: "Byte" });
  const slots = allocate(operands);

  const offset = indexed ? "(gr($x) << $shift)" : "$im";
  const modified = bytewise ? `(base + ${offset}) & ~3` : `base + ${offset}`;
  const texts: Record<Form, { address: string; update: string }> = {
    "": { address: `base + ${offset}`, update: "" },
    _BEFORE: { address: `base + ${offset}`, update: "setGr($bOut, address)" },
    _AFTER: { address: "base", update: `setGr($bOut, ${modified})` },
  };
  const wanted = wantedAccess(row);
  const size = accessAlignment(row);
  const miss = ["READ", "WRITE"]
    .filter((_, bit) => wanted & (1 << bit))
    .map((name) => `load<u64>(entry, FRONT_${name}_TAG) != accessTag(space, address, ${size})`)
    .join(" || ");
  const operation = (form: Form, space: "" | "_SPACE"): Operation =>
    register({
      name: `${screaming(row.clause)}${indexed ? "_INDEXED" : ""}${form}${space}`,
      pattern: wanted === SEMAPHORE ? "semaphore" : row.kind,
      clause,
      slots,
      privileged: row.privileged,
      texts: {
        access: absolute ? "absolute" : "access",
        ...texts[form],
        space: space ? "sr($s)" : "load<u32>((base >>> 30) << 2, CORE_SR + 16)",
        miss,
        size: String(size),
        wanted: String(wanted),
      },
    });
  const choices = formTests(row, bytewise).flatMap(([form, test]) => [
    ...(explicit ? [{ when: `s && ${test}`, operation: operation(form, "_SPACE") }] : []),
    { when: test, operation: operation(form, "") },
  ]);
  return { row, operands, slots, choices };
}
