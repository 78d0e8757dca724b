/**
 * Trap server stubs (paper §3.3): what the kernel calls, on a service stack, for a client's trap.
 *
 * The arguments lie as in the client's C call, but pointers point into the client's space. The stub
 * keeps local variables for what they point to, copies In data with the kernel's `copyin`, calls the
 * work function, and after success copies Out data with `copyout`; a copy that fails is
 * KERN_INVALID_ADDRESS. `suppressCopies` leaves the copying to the work function, except for
 * integer Out arguments (§3.4.4).
 *
 * The kernel's routines are reached through the words `inks_copyin` and `inks_copyout`, plain code
 * addresses that the server stores there when it has registered.
 */
import { argumentHome, argumentRegister, countWords } from "./calling.ts";
import { Code, type Label } from "./code.ts";
import { Frame, savedRegister } from "./frame.ts";
import {
  type CountLocal,
  type DataLocal,
  type TrapLocals,
  type TrapOptions,
  keptWords,
  trapLocals,
  userPassings,
} from "./inks-locals.ts";
import { CODE } from "./message-names.ts";
import type { Routine, RoutineArgument } from "./routine.ts";
import { workArguments } from "./server.ts";
import { elementBytes, mostElements, multiply } from "./varying.ts";

type CopyRoutine = "inks_copyin" | "inks_copyout";

const COPY_ARGUMENTS = 4;
const WORD = 4;
const REGISTER_WORDS = 4;

/** The instructions of `_T<name>`. */
export function trapServerStub(routine: Routine, options: TrapOptions): string {
  if (isAsCalled(routine, options)) return workAtOnce(routine);
  return new TrapServerStub(routine, options).write();
}

/**
 * Whether the client's words are the work function's, some of them on the stack. A frame in between
 * would only move those: they stay where the kernel copied them to (paper §4.3, "only once").
 */
function isAsCalled(routine: Routine, options: TrapOptions): boolean {
  const { data, counts, port } = trapLocals(routine, options);
  if (data.length + counts.length > 0 || port !== undefined) return false;
  const [user, work] = [userPassings(routine), workArguments(routine)];
  const same = user.every(
    ({ argument, kind, word }, i) =>
      work[i]?.argument === argument && work[i].kind === kind && work[i].word === word,
  );
  return same && user.length === work.length && countWords(user) > REGISTER_WORDS;
}

function workAtOnce(routine: Routine): string {
  const code = new Code();
  code.raw("b,n", routine.serverName, "its arguments lie as the kernel left them");
  return code.text();
}

class TrapServerStub {
  private readonly code = new Code();
  private readonly routine: Routine;
  private readonly locals: TrapLocals;
  private readonly kept: readonly number[];
  private readonly frame: Frame;
  private readonly leave: Label;
  private readonly errors = new Map<number, Label>();
  private readonly probes: boolean;

  constructor(routine: Routine, options: TrapOptions) {
    this.routine = routine;
    this.probes = options.probes;
    this.locals = trapLocals(routine, options);
    this.kept = keptWords(routine, this.locals);
    this.frame = new Frame({
      saved: this.kept.length,
      locals: this.locals.size,
      outgoing: Math.max(countWords(workArguments(routine)), COPY_ARGUMENTS),
    });
    this.leave = this.code.newLabel();
  }

  write(): string {
    const { code, frame } = this;
    const { data, counts } = this.locals;
    frame.enter(code);
    this.kept.forEach((word, i) => code.move(savedRegister(i), argumentRegister(word)!));
    code.probe(this.probes ? "kmig.trap.copy" : undefined);
    this.translatePort();
    for (const count of counts) this.startCount(count);
    for (const local of data) if (local.copyIn) this.copyIn(local);
    this.callWork();
    this.destroyPort();
    const out = data.filter((local) => local.copyOut);
    const alone = counts.filter((count) => !data.some((local) => local.count === count));
    if (out.length + alone.length > 0) {
      code.branch("comib,<>,n", "0,%r28", ["%r28"], this.leave);
      for (const local of out) this.copyOut(local);
      for (const count of alone) this.copyCount(count);
    }
    code.place(this.leave);
    code.probe(this.probes ? "kmig.trap.leave" : undefined);
    frame.leave(code);
    return code.text();
  }

  /** The register that holds a word of the client's call. */
  private word(index: number, scratch: string): string {
    const place = this.kept.indexOf(index);
    if (place >= 0) return savedRegister(place);
    const register = argumentRegister(index);
    if (register !== undefined) return register;
    this.frame.access(this.code, "ldw", scratch, argumentHome(index));
    return scratch;
  }

  private at(offset: number): number {
    return this.frame.locals + offset;
  }

  private error(value: number): Label {
    const known = this.errors.get(value);
    if (known !== undefined) return known;
    const { code } = this;
    const label = code.newLabel();
    this.errors.set(value, label);
    code.later(() => {
      code.place(label);
      code.constant("%r28", value);
      code.jump(this.leave);
    });
    return label;
  }

  /** Copies between the client's address in a word and a local variable; `size` loads r24. */
  private copy(routine: CopyRoutine, word: number, offset: number, size: () => void): void {
    const { code } = this;
    const inward = routine === "inks_copyin";
    const client = inward ? "%r26" : "%r25";
    code.move(client, this.word(word, client));
    code.address(inward ? "%r25" : "%r26", "%r30", this.at(offset));
    size();
    code.emit("ldil", `L%${routine},%r22`, [], ["%r22"]);
    code.emit("ldw", `R%${routine}(%r22),%r22`, ["%r22"], ["%r22"], "", {
      kind: "load",
      area: "words",
      at: undefined,
      size: WORD,
    });
    code.callThrough("%r22", routine);
    const fault = this.error(CODE.KERN_INVALID_ADDRESS);
    code.branch("comib,<>,n", "0,%r28", ["%r28"], fault);
  }

