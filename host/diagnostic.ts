/**
 * What our tools tell a user about bad input: a value with a place, collected by the tool and
 * printed elsewhere. Guest-visible errors are return codes, bugs of ours are `panic`; neither is
 * a diagnostic.
 */
export interface Diagnostic {
  readonly file: string;
  /** 1-based; 0 when the whole file is meant. */
  readonly line: number;
  /** 1-based; 0 when the whole line is meant. */
  readonly column: number;
  readonly message: string;
}

/** `file:line:column: message`, without the parts that are not known. */
export function formatDiagnostic({ file, line, column, message }: Diagnostic): string {
  const place = [file, ...(line > 0 ? [line] : []), ...(line > 0 && column > 0 ? [column] : [])];
  return `${place.join(":")}: ${message}`;
}

/** Thrown once by a tool that could not do its work, with everything it found wrong. */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join("\n"));
    this.diagnostics = diagnostics;
  }
}

/** A bug of ours, or a state that Mach calls impossible: `panic("ipc_right_dealloc: no user references")`. */
export function panic(message: string): never {
  throw new Error(`panic: ${message}`);
}
