/**
 * The C types of the round-trip program: of arguments, of the variables that hold them, and what
 * kind of thing an argument is for the program.
 */
import type { RoutineArgument } from "../../../host/kmig/routine.ts";
import { isReal } from "../../../host/kmig/scalar.ts";
import type { IpcType } from "../../../host/kmig/ipc-type.ts";

const ELEMENTS: Readonly<Record<number, string>> = {
  8: "unsigned char",
  16: "unsigned short",
  64: "unsigned long long",
};

function elementOf(type: IpcType): { readonly name: string; readonly bytes: number } {
  const { size } = type;
  if (isReal(type)) return { name: size === 64 ? "double" : "float", bytes: size / 8 };
  const name = ELEMENTS[size];
  return name === undefined ? { name: "unsigned", bytes: 4 } : { name, bytes: size / 8 };
}

/** A value's C type: a scalar, or a structure that the prelude declares. */
function valueType(type: IpcType): string {
  if (!type.inLine) return "unsigned char *";
  const { name, bytes } = elementOf(type);
  const count = type.typeSize / bytes;
  return count === 1 ? name : `struct ${name.replaceAll(" ", "_")}_${count}`;
}

/** The declaration of a value's structure, if it is one. */
export function structure(type: IpcType): string {
  const { name, bytes } = elementOf(type);
  const count = type.typeSize / bytes;
  if (!type.inLine || !type.isStruct || count <= 1) return "";
  return `${valueType(type)} { ${name} e[${count}]; };\n`;
}

export function parameter(argument: RoutineArgument, byReference: boolean): string {
  const { type, name } = argument;
  const star = byReference ? "*" : "";
  if (isPointer(argument)) return `unsigned char *${star}${name}`;
  if (!type.isStruct) return `${elementOf(type).name} *${name}`;
  return `${valueType(type)} ${star}${name}`;
}

export function member(argument: RoutineArgument): string {
  const { type, name } = argument;
  if (isPointer(argument)) return `unsigned char *${name};`;
  const { name: element, bytes } = elementOf(type);
  if (type.isStruct) return `${valueType(type)} ${name};`;
  return `${element} ${name}[${type.typeSize / bytes}];`;
}

/** An array of varying length inside the message. */
export const isArray = ({ variable, indefinite, type }: RoutineArgument): boolean =>
  variable && !indefinite && !type.isString;

/** Memory of varying length out of line. */
export const isMemory = ({ type, parent }: RoutineArgument): boolean =>
  !type.inLine && type.varying && parent < 0;

/** What the program holds by its address: out-of-line memory, and arrays that may become that. */
export const isPointer = (argument: RoutineArgument): boolean =>
  argument.indefinite || isMemory(argument);

export const elementBytes = ({ type }: RoutineArgument): number => type.element!.typeSize;
export const most = ({ type }: RoutineArgument): number => type.number / type.element!.number;
