/**
 * `inkwell boot`: the simulated machine's console session. The kernel boots, its bootstrap thread asks
 * for a server and where to put it (paper §3.1), and the server runs; what it writes on its console
 * goes to stdout, what stands on stdin is typed.
 */
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { type Command, Option } from "commander";
import { readElf } from "../asm/elf/read.ts";
import { elfImage } from "../asm/elf/image.ts";
import type { Image } from "../asm/image.ts";
import { faultText } from "../bench/fault-text.ts";
import { resolveMachine } from "../bench/request.ts";
import { defaultServer } from "../mach/boot/programs.ts";
import { bootSystem, type System } from "../mach/boot/system.ts";
import { GuestStopped } from "../mach/fault.ts";
import { deathText } from "../mach/task-deaths.ts";
import { parseFault } from "../osf1/fault/fault.ts";
import type { FaultPlan } from "../osf1/fault/plan.ts";
import { AFTERMATH } from "../osf1/run.ts";
import { sessionServer } from "../osf1/session.ts";
import { readRecord } from "../bench/session/record.ts";
import { UnixSession } from "../bench/session/session.ts";
import { VERSION } from "../version.ts";
import { UsageError } from "./failure.ts";
import { FAULT_NOTES } from "./fault-notes.ts";
import { readBytes, readSource } from "./files.ts";
import { type HazardFlags, hazardNotes, hazardOption, hazardsOf } from "./hazards.ts";
import { type KeyboardEnding, withKeys } from "./keys.ts";
import { type MachineFlags, machineOptions, positive } from "./options.ts";
import { treeEntries } from "./trees.ts";

interface BootFlags extends MachineFlags, HazardFlags {
  readonly server?: string;
  readonly shell?: string;
  readonly root?: string;
  readonly inKernel?: boolean;
  readonly ask?: boolean;
  readonly script?: string;
  readonly resume?: string;
  readonly maxCycles?: number;
  readonly json?: boolean;
  readonly fault?: string;
}

/** What the shell's timeout gives, for a system that reached its limit. */
const STOPPED = 124;
/** Cycles between two looks at the keyboard. */
const TURN = 20_000_000;
const DEFAULT = "hello";

export function registerBoot(program: Command): void {
  const command = program
    .command("boot")
    .description("boot the kernel with a server; the console is stdin and stdout")
    .option(
      "--server <file>",
      "osf1, hello, or a static PA-RISC ELF program, linked where servers are",
    )
    .option(
      "--shell <file>",
      "what osf1 runs on the console, a static program (default: a small shell)",
    )
    .option("--root <dir>", "copied to osf1's disk")
    .option("--in-kernel", "load the server into the kernel")
    .addOption(hazardOption())
    .option("--ask", "let the kernel ask for the server, even if one is named")
    .option("--script <file>", "type these lines instead of stdin; the run ends behind the last")
    .option("--resume <file>", "go on with a session of osf1 that was recorded in a notebook")
    .option("--max-cycles <n>", `stop after so many cycles, with exit status ${STOPPED}`, positive)
    .option("--fault <what@when>", "something goes wrong with osf1; see below")
    .addOption(
      new Option(
        "--json",
        "print one JSON object at the end: console, cycles, status, what was done to boot",
      ),
    );
  machineOptions(command)
    .addHelpText("after", NOTES + FAULT_NOTES)
    .action(run);
}

const NOTES = `
Without --server, hello runs: it gives lines back until one begins with q, or input ends. osf1 is the
Unix server, with a shell on the console that knows cd, exit, and the programs of its /bin; what --root
has as bin/sh is the shell instead. Where stdin is a terminal, osf1's console is that: every key is
typed, ^C, ^D and ^Z are for the programs there, time passes as outside, and ^] leaves.
The session ends when the machine is halted (0), when nothing will ever happen again (0), when the
kernel panics (1), when nothing goes on since the server has died (1), or at the limit (${STOPPED}).

Hazards of servers in the kernel, all of them off unless --hazard names them:
${hazardNotes()}`;

type Ending = KeyboardEnding | "panic";

