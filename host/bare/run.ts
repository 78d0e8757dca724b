/**
 * Runs one static Linux/hppa program on a machine of its own, without an operating system: user mode,
 * address translation on, system calls answered here. Calls take no simulated time beyond the text
 * that is executed (gateway, TLB handlers); everything the program does itself is timed.
 */
import { elfImage } from "../asm/elf/image.ts";
import { type ElfFile, readElf } from "../asm/elf/read.ts";
import type { Image } from "../asm/image.ts";
import { CR, DATA_PROTECTION_FAULTS, INTERRUPTION, PSW } from "../abi/pa.ts";
import { panic } from "../diagnostic.ts";
import { decode } from "../isa/instructions.ts";
import type { MachineConfig } from "../machine/config.ts";
import type { Engine } from "../machine/core.ts";
import { type Counters, Machine, type Stop } from "../machine/machine.ts";
import { callName, systemCall } from "./calls/index.ts";
import {
  type Context,
  contextAtCall,
  contextAtInterruption,
  contextToReturnTo,
  leave,
  resumeWith,
  USER_LEVEL,
} from "./context.ts";
import { dataFault, fetchFault, floatMistake, type Mistake, otherMistake } from "./fault.ts";
import { BARE, BARE_ESCAPE } from "./layout.ts";
import { CALL } from "../abi/linux/calls.ts";
import { SIGNAL } from "../abi/linux/signals.ts";
import { OutOfFrames } from "./page-table.ts";
import { type Answer, type Ending, Process } from "./process.ts";
import { Reports } from "./reports.ts";
import { enterHandler } from "./signal-frame.ts";
import { SIG_DFL } from "./signals.ts";
import { startProgram } from "./start.ts";
import type { Surroundings } from "./surroundings.ts";
import { bareText, installText, symbolOf } from "./text.ts";

export interface BareOptions {
  /** Its name is for messages. */
  readonly program: { readonly file: string; readonly bytes: Uint8Array };
  /** argv, the name included. Strings here are strings of bytes. */
  readonly arguments: readonly string[];
  /** Its absolute path in the tree, for /proc/self/exe; by default its file's name in /. */
  readonly executable?: string;
  /** `KEY=VALUE`. */
  readonly environment?: readonly string[];
  readonly world: Surroundings;
  /** Laid over the HP 9000/730. */
  readonly machine?: Partial<MachineConfig>;
  /** `fast` by default. */
  readonly engine?: Engine;
  /** The run ends when it would take more. */
  readonly maxCycles?: number;
  /** Of getrandom and AT_RANDOM. */
  readonly seed?: number;
  /** Called when everything is in place, before the first instruction: to look at the machine. */
  readonly observe?: (observed: Observed) => void;
  /** Asked from time to time, between slices of the run: whether the user has had enough. */
  readonly interrupted?: () => Promise<boolean>;
}

/** A machine with a program in it, for whoever traces, profiles or counts. */
export interface Observed {
  readonly machine: Machine;
  /** The program, in BARE_SPACE; and the text under it, in space 0. */
  readonly program: Image;
  readonly text: Image;
}

export interface BareResult {
  readonly ending: Ending;
  readonly cycles: number;
  readonly instructions: number;
  readonly counters: Counters;
  /** How often each system call was made, by name. */
  readonly calls: Readonly<Record<string, number>>;
  /** Bytes of memory that the program and its page tables had at the end. */
  readonly memoryUsed: number;
  readonly config: MachineConfig;
}

/** Exact cycle counts end here; no run gets so far. */
const FOREVER = 2 ** 52;
/** Cycles between two looks at whether the user has had enough: some hundredths of a second. */
const SLICE = 4_000_000;
/** Cycles until a signal that could not be delivered is tried again. */
const RETRY = 100;
/** Calls that may wait for input. */
const READING: readonly number[] = [CALL.read, CALL.readv];
/** The external interrupt that says "a timer": EIRR bit 31. */
const TIMER_BIT = 31;

/**
 * Runs a program to its end.
 * @throws DiagnosticError when it cannot be run: not a static PA-RISC program, too big, bad options
 */
export async function runBare(options: BareOptions): Promise<BareResult> {
  const elf = readElf(options.program.file, options.program.bytes);
  const image = elfImage(elf);
  const [text, machine] = await Promise.all([
    bareText(),
    Machine.create(options.machine, options.engine),
  ]);
  return new Run(machine, text, elf, image, options).finish();
}

