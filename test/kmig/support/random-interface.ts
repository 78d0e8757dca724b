/**
 * Random interface definitions whose every argument the stubs can carry, for round trips.
 */
import fc from "fast-check";

const ELEMENTS = ["char", "short", "int", "natural_t", "boolean_t", "byte", "int64"];

/** A type declaration's right side, and what an argument of it may be. */
interface RandomType {
  readonly spec: string;
  readonly varying: boolean;
  readonly text: boolean;
}

const length = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 300 }));
const element = fc.constantFrom(...ELEMENTS);

const fixed = fc.oneof(
  element,
  fc.tuple(element, length).map(([of, n]) => `array[${n}] of ${of}`),
  // By value a structure of other sizes has no stub.
  fc.tuple(fc.constantFrom("int", "int64"), length).map(([of, n]) => `struct[${n}] of ${of}`),
  fc.integer({ min: 5, max: 60 }).map((n) => `struct[${n}] of short`),
);

const type: fc.Arbitrary<RandomType> = fc.oneof(
  { weight: 5, arbitrary: fixed.map((spec) => ({ spec, varying: false, text: false })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("char", "short", "int", "byte", "odd_t", "pair_t"), length)
      .map(([of, n]) => ({ spec: `array[*:${n}] of ${of}`, varying: true, text: false })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(length, fc.boolean()).map(([n, varying]) => ({
      spec: `c_string[${varying ? "*:" : ""}${n + 1}]`,
      varying,
      text: true,
    })),
  },
);

const argument = fc
  .record({
    type,
    direction: fc.constantFrom("in", "out", "inout"),
    room: fc.boolean(),
    long: fc.boolean(),
  })
  // Varying inline data cannot be InOut, and nor can the kernel bring back a string it was lent.
  .filter((a) => !((a.type.varying || a.type.text) && a.direction === "inout"));

const routine = fc.array(argument, { maxLength: 7 });

/** A definition with the given number of routines; types are declared in line. */
export function randomDefinition(routines: number): fc.Arbitrary<string> {
  const list = fc.array(routine, { minLength: routines, maxLength: routines });
  return fc.tuple(list, fc.integer({ min: 0, max: 2_000_000 })).map(([made, base]) => {
    let text = `subsystem random ${base};\n#include <mach/std_types.defs>\n`;
    text += "userprefix user_;\nserverprefix server_;\n";
    text += "type byte = MACH_MSG_TYPE_BYTE;\n";
    text += "type odd_t = struct[3] of char;\ntype pair_t = struct[2] of int;\n";
    let types = 0;
    made.forEach((list_, i) => {
      const declared = list_.map(
        ({ type: { spec, varying, text: isText }, direction, room, long }, k) => {
          const name = `type${types++}`;
          text += `type ${name} = ${spec};\n`;
          const counts = room && varying && !isText && direction === "out" ? ", CountInOut" : "";
          return `${direction} arg${k} : ${name}${counts}${long && varying ? ", IsLong" : ""}`;
        },
      );
      text += `routine call${i}(${["server : mach_port_t", ...declared].join("; ")});\n`;
      if (i % 4 === 3) text += "skip;\n";
    });
    return text;
  });
}
