/**
 * Trap server stubs (paper §3.3): what the kernel calls, on a service stack, for a client's trap.
 *
 * The arguments lie as in the client's C call, but pointers point into the client's space. The stub
 * keeps local variables for what they point to, copies In data with the kernel's `copyin`, calls the
 * work function, and after success copies Out data with `copyout`. `suppressCopies` leaves the
 * copying to the work function, except for integer Out arguments (§3.4.4).
 *
 * The kernel's routines are reached through the words `inks_copyin` and `inks_copyout`, plain code
 * addresses that the server stores there when it has registered.
 */
import {
  type Passing,
  argumentHome,
  argumentRegister,
  countWords,
  passArguments,
} from "./calling.ts";
import { Code, type Label } from "./code.ts";
import { Frame, round, savedRegister } from "./frame.ts";
import { CODE } from "./message-names.ts";
import type { Routine, RoutineArgument } from "./routine.ts";
import { workArguments } from "./server.ts";

export interface TrapOptions {
  readonly suppressCopies: boolean;
}

const COPY_ARGUMENTS = 4;

/** Data behind a pointer argument, and its local variable. */
interface Local {
  readonly argument: RoutineArgument;
  /** Word of the client's pointer. */
  readonly word: number;
  readonly offset: number;
  readonly copyIn: boolean;
  readonly copyOut: boolean;
}

/** Words of arguments that the kernel has to bring: those of the client's call. */
export function trapWords(routine: Routine): number {
  return countWords(userPassings(routine));
}

function userPassings(routine: Routine): Passing[] {
  const list = routine.arguments.filter((argument) => argument.userArg);
  return passArguments(list, (argument) => argument.byReferenceUser);
}

/** The body of `_T<name>`. */
export function trapServerStub(routine: Routine, options: TrapOptions): string {
  const code = new Code();
  const passings = userPassings(routine);
  const work = workArguments(routine);
  const { locals, size } = localVariables(passings, options);
  const kept = keptWords(passings, locals);
  const frame = new Frame({
    saved: kept.length,
    locals: size,
    outgoing: Math.max(countWords(work), COPY_ARGUMENTS),
  });
  const leave = code.newLabel();
  let fault: Label | undefined;

  frame.enter(code);
  kept.forEach((word, i) => code.move(savedRegister(i), argumentRegister(word)!));
  for (const local of locals) if (local.copyIn) copy("inks_copyin", local);
  callWork();
  const out = locals.filter((local) => local.copyOut);
  if (out.length > 0) {
    code.branch("comib,<>,n", "0,%r28", ["%r28"], leave);
    for (const local of out) copy("inks_copyout", local);
  }
  code.place(leave);
  frame.leave(code);
  return code.text();

  /** The register that holds a word of the client's call. */
  function word(index: number, scratch: string): string {
    const place = kept.indexOf(index);
    if (place >= 0) return savedRegister(place);
    const register = argumentRegister(index);
    if (register !== undefined) return register;
    frame.access(code, "ldw", scratch, argumentHome(index));
    return scratch;
  }

  function copy(routineWord: "inks_copyin" | "inks_copyout", local: Local): void {
    code.step(`${routineWord === "inks_copyin" ? "copyin" : "copyout"} ${local.argument.name}`);
    const inward = routineWord === "inks_copyin";
    const [client, server] = inward ? ["%r26", "%r25"] : ["%r25", "%r26"];
    code.move(client!, word(local.word, client!));
    code.address(server!, "%r30", frame.locals + local.offset);
    code.constant("%r24", local.argument.type.typeSize);
    code.emit("ldil", `L%${routineWord},%r21`, [], ["%r21"]);
    code.emit("ldw", `R%${routineWord}(%r21),%r21`, ["%r21"], ["%r21"], "", {
      kind: "load",
      area: "words",
      at: undefined,
      size: 4,
    });
    code.callThrough("%r21", routineWord);
    const bad = (fault ??= faultLabel());
    code.branch("comib,<>,n", "0,%r28", ["%r28"], bad);
  }

  function faultLabel(): Label {
    const label = code.newLabel();
    code.later(() => {
      code.place(label);
      code.constant("%r28", CODE.KERN_INVALID_ADDRESS);
      code.jump(leave);
    });
    return label;
  }

  function callWork(): void {
    code.step("work function");
    // From the last word to the first: server-only arguments push the others to higher words.
    for (const { argument, kind, word: first } of work.toReversed()) {
      const local = locals.find((one) => one.argument === argument);
      const user = passings.find((one) => one.argument === argument);
      const words = kind === "pair" ? [1, 0] : [0];
      for (const i of words) {
        const target = argumentRegister(first + i);
        const register = target ?? "%r19";
        if (local !== undefined) code.address(register, "%r30", frame.locals + local.offset);
        else if (user === undefined) code.move(register, "%r0", argument.name);
        else code.move(register, word(user.word + i, register));
        const home = argumentHome(first + i);
        if (target === undefined)
          code.store("stw", register, "%r30", home, "frame", frame.size + home);
      }
    }
    code.call(routine.serverName);
  }
}

/** Which pointer arguments get local variables, and where those lie. */
function localVariables(
  passings: readonly Passing[],
  { suppressCopies }: TrapOptions,
): { locals: Local[]; size: number } {
  const locals: Local[] = [];
  let size = 0;
  for (const { argument, kind, word } of passings) {
    if (kind !== "address" && kind !== "reference") continue;
    const { type, sendRcv, returnSnd } = argument;
    const integerOut = returnSnd && !sendRcv && type.isStruct && type.typeSize <= 4;
    if (suppressCopies && !integerOut) continue;
    locals.push({ argument, word, offset: size, copyIn: sendRcv, copyOut: returnSnd });
    size += round(type.typeSize, 8);
  }
  return { locals, size };
}

/** Register words that are needed after a call: everything behind the first copy, and pointers. */
function keptWords(passings: readonly Passing[], locals: readonly Local[]): number[] {
  const kept = new Set<number>();
  const copiesIn = locals.filter((local) => local.copyIn);
  const [first] = copiesIn;
  for (const { argument, kind, word } of passings) {
    const local = locals.find((one) => one.argument === argument);
    const needed =
      local === undefined
        ? first !== undefined
        : local.copyOut || (local.copyIn && local !== first);
    if (!needed) continue;
    for (const w of kind === "pair" ? [word, word + 1] : [word])
      if (argumentRegister(w) !== undefined) kept.add(w);
  }
  return [...kept].sort((a, b) => a - b);
}