class Run {
  readonly #process: Process;
  readonly #reports: Reports;
  readonly #interrupted: BareOptions["interrupted"];
  readonly #calls = new Map<number, number>();

  constructor(machine: Machine, text: Image, elf: ElfFile, image: Image, options: BareOptions) {
    const { world, maxCycles = FOREVER, seed = 1 } = options;
    installText(machine, text);
    machine.setCr(CR.CR_EIEM, 0x80000000 >>> TIMER_BIT);
    const executable = options.executable ?? `/${options.program.file.split("/").at(-1)!}`;
    const process = new Process(machine, text, world, { executable, seed, lastCycle: maxCycles });
    machine.setCr(CR.CR_TR0, BARE.BARE_SPACE);
    machine.setCr(CR.CR_TR1, process.memory.table.directory);
    startProgram(process, elf, {
      arguments: options.arguments,
      environment: options.environment ?? [],
    });
    this.#process = process;
    this.#interrupted = options.interrupted;
    this.#reports = new Reports(machine, image, text);
    options.observe?.({ machine, program: image, text });
  }

  async finish(): Promise<BareResult> {
    const { machine, memory, files } = this.#process;
    let ending: Ending;
    try {
      ending = await this.#run();
    } catch (error) {
      if (!(error instanceof OutOfFrames)) throw error;
      ending = this.#reports.outOfMemory();
    } finally {
      files.closeAll();
    }
    return {
      ending,
      cycles: machine.cycles,
      instructions: machine.instructions,
      counters: machine.counters(),
      calls: Object.fromEntries(
        [...this.#calls]
          .toSorted(([a], [b]) => a - b)
          .map(([number, count]) => [callName(number), count]),
      ),
      memoryUsed: memory.table.used,
      config: machine.config,
    };
  }

  async #run(): Promise<Ending> {
    const p = this.#process;
    const { machine, clock } = p;
    const interrupted = this.#interrupted;
    let sliceEnd = interrupted ? SLICE : Number.POSITIVE_INFINITY;
    for (;;) {
      const left = p.lastCycle - machine.cycles;
      if (left <= 0) return this.#reports.cycleLimit(p.lastCycle);
      if (machine.cycles >= sliceEnd) {
        if (await interrupted?.()) return this.#reports.interrupted();
        sliceEnd = machine.cycles + SLICE;
      }
      const soon = p.signals.due ? RETRY : Number.POSITIVE_INFINITY;
      const slice = sliceEnd - machine.cycles;
      const stop = machine.run({ cycles: Math.min(left, slice, clock.untilTimer, soon) });
      p.ring();
      // An interrupt that came before would be lost while input is waited for.
      if (this.#asksForInput(stop) && (await interrupted?.())) return this.#reports.interrupted();
      const ending = this.#handle(stop);
      if (ending !== undefined) return ending;
    }
  }

  #handle(stop: Stop): Ending | undefined {
    const p = this.#process;
    switch (stop.reason) {
      case "limit":
        // Text under the program is not interrupted: the interrupt waits for the program.
        if (p.signals.due) p.machine.interrupt(TIMER_BIT);
        return undefined;
      case "breakpoint":
      case "watchpoint":
        // Whoever set it is told by what it did; the program goes on.
        return undefined;
      case "halt":
        return panic(`bare: interruption ${stop.interruption} in the text under the program`);
      case "escape":
        return stop.number === BARE_ESCAPE.BARE_SYSCALL
          ? this.#call()
          : this.#interruption(stop.number, stop.address);
    }
  }

  // System calls.

