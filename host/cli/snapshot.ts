/**
 * `inkwell snapshot`: the simulated machine at a cycle of one remote procedure call of Table 3, as a file;
 * and such a file resumed, checked, looked at, and taken to another cycle of its call.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import {
  type CallSnapshot,
  resumeCall,
  snapshotCall,
  snapshotText,
} from "../bench/rpc/call-snapshot.ts";
import { table3 } from "../bench/table3.ts";
import { UsageError } from "./failure.ts";
import { readSource, writeWhole } from "./files.ts";
import { type MachineFlags, machineOptions } from "./options.ts";

interface SnapshotFlags extends MachineFlags {
  readonly row?: string;
  readonly config?: string;
  readonly at?: number;
  readonly output?: string;
  readonly json?: boolean;
}

const NOTES = `
With FILE, a snapshot from a notebook or from this command: its machine is booted again and run to the same
cycle; registers, counters, memory, caches and TLBs must be what the file says (else exit status 2). Then
--at goes to another cycle of the call. Without FILE, --row and --config say which call.`;

export function registerSnapshot(program: Command): void {
  const command = program
    .command("snapshot [file]")
    .description("the machine in the middle of a call: taken, resumed, looked at")
    .option("--row <id>", `a row of Table 3: ${table3.rows.map(({ id }) => id).join(", ")}`)
    .addOption(
      new Option("--config <name>", "configuration of the row (default: INKS_TRAP)").choices(
        CONFIGURATIONS.map(({ name }) => name),
      ),
    )
    .option("--at <cycle>", "cycles since the call began (default: where it ends)", count)
    .option("-o, --output <file>", "write the snapshot")
    .option("--json", "print the snapshot instead of a text");
  machineOptions(command).addHelpText("after", NOTES).action(run);
}

async function run(file: string | undefined, flags: SnapshotFlags): Promise<void> {
  const { snapshot } = file === undefined ? await taken(flags) : await resumed(file, flags);
  if (flags.output !== undefined) writeWhole(new Map([[flags.output, snapshotText(snapshot)]]));
  if (flags.json) process.stdout.write(snapshotText(snapshot));
  else if (flags.output === undefined) console.log(textOf(snapshot));
}

function taken({ row, config = "INKS_TRAP", preset, set, at }: SnapshotFlags) {
  if (row === undefined) throw new UsageError("expected a snapshot's file, or --row");
  const machine = { ...(preset !== undefined && { preset }), ...(set && { set }) };
  return snapshotCall({ row, configuration: config, ...machine }, at);
}

async function resumed(file: string, { row, config, preset, set, at }: SnapshotFlags) {
  const other = Object.entries({ row, config, preset, set }).find(([, value]) => value !== undefined); // prettier-ignore
  if (other) throw new UsageError(`${file} says which call it is, so without --${other[0]}`);
  const there = await resumeCall(file, readSource(file).text);
  return at === undefined ? there : snapshotCall(there.snapshot, at);
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("expected a whole number.");
  return Number(text);
}

/** Control registers that a reader may know by name. */
const CONTROL: Readonly<Record<number, string>> = {
  8: "pid1",
  10: "ccr",
  11: "sar",
  14: "iva",
  15: "eiem",
  16: "itmr",
  19: "iir",
  20: "isr",
  21: "ior",
  22: "ipsw",
  23: "eirr",
};

function textOf({ title, at, cycles, state }: CallSnapshot): string {
  const { place, next, pcoq, psw, general, space, control, counters, causes, lines } = state;
  const { frontSpace, frontOffset } = pcoq;
  const words = (list: readonly number[], name: (number: number) => string) =>
    rowsOf(list.map((value, number) => `${name(number).padStart(4)} ${hex(value)}`));
  const named = Object.entries(CONTROL).map(
    ([number, name]) => `${name.padStart(4)} ${hex(control[Number(number)]!)}`,
  );
  const width = Math.max(...causes.map(({ cause }) => cause.length), "cycles".length);
  return [
    `${title}: cycle ${at} of ${cycles}, ${counters.cycles} since boot`,
    `${place}   ${next}`,
    `space ${frontSpace}, address ${hex((frontOffset & ~3) >>> 0)}, privilege level ${frontOffset & 3}, PSW ${hex(psw)}`,
    "",
    ...words(general, (number) => `r${number}`),
    ...words(space, (number) => `sr${number}`),
    ...rowsOf(named),
    "",
    "cycles of this call so far, by cause",
    ...causes.map((each) => `  ${each.cause.padEnd(width)} ${String(each.cycles).padStart(7)}`),
    `  ${"cycles".padEnd(width)} ${String(at).padStart(7)}`,
    "",
    `caches: ${lines.instruction} lines of instructions, ${lines.data} of data (${lines.dirty} dirty); TLBs: ${state.translations} entries`,
    `digests: memory ${state.digests.memory}, caches ${state.digests.caches}, TLBs ${state.digests.tlb}`,
  ].join("\n");
}

/** Four to a line. */
function rowsOf(cells: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(cells.length / 4) }, (_, row) =>
    cells.slice(4 * row, 4 * row + 4).join("  "),
  );
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}
