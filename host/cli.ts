#!/usr/bin/env node
/**
 * The command `inkwell`. One file a command in host/cli; this one puts them together and turns every
 * failure into a line and an exit status: 0 fine, 1 a run or a check failed, 2 bad usage or input.
 */
import { Command } from "commander";
import { registerAsm } from "./cli/asm.ts";
import { registerBench } from "./cli/bench.ts";
import { registerBoot } from "./cli/boot.ts";
import { registerConfig } from "./cli/config.ts";
import { registerDisasm } from "./cli/disasm.ts";
import { registerExec } from "./cli/exec.ts";
import { reportFailure } from "./cli/failure.ts";
import { registerKmig } from "./cli/kmig.ts";
import { registerLink } from "./cli/link.ts";
import { registerObserve } from "./cli/observe.ts";
import { registerSnapshot } from "./cli/snapshot.ts";
import { registerStart } from "./cli/start.ts";
import { registerSweep } from "./cli/sweep.ts";
import { registerTable } from "./cli/table.ts";
import { registerValidate } from "./cli/validate.ts";
import { VERSION } from "./version.ts";

const program = new Command("inkwell")
  .description("What does a protection boundary cost? In-kernel servers on Mach 3.0, measured.")
  .version(VERSION)
  .exitOverride()
  .configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, "inkwell: ")),
  });

registerStart(program);
registerTable(program);
registerValidate(program);
registerBoot(program);
registerExec(program);
registerObserve(program);
registerSnapshot(program);
registerConfig(program);
registerAsm(program);
registerLink(program);
registerDisasm(program);
registerKmig(program);
registerSweep(program);
registerBench(program);

// A reader that has seen enough (`inkwell table 3 | head -3`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportFailure(error);
}