  #asksForInput(stop: Stop): boolean {
    if (stop.reason !== "escape" || stop.number !== BARE_ESCAPE.BARE_SYSCALL) return false;
    const { machine, files } = this.#process;
    return READING.includes(machine.gr(20)) && files.isInput(machine.gr(26));
  }

  #call(): Ending | undefined {
    const { machine, signals, text } = this.#process;
    const number = machine.gr(20);
    this.#calls.set(number, (this.#calls.get(number) ?? 0) + 1);
    const answer: Answer = systemCall(this.#process, number);
    if (typeof answer === "object") {
      if (answer.kind === "exit") return answer;
      return { ...answer, message: `${answer.message}, at ${this.#reports.here()}` };
    }
    if (answer === "resumed")
      return signals.due ? this.#signal(contextToReturnTo(machine)) : undefined;
    machine.setGr(28, answer >>> 0);
    if (signals.due) return this.#signal(contextAtCall(machine));
    machine.jump(0, symbolOf(text, "user_return"));
    return undefined;
  }

  // Interruptions.

  #interruption(escape: number, address: number): Ending | undefined {
    const p = this.#process;
    const { machine, text } = p;
    if (escape === BARE_ESCAPE.BARE_NO_PROBE) return this.#probe();
    const number = (address - BARE.BARE_VECTORS) >>> 5;
    if (escape === BARE_ESCAPE.BARE_INTERRUPTION && number === INTERRUPTION.I_EXTERNAL) {
      machine.setCr(CR.CR_EIRR, 0);
      // On the gateway page the program is not its own master: the signal waits for the next chance.
      if (machine.cr(CR.CR_IIASQ) === BARE.BARE_SPACE && p.signals.due)
        return this.#signal(contextAtInterruption(machine));
      leave(machine, text, "return_to_interrupted");
      return undefined;
    }
    const mistake = this.#mistake(escape, number);
    if (mistake === undefined) {
      leave(machine, text, "return_to_interrupted");
      return undefined;
    }
    if (this.#inLightCall(mistake)) return undefined;
    const { signal, code } = mistake;
    p.signals.force({ signal, code, first: mistake.address, second: 0, value: 0 });
    return this.#signal(contextAtInterruption(machine), mistake);
  }

  #mistake(escape: number, number: number): Mistake | undefined {
    const p = this.#process;
    if (escape === BARE_ESCAPE.BARE_NO_INSTRUCTION) return fetchFault(p);
    if (escape !== BARE_ESCAPE.BARE_INTERRUPTION) return dataFault(p, INTERRUPTION.I_DTLB_MISS);
    if (DATA_PROTECTION_FAULTS.includes(number)) return dataFault(p, number);
    if (number === INTERRUPTION.I_INSTRUCTION_PROTECTION)
      return fetchFault(p) ?? panic("bare: a page that may be executed cannot");
    return number === INTERRUPTION.I_ASSIST_EXCEPTION ? floatMistake(p) : otherMistake(p, number);
  }

  /**
   * A probe, flush or purge of an address without a page: brings the page, or else does nothing (a
   * probe answers that there is no access), as Linux has it.
   */
  #probe(): undefined {
    const { machine, memory, text } = this.#process;
    const known = machine.cr(CR.CR_ISR) === BARE.BARE_SPACE;
    if (known && memory.touch(machine.cr(CR.CR_IOR), "read") === undefined) {
      leave(machine, text, "return_to_interrupted");
      return;
    }
    const context = contextAtInterruption(machine);
    const registers = [...context.registers];
    const word = machine.cr(CR.CR_IIR);
    if (decode(word)?.name.startsWith("PROBE") && (word & 31) !== 0) registers[word & 31] = 0;
    registers[0]! |= PSW.PSW_N;
    resumeWith(machine, text, { ...context, registers });
  }

  /** A light-weight call with a wild pointer answers EFAULT. */
  #inLightCall({ signal }: Mistake): boolean {
    const { machine, text } = this.#process;
    const { frontSpace, frontOffset } = machine.interruptionQueue;
    if (frontSpace !== 0 || frontOffset >= BARE.BARE_VECTORS) return false;
    if (signal !== SIGNAL.SIGSEGV && signal !== SIGNAL.SIGBUS) return false;
    const front = (symbolOf(text, "light_call_fault") | USER_LEVEL) >>> 0;
    machine.setInterruptionQueue({
      frontSpace: 0,
      frontOffset: front,
      backSpace: 0,
      backOffset: front + 4,
    });
    leave(machine, text, "return_to_interrupted");
    return true;
  }

  // Signals.

  /** Deals with every signal that is due; the program goes on in the last one's handler, or in `from`. */
  #signal(from: Context, mistake?: Mistake): Ending | undefined {
    const p = this.#process;
    let context = from;
    for (let next = p.signals.take(); next !== undefined; next = p.signals.take()) {
      const action = p.signals.action(next.signal);
      if (action.handler === SIG_DFL) return this.#reports.death(next, from, mistake);
      if (!enterHandler(p, next, action, context)) return this.#reports.noStack(next, from);
      context = contextToReturnTo(p.machine);
    }
    if (context === from) resumeWith(p.machine, p.text, from);
    return undefined;
  }
}
