/** `inkwell bench`: simulated instructions a second, and how that compares with the real machine. */
import type { Command } from "commander";
import { resolveMachine } from "../bench/request.ts";
import { measureKernelSpeed } from "../bench/kernel-speed.ts";
import { measureSpeed, type Speed } from "../bench/speed.ts";
import { VERSION } from "../version.ts";
import { type MachineFlags, machineOptions } from "./options.ts";

/** Millions of simulated instructions a second, and simulated over real time. */
function rates({ instructions, cycles, seconds }: Speed, clockMHz: number) {
  return { mips: instructions / seconds / 1e6, realTime: cycles / seconds / (clockMHz * 1e6) };
}

export function registerBench(program: Command): void {
  const command = program
    .command("bench")
    .description("measure how fast the simulator runs, with every timing rule on");
  machineOptions(command)
    .option("--json", "print one JSON object: version, command, seed, config, rows")
    .action(async (flags: MachineFlags & { json?: boolean }) => {
      const { preset, machine } = resolveMachine(flags);
      const { clockMHz } = machine;
      const print = (speed: Speed): void => {
        const { mips, realTime } = rates(speed, clockMHz);
        const figures = `${mips.toFixed(0).padStart(5)} MIPS  ${realTime.toFixed(1).padStart(5)}×`;
        console.log(`${figures}  ${speed.title}`);
      };
      if (!flags.json) console.log(`Simulated MIPS, and times the speed of ${clockMHz} MHz:`);
      const clock = (): number => performance.now() / 1000;
      const speeds = await measureSpeed(machine, clock, flags.json ? () => {} : print);
      const kernel = await measureKernelSpeed(machine, clock);
      if (!flags.json) {
        console.log("The kernel's slow paths, in time of the host:");
        console.log(`${kernel.slowCall.toFixed(1).padStart(6)} µs  a call that TypeScript serves`);
        console.log(`${kernel.idleSecond.toFixed(3).padStart(6)} ms  an idle simulated second`);
        return;
      }
      const rows = speeds.map((speed) => ({ ...speed, ...rates(speed, clockMHz) }));
      const config = { preset, machine };
      const command = "inkwell bench";
      console.log(
        JSON.stringify({ version: VERSION, command, seed: null, config, rows, kernel }, null, 2),
      );
    });
}
