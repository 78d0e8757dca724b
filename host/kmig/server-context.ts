/**
 * What the parts of a message server stub know of the stub that they belong to, and share.
 */
import type { Code, Label } from "./code.ts";
import type { Message } from "./descriptor.ts";
import { HEADER } from "./message-names.ts";
import type { Interface, Routine, RoutineArgument } from "./routine.ts";
import type { StubOptions } from "./user.ts";

export interface ServerContext {
  readonly code: Code;
  readonly routine: Routine;
  readonly interface_: Interface;
  readonly options: StubOptions;
  /** The reply's header, and its body's pointer, which moves behind varying items. */
  readonly reply: Message;
  readonly body: Message;
  readonly sizeRegister: string;
  /** The pointer for the items of the request that have so many varying ones before them. */
  input(position: number): Message;
  /** Where the value, or the variable, that the work function gets lies: in a header or a body. */
  source(argument: RoutineArgument): { readonly message: Message; readonly at: number };
  /** Offset from sp of an argument's local variable. */
  localOffset(argument: RoutineArgument): number | undefined;
  /** Offset from sp of the pointer to a returned indefinite array. */
  pointerOffset(argument: RoutineArgument): number;
}

/** Sets a bit of the reply's msgh_bits, by its position from the left; uses r19. */
export function setBit({ code, reply }: ServerContext, position: number, name: string): void {
  const at = HEADER.msgh_bits;
  code.load("ldw", "%r19", reply.base, at, reply.area, at, "msgh_bits");
  code.emit("depi", `1,${position},1,%r19`, ["%r19"], ["%r19"], name);
  code.store("stw", "%r19", reply.base, at, reply.area, at);
}

/** Goes on at `skip` unless IP_VALID(register): neither null nor dead. Uses r19 and r20. */
export function skipIfInvalid({ code }: ServerContext, register: string, skip: Label): void {
  code.address("%r19", register, 1);
  code.constant("%r20", 1);
  code.branch("comb,<<=,n", "%r19,%r20", ["%r19", "%r20"], skip);
}
