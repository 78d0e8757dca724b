/**
 * C's side of the interface's types: the names in declarations, and declarations of those names for
 * programs that have no Mach headers.
 *
 * MIG takes all C types from the headers that a definition imports and knows only their wire form.
 * Where those headers are missing, the wire form is what a type is declared as.
 */
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import type { IpcType } from "./ipc-type.ts";
import type { Interface, RoutineArgument } from "./routine.ts";

export type Side = "user" | "server";

/** One parameter of a C prototype. */
export function parameter(argument: RoutineArgument, side: Side): string {
  const { type, name } = argument;
  const byReference = side === "user" ? argument.byReferenceUser : argument.byReferenceServer;
  return `${side === "user" ? type.userType : type.transType} ${byReference ? "*" : ""}${name}`;
}

/** The data of an item as a member of a message structure; its padding is a member of its own. */
export function field({ type, name, variable }: RoutineArgument, side: Side): string {
  const onWire = (of: IpcType): string => (side === "user" ? of.userType : of.serverType);
  if (type.isString) return `char ${name}[${type.typeSize}]`;
  if (!variable) return `${onWire(type)} ${name}`;
  const element = type.element!;
  return `${onWire(element)} ${name}[${Math.floor(type.number / element.number)}]`;
}

/** Names that C or the header's own prelude declares. */
const KNOWN = new Set(
  `char short int long unsigned float double void mach_port_t ipc_port_t boolean_t kern_return_t
   mach_msg_header_t mach_msg_type_t mach_msg_type_long_t mach_msg_type_name_t
   mach_msg_type_number_t mach_msg_return_t`.split(/\s+/),
);

const {
  MACH_MSG_TYPE_CHAR: CHAR,
  MACH_MSG_TYPE_STRING: STRING,
  MACH_MSG_TYPE_REAL: REAL,
} = MACH_MSG_TYPE;

/** The C type of as many bits, for a message type. */
function element(code: number, bits: number): string {
  if (code === REAL) return bits === 64 ? "double" : "float";
  if (code === CHAR || code === STRING) return "char";
  if (bits === 64) return "long long";
  return bits % 32 === 0 ? "int" : bits === 16 ? "short" : "unsigned char";
}

/** `typedef … name;` in the form that the type has on the wire, translations as words. */
function declaration(name: string, type: IpcType, translated: boolean): string {
  if (translated && type.isStruct) return `typedef unsigned int ${name};`;
  const unit = element(type.inName >= 0 ? type.inName : type.outName, type.size);
  if (!type.inLine || type.indefinite) return `typedef ${unit} *${name};`;
  const width = /char/.test(unit) ? 8 : unit === "short" ? 16 : unit === "int" ? 32 : 64;
  const wire = unit === "float" ? 32 : width;
  const count = Math.max(1, Math.floor((type.number * type.size) / wire));
  if (!type.isStruct) return `typedef ${unit} ${name}[${count}];`;
  return count === 1
    ? `typedef ${unit} ${name};`
    : `typedef struct { ${unit} data[${count}]; } ${name};`;
}

/** Declarations of all types that a header of this side names, each at most once. */
export function typeDeclarations({ routines }: Interface, side: Side): string[] {
  const declared = new Map<string, string>();
  const add = (name: string, type: IpcType, translated = false): void => {
    if (KNOWN.has(name) || declared.has(name) || !/^[A-Za-z_]\w*$/.test(name)) return;
    declared.set(name, declaration(name, type, translated));
  };
  const addType = (type: IpcType): void => {
    // The element first: an array may have taken its name.
    if (type.element !== undefined && type.varying) addType(type.element);
    if (side === "user") return add(type.userType, type);
    add(type.serverType, type);
    add(type.transType, type, type.transType !== type.serverType);
  };
  for (const { arguments: list } of routines) for (const { type } of list) addType(type);
  return [...declared].map(
    ([name, text]) => `#ifndef _kmig_${name}\n#define _kmig_${name}\n${text}\n#endif\n`,
  );
}
