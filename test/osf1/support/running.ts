/**
 * A program of the test bed: a generator that makes calls. It is what a binary interface is to a real
 * one: takes signals after each call, runs handlers, begins interrupted calls again.
 */
import { UnixError } from "../../../host/osf1/errno.ts";
import type { Blocking } from "../../../host/osf1/ufs/device.ts";
import type { Call, Image, Program } from "../../../host/osf1/unix/call.ts";
import { PAGE_SIZE, SIGNAL } from "../../../host/osf1/unix/constants.ts";
import * as descriptors from "../../../host/osf1/unix/files/descriptors.ts";
import { open } from "../../../host/osf1/unix/files/open.ts";
import { read, write } from "../../../host/osf1/unix/files/transfer.ts";
import type { Process, SignalInfo } from "../../../host/osf1/unix/process.ts";
import { execve } from "../../../host/osf1/unix/process/execve.ts";
import { exit } from "../../../host/osf1/unix/process/exit.ts";
import { fork, type ForkOptions } from "../../../host/osf1/unix/process/fork.ts";
import { type WaitOptions, wait4, type Waited } from "../../../host/osf1/unix/process/wait.ts";
import { sigaction } from "../../../host/osf1/unix/signals/actions.ts";
import { kill } from "../../../host/osf1/unix/signals/kill.ts";
import { DEFAULT_ACTION } from "../../../host/osf1/unix/signals/post.ts";
import { isRestarted } from "../../../host/osf1/unix/signals/suspend.ts";
import { type Delivery, takeSignal } from "../../../host/osf1/unix/signals/take.ts";
import type { Unix } from "../../../host/osf1/unix/unix.ts";
import type { Bed } from "./bed.ts";

/** What a program does; its result is its exit code. */
export type Body = (program: Running) => Blocking<number | void>;
export type Handler = (info: SignalInfo) => Blocking<void> | void;

/** The process has ended; its program does not go on. */
class Ended extends Error {}
/** Another program goes on in its place. */
class Replaced extends Error {}

/** Where a program's scratch memory is. */
const SCRATCH = 0x1000_0000;
const SCRATCH_BYTES = 64 * PAGE_SIZE;

/** Bodies of children about to be made, and of programs on the disk by their contents. */
const bodies = new WeakMap<Process, Body>();
const programs = new Map<string, Body>();

/** The contents of a file that is a program with a body. */
export function programFile(name: string, body: Body): Uint8Array {
  programs.set(name, body);
  return new TextEncoder().encode(`\x7fprogram ${name}`);
}

/** What a child about to be made does. */
export function setBody(child: Process, body: Body): void {
  bodies.set(child, body);
}

export class Running {
  readonly bed: Bed;
  readonly process: Process;
  readonly unix: Unix;
  readonly handlers = new Map<number, Handler>();
  arguments: readonly string[] = [];
  #scratch = SCRATCH;

  constructor(bed: Bed, process: Process) {
    this.bed = bed;
    this.process = process;
    this.unix = bed.unix;
    if (!bed.used.has(process)) bed.used.set(process, { user: 0, system: 0 });
  }

  static bodyOf(process: Process): Body {
    return bodies.get(process)!;
  }

  static *load(bed: Bed, process: Process, program: Program): Blocking<Image> {
    const bytes = new Uint8Array(program.size);
    yield* program.object.read(0, bytes);
    const match = /^\u007fprogram (\S+)/.exec(String.fromCharCode(...bytes));
    const body = match === null ? undefined : programs.get(match[1]!);
    if (body === undefined) throw new UnixError("ENOEXEC");
    bodies.set(process, function* (running) {
      running.arguments = program.arguments.map((each) => String.fromCharCode(...each));
      return yield* body(running);
    });
    yield* bed.memoryOf(process).clear();
    yield* bed.memoryOf(process).map({
      address: 0x10000,
      length: PAGE_SIZE,
      protection: 5,
      fixed: true,
      shared: false,
      file: { object: program.object, offset: 0 },
    });
    return {
      regions: [{ address: 0x10000, length: PAGE_SIZE, protection: 5, offset: 0, kind: "text" }],
      brk: 0x20000,
    };
  }

  *run(body: Body): Blocking<void> {
    let current: Body = body;
    for (;;) {
      try {
        yield* this.#scratchMemory();
        const code = yield* current(this);
        yield* this.exit(code ?? 0);
      } catch (error) {
        if (error instanceof Ended) return;
        if (!(error instanceof Replaced)) throw error;
        current = bodies.get(this.process)!;
        this.handlers.clear();
      }
    }
  }

