/**
 * C headers: compiled for PA-RISC, their structures are as large and lie as the layouts say; their
 * prototypes are those of MIG, and the stubs can be called through them.
 */
import { describe, expect, test } from "vitest";
import { emitServerHeader, emitUserHeader } from "../../host/kmig/header.ts";
import { analyseInterface, kmig } from "../../host/kmig/kmig.ts";
import { Workbench, crossTools } from "./support/cross.ts";
import { definition, include, rpcDefs } from "./support/definitions.ts";

const FILES = [
  rpcDefs.file,
  ..."complex odd gnu fixed varying types statements kernel faults"
    .split(" ")
    .map((name) => `test/kmig/good/${name}.defs`),
];

function headers(file: string): { readonly user: string; readonly server: string } {
  const { interface: made } = analyseInterface(definition(file), { include });
  return { user: emitUserHeader(made), server: emitServerHeader(made) };
}

describe.skipIf(!crossTools)("sizes and offsets as C has them", () => {
  test.for(FILES)("%s", (file) => {
    const { routines } = analyseInterface(definition(file), { include }).interface;
    const { user, server } = headers(file);
    const wanted: string[] = [];
    const printed: string[] = [];
    for (const { name, request, reply } of routines)
      for (const [what, layout] of [
        ["Request", request],
        ["Reply", reply],
      ] as const) {
        if (layout === undefined) continue;
        const type = `__${what}__${name.text}_t`;
        const offsets = layout.fields.map((field) => `, (int)offsetof(${type}, ${field.name})`);
        const format = `${type}${" %d".repeat(offsets.length + 1)}`;
        printed.push(`printf("${format}\\n", (int)sizeof(${type})${offsets.join("")});`);
        const numbers = [layout.maxSize, ...layout.fields.map(({ offset }) => offset)];
        wanted.push(`${type} ${numbers.join(" ")}`);
      }
    const bench = new Workbench();
    try {
      bench.write("user.h", user);
      bench.write("server.h", server);
      for (const side of ["user", "server"]) {
        const include_ = `#include <stdio.h>\n#include <stddef.h>\n#include "${side}.h"\n`;
        bench.write("x.c", `${include_}int main(void) {\n${printed.join("\n")}\nreturn 0; }\n`);
        bench.run("hppa-linux-gnu-gcc", ["-Wall", "-Werror", "-static", "-o", "x", "x.c"]);
        expect(bench.run("qemu-hppa", ["./x"]).trimEnd().split("\n")).toEqual(wanted);
      }
    } finally {
      bench.remove();
    }
  });

  test("a C program calls stubs through them", () => {
    const output = kmig(rpcDefs, { include });
    const inout = output.routines.find(({ name }) => name.text === "rpc_inout128")!;
    const bench = new Workbench();
    try {
      const { user, server } = headers(rpcDefs.file);
      bench.write("rpc.h", user);
      bench.write("rpc_server.h", server);
      bench.write("user.s", output.userMessage);
      bench.write("server.s", output.server);
      bench.write("trap.s", output.trapServer);
      bench.write(
        "program.c",
        `#include <string.h>
#include "rpc.h"
#include "rpc_server.h"
void *inks_copyin, *inks_copyout;
unsigned mig_get_reply_port(void) { return 5; }
void mig_dealloc_reply_port(void) {}
int mach_msg(mach_msg_header_t *m, int option, unsigned send, unsigned room)
{
  static unsigned in[300], out[300];
  mach_msg_header_t *request = (void *)in, *reply = (void *)out;
  memcpy(in, m, send);
  request->msgh_size = send;
  if (!rpc_server_routine(request) || !rpc_server(request, reply)) return -1;
  memcpy(m, out, reply->msgh_size);
  return 0;
}
`,
      );
      bench.write(
        "work.c",
        `${output.routines
          .filter((routine) => routine !== inout)
          .map(({ serverName }) => `int ${serverName}() { return 0; }`)
          .join("\n")}
int ${inout.serverName}(unsigned p, int *data)
{ int i; for (i = 0; i < 32; i++) data[i] += i; return 0; }
`,
      );
      bench.write(
        "main.c",
        `#include <stdio.h>
#include "rpc.h"
#include "rpc_server.h"
int main(void)
{
  int data[32] = { 7 }, i;
  printf("%d", ${inout.userName}(3, data));
  for (i = 0; i < 4; i++) printf(" %d", data[i]);
  printf(" %d %u", rpc_inks_table.base, rpc_inks_table.count);
  return 0;
}
`,
      );
      const sources = ["main.c", "program.c", "work.c", "user.s", "server.s", "trap.s"];
      bench.run("hppa-linux-gnu-gcc", ["-O1", "-w", "-static", "-o", "program", ...sources]);
      const { base, count } = output;
      expect(bench.run("qemu-hppa", ["./program"])).toBe(`0 7 1 2 3 ${base} ${count}`);
    } finally {
      bench.remove();
    }
  });
});

describe("prototypes", () => {
  const { user, server } = headers("test/kmig/good/complex.defs");
  const declared = (text: string, name: string): string =>
    new RegExp(`mig_external (.*) ${name}\\n\\(\\n([^]*?)\\n\\);`)
      .exec(text)!
      .slice(1)
      .join(": ")
      .replaceAll(/\s+/g, " ");

  test.for([
    [
      "memory_both_chosen",
      "kern_return_t: mach_port_t server, words_t *a, mach_msg_type_number_t *aCnt, boolean_t aDealloc",
      "kern_return_t: mach_port_t server, words_t *a, mach_msg_type_number_t *aCnt, boolean_t *aDealloc",
    ],
    [
      "any_length_in_copy",
      "kern_return_t: mach_port_t server, ints_t a, mach_msg_type_number_t aCnt, int b",
      "kern_return_t: mach_port_t server, ints_t a, mach_msg_type_number_t aCnt, boolean_t aSCopy, int b",
    ],
    [
      "any_type_both",
      "kern_return_t: mach_port_t server, any_t *a, mach_msg_type_name_t *aPoly, int b",
      "kern_return_t: mach_port_t server, any_t *a, mach_msg_type_name_t *aPoly, int b",
    ],
    [
      "any_length_room",
      "kern_return_t: mach_port_t server, ints_t *a, mach_msg_type_number_t *aCnt, int b, some_t c, mach_msg_type_number_t *cCnt",
      "kern_return_t: mach_port_t server, ints_t *a, mach_msg_type_number_t *aCnt, int b, some_t c, mach_msg_type_number_t *cCnt",
    ],
  ] as const)("%s", ([name, asUser, asServer]) => {
    expect(declared(user, `user_${name}`)).toBe(asUser);
    expect(declared(server, `server_${name}`)).toBe(asServer);
  });

  test("name what a definition imports, for the side that asks", () => {
    const text = `subsystem s 1;\n#include <mach/std_types.defs>\nimport "both.h";\nuimport <u.h>;
simport "s.h";\nprocedure p(q : mach_port_t);\n`;
    const made = analyseInterface({ file: "s.defs", text }, { include }).interface;
    const includes = (header: string): string[] =>
      Array.from(header.matchAll(/^#include (.*)$/gm), ([, file]) => file!).slice(3);
    expect(includes(emitUserHeader(made))).toEqual(["<mach/std_types.h>", '"both.h"', "<u.h>"]);
    expect(includes(emitServerHeader(made))).toEqual(["<mach/std_types.h>", '"both.h"', '"s.h"']);
    expect(emitUserHeader(made)).toContain("/* Procedure p */\nmig_external void p\n");
  });
});
