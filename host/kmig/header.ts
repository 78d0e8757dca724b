/**
 * C headers, in MIG's form: prototypes of the user's procedures, or of the server's work functions
 * and its demultiplexer. Both also name the message structures, so that C can be asked for
 * their sizes.
 *
 * With Mach's headers installed the types come from those; a compiler that can tell that there
 * are none (`__has_include`) gets declarations of everything from the definition itself.
 */
import { type Side, field, parameter, typeDeclarations } from "./c-types.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";

const HEADERS = ["<mach/kern_return.h>", "<mach/port.h>", "<mach/message.h>"];

/** What the header's declarations need of Mach, where there are no headers of Mach's. */
const MACH = `#ifndef _kmig_mach
#define _kmig_mach
typedef unsigned int mach_port_t, ipc_port_t, mach_msg_type_name_t, mach_msg_type_number_t;
typedef int boolean_t, kern_return_t, mach_msg_return_t;
typedef struct {
	unsigned int msgh_bits, msgh_size;
	mach_port_t msgh_remote_port, msgh_local_port;
	unsigned int msgh_seqno;
	int msgh_id;
} mach_msg_header_t;
typedef struct {
	unsigned int msgt_name : 8, msgt_size : 8, msgt_number : 12, msgt_inline : 1,
		msgt_longform : 1, msgt_deallocate : 1, msgt_unused : 1;
} mach_msg_type_t;
typedef struct {
	mach_msg_type_t msgtl_header;
	unsigned short msgtl_name, msgtl_size;
	unsigned int msgtl_number;
} mach_msg_type_long_t;
#endif
`;

/** Prototypes for clients: `<subsystem>.h`. */
export function emitUserHeader(interface_: Interface): string {
  const prototypes = interface_.routines.map((routine) => {
    const list = routine.arguments.filter((argument) => argument.userArg);
    return prototype(routine, routine.userName, list, "user");
  });
  return header(interface_, "user", prototypes.join(""));
}

/** Prototypes for servers: `<subsystem>_server.h`. */
export function emitServerHeader(interface_: Interface): string {
  const { serverDemux, subsystem, routines } = interface_;
  const prototypes = routines.map((routine) => {
    const list = routine.arguments.filter((argument) => argument.serverArg);
    return prototype(routine, routine.serverName, list, "server");
  });
  const tail = [
    "/* The demultiplexer: TRUE if the request was one of ours; and the stub of a request, or 0. */",
    `extern boolean_t ${serverDemux}(mach_msg_header_t *InHeadP, mach_msg_header_t *OutHeadP);`,
    `extern void (*${serverDemux}_routine(const mach_msg_header_t *InHeadP))`,
    "\t(mach_msg_header_t *, mach_msg_header_t *);",
    "",
    "/* What is registered with the kernel for clients that trap: base, count, vector of stubs. */",
    `extern const struct ${subsystem}_inks_registration {`,
    "\tint base;",
    "\tunsigned int count;",
    "\tvoid *const *vector;",
    `} ${subsystem}_inks_table;`,
    "",
  ];
  return header(interface_, "server", `${prototypes.join("")}\n${tail.join("\n")}`);
}

function header(interface_: Interface, side: Side, body: string): string {
  const { subsystem, imports, routines } = interface_;
  const guard = `_${subsystem}_${side}_`;
  const files = imports.filter((one) => one.side === "both" || one.side === side);
  const include = (file: string): string => `#include ${file}\n`;
  return [
    `#ifndef\t${guard}\n#define\t${guard}\n\n/* Module ${subsystem} */\n\n`,
    "#if defined(__has_include)\n#if !__has_include(<mach/message.h>)\n",
    "#define _kmig_standalone\n#endif\n#endif\n",
    "#ifndef _kmig_standalone\n",
    ...HEADERS.map(include),
    ...files.map(({ file }) => include(file)),
    `#else\n${MACH}`,
    ...typeDeclarations(interface_, side),
    "#endif\n",
    "#ifndef\tmig_external\n#define\tmig_external\textern\n#endif\n",
    body,
    ...routines.map((routine) => messages(routine, side)),
    `\n#endif\t/* not defined(${guard}) */\n`,
  ].join("");
}

const KINDS = {
  routine: "Routine",
  simpleroutine: "SimpleRoutine",
  procedure: "Procedure",
  simpleprocedure: "SimpleProcedure",
  function: "Function",
} as const;

function prototype(
  routine: Routine,
  name: string,
  list: readonly RoutineArgument[],
  side: Side,
): string {
  const { result } = routine;
  const returned =
    result === undefined ? "void" : side === "user" ? result.type.userType : result.type.transType;
  const parameters = list.map((argument) => `\t${parameter(argument, side)}`).join(",\n");
  const kind = KINDS[routine.kind];
  return `\n/* ${kind} ${routine.name.text} */\nmig_external ${returned} ${name}\n(\n${parameters}\n);\n`;
}

/** The structures of a routine's messages, every varying item at its largest. */
function messages(routine: Routine, side: Side): string {
  const { arguments: list, reply, name } = routine;
  const one = (what: string, items: readonly RoutineArgument[]): string => {
    const members = items.flatMap((argument) => {
      const { type, longForm } = argument;
      const data = [
        `mach_msg_type_${longForm ? "long_" : ""}t ${argument.name}Type`,
        field(argument, side),
      ];
      return type.padSize > 0 ? [...data, `char ${argument.name}Pad[${type.padSize}]`] : data;
    });
    const lines = ["mach_msg_header_t Head", ...members].map((member) => `\t${member};\n`);
    return `\ntypedef struct {\n${lines.join("")}} __${what}__${name.text}_t;\n`;
  };
  const guard = `_kmig_${name.text}_messages`;
  const request = one(
    "Request",
    list.filter((argument) => argument.request),
  );
  const answer = one(
    "Reply",
    list.filter((argument) => argument.reply),
  );
  return `\n#ifndef ${guard}\n#define ${guard}${request}${reply === undefined ? "" : answer}#endif\n`;
}