  *#scratchMemory(): Blocking<void> {
    this.#scratch = SCRATCH;
    if (this.bed.memoryOf(this.process).pages.has(SCRATCH / PAGE_SIZE)) return;
    yield* this.bed.memoryOf(this.process).map({
      address: SCRATCH,
      length: SCRATCH_BYTES,
      protection: 3,
      fixed: true,
      shared: false,
    });
  }

  /** Room for bytes in the program's memory. */
  room(length: number): number {
    if (this.#scratch + length > SCRATCH + SCRATCH_BYTES) this.#scratch = SCRATCH;
    const at = this.#scratch;
    this.#scratch += Math.ceil(length / 8) * 8;
    return at;
  }
  place(bytes: Uint8Array): number {
    const at = this.room(bytes.length);
    this.bed.memoryOf(this.process).write(bytes, at);
    return at;
  }
  peek(address: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.bed.memoryOf(this.process).read(address, bytes);
    return bytes;
  }

  /** Makes a call. @throws UnixError as the program sees it */
  *do<T>(work: (unix: Unix, call: Call) => Blocking<T>): Blocking<T> {
    for (;;) {
      let failure: UnixError;
      try {
        const result = yield* work(this.unix, this.bed.call(this.process));
        yield* this.takeSignals();
        return result;
      } catch (error) {
        if (!(error instanceof UnixError)) throw error;
        failure = error;
      }
      const first = yield* this.takeSignals();
      if (!isRestarted(failure, first)) throw failure;
    }
  }

  /** Makes a call; what it gives, or the name of its error. */
  *try<T>(work: (unix: Unix, call: Call) => Blocking<T>): Blocking<T | string> {
    try {
      return yield* this.do(work);
    } catch (error) {
      if (error instanceof UnixError) return error.errno;
      throw error;
    }
  }

  /** Takes all signals; gives the first that had a handler. */
  *takeSignals(): Blocking<Delivery | undefined> {
    let first: Delivery | undefined;
    for (;;) {
      const taken = yield* takeSignal(this.unix, this.process);
      if (taken === "ended") throw new Ended();
      if (taken === undefined) return first;
      first ??= taken;
      yield* this.handlers.get(taken.action.handler)!(taken.info) ?? nothing();
      this.process.signals.mask = taken.mask;
    }
  }

  /** Spends processor time, and takes signals meanwhile. */
  *compute(nanoseconds: number): Blocking<void> {
    const slice = 10_000_000;
    for (let left = nanoseconds; left > 0; left -= slice) {
      this.bed.spend(this.process, Math.min(slice, left));
      yield "computing";
      yield* this.takeSignals();
    }
  }

  /** Lets others go on. */
  *pass(turns = 1): Blocking<void> {
    for (let i = 0; i < turns; i++) {
      yield "passing";
      yield* this.takeSignals();
    }
  }

  *fork(body: Body, options: ForkOptions = {}): Blocking<number> {
    const { handlers } = this;
    const inherit: Body = function* (running) {
      for (const [address, handler] of handlers) running.handlers.set(address, handler);
      return yield* body(running);
    };
    const prepare = (child: Process): void => {
      bodies.set(child, inherit);
      options.prepare?.(child);
    };
    return yield* this.do((unix, call) => fork(unix, call, { ...options, prepare }));
  }

  *exit(code: number): Blocking<never> {
    yield* exit(this.unix, this.bed.call(this.process), code);
    throw new Ended();
  }

  *exec(path: string, args: readonly string[]): Blocking<never> {
    const bytes = args.map((each) => Uint8Array.from(each, (c) => c.charCodeAt(0)));
    yield* this.do((unix, call) => execve(unix, call, path, bytes, []));
    throw new Replaced();
  }

  wait(which = -1, options: WaitOptions = {}): Blocking<Waited | undefined> {
    return this.do((unix, call) => wait4(unix, call, which, options));
  }
  kill(pid: number, signal: keyof typeof SIGNAL): Blocking<void> {
    return this.do((unix, call) => kill(unix, call, pid, SIGNAL[signal]));
  }

  *handle(signal: keyof typeof SIGNAL, handler: Handler | "ignore" | "default", more = {}) {
    const number = SIGNAL[signal];
    const address = 0x5000 + number;
    if (typeof handler === "function") this.handlers.set(address, handler);
    const action = typeof handler === "function" ? address : handler;
    yield* this.do((unix, call) =>
      sigaction(unix, call, number, { ...DEFAULT_ACTION, handler: action, ...more }),
    );
  }

  open(path: string, flags: number, mode = 0o666): Blocking<number> {
    return this.do((unix, call) => open(unix, call, path, flags, mode));
  }
  close(number: number): Blocking<void> {
    return this.do((unix, call) => descriptors.close(unix, call, number));
  }
  *write(number: number, text: string): Blocking<number> {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const at = this.place(bytes);
    return yield* this.do((unix, call) => write(unix, call, number, at, bytes.length));
  }
  *read(number: number, length: number): Blocking<string> {
    const at = this.room(length);
    const count = yield* this.do((unix, call) => read(unix, call, number, at, length));
    return String.fromCharCode(...this.peek(at, count));
  }
}

function* nothing(): Blocking<void> {}
