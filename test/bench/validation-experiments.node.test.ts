/**
 * The experiments that the report adds to the tables: the procedures of `procedure-call` are what a
 * C compiler makes, and `copies` counts what it says it counts.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { UNOPTIMIZED } from "../../host/bench/configurations.ts";
import { copies } from "../../host/bench/validation/copies.ts";
import { procedureCall } from "../../host/bench/validation/procedure-call.ts";
import { crossTools, Workbench } from "../kmig/support/cross.ts";

const assembly = readFileSync(
  new URL("../../host/bench/validation/procedure-call.s", import.meta.url),
  "utf8",
);

/** The instructions of a procedure, labels by their order of use, up to the next procedure. */
function instructions(text: string, name: string): string[] {
  const lines = text.slice(text.indexOf(`\n${name}:\n`) + name.length + 3).split("\n");
  const end = lines.findIndex((line) => /^[a-z]\w*:/.test(line) || line.includes(".EXIT"));
  const own = lines.slice(0, end < 0 ? undefined : end);
  const labels: string[] = [];
  return own.flatMap((line) => {
    const [, instruction] = /^(?:[\w.]+:)?\s+([a-z][\w,.<>=]*\s+[^;]+?)\s*$/.exec(line) ?? [];
    const plain = instruction ?? (/^(?:[\w.]+:)?\s+nop\s*$/.test(line) ? "nop" : undefined);
    if (plain === undefined) return [];
    return plain
      .replace(/\s+/, " ")
      .replaceAll("%rp", "%r2")
      .replace(/(?<=,|\s)(\.L\w+|\d[bf])\b/, (label) => {
        const target = label.replace(/[bf]$/, "");
        if (!labels.includes(target)) labels.push(target);
        return `L${labels.indexOf(target)}`;
      });
  });
}

test.skipIf(!crossTools)("procedures are those of a C compiler (R5)", () => {
  const bench = new Workbench();
  try {
    bench.write(
      "calls.c",
      `void refused(void);
int leaf(int a, int b) { return a + b; }
int framed(int a, int b) { if (a == b) refused(); return a + b; }
`,
    );
    bench.run("hppa-linux-gnu-gcc", ["-O1", "-march=1.1", "-S", "calls.c", "-o", "calls.s"]);
    const compiled = bench.read("calls.s");
    for (const name of ["leaf", "framed"]) {
      expect(instructions(assembly, name).length).toBeGreaterThan(1);
      expect(instructions(assembly, name)).toEqual(instructions(compiled, name));
    }
  } finally {
    bench.remove();
  }
});

test("a call without a frame is its five instructions; a frame costs its stores and loads", async () => {
  const measure = async (storeBusy: number) => {
    const options = { machine: { storeBusy }, iterations: 3 };
    return procedureCall.run(procedureCall.columns[0]!, options);
  };
  const [plain, cheap] = await Promise.all([measure(2), measure(0)]);
  // copy, bl, copy in its slot; bv, addl in its slot.
  expect(plain[0]).toMatchObject({ row: "leaf", value: 5, detail: { minimum: 5, maximum: 5 } });
  // Without the store rule three stores wait no more; the first two each hold up the next.
  expect(plain[1]!.value - cheap[1]!.value).toBe(4);
});

test("copies are of the words, whatever else is stored on the way", async () => {
  const column = copies.columns.find(({ id }) => id === UNOPTIMIZED.name)!;
  const counted = await copies.run(column, {});
  // By value, the words lie among types in the message and are never copied as a block.
  expect(counted.map(({ row, detail }) => [row, detail["inward"], detail["outward"]])).toEqual([
    ["value", 4, 0],
    ["in", 3, 0],
    ["out", 0, 3],
    ["inout", 3, 4],
  ]);
});
