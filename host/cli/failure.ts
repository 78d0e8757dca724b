/**
 * How the command fails: exit status 1 when a run or a check failed, 2 on bad usage or bad input;
 * one clear line on stderr, `inkwell: …`, after the places of the errors where they have one.
 */
import { CommanderError } from "commander";
import { DiagnosticError, formatDiagnostic } from "../diagnostic.ts";

/** A command line that asks for something that does not exist or cannot be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Prints what went wrong and returns the exit status. */
export function reportFailure(error: unknown): 0 | 1 | 2 {
  // Commander has printed its own message; its errors are all of usage, its help is none.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof DiagnosticError) {
    const { diagnostics } = error;
    const placed = diagnostics.filter(({ line }) => line > 0);
    for (const diagnostic of placed) console.error(formatDiagnostic(diagnostic));
    for (const diagnostic of diagnostics)
      if (diagnostic.line === 0) complain(formatDiagnostic(diagnostic));
    if (placed.length) complain(`${placed.length} error${placed.length === 1 ? "" : "s"}`);
    return 2;
  }
  if (error instanceof UsageError) {
    complain(error.message);
    return 2;
  }
  complain(error instanceof Error ? error.message : String(error));
  return 1;
}

function complain(message: string): void {
  console.error(`inkwell: ${message}`);
}
