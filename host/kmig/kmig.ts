/**
 * KMIG: the Mach Interface Generator of typed Mach 3.0, extended by the stubs that let clients trap
 * into a server inside the kernel (paper §2.3, §3.3).
 *
 * Text in, text out: reads an interface definition, analyses all of it, and writes PA-RISC assembly
 * for every stub, C headers, and TypeScript. It opens no file and knows no assembler.
 */
import type { Diagnostic } from "../diagnostic.ts";
import type { StructCopy } from "./copy.ts";
import { describeInterface } from "./description.ts";
import { emitServer, emitTrapServer, emitUser } from "./emit.ts";
import { emitServerHeader, emitUserHeader } from "./header.ts";
import { type LayoutReport, reportLayout } from "./layout.ts";
import { Log } from "./log.ts";
import type { SourceFile } from "./preprocess.ts";
import { readInterface, type ReadOptions } from "./read.ts";
import type { Interface } from "./routine.ts";
import { checkSupported } from "./supported.ts";
import { emitTypeScript } from "./typescript.ts";

export { analyseInterface, type KmigAnalysis } from "./read.ts";

export interface KmigOptions extends ReadOptions {
  /** How arrays are copied in message stubs (paper §4.4, the aside); by default "word". */
  readonly structCopy?: StructCopy;
  /** Leaves copyin and most copyout to the work functions (paper §3.4.4); by default false. */
  readonly suppressCopies?: boolean;
  /** Module that the TypeScript text imports `bindInterface` from; by default "inkwell". */
  readonly runtime?: string;
  /** Names of the routines to write stubs of; the others are as if skipped. All by default. */
  readonly routines?: readonly string[];
  /** Marks in every stub, with the assembler's `.probe`, where its own work begins and ends. */
  readonly probes?: boolean;
}

export interface KmigOutput extends Interface {
  readonly layout: LayoutReport;
  readonly warnings: readonly Diagnostic[];
  /** Message client stubs, `name`. */
  readonly userMessage: string;
  /** Trap client stubs `name`, falling back on message stubs `name_message`. */
  readonly user: string;
  /** Message server stubs `_Xname`, and `<subsystem>_server`. */
  readonly server: string;
  /** Trap server stubs `_Tname`, and `<subsystem>_inks_table`. */
  readonly trapServer: string;
  /** C prototypes for clients, and for servers. */
  readonly header: string;
  readonly serverHeader: string;
  /** A TypeScript module with the interface's messages; see `binding.ts`. */
  readonly typescript: string;
}

/**
 * Writes all stubs of an interface definition.
 * @throws DiagnosticError with every error found, arguments that no stub can carry included.
 */
export function kmig(source: SourceFile, options: KmigOptions = {}): KmigOutput {
  const log = new Log();
  const result = chosen(readInterface(source, options, log), options.routines);
  checkSupported(result, log);
  log.finish();
  const { structCopy = "word", suppressCopies = false, probes = false } = options;
  const emitOptions = { structCopy, suppressCopies, probes };
  const user = emitUser(result, emitOptions);
  return {
    ...result,
    layout: reportLayout(result),
    warnings: log.warnings,
    userMessage: user.message,
    user: user.trap,
    server: emitServer(result, emitOptions),
    trapServer: emitTrapServer(result, emitOptions),
    header: emitUserHeader(result),
    serverHeader: emitServerHeader(result),
    typescript: emitTypeScript(describeInterface(result), options.runtime),
  };
}

function chosen(whole: Interface, names: readonly string[] | undefined): Interface {
  if (names === undefined) return whole;
  return { ...whole, routines: whole.routines.filter(({ name }) => names.includes(name.text)) };
}
