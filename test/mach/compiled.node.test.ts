/**
 * Kernel text that has compiled C's shape beside what gcc makes of the C it was taken from: as many
 * instructions between one stage's probe and the next, but for a few that were named or moved by hand.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { abiSymbols } from "../../host/abi/index.ts";
import { Workbench, crossTools } from "../kmig/support/cross.ts";

const FLAGS = [
  "-O2",
  "-mpa-risc-1-1",
  "-mschedule=700",
  "-mdisable-fpregs",
  "-fno-strict-aliasing",
  "-fno-pic",
  "-fno-asynchronous-unwind-tables",
  "-fno-reorder-blocks",
];

/** How many instructions stand behind each probe, in the order of the text. */
function counts(text: string, probe: RegExp, end: RegExp): Map<string, number> {
  const stages = new Map<string, number>();
  let stage = "prologue";
  for (const line of text.split("\n")) {
    if (end.test(line)) break;
    const found = probe.exec(line);
    if (found) stage = found[1]!;
    else if (/^\t[a-z]/.test(line) && !/^\t(stamp|probe)/.test(line))
      stages.set(stage, (stages.get(stage) ?? 0) + 1);
  }
  return stages;
}

test.skipIf(!crossTools)("mach_msg_trap is as long as gcc makes its C", () => {
  const bench = new Workbench();
  try {
    const defines = Object.entries(abiSymbols())
      .filter(([name]) => /^[A-Z][A-Z0-9_]*$/.test(name))
      .map(([name, value]) => `#define ${name} ${value >>> 0}u\n`);
    bench.write("abi.h", defines.join(""));
    const source = readFileSync(join(import.meta.dirname, "compiled/mach_msg.c"), "utf8");
    bench.write("mach_msg.c", source);
    bench.run("hppa-linux-gnu-gcc", [...FLAGS, "-S", "mach_msg.c", "-o", "compiled.s"]);
    const compiled = readFileSync(join(bench.folder, "compiled.s"), "utf8");
    const theirs = counts(compiled, /^\s*; probe (\w+)/, /\.EXIT/);
    const file = join(import.meta.dirname, "../../host/mach/asm/mach_msg.s");
    const text = readFileSync(file, "utf8").replace(/\t\.if\tOWN_STACK[^]*?\t\.endif/g, "");
    const ours = counts(
      text,
      /^\tstamp(?:_hold)?\s+mach_msg\.(\w+)/,
      /^; A message that the cached/,
    );
    expect([...ours.keys()]).toEqual([...theirs.keys()]);
    for (const [stage, count] of theirs) {
      if (stage === "copyout") continue; // gcc puts the rare ends there, too
      expect.soft(Math.abs(ours.get(stage)! - count), stage).toBeLessThanOrEqual(6);
    }
  } finally {
    bench.remove();
  }
});