const STATUS: Readonly<Record<Ending, number>> = {
  halted: 0,
  idle: 0,
  left: 0,
  limit: STOPPED,
  panic: 1,
  "server-died": 1,
};

/** Whether somebody is at a terminal, and the console is one: the Unix has a line discipline. */
const hasKeys = ({ script, ask, server, resume }: BootFlags): boolean =>
  process.stdin.isTTY &&
  script === undefined &&
  ask !== true &&
  (server === "osf1" || resume !== undefined);

/** How a session ended; one that the kernel's panic ended has a report. */
async function reported(
  work: () => Promise<Ending>,
): Promise<{ readonly ending: Ending; readonly report?: string }> {
  try {
    return { ending: await work() };
  } catch (error) {
    if (!(error instanceof GuestStopped)) throw error;
    return { ending: "panic", report: error.message };
  }
}

async function run(flags: BootFlags): Promise<void> {
  const written: Uint8Array[] = [];
  const write = (bytes: Uint8Array): void => {
    if (flags.json) written.push(bytes.slice());
    else process.stdout.write(bytes);
  };
  const { system, isDown, plan } = flags.resume === undefined ? await booted(flags) : await resumed(flags, write); // prettier-ignore
  system.console.onOutput = write;
  const limit = (): number => flags.maxCycles ?? (plan?.cycle ?? Infinity) + AFTERMATH;
  const { ending, report } = await reported(() =>
    hasKeys(flags)
      ? withKeys(system, process.stdin, limit, isDown)
      : session(system, linesOf(flags.script), limit, isDown),
  );
  const { cycles } = system.kernel.machine;
  if (flags.json) {
    const console_ = Buffer.concat(written).toString("utf8");
    const { steps } = system;
    const counters = system.kernel.machine.counters();
    const object = { version: VERSION, command: commandOf(flags), ending, cycles, console: console_, steps, counters }; // prettier-ignore
    const more = { ...(report !== undefined && { report }), ...(plan && { fault: plan.report() }) };
    console.log(JSON.stringify({ ...object, ...more }, null, 2));
  } else sayEnd(flags, system, plan, ending === "limit");
  if (report !== undefined && !flags.json) console.error(`inkwell: ${report}`);
  process.exitCode = STATUS[ending];
}

/** What of a session's end people should know. */
function sayEnd(flags: BootFlags, system: System, plan: FaultPlan | undefined, atLimit: boolean) {
  for (const line of plan ? faultText(plan.report()) : []) console.error(`inkwell: ${line}`);
  const death = system.serverDeath();
  if (death && !plan) console.error(`inkwell: the server died: ${deathText(death)}`);
  const { cycles } = system.kernel.machine;
  if (atLimit) console.error(`inkwell: stopped at the limit: ${flags.maxCycles ?? cycles} cycles`);
}

interface Booted {
  readonly system: System;
  readonly isDown: () => boolean;
  readonly plan?: FaultPlan;
}

async function booted(flags: BootFlags): Promise<Booted> {
  const { machine } = resolveMachine(flags);
  if (flags.fault !== undefined && flags.server !== "osf1")
    throw new UsageError("--fault: only with --server osf1");
  const unix = flags.server === "osf1" ? await unixOf(flags) : undefined;
  const { name, image } = unix ? { name: "osf1", image: unix.file } : await serverOf(flags.server);
  const asks = flags.ask === true || (flags.server === undefined && flags.inKernel === undefined);
  const system = await bootSystem({
    kernel: { machine, ...hazardsOf(flags) },
    servers: new Map([[name, image]]),
    defaultServer: name,
    ...(unix && { disk: unix.disk }),
    ...(!asks && { answers: { server: name, inKernel: flags.inKernel ?? false } }),
  });
  unix?.faultPlan?.attach(system);
  const plan = unix?.faultPlan;
  return { system, ...(plan && { plan }), isDown: () => unix?.osf1()?.unix.isDown ?? false };
}

