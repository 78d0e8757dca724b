/**
 * Calls of an interface that a user wrote: client and server are those of the micro RPC test with
 * KMIG's stubs of that interface in place of rpc.defs', and every work function just returns. Each
 * routine that can trap is called as Table 3's are, in all configurations; so are those with memory out of
 * line (out-of-line.ts), by message in all of them. Other routines carry what needs a server that knows
 * what to do with it.
 */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { IKM } from "../../abi/kernel.ts";
import { MACH_TRAP } from "../../abi/mach.ts";
import { assemble } from "../../asm/assemble.ts";
import { link } from "../../asm/link.ts";
import { type Diagnostic, DiagnosticError } from "../../diagnostic.ts";
import { argumentHome, argumentRegister, passArguments } from "../../kmig/calling.ts";
import { kmig, type KmigOptions, type KmigOutput } from "../../kmig/kmig.ts";
import type { Routine } from "../../kmig/routine.ts";
import { definitions } from "../../mach/definitions.ts";
import { libmach } from "../../mach/text.ts";
import { CONFIGURATIONS } from "../configurations.ts";
import type { MeasureOptions, Progress, TidyRow } from "../experiment.ts";
import { RPC_LAYOUT } from "./layout.ts";
import { measureCall } from "./measure.ts";
import {
  bytesOf,
  clientCount,
  clientOutOfLine,
  countsOutOfLine,
  DEALLOCATE,
  largestOutOfLine,
  outOfLine,
  serverDataOutOfLine,
  whyNotOutOfLine,
  workOutOfLine,
} from "./out-of-line.ts";
import { RPC_ROUTINES } from "./programs.ts";

export interface InterfaceSource {
  readonly file: string;
  readonly text: string;
  readonly structCopy?: NonNullable<KmigOptions["structCopy"]>;
}

export interface InterfaceOptions extends Pick<
  MeasureOptions,
  "machine" | "signal" | "iterations"
> {
  readonly progress?: (progress: Progress) => void;
}

/**
 * Messages that the server's buffer holds, and what of one the client's argument area does: the kernel takes
 * nothing larger in line than its largest piece of memory, 8 KB, less what is around a message there.
 */
const LARGEST = IKM.IKM_KALLOC_MSG_SIZE;
const ITERATIONS = 16;

/**
 * Stubs of an interface, as `inkwell kmig` writes them or with marks for the tracer; `<mach/…>` and
 * `<device/…>` are known. @throws DiagnosticError
 */
export async function interfaceStubs(source: InterfaceSource, probes = false): Promise<KmigOutput> {
  const { structCopy = "word" } = source;
  const include = await definitions();
  return kmig(source, { include, structCopy, probes });
}

/** Why a routine is not measured; `undefined` when it is. */
export function whyNotMeasured(routine: Routine) {
  const { trappable, whyNot, kind, requestId, request, reply } = routine;
  if (outOfLine(routine).length > 0) {
    const why = whyNotOutOfLine(routine);
    if (why !== undefined) return why;
  } else if (!trappable) return whyNot;
  if (requestId < MACH_TRAP.INKS_FIRST_TRAP)
    return `its number ${requestId} is an ordinary trap’s: INKS traps begin at ${MACH_TRAP.INKS_FIRST_TRAP}`;
  if (kind !== "routine") return "its result is no return code";
  const largest = Math.max(request.maxSize, reply?.maxSize ?? 0);
  return largest > LARGEST
    ? `messages of more than ${LARGEST} bytes: the kernel takes no more in line`
    : undefined;
}

/**
 * Measures every routine that can trap, in all configurations.
 * @throws DiagnosticError with what is wrong in the definition, Cancelled when `signal` was set
 */
export async function measureInterface(
  source: InterfaceSource,
  { progress, iterations = ITERATIONS, ...options }: InterfaceOptions = {},
): Promise<TidyRow[]> {
  const stubs = await interfaceStubs(source, true);
  const routines = stubs.routines.filter((routine) => whyNotMeasured(routine) === undefined);
  const programs = await interfacePrograms(source, stubs, routines);
  const added = routines.map(({ userName }) => ({ name: userName, arguments: "" }));
  const rows: TidyRow[] = [];
  for (const configuration of CONFIGURATIONS)
    for (const [i, { userName }] of routines.entries()) {
      const { name, title } = configuration;
      const done = CONFIGURATIONS.indexOf(configuration) + i / routines.length;
      progress?.({ column: name, title, fraction: done / CONFIGURATIONS.length });
      const measured = await measureCall(configuration, userName, {
        ...options,
        iterations,
        programs,
        variant: { added },
      });
      const { cycles, earned, declared, ...counts } = measured;
      // What the kernel does with memory out of line is charged, not executed: this tells such rows.
      const bytes = outOfLine(routines[i]!).reduce((sum, each) => sum + bytesOf(each), 0);
      const detail = bytes > 0 ? { ...counts, outOfLine: bytes } : counts;
      rows.push({ table: stubs.subsystem, row: userName, column: name, value: cycles, unit: "cycles", earned, declared, paper: null, role: "predicted", detail }); // prettier-ignore
    }
  return rows;
}

