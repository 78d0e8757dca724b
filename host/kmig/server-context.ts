/**
 * What the parts of a message server stub know of the stub that they belong to.
 */
import type { Code } from "./code.ts";
import type { Message } from "./descriptor.ts";
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
}
