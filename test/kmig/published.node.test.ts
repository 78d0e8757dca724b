/**
 * The kernel's own interfaces: numbers and sizes are those that the original generator gives for the
 * published definitions (`published.txt`), for every way of including them.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { analyseInterface, kmig } from "../../host/kmig/kmig.ts";
import { Workbench, crossTools } from "./support/cross.ts";
import { definition, include } from "./support/definitions.ts";

const FOLDER = "host/mach/defs";
const published = readFileSync(join(import.meta.dirname, "published.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const files = readdirSync(join(import.meta.dirname, "../..", FOLDER))
  .filter((file) => !file.endsWith("_types.defs"))
  .toSorted();

describe("published interfaces", () => {
  test("there is a definition for each", () => {
    const subsystems = new Set(published.map((line) => line.split(" ")[0]));
    expect(files).toEqual([...subsystems].map((name) => `${name}.defs`).toSorted());
    expect(published.length).toBe(149);
  });

  const WAYS: readonly (readonly [string, Record<string, string>])[] = [
    ["as users and servers see them", {}],
    ["in a kernel that serves", { KERNEL_SERVER: "1" }],
    ["in a kernel that calls", { KERNEL_USER: "1" }],
    ["with sequence numbers", { SEQNOS: "1" }],
  ];
  describe.for(WAYS)("%s", ([, defines]) => {
    test.for(files)("%s", (file) => {
      const { layout, warnings } = analyseInterface(definition(`${FOLDER}/${file}`), {
        include,
        defines,
      });
      expect(warnings).toEqual([]);
      const lines = layout.routines.map(
        ({ request_id, name, request, reply }) =>
          `${layout.subsystem} ${request_id} ${name} ${request.min_size} ${reply?.min_size ?? "-"}`,
      );
      expect(lines).toEqual(published.filter((line) => line.startsWith(`${layout.subsystem} `)));
    });
  });

  test("have stubs that the stock assembler takes, in the kernel too", () => {
    const bench = new Workbench();
    for (const file of files)
      for (const defines of [{}, { KERNEL_SERVER: "1", KERNEL_USER: "1" }]) {
        const output = kmig(definition(`${FOLDER}/${file}`), { include, defines });
        const stubs = output.server.match(/^_X\w+:$/gm);
        expect(stubs?.length).toBe(output.routines.length);
        if (!crossTools) continue;
        for (const part of ["user", "server", "trapServer"] as const)
          bench.write(`${part}.s`, output[part]);
        for (const part of ["user.s", "server.s", "trapServer.s"])
          bench.run("hppa-linux-gnu-as", [part, "-o", "stubs.o"]);
      }
    bench.remove();
  });

  test("a kernel server gets objects, not names, and gives them back", () => {
    const { server } = kmig(definition(`${FOLDER}/mach.defs`), {
      include,
      defines: { KERNEL_SERVER: "1" },
    });
    const start = server.indexOf("\n_Xvm_write:\n");
    const calls = Array.from(
      server.slice(start, server.indexOf("\t.align", start)).matchAll(/\tbl\t(\w+),/g),
      ([, name]) => name,
    );
    expect(calls).toEqual(["convert_port_to_map", "vm_write", "vm_map_deallocate"]);
  });

  test("most of what the kernel does for tasks could be called by trap (F9)", () => {
    const { layout } = analyseInterface(definition(`${FOLDER}/mach.defs`), { include });
    const trapped = layout.routines.filter((routine) => routine.trappable);
    expect(trapped.map(({ name }) => name)).toContain("vm_allocate");
    expect(trapped.length).toBe(21);
  });
});