/** A recorded session, typed again; all of it is in the file. */
async function resumed(
  { resume, server, shell, root, inKernel, ask, hazard, preset, set }: BootFlags,
  onOutput: (bytes: Uint8Array) => void,
): Promise<Booted> {
  const given = Object.entries({ server, shell, root, inKernel, ask, hazard, preset, set });
  const other = given.find(([, value]) => value !== undefined && String(value) !== "");
  if (other) throw new UsageError(`--resume: the file says it all, so without ${other[0]}`);
  const file = resume!;
  const recorded = await UnixSession.resumed(readRecord(file, readSource(file).text), { onOutput });
  return { system: recorded.system, isDown: () => recorded.isDown };
}

/** The command line that boots the same machine with the same server. */
function commandOf(flags: BootFlags): string {
  const {
    server,
    shell,
    root,
    inKernel,
    ask,
    script,
    resume,
    maxCycles,
    hazard = [],
    preset,
    set,
    fault,
  } = flags;
  const named = { server, shell, root, script, resume, "max-cycles": maxCycles, preset, fault };
  return [
    "inkwell boot",
    ...Object.entries(named).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name} ${value}`],
    ),
    ...(inKernel === true ? ["--in-kernel"] : []),
    ...(ask === true ? ["--ask"] : []),
    ...hazard.map((each) => `--hazard ${each}`),
    ...(set ?? []).map((each) => `--set ${each}`),
  ].join(" ");
}

/** The Unix server with a session on the console. */
async function unixOf(flags: BootFlags) {
  const files = treeEntries(flags.root);
  const { fault: wanted } = flags;
  const fault = wanted !== undefined && { fault: parseFault(wanted) };
  const options = { files, calls: callsOf(flags), seed: 0, ...fault } as const;
  if (flags.shell === undefined) return sessionServer({ ...options, shell: "/bin/sh" });
  const bytes = readBytes(flags.shell);
  elfImage(readElf(flags.shell, bytes));
  const path = basename(flags.shell);
  files.push({ path, content: { kind: "file", bytes }, permissions: 0o755 });
  return sessionServer({ ...options, shell: `/${path}` });
}

/** A server in the kernel is trapped to. */
const callsOf = ({ inKernel }: BootFlags) => (inKernel === true ? "trap" : "message");

async function serverOf(file: string | undefined): Promise<{ name: string; image: Image }> {
  if (file === undefined || file === DEFAULT)
    return { name: DEFAULT, image: await defaultServer() };
  const image = elfImage(readElf(file, readBytes(file)));
  if (image.entry === undefined) throw new UsageError(`--server: no entry point: ${file}`);
  return { name: basename(file), image };
}

/** What will be typed, line by line; whoever is done with it gives stdin back by `return`. */
async function* linesOf(script: string | undefined): AsyncGenerator<string, void> {
  if (script !== undefined) {
    const lines = readSource(script).text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    yield* lines;
    return;
  }
  yield* createInterface({ input: process.stdin });
}

/** Runs the system; types a line whenever a program waits for one and nothing else happens. */
async function session(
  { kernel, console, serverDeath }: System,
  lines: AsyncIterator<string>,
  limit: () => number,
  isDown: () => boolean,
): Promise<Ending> {
  let ended = false;
  try {
    for (;;) {
      const left = limit() - kernel.machine.cycles;
      if (left <= 0) return "limit";
      const went = kernel.run({ cycles: Math.min(TURN, left) });
      if (kernel.halted || isDown()) return "halted";
      if (went === "limit") continue;
      if (serverDeath()) {
        if (kernel.interrupts.next === Infinity) return "server-died";
      } else if (console.isRead && !ended) {
        const { done, value } = await lines.next();
        ended = done ?? false;
        if (ended) console.end();
        else console.type(Buffer.from(`${value}\n`));
        continue;
      }
      const wait = kernel.interrupts.next - kernel.machine.cycles;
      if (Number.isFinite(wait)) {
        kernel.run({ cycles: Math.min(wait + 1, left) });
        if (wait + 1 > left) return "limit";
        continue;
      }
      return "idle";
    }
  } finally {
    await lines.return?.();
    process.stdin.destroy(); // or the command would wait for the end of what nobody reads
  }
}
