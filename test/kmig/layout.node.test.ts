/**
 * Message layouts and descriptor words against a C compiler: the structures that MIG declares, built
 * from Mach's own bit-fields, compiled for PA-RISC and asked for `sizeof` and `offsetof`.
 */
import { describe, expect, test } from "vitest";
import { descriptorWords } from "../../host/kmig/descriptor.ts";
import { analyseInterface } from "../../host/kmig/kmig.ts";
import type { Interface, MessageLayout, RoutineArgument } from "../../host/kmig/routine.ts";
import { Workbench, crossTools } from "./support/cross.ts";
import { definition, include, rpcDefs } from "./support/definitions.ts";

const MACH_TYPES = `
#include <stddef.h>
#include <stdio.h>
typedef struct { unsigned msgh_bits, msgh_size, msgh_remote_port, msgh_local_port, msgh_seqno; int msgh_id; } mach_msg_header_t;
typedef struct { unsigned msgt_name : 8, msgt_size : 8, msgt_number : 12, msgt_inline : 1, msgt_longform : 1, msgt_deallocate : 1, msgt_unused : 1; } mach_msg_type_t;
typedef struct { mach_msg_type_t msgtl_header; unsigned short msgtl_name, msgtl_size; unsigned msgtl_number; } mach_msg_type_long_t;
`;

interface Message {
  readonly title: string;
  readonly layout: MessageLayout;
  readonly items: readonly RoutineArgument[];
}

function messages({ routines }: Interface): Message[] {
  return routines.flatMap(({ name, request, reply, arguments: list }) => {
    const sent = { title: name.text, layout: request, items: list.filter((a) => a.request) };
    if (reply === undefined) return [sent];
    return [
      sent,
      { title: `${name.text} reply`, layout: reply, items: list.filter((a) => a.reply) },
    ];
  });
}

/** One item as MIG declares it: descriptor, data of the C type, padding. */
function members({ name, type, longForm }: RoutineArgument): string {
  const descriptor = `mach_msg_type_${longForm ? "long_" : ""}t ${name}Type;`;
  const [element, bits] =
    { 8: ["char", 8], 16: ["short", 16], 64: ["long long", 64] }[type.size] ??
    (["int", 32] as const);
  const data = type.inLine
    ? `${element} ${name}[${(type.number * type.size) / Number(bits)}];`
    : `void *${name};`;
  return `${descriptor} ${data}${type.padSize > 0 ? ` char ${name}Pad[${type.padSize}];` : ""}`;
}

/** A descriptor as C writes it, as a sender in user space fills it in. */
function initialiser(a: RoutineArgument): string {
  const { type } = a;
  const number = type.varying ? 0 : type.number;
  const dealloc = a.dealloc === "yes" && !type.indefinite ? 1 : 0;
  const inLine = type.inLine ? 1 : 0;
  return a.longForm
    ? `{ { 0, 0, 0, ${inLine}, 1, ${dealloc}, 0 }, (unsigned short)${type.inName}, ${type.size}, ${number} }`
    : `{ (unsigned char)${type.inName}, ${type.size}, ${number}, ${inLine}, 0, ${dealloc}, 0 }`;
}

function program(list: readonly Message[]): string {
  const declared = list.map(({ items }, i) => {
    const descriptors = items.map((a, k) => {
      const type = `mach_msg_type_${a.longForm ? "long_" : ""}t`;
      return `static ${type} d${i}_${k} = ${initialiser(a)};`;
    });
    const body = items.map(members).join(" ");
    return `struct m${i} { mach_msg_header_t Head; ${body} };\n${descriptors.join("\n")}`;
  });
  const printed = list.flatMap(({ layout, items }, i) => [
    `printf("%u", (unsigned)sizeof(struct m${i}));`,
    ...layout.fields.map(({ name }) => `printf(" %u", (unsigned)offsetof(struct m${i}, ${name}));`),
    ...items.flatMap((a, k) =>
      Array.from(
        { length: a.longForm ? 3 : 1 },
        (_, word) => `printf(" %x", ((unsigned *)&d${i}_${k})[${word}]);`,
      ),
    ),
    `puts("");`,
  ]);
  return `${MACH_TYPES}${declared.join("\n")}\nint main(void) {\n${printed.join("\n")}\nreturn 0; }\n`;
}

describe.skipIf(!crossTools)("layouts as C has them", () => {
  test.for([
    rpcDefs.file,
    "test/kmig/good/fixed.defs",
    "test/kmig/good/varying.defs",
    "test/kmig/good/types.defs",
    "test/kmig/good/statements.defs",
  ])("%s", (file) => {
    const list = messages(analyseInterface(definition(file), { include }).interface);
    const bench = new Workbench();
    try {
      bench.write("layout.c", program(list));
      bench.run("hppa-linux-gnu-gcc", ["-w", "-static", "-o", "layout", "layout.c"]);
      const compiled = bench.run("qemu-hppa", ["./layout"]).trimEnd().split("\n");
      const ours = list.map(({ layout, items }) => [
        layout.maxSize,
        ...layout.fields.map((field) => field.offset),
        ...items.flatMap((a) => {
          const dealloc = a.dealloc === "yes" && !a.type.indefinite;
          return descriptorWords(a, "inName", dealloc).map((word) => word.toString(16));
        }),
      ]);
      const titled = (lines: readonly string[]): string[] =>
        lines.map((line, i) => `${list[i]!.title}: ${line}`);
      expect(titled(ours.map((line) => line.join(" ")))).toEqual(titled(compiled));
    } finally {
      bench.remove();
    }
  });
});

describe("the paper's messages", () => {
  test("have the sizes of its tests", () => {
    const { layout } = analyseInterface(rpcDefs, { include });
    const sizes = layout.routines
      .slice(0, 5)
      .map(({ name, request, reply }) => [name, request.min_size, reply!.min_size]);
    // 24/32 … : the interface's own request and reply sizes, header and descriptors included.
    expect(sizes).toEqual([
      ["rpc_null", 24, 32],
      ["rpc_in64", 92, 32],
      ["rpc_in1024", 1052, 32],
      ["rpc_out1024", 24, 1060],
      ["rpc_inout128", 156, 164],
    ]);
  });

  test("are reported as plain data", () => {
    const { layout } = analyseInterface(rpcDefs, { include });
    const report = JSON.parse(JSON.stringify(layout)) as typeof layout;
    expect(report).toEqual(layout);
    expect(report.routines[4]).toEqual({
      name: "rpc_inout128",
      kind: "routine",
      request_id: 9004,
      reply_id: 9104,
      oneway: false,
      simple: true,
      trappable: true,
      why_not: null,
      request: {
        min_size: 156,
        max_size: 156,
        layout: [
          ["Head", 0],
          ["dataType", 24],
          ["data", 28],
        ],
      },
      reply: {
        min_size: 164,
        max_size: 164,
        layout: [
          ["Head", 0],
          ["RetCodeType", 24],
          ["RetCode", 28],
          ["dataType", 32],
          ["data", 36],
        ],
      },
      args: [
        { name: "server", dir: "requestport", type: "mach_port_t" },
        { name: "data", dir: "inout", type: "rpc_data128_t" },
      ],
    });
    expect(report.routines.map((r) => [r.name, r.why_not]).filter(([, why]) => why)).toEqual([
      ["rpc_notify", "one-way: nobody waits for its end"],
      ["rpc_give_port", "port right: port"],
    ]);
  });
});
