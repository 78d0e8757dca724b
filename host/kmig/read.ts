/**
 * An interface definition, read and analysed: KMIG's front half, which writes nothing. The kernel needs it
 * whenever it runs, the stub writers of kmig.ts only where stubs are written.
 */
import type { Diagnostic } from "../diagnostic.ts";
import { analyse } from "./analyse.ts";
import { type LayoutReport, reportLayout } from "./layout.ts";
import { Log } from "./log.ts";
import { parse } from "./parser.ts";
import { type Include, type SourceFile, preprocess } from "./preprocess.ts";
import type { Interface } from "./routine.ts";

export interface ReadOptions {
  /** Finds what `#include` names; by default nothing is found. */
  readonly include?: Include;
  /** Macros defined beforehand: name to body. */
  readonly defines?: Readonly<Record<string, string>>;
}

export interface KmigAnalysis {
  readonly interface: Interface;
  /** The analysis as plain data. */
  readonly layout: LayoutReport;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Reads and analyses an interface definition, whatever its arguments are.
 * @throws DiagnosticError with every error found.
 */
export function analyseInterface(source: SourceFile, options: ReadOptions = {}): KmigAnalysis {
  const log = new Log();
  const result = readInterface(source, options, log);
  return { interface: result, layout: reportLayout(result), warnings: log.warnings };
}

/**
 * Reads a definition; what is worth a warning goes to `log`.
 * @throws DiagnosticError with every error found.
 */
export function readInterface(source: SourceFile, options: ReadOptions, log: Log): Interface {
  const include = options.include ?? (() => undefined);
  const lines = preprocess(source, include, options.defines ?? {}, log);
  log.finish();
  const statements = parse(lines, source.file, log);
  const result = analyse(statements, source.file, log);
  log.finish();
  return result!;
}
