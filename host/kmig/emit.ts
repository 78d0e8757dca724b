/**
 * Whole files of assembly text: procedures and tables in the order of the interface.
 */
import { demux, demuxRoutine } from "./demux.ts";
import { serverStub } from "./server.ts";
import { trapServerStub } from "./inks-server.ts";
import { trapStub } from "./inks-user.ts";
import type { Interface, Routine } from "./routine.ts";
import { userStub } from "./user.ts";
import type { StructCopy } from "./copy.ts";

export interface EmitOptions {
  readonly structCopy: StructCopy;
  readonly suppressCopies: boolean;
  readonly probes: boolean;
}

/** The client side, twice. */
export interface UserFiles {
  /** Message stubs under the routines' own names: a plain MIG user file. */
  readonly message: string;
  /** A trap under the routine's name, which falls back on `<name>_message` behind it. */
  readonly trap: string;
}

/** Client stubs, with and without traps. */
export function emitUser(interface_: Interface, options: EmitOptions): UserFiles {
  const { routines } = interface_;
  const bodies = routines.map((routine) => userStub(routine, interface_, options));
  const plain = routines.map(({ userName }, i) => procedure([userName], bodies[i]!));
  const stubs = routines.map((routine, i) => {
    const message = `${routine.userName}_message`;
    const stub = bodies[i]!;
    if (routine.trappable)
      return procedure([routine.userName], trapStub(routine, message)) + procedure([message], stub);
    const why = `; ${routine.userName} sends messages only: ${routine.whyNot}\n`;
    return procedure([routine.userName, message], stub, why);
  });
  return {
    message: heading(interface_, "message client stubs") + plain.join(""),
    trap: heading(interface_, "trap client stubs with message stubs") + stubs.join(""),
  };
}

/** Message server stubs, the demultiplexer and its table. */
export function emitServer(interface_: Interface, options: EmitOptions): string {
  const { serverDemux, routines } = interface_;
  const stubs = routines.map((routine) =>
    procedure([`_X${routine.name.text}`], serverStub(routine, interface_, options)),
  );
  const table = vector(interface_, (routine) => `_X${routine.name.text}`);
  return (
    heading(interface_, "message server stubs and demultiplexer") +
    stubs.join("") +
    procedure([serverDemux], demux(interface_)) +
    procedure([`${serverDemux}_routine`], demuxRoutine(interface_)) +
    `\n\t.data\n\t.align\t4\n${serverDemux}_routines:\n${table}`
  );
}

/** Trap server stubs and the registration record that the server hands to the kernel. */
export function emitTrapServer(interface_: Interface, options: EmitOptions): string {
  const { subsystem, base, count, routines } = interface_;
  const stubs = routines.flatMap((routine) => {
    if (!routine.trappable) return [];
    const name = `_T${routine.name.text}`;
    return procedure([name], trapServerStub(routine, options));
  });
  const table = vector(interface_, (routine) =>
    routine.trappable ? `_T${routine.name.text}` : "0",
  );
  const record = `${subsystem}_inks_table`;
  return (
    heading(interface_, "trap server stubs and registration record") +
    stubs.join("") +
    `\n\t.data\n\t.align\t4\n\t.globl\t${record}\n${record}:\n` +
    `\t.word\t${base}\t; base\n\t.word\t${count}\t; count\n` +
    `\t.word\t${subsystem}_inks_vector\n${subsystem}_inks_vector:\n${table}`
  );
}

function heading({ subsystem, base }: Interface, what: string): string {
  return `; Subsystem ${subsystem}, base ${base}: ${what}.\n; Made by KMIG; do not edit.\n\n\t.text\n`;
}

function procedure(names: readonly string[], body: string, before = ""): string {
  const globals = names.map((name) => `\t.globl\t${name}\n\t.type\t${name},@function\n`);
  const labels = names.map((name) => `${name}:\n`);
  return `\n\t.align\t4\n${globals.join("")}${before}${labels.join("")}${body}`;
}

/** One word for each number of the subsystem; 0 where it is skipped. */
function vector(interface_: Interface, entry: (routine: Routine) => string): string {
  const text: string[] = [];
  const byNumber = new Map(interface_.routines.map((routine) => [routine.number, routine]));
  for (let number = 0; number < interface_.count; number++) {
    const routine = byNumber.get(number);
    text.push(`\t.word\t${routine === undefined ? "0" : entry(routine)}\n`);
  }
  return text.join("");
}
