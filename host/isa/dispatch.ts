/**
 * From rows and clauses to operations: what the interpreter's switch dispatches on.
 *
 * An operation is a clause in one of its forms (address mode, near or far, a condition that is
 * known) together with the pattern of assembly/patterns.template.ts that frames it and the slots of
 * the record in which its operands stand. Rows that share clause and form share operations. This
 * file decides the forms; generate-core.ts writes them out. Which forms exist is a matter of speed
 * only: any row may fall back to its general form.
 */
import { floatForms, isFloat } from "./dispatch-float.ts";
import type { FieldName } from "./fields.ts";
import type { Instruction } from "./instructions.ts";
import { memoryDecoding } from "./memory-forms.ts";
import {
  allocate,
  fieldOperands,
  screaming,
  type Decoding,
  type Operand,
  type Operation,
} from "./operation.ts";
import type { Clause } from "./signature.ts";

/**
 * Conditions that get an operation of their own, as `condition × 2 + negation`: those that compilers
 * emit in loops. 0 (never) is always separate where a condition nullifies.
 */
const ORDERED = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const KNOWN_CONDITIONS: Readonly<Record<string, readonly number[]>> = {
  compareAndBranch: ORDERED,
  compareImmediateAndBranch: ORDERED,
  addImmediateAndBranch: [2, 3, 4, 5, 6, 7],
  moveAndBranch: [1, 5],
  compareClear: ORDERED,
  compareImmediateClear: ORDERED,
  subtract: [8, 9],
  or: [2, 3],
  and: [2, 3],
  extractUnsigned: [1, 5],
};

/** Control registers that are moved to often, and clauses that do no more than they need. */
const MTCTL_FORMS = [
  { when: "cr >= 24", clause: "moveToTemporary" },
  { when: "cr == 11", clause: "moveToShiftAmount" },
  { when: "cr == 8 || cr == 9 || cr == 12 || cr == 13", clause: "moveToProtectionId" },
];

type Base = Pick<Decoding, "row" | "operands" | "slots">;

/** Builds decodings; remembers operations so that rows with the same form share them. */
export class Dispatch {
  readonly operations: Operation[] = [];
  readonly decodings: Decoding[] = [];
  readonly #byName = new Map<string, Operation>();
  readonly #clauses: ReadonlyMap<string, Clause>;

