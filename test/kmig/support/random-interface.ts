/**
 * Random interface definitions for round trips: every form of argument, in every direction that
 * the language allows, with the flags that mean something for it.
 */
import fc from "fast-check";

const ELEMENTS = ["char", "short", "int", "natural_t", "boolean_t", "byte", "int64", "mach_port_t"];

/** What an argument of a type may be, besides In and Out. */
type Kind = "fixed" | "varying" | "text" | "any length" | "memory";

/** A type declaration's right side. */
interface RandomType {
  readonly spec: string;
  readonly kind: Kind;
}

const length = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 300 }));
const element = fc.constantFrom(...ELEMENTS);
const small = fc.constantFrom("char", "short", "int", "byte", "odd_t", "pair_t", "mach_port_t");

const fixed = fc.oneof(
  element,
  fc.tuple(element, length).map(([of, n]) => `array[${n}] of ${of}`),
  fc.tuple(fc.constantFrom("int", "int64"), length).map(([of, n]) => `struct[${n}] of ${of}`),
  fc.integer({ min: 1, max: 60 }).map((n) => `struct[${n}] of short`),
  fc.integer({ min: 2, max: 9 }).map((n) => `struct[${n}] of char`),
  fc.constantFrom("float", "double", "any_t", "mach_port_send_t", "mach_port_move_receive_t"),
);

const type: fc.Arbitrary<RandomType> = fc.oneof(
  { weight: 5, arbitrary: fixed.map((spec) => ({ spec, kind: "fixed" as const })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(small, length)
      .map(([of, n]) => ({ spec: `array[*:${n}] of ${of}`, kind: "varying" as const })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(length, fc.boolean()).map(([n, varying]) => ({
      spec: `c_string[${varying ? "*:" : ""}${n + 1}]`,
      kind: "text" as const,
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .oneof(small, fc.constant("any_t"))
      .map((of) => ({ spec: `array[] of ${of}`, kind: "any length" as const })),
  },
  {
    weight: 2,
    arbitrary: fc
      .oneof(
        small,
        fc.constant("any_t"),
        fc.integer({ min: 1, max: 9 }).map((words) => `struct[${words}] of int`),
      )
      .map((of) => ({ spec: `^array[] of ${of}`, kind: "memory" as const })),
  },
);

const argument = fc
  .record({
    type,
    direction: fc.constantFrom("in", "out", "inout"),
    room: fc.boolean(),
    long: fc.boolean(),
    copy: fc.boolean(),
    dealloc: fc.constantFrom("", "", ", Dealloc", ", Dealloc[]"),
  })
  // Data that varies inside the message cannot be InOut, nor can a string be brought back.
  .filter(({ type: { kind }, direction }) =>
    direction === "inout" ? kind === "fixed" || kind === "memory" : true,
  );

const routine = fc.array(argument, { maxLength: 7 });

const PRELUDE = `#include <mach/std_types.defs>
userprefix user_;
serverprefix server_;
type byte = MACH_MSG_TYPE_BYTE;
type float = (MACH_MSG_TYPE_REAL, 32);
type double = (MACH_MSG_TYPE_REAL, 64);
type any_t = polymorphic;
type odd_t = struct[3] of char;
type pair_t = struct[2] of int;
`;

/**
 * C aligns 64-bit data in a message's structure, and the kernel that walks the message does not know:
 * an interface has either such data, or what a kernel has to find.
 */
function suited(spec: string, wide: boolean): string {
  const other = wide ? /^\^?array\[\] of \w+$|\b(any_t|mach_port_\w+)$/ : /\b(int64|double)$/;
  return other.test(spec) ? spec.replace(other, "int") : spec;
}

/** A definition with the given number of routines; each argument's type is declared before. */
export function randomDefinition(routines: number): fc.Arbitrary<string> {
  const list = fc.array(routine, { minLength: routines, maxLength: routines });
  const base_ = fc.integer({ min: 0, max: 2_000_000 });
  return fc.tuple(list, base_, fc.boolean()).map(([made, base, wide]) => {
    let text = `subsystem random ${base};\n${PRELUDE}`;
    let types = 0;
    made.forEach((arguments_, i) => {
      const declared = arguments_.map(({ type: { spec, kind }, direction, ...flags }, k) => {
        const name = `type${types++}`;
        const form = suited(spec, wide);
        text += `type ${name} = ${form};\n`;
        const far = /^\^?array\[\]/.test(form);
        const sized = kind === "varying" || (kind === "any length" && far);
        const counts = flags.room && sized && direction === "out" ? ", CountInOut" : "";
        const long = flags.long && kind === "varying" ? ", IsLong" : "";
        const copy = flags.copy && far && sized && direction === "in" ? ", ServerCopy" : "";
        return `${direction} arg${k} : ${name}${counts}${long}${copy}${far ? flags.dealloc : ""}`;
      });
      text += `routine call${i}(${["server : mach_port_t", ...declared].join("; ")});\n`;
      if (i % 4 === 3) text += "skip;\n";
    });
    return text;
  });
}
