/**
 * What the OSF/1 server and its emulator have for being trapped to, function by function: all that is not
 * the same as in a server that is called by messages only. The paper's authors changed three files and
 * seven functions to leave copies out (§3.4.4); a test looks for whatever else here knows of traps.
 */

export interface Change {
  /** Below host/osf1. */
  readonly file: string;
  /** A function or method, or a label of a text. */
  readonly name: string;
  readonly why: string;
  /** Whether it is there because the server makes its own copies. */
  readonly copies: boolean;
}

const change = (file: string, name: string, why: string, copies = false): Change => ({
  file,
  name,
  why,
  copies,
});
const COPIES = true;

export const CHANGES: readonly Change[] = [
  change("emulator/image.ts", "emulatorSources", "links the stubs that trap"),
  change("server/server.s", "_start", "registers the tables of traps"),
  change("server/uthread.ts", "isTrapping", "whose thread is on a stack"),
  change("server/serve.ts", "serve", "a thread of the client's leaves no gap among the server's"),
  change("server/server.s", "client_copyin", "calls the kernel's copyin", COPIES),
  change("server/server.s", "client_copyout", "calls the kernel's copyout", COPIES),
  change("server/transfer.ts", "TRAP", "bytes go by those", COPIES),
  change("server/generic.ts", "generic", "which way bytes go, of a generic call", COPIES),
  change("native/routines.ts", "serving", "the same, of a call with a routine", COPIES),
  change(
    "native/generic-server.s",
    "generic_trap",
    "copies the generic call's results out",
    COPIES,
  ),
];

/** In how many functions of how many files copies are made by the server itself. */
export function copyChanges(): { readonly files: number; readonly functions: number } {
  const own = CHANGES.filter(({ copies }) => copies);
  return { files: new Set(own.map(({ file }) => file)).size, functions: own.length };
}