  constructor(rows: readonly Instruction[], clauses: ReadonlyMap<string, Clause>) {
    this.#clauses = clauses;
    for (const row of rows) this.decodings.push(this.#decoding(row));
    this.#operation({ name: "ILLEGAL", pattern: "interruption", texts: { number: "I_ILLEGAL" } });
    this.#operation({
      name: "ESCAPE",
      pattern: "escape",
      slots: allocate([{ name: "u13", type: "Wide" }]),
    });
  }

  #operation(parts: Pick<Operation, "name" | "pattern"> & Partial<Operation>): Operation {
    const known = this.#byName.get(parts.name);
    if (known) return known;
    const operation: Operation = {
      privileged: false,
      slots: new Map(),
      texts: {},
      constants: {},
      ...parts,
    };
    this.operations.push(operation);
    this.#byName.set(parts.name, operation);
    return operation;
  }

  #clause(row: Instruction): Clause {
    const clause = this.#clauses.get(row.clause);
    if (clause === undefined)
      throw new Error(`${row.name}: no clause ${row.clause} in assembly/exec`);
    return clause;
  }

  #decoding(row: Instruction): Decoding {
    if (row.kind === "float" || isFloat(row)) return this.#float(row);
    if (row.kind === "special")
      return this.#plain(
        { row, operands: [], slots: new Map() },
        "interruption",
        { number: "I_ASSIST_EMULATION" },
        "ASSIST",
      );
    switch (row.kind) {
      case "compute":
      case "nullify":
        return this.#compute(row);
      case "load":
      case "store":
        return memoryDecoding(row, this.#clause(row), (parts) => this.#operation(parts));
      case "branch":
        return this.#branch(row);
      case "branch-condition":
        return this.#condition(row);
      case "branch-register":
        return this.#framed(row, "branchRegister", ["n"]);
      case "branch-external":
        return this.#framed(row, "branchExternal", ["n", "sr"], `TIME_${row.name}`);
      case "gate":
        return this.#gate(row);
      case "control":
        return this.#control(row);
      case "system":
        return this.#system(row);
      case "probe":
        return this.#framed(row, "trapping", [], "TIME_PROBE");
      case "tlb":
        return this.#framed(
          row,
          "trapping",
          [],
          row.name.startsWith("P") ? "TIME_TLB_PURGE" : "TIME_TLB_INSERT",
        );
      case "cache":
        return this.#framed(row, "flushing", []);
    }
  }

  #plain(base: Base, pattern: string, texts: Record<string, string>, name: string): Decoding {
    const { privileged } = base.row;
    const operation = this.#operation({ name, pattern, texts, privileged, slots: base.slots });
    return { ...base, choices: [{ operation }] };
  }

  #framed(row: Instruction, pattern: string, extra: readonly FieldName[], cost = ""): Decoding {
    const clause = this.#clause(row);
    const operands = fieldOperands(clause);
    for (const name of extra) operands.push({ name, type: "Byte" });
    const slots = allocate(operands);
    const operation = this.#operation({
      name: screaming(row.clause), pattern, clause, slots, privileged: row.privileged, texts: { cost, skip: "$n" },
    }); // prettier-ignore
    return { row, operands, slots, choices: [{ operation }] };
  }

  #compute(row: Instruction): Decoding {
    const clause = this.#clause(row);
    const operands = fieldOperands(clause);
    const slots = allocate(operands);
    const pattern = { void: "compute", Nullify: "nullify", Outcome: "outcome" }[clause.result];
    if (pattern === undefined)
      throw new Error(`${row.name}: result ${clause.result} is not for kind ${row.kind}`);
    const common = { pattern, clause, slots, privileged: row.privileged };
    if (pattern === "compute")
      return {
        row,
        operands,
        slots,
        choices: [{ operation: this.#operation({ ...common, name: screaming(row.clause) }) }],
      };
    const known = [0, ...(KNOWN_CONDITIONS[row.clause] ?? [])];
    const choices = known.map((c) => ({
      when: `c == ${c}`,
      operation: this.#operation({
        ...common,
        name: `${screaming(row.clause)}_C${c}`,
        constants: { c },
        general: screaming(row.clause),
      }),
    }));
    return {
      row,
      operands,
      slots,
      choices: [
        ...choices,
        { operation: this.#operation({ ...common, name: screaming(row.clause) }) },
      ],
    };
  }

  #float(row: Instruction): Decoding {
    const clauseOf = (clause: string): Clause => this.#clause({ ...row, clause });
    const { operands, forms } = floatForms(row, clauseOf, (name) => this.#clauses.get(name));
    const slots = allocate(operands);
    const choices = forms.map(({ when, ...form }) => ({
      ...(when !== undefined && { when }),
      operation: this.#operation({ slots, ...form }),
    }));
    return { row, operands, slots, choices };
  }

  #branch(row: Instruction): Decoding {
    const clause = this.#clause(row);
    const operands: Operand[] = [...fieldOperands(clause), { name: "displacement", type: "Wide" }];
    const slots = allocate(operands);
    const name = screaming(row.clause);
    const common = { clause, slots };
    const near = { target: "$displacement" };
    return {
      row,
      operands,
      slots,
      choices: [
        {
          when: "near && n",
          operation: this.#operation({
            ...common,
            name: `${name}_NEAR_N`,
            pattern: "branchNearSkipping",
            texts: near,
          }),
        },
        {
          when: "near",
          operation: this.#operation({
            ...common,
            name: `${name}_NEAR`,
            pattern: "branchNear",
            texts: near,
          }),
        },
        {
          when: "n",
          operation: this.#operation({
            ...common,
            name: `${name}_FAR_N`,
            pattern: "branchFar",
            texts: { skip: "1" },
          }),
        },
        {
          operation: this.#operation({
            ...common,
            name: `${name}_FAR`,
            pattern: "branchFar",
            texts: { skip: "0" },
          }),
        },
      ],
    };
  }

  #condition(row: Instruction): Decoding {
    const clause = this.#clause(row);
    // `n` is an operand of the far form only, but all forms share one layout.
    const operands: Operand[] = [...fieldOperands(clause), { name: "displacement", type: "Wide" }];
    const slots = allocate(operands);
    const name = screaming(row.clause);
    const texts = { target: "$displacement" };
    const hasCondition = clause.parameters.some(({ type }) => type === "Condition");
    const known = hasCondition ? (KNOWN_CONDITIONS[row.clause] ?? []) : [];
    const forms = [
      ["near && !n", "_NEAR", "conditionNear"],
      ["near && w12 >= 0", "_FORWARD_N", "conditionForwardSkipping"],
      ["near", "_BACKWARD_N", "conditionBackwardSkipping"],
    ] as const;
    const choices = forms.flatMap(([when, suffix, pattern]) => [
      ...known.map((c) => ({
        when: `${when} && c == ${c}`,
        operation: this.#operation({
          name: `${name}_C${c}${suffix}`,
          pattern,
          clause,
          slots,
          texts,
          constants: { c },
          general: name + suffix,
        }),
      })),
      { when, operation: this.#operation({ name: name + suffix, pattern, clause, slots, texts }) },
    ]);
    const far = (n: 0 | 1): Operation =>
      this.#operation({
        name: `${name}_FAR${n ? "_N" : ""}`,
        pattern: "conditionFar",
        clause,
        slots,
        texts: { ...texts, n: String(n), skip: n ? "u32($displacement >= 0)" : "0" },
      });
    return {
      row,
      operands,
      slots,
      choices: [...choices, { when: "n", operation: far(1) }, { operation: far(0) }],
    };
  }

  #gate(row: Instruction): Decoding {
    const operands: Operand[] = [
      { name: "t", type: "Target" },
      { name: "tIn", type: "Source" },
      { name: "n", type: "Byte" },
      { name: "displacement", type: "Wide" },
    ];
    const slots = allocate(operands);
    return this.#plain({ row, operands, slots }, "gate", { skip: "$n" }, "GATE");
  }

  /** CR16 is time: reading and writing it has operations of its own. */
  #control(row: Instruction): Decoding {
    const general = this.#framed(row, "control", [], `TIME_${row.name}`);
    const forms = row.name === "MTCTL" ? MTCTL_FORMS : [];
    const timer = { MFCTL: "readTimer", MTCTL: "writeTimer" }[row.name];
    if (timer === undefined) return general;
    const operation = this.#operation({
      name: screaming(timer),
      pattern: timer,
      slots: general.slots,
    });
    const special = forms.map(({ when, clause }) => ({
      when,
      operation: this.#framed({ ...row, clause }, "control", [], "TIME_MTCTL").choices[0]!
        .operation,
    }));
    return {
      ...general,
      choices: [{ when: "cr == 16", operation }, ...special, ...general.choices],
    };
  }

  #system(row: Instruction): Decoding {
    const none: Base = { row, operands: [], slots: new Map() };
    switch (row.name) {
      case "BREAK": {
        // 31 is the escape code: an escape where the host says so, illegal elsewhere.
        const operands: Operand[] = [{ name: "u13", type: "Wide" }];
        const slots = allocate(operands);
        const interruption = (name: string, number: string): Operation =>
          this.#operation({ name, pattern: "interruption", texts: { number } });
        const escape = this.#operation({
          name: "ESCAPE",
          pattern: "escape",
          slots,
        });
        return {
          row,
          operands,
          slots,
          choices: [
            { when: "u5 != 31", operation: interruption("BREAK", "I_BREAK") },
            { when: "isEscape(physical)", operation: escape },
            { operation: interruption("ILLEGAL", "I_ILLEGAL") },
          ],
        };
      }
      case "RFI":
      case "RFIR":
        return this.#plain(
          none,
          "returning",
          { restore: row.name === "RFIR" ? "1" : "0" },
          row.name,
        );
      case "MTCPU":
      case "MFCPU":
        return this.#framed(row, "control", [], `TIME_${row.name}`);
      default:
        return this.#plain(none, "synchronize", {}, row.privileged ? "DIAGNOSE" : "SYNC");
    }
  }
}
