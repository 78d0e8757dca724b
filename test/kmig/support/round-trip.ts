/**
 * Makes and runs the round-trip program of an interface: its stubs, `round-trip.c` and
 * `round-trip.s` beside it, and the part of the C program that depends on the interface.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type KmigOptions, type KmigOutput, kmig } from "../../../host/kmig/kmig.ts";
import type { SourceFile } from "../../../host/kmig/preprocess.ts";
import { Workbench } from "./cross.ts";
import { type RoundTrip, interfaceC, waysTo } from "./round-trip-c.ts";

/** Plain code addresses of the stubs; C's function pointers are something else. */
function addresses(output: KmigOutput): string {
  const symbols = new Set(output.routines.flatMap(waysTo).map((way) => way.symbol));
  const words = [...symbols].map(
    (symbol) => `\t.globl\taddress_of_${symbol}\naddress_of_${symbol}:\n\t.word\t${symbol}\n`,
  );
  const record = `\t.globl\tinks_record\ninks_record:\n\t.word\t${output.subsystem}_inks_table\n`;
  return `\t.data\n\t.align\t4\n${words.join("")}${record}`;
}

/** Runs the program and gives what it printed: nothing if every check held. */
export function runRoundTrip(
  source: SourceFile,
  options: KmigOptions,
  trip: Omit<RoundTrip, "suppressCopies">,
): string {
  const bench = new Workbench();
  try {
    const output = kmig(source, options);
    const here = import.meta.dirname;
    const { suppressCopies = false } = options;
    for (const name of ["round-trip.c", "round-trip.s"])
      bench.write(name, readFileSync(join(here, name), "utf8"));
    bench.write("interface.c", interfaceC(output, { ...trip, suppressCopies }));
    bench.write("addresses.s", addresses(output));
    for (const part of ["user", "server", "trapServer"] as const)
      bench.write(`${part}.s`, output[part]);
    const sources = ["user", "server", "trapServer", "addresses", "round-trip"];
    const flags = [`-DDEMUX=${output.serverDemux}`, "-O1", "-w", "-static", "-o", "trip"];
    bench.run("hppa-linux-gnu-gcc", [...flags, "round-trip.c", ...sources.map((s) => `${s}.s`)]);
    return bench.run("qemu-hppa", ["./trip"]);
  } finally {
    bench.remove();
  }
}