/** Client and server around the stubs; the routines are called by their order, behind those of rpc.defs. */
export async function interfacePrograms(
  source: InterfaceSource,
  stubs: KmigOutput,
  routines: readonly Routine[],
) {
  const [clientText, serverText, library] = await Promise.all([
    loadText(new URL("./client.s", import.meta.url)),
    loadText(new URL("./server.s", import.meta.url)),
    libmach(),
  ]);
  const symbols = abiSymbols();
  const object = (file: string, text: string) => assemble({ file, text }, { symbols });
  const client = [
    object("client.s", clientOf(clientText, routines)),
    object(`${stubs.subsystem}-user.s`, stubs.user),
  ];
  const server = [
    object("server.s", serverOf(serverText, stubs)),
    object(`${stubs.subsystem}-server.s`, stubs.server),
    object(`${stubs.subsystem}-trap-server.s`, stubs.trapServer),
  ];
  try {
    return {
      client: link([...client, ...library], { ...RPC_LAYOUT.client, entry: "_start" }),
      server: link([...server, ...library], { ...RPC_LAYOUT.server, entry: "_start" }),
    };
  } catch (error) {
    // What the linker misses are functions that the definition promises: translations, destructors.
    if (!(error instanceof DiagnosticError)) throw error;
    throw new DiagnosticError(
      error.diagnostics.map(({ message }): Diagnostic => ({
        file: source.file,
        line: 0,
        column: 0,
        message: `a function of your own would be needed: ${message}`,
      })),
    );
  }
}

/** The client's text with a loop for each routine; its kinds stand behind those of rpc.defs. */
function clientOf(text: string, routines: readonly Routine[]): string {
  const names = routines.flatMap(({ userName }) => [`${userName}_message`, userName]);
  const loops = routines.flatMap((routine) => [
    loop(`${routine.userName}_message`, routine),
    loop(routine.userName, routine),
  ]);
  const kinds = [
    ...RPC_ROUTINES.flatMap(() => ["0", "0"]),
    ...names.map((name) => `calls_${name}`),
  ];
  return text
    .replace(/^_start:/m, "_start:\n\tldo\t512(%sp),%sp")
    .replace(/^\tcalls\trpc_\w+\n/gm, "")
    .replace(/^finished:/m, `${loops.join("")}\nfinished:`)
    .replace(
      /(^kinds:\n)(?:\t\.word.*\n)+/m,
      `$1${kinds.map((kind) => `\t.word\t${kind}\n`).join("")}`,
    ) // prettier-ignore
    .replace(/(^argument:\n\t\.block\t)\d+/m, `$1${Math.max(LARGEST, largestOutOfLine(routines))}`)
    .concat(DEALLOCATE);
}

function loop(stub: string, routine: Routine): string {
  const list = routine.arguments.filter(({ userArg }) => userArg);
  const setUp = passArguments(list, ({ byReferenceUser }) => byReferenceUser).flatMap(
    ({ argument, kind, word }) => {
      if (argument === routine.requestPort) return put(word, "%r3");
      if (countsOutOfLine(routine, argument)) return [clientCount(argument), ...put(word, "%r1")];
      const passesAddress = kind === "address" || kind === "reference" || !argument.type.inLine;
      const first = put(word, passesAddress ? "%r8" : "%r0");
      return kind === "pair" ? [...first, ...put(word + 1, "%r0")] : first;
    },
  );
  // As client.s: the clock is read where a C statement would, and the slot has the last argument.
  const slot = setUp.length > 1 ? setUp.pop()! : "\tnop";
  const { before, after } = clientOutOfLine(routine);
  return `calls_${stub}:
${before}	mfctl	%cr16,%r9
${setUp.join("\n")}
	bl	${stub},%rp
${slot}
	copy	%r28,%r11
	mfctl	%cr16,%r10
	comib,<>,n	0,%r11,failed
	sub	%r10,%r9,%r9
${after}	addib,>	-1,%r6,calls_${stub}
	stws,ma	%r9,4(%r7)
	b,n	finished
`;
}

function put(word: number, from: string): string[] {
  const register = argumentRegister(word);
  return [register ? `\tcopy\t${from},${register}` : `\tstw\t${from},${argumentHome(word)}(%sp)`];
}

/** The server's text with the interface's tables and work functions. */
function serverOf(text: string, { subsystem, serverDemux, routines }: KmigOutput): string {
  const work = text.indexOf("\tjust_returns server_");
  const data = text.indexOf("\n\t.data");
  const functions = routines.map(workFunction).join("");
  return (text.slice(0, work) + functions + text.slice(data))
    .replaceAll(/\brpc_inks_table\b/g, `${subsystem}_inks_table`)
    .replaceAll(/\brpc_server\b/g, serverDemux)
    .replace(/(\.set\tMAX_MESSAGE, )\d+/, `$1${LARGEST}`)
    .concat(DEALLOCATE, serverDataOutOfLine(largestOutOfLine(routines)));
}

/** Just returns, after answering arrays of varying length with none. */
function workFunction(routine: Routine): string {
  if (outOfLine(routine).length > 0 && whyNotOutOfLine(routine) === undefined)
    return workOutOfLine(routine);
  const { serverName, arguments: list } = routine;
  const passed = passArguments(
    list.filter(({ serverArg }) => serverArg),
    ({ byReferenceServer }) => byReferenceServer,
  );
  const counts = passed.filter(({ argument, kind }) => argument.identity === "count" && kind === "address"); // prettier-ignore
  if (counts.length === 0) return `\tjust_returns ${serverName}\n`;
  const stores = counts.map(({ word }) => {
    const register = argumentRegister(word);
    if (register) return `\tstw\t%r0,0(${register})\n`;
    return `\tldw\t${argumentHome(word)}(%sp),%r19\n\tstw\t%r0,0(%r19)\n`;
  });
  return `\t.globl\t${serverName}\n${serverName}:\n${stores.join("")}\tbv\t%r0(%rp)\n\tldi\tKERN_SUCCESS,%r28\n`;
}