  private copyFixed(routine: CopyRoutine, word: number, offset: number, size: number): void {
    this.copy(routine, word, offset, () => this.code.constant("%r24", size));
  }

  /** Copies as many elements as the register says; the kernel's routines take no size of 0. */
  private copyElements(
    routine: CopyRoutine,
    { argument, word, offset }: DataLocal,
    elements: string,
  ): void {
    const { code } = this;
    const nothing = code.newLabel();
    code.branch("comib,=,n", `0,${elements}`, [elements], nothing);
    this.copy(routine, word, offset, () => {
      code.move("%r24", elements);
      multiply(code, "%r24", elementBytes(argument), "%r20");
    });
    code.place(nothing);
  }

  private copyIn(local: DataLocal): void {
    const { code } = this;
    const { argument, word, offset, countWord } = local;
    code.step(`copyin ${argument.name}`);
    if (countWord === undefined)
      return this.copyFixed("inks_copyin", word, offset, argument.type.typeSize);
    const elements = this.word(countWord, "%r22");
    code.constant("%r21", mostElements(argument));
    const large = this.error(CODE.MIG_ARRAY_TOO_LARGE);
    code.branch("comb,<<,n", `%r21,${elements}`, ["%r21", elements], large);
    this.copyElements("inks_copyin", local, elements);
  }

  /** A returned count starts as the most the array holds, or as the client's room if that counts. */
  private startCount({ argument, word, offset, most, room, countInOut }: CountLocal): void {
    const { code } = this;
    code.step(argument.name);
    if (room !== undefined) this.copyFixed("inks_copyin", word, room, WORD);
    code.constant("%r21", most);
    if (countInOut && room !== undefined) {
      code.load("ldw", "%r22", "%r30", this.at(room), "locals", undefined);
      code.raw("comclr,>>=", "%r22,%r21,%r0", "the smaller of both");
      code.raw("copy", "%r22,%r21");
    }
    code.store("stw", "%r21", "%r30", this.at(offset), "locals", undefined);
  }

  private copyCount({ argument, word, offset }: CountLocal): void {
    this.code.step(`copyout ${argument.name}`);
    this.copyFixed("inks_copyout", word, offset, WORD);
  }

  private copyOut(local: DataLocal): void {
    const { code } = this;
    const { argument, word, offset, count } = local;
    code.step(`copyout ${argument.name}`);
    if (count === undefined)
      return this.copyFixed("inks_copyout", word, offset, argument.type.typeSize);
    const large = code.newLabel();
    code.load("ldw", "%r19", "%r30", this.at(count.offset), "locals", undefined);
    code.load("ldw", "%r22", "%r30", this.at(count.room!), "locals", undefined);
    code.branch("comb,<<,n", "%r22,%r19", ["%r22", "%r19"], large);
    this.copyElements("inks_copyout", local, "%r19");
    this.copyCount(count);
    // As from a message: what fits, the true count, and an error.
    code.later(() => {
      code.place(large);
      this.copyElements("inks_copyout", local, "%r22");
      this.copyCount(count);
      code.jump(this.error(CODE.MIG_ARRAY_TOO_LARGE));
    });
  }

  /** The work function gets the port's translation, as from a message. */
  private translatePort(): void {
    const { code, routine, locals } = this;
    const { inTrans } = routine.requestPort.type;
    if (locals.port === undefined) return;
    code.step(routine.requestPort.name);
    code.move("%r26", this.word(0, "%r26"));
    if (inTrans !== "") code.call(inTrans);
    const value = inTrans === "" ? "%r26" : "%r28";
    code.store("stw", value, "%r30", this.at(locals.port), "locals", undefined);
  }

  private destroyPort(): void {
    const { code, routine, locals } = this;
    const { destructor } = routine.requestPort.type;
    if (locals.port === undefined || destructor === "") return;
    code.step(`${routine.requestPort.name}: ${destructor}`);
    code.store("stw", "%r28", "%r30", this.at(locals.code), "locals", undefined);
    code.load("ldw", "%r26", "%r30", this.at(locals.port), "locals", undefined);
    code.call(destructor);
    code.load("ldw", "%r28", "%r30", this.at(locals.code), "locals", undefined);
  }

  private callWork(): void {
    const { code, routine } = this;
    code.step("work function");
    code.probe(this.probes ? "kmig.trap.work" : undefined);
    // From the last word to the first: server-only arguments push the others to higher words.
    for (const { argument, kind, word } of workArguments(routine).toReversed())
      for (const part of kind === "pair" ? [1, 0] : [0]) {
        const target = argumentRegister(word + part);
        const register = target ?? "%r19";
        this.loadWork(argument, part, register);
        if (target !== undefined) continue;
        const home = argumentHome(word + part);
        code.store("stw", register, "%r30", home, "frame", this.frame.size + home);
      }
    code.call(routine.serverName);
  }

  private loadWork(argument: RoutineArgument, part: number, register: string): void {
    const { code, locals, routine } = this;
    const local = [...locals.data, ...locals.counts].find((one) => one.argument === argument);
    if (local !== undefined) return code.address(register, "%r30", this.at(local.offset));
    if (argument === routine.requestPort && locals.port !== undefined)
      return code.load("ldw", register, "%r30", this.at(locals.port), "locals", undefined);
    const user = userPassings(routine).find((one) => one.argument === argument);
    if (user === undefined) return code.move(register, "%r0", argument.name);
    code.move(register, this.word(user.word + part, register));
  }
}
