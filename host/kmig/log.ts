/**
 * What one run of the generator has to say: errors stop it, warnings do not.
 *
 * The tools of the original print as they go; here every finding is a value with a place, and
 * `finish` throws all errors at once. After `LIMIT` errors the run gives up, so that hostile
 * input cannot make it talk for ever.
 */
import { type Diagnostic, DiagnosticError } from "../diagnostic.ts";

/** Where something stands in the interface definition; line and column are 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const LIMIT = 100;

export class Log {
  readonly errors: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];

  error(place: Place, message: string): void {
    this.errors.push({ file: place.file, line: place.line, column: place.column, message });
    if (this.errors.length >= LIMIT) throw new DiagnosticError(this.errors);
  }

  warn(place: Place, message: string): void {
    if (this.warnings.length >= LIMIT) return;
    this.warnings.push({ file: place.file, line: place.line, column: place.column, message });
  }

  /** @throws DiagnosticError with everything found wrong so far, if anything was. */
  finish(): void {
    if (this.errors.length > 0) throw new DiagnosticError(this.errors);
  }
}

/** Text from the user as it may stand in a message: one line, not too long. */
export function shown(text: string): string {
  const line = text.replace(/[^\x20-\x7e]/g, "?");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
