/**
 * An interface definition to be looked at: its messages, its stubs, which routines can trap and why the
 * others cannot; and its calls, measured. What is wrong with the text comes back with its lines.
 */
import type { Progress, TidyRow } from "../bench/experiment.ts";
import {
  interfaceStubs,
  type InterfaceSource,
  measureInterface,
  whyNotMeasured,
} from "../bench/rpc/interface-calls.ts";
import { type Diagnostic, DiagnosticError } from "../diagnostic.ts";
import type { KmigOutput } from "../kmig/kmig.ts";
import type { LayoutReport } from "../kmig/layout.ts";
import { VERSION } from "../version.ts";

export interface InterfaceView {
  readonly version: string;
  /** The command that prints `layout`. */
  readonly command: string;
  readonly layout: LayoutReport;
  readonly warnings: readonly Diagnostic[];
  /** The generated texts: stubs, headers, bindings. */
  readonly texts: Readonly<Pick<KmigOutput, (typeof TEXTS)[number]>>;
  /** Routines that `measureInterface` leaves out, and why. */
  readonly unmeasured: Readonly<Record<string, string>>;
}

/** `view` is there when there are no problems. */
export interface InterfaceAnswer {
  readonly problems: readonly Diagnostic[];
  readonly view: InterfaceView | undefined;
}

export interface InterfaceCalls {
  readonly version: string;
  readonly command: string;
  readonly rows: readonly TidyRow[];
}

const TEXTS = ["user", "userMessage", "server", "trapServer", "header", "serverHeader", "typescript"] as const; // prettier-ignore

export async function viewInterface(source: InterfaceSource): Promise<InterfaceAnswer> {
  try {
    const output = await interfaceStubs(source);
    const texts = Object.fromEntries(TEXTS.map((name) => [name, output[name]]));
    const unmeasured = output.routines.flatMap((routine) => {
      const why = whyNotMeasured(routine);
      return why === undefined ? [] : [[routine.userName, why] as const];
    });
    const view: InterfaceView = {
      version: VERSION,
      command: commandOf(source, "--layout"),
      layout: output.layout,
      warnings: output.warnings,
      texts: texts as InterfaceView["texts"],
      unmeasured: Object.fromEntries(unmeasured),
    };
    return { problems: [], view };
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return { problems: error.diagnostics, view: undefined };
  }
}

export async function callInterface(
  source: InterfaceSource,
  options: {
    readonly progress?: (progress: Progress) => void;
    readonly signal?: { readonly aborted: boolean };
  },
): Promise<InterfaceCalls> {
  const rows = await measureInterface(source, options);
  return { version: VERSION, command: commandOf(source, "--measure"), rows };
}

function commandOf({ file, structCopy = "word" }: InterfaceSource, what: string): string {
  const copy = structCopy === "word" ? "" : ` --struct-copy ${structCopy}`;
  return `inkwell kmig ${file} ${what}${copy}`;
}
