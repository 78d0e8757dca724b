/**
 * Somebody at the console of the simulated Unix: a shell that is typed to while it runs, a piece at a time,
 * in any configuration. Nothing but what is typed, and at which cycle, comes from outside, so that list is
 * the whole session: `record` writes it, `resumed` types it again and is then, cycle for cycle, the same
 * machine. That is how a machine with a kernel is kept, whose maps, pagers and waiting procedures are not
 * in guest memory.
 */
import { nextTurn } from "#platform";
import { elfImage } from "../../asm/elf/image.ts";
import { readElf } from "../../asm/elf/read.ts";
import { DiagnosticError, panic } from "../../diagnostic.ts";
import type { Counters } from "../../machine/counters.ts";
import { GuestStopped } from "../../mach/fault.ts";
import { bootSystem, type System } from "../../mach/interface.ts";
import type { Osf1 } from "../../osf1/server/osf1.ts";
import { sessionServer } from "../../osf1/session.ts";
import { LOCAL, SANE } from "../../osf1/unix/files/termios.ts";
import { VERSION } from "../../version.ts";
import { Cancelled } from "../experiment.ts";
import { resolveRequest } from "../request.ts";
import { FORMAT, type SessionProgram, type SessionRecord, sessionLayout, type Typed } from "./record.ts"; // prettier-ignore

export interface SessionRequest {
  /** A configuration's name. */
  readonly configuration: string;
  readonly preset?: string;
  readonly set?: readonly string[];
  /** Static programs for /bin, beside our own small ones. */
  readonly programs?: readonly SessionProgram[];
}

/** What a session does when it has run for a while. */
export type SessionState =
  | { readonly kind: "running" | "ended" }
  /** Nothing will happen for so long unless somebody types. */
  | { readonly kind: "waiting"; readonly milliseconds: number }
  /** The kernel or the server could not go on. */
  | { readonly kind: "stopped"; readonly report: string };

/** How the terminal takes what is typed now. */
export interface TerminalMode {
  /** A program takes each character at once; otherwise the terminal collects and edits lines. */
  readonly raw: boolean;
  readonly echo: boolean;
}

/** A pause that no disk makes: who waits so long waits for the clock or for somebody, milliseconds. */
const QUIET = 200;
/** Cycles between two turns of the event loop while a record is typed again. */
const TURN = 4_000_000;
const SEED = 0;

export class UnixSession {
  readonly system: System;
  readonly #osf1: () => Osf1 | undefined;
  readonly #request: SessionRequest;
  readonly #typed: Typed[] = [];
  /** Told of every piece that is written on the console. */
  onOutput: (bytes: Uint8Array) => void = () => {};

  private constructor(request: SessionRequest, system: System, osf1: () => Osf1 | undefined) {
    this.#request = request;
    this.system = system;
    this.#osf1 = osf1;
    system.console.onOutput = (bytes) => this.onOutput(bytes);
  }

  /**
   * A machine that is about to boot.
   * @throws DiagnosticError on a bad request, or a program that is none
   */
  static async boot(request: SessionRequest): Promise<UnixSession> {
    const { configuration: name, programs = [], ...machineOf } = request;
    const resolved = resolveRequest({ table: "4", configurations: [name], ...machineOf });
    const [configuration = panic("UnixSession: no configuration")] = resolved.configurations;
    for (const program of programs) elfImage(readElf(program.name, program.bytes));
    const files = programs.map(({ name: file, bytes }) => ({
      path: `bin/${file}`,
      content: { kind: "file" as const, bytes },
      permissions: 0o755,
    }));
    const { calls } = configuration;
    const server = await sessionServer({ files, shell: "/bin/sh", calls, seed: SEED });
    const system = await bootSystem({
      kernel: { ...configuration.kernel, machine: resolved.machine },
      servers: new Map([["osf1", server.file]]),
      defaultServer: "osf1",
      answers: { server: "osf1", inKernel: configuration.server === "kernel" },
      disk: server.disk,
    });
    return new UnixSession(request, system, server.osf1);
  }

  get configuration(): string {
    return this.#request.configuration;
  }
  get cycles(): number {
    return this.system.kernel.machine.cycles;
  }
  get counters(): Counters {
    return this.system.kernel.machine.counters();
  }
  /** The shell has ended, or the machine has. */
  get isDown(): boolean {
    return this.system.kernel.halted || this.#osf1()?.unix.isDown === true;
  }

  get terminal(): TerminalMode {
    const local = this.#osf1()?.unix.console.termios.local ?? SANE.local;
    return { raw: (local & LOCAL.ICANON) === 0, echo: (local & LOCAL.ECHO) !== 0 };
  }

  /** Types now; a terminal takes control characters as it does. */
  type(text: string): void {
    this.#typed.push({ cycle: this.cycles, text });
    this.system.console.type(new TextEncoder().encode(text));
  }

  /** Runs for so many cycles, or until nothing happens any more. */
  advance(cycles: number): SessionState {
    const { kernel } = this.system;
    const end = this.cycles + cycles;
    return this.#guarded(() => {
      for (;;) {
        const left = end - this.cycles;
        if (left <= 0) return { kind: "running" };
        const stop = kernel.run({ cycles: left });
        if (this.isDown) return { kind: "ended" };
        if (stop === "limit") return { kind: "running" };
        const pause = kernel.interrupts.next - this.cycles;
        const milliseconds = pause / kernel.cycles_per_millisecond;
        if (milliseconds > QUIET) return { kind: "waiting", milliseconds };
        kernel.run({ cycles: pause + 1 });
      }
    });
  }

  /** Lets the time pass until something happens. */
  passTime(): SessionState {
    const { kernel } = this.system;
    const { next } = kernel.interrupts;
    if (next === Number.POSITIVE_INFINITY) return { kind: "waiting", milliseconds: next };
    return this.#guarded(() => {
      kernel.run({ cycles: next + 1 - this.cycles });
      return { kind: this.isDown ? "ended" : "running" };
    });
  }

  #guarded(run: () => SessionState): SessionState {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof GuestStopped)) throw error;
      return { kind: "stopped", report: error.message };
    }
  }

  /** All that makes this machine once more. */
  async record(): Promise<SessionRecord> {
    const { configuration, preset, set, programs = [] } = this.#request;
    return {
      format: FORMAT,
      version: VERSION,
      layout: await sessionLayout(),
      configuration,
      ...(preset !== undefined && { preset }),
      ...(set && { set }),
      seed: SEED,
      programs,
      typed: this.#typed,
      cycle: this.cycles,
      counters: this.counters,
    };
  }

  /**
   * The machine that was recorded: booted, typed to as then, and run to the same cycle.
   * @throws DiagnosticError when this program does not come to the same counts; Cancelled
   */
  static async resumed(
    record: SessionRecord,
    options: {
      readonly onOutput?: (bytes: Uint8Array) => void;
      /** The share that is done, 0 to 1. */
      readonly progress?: (fraction: number) => void;
      readonly signal?: { readonly aborted: boolean };
    } = {},
  ): Promise<UnixSession> {
    if (record.layout !== (await sessionLayout()))
      refuse(`it was recorded on other programs, by Inkwell ${record.version}; this is ${VERSION}`);
    const session = await UnixSession.boot(record);
    if (options.onOutput) session.onOutput = options.onOutput;
    const to = async (cycle: number): Promise<void> => {
      let wanted = TURN;
      while (session.cycles < cycle) {
        const before = session.cycles;
        const left = cycle - before;
        const { kind } = session.#guarded(() => {
          session.system.kernel.run({ cycles: Math.min(wanted, left) });
          return { kind: "running" };
        });
        const stays = session.cycles === before;
        if (kind === "stopped" || (stays && wanted >= left)) break;
        // Idle: what comes next is farther off.
        wanted = stays ? left : TURN;
        options.progress?.(session.cycles / record.cycle);
        await nextTurn();
        if (options.signal?.aborted) throw new Cancelled();
      }
      if (session.cycles !== cycle)
        refuse(`the machine was at cycle ${cycle} then, and comes to ${session.cycles} now`);
    };
    for (const { cycle, text } of record.typed) {
      await to(cycle);
      session.type(text);
    }
    await to(record.cycle);
    const now = session.counters;
    for (const [name, value] of Object.entries(now)) {
      const then = record.counters[name as keyof Counters];
      if (String(then) !== String(value))
        refuse(`${name}: ${String(then)} were counted then, ${String(value)} now`);
    }
    return session;
  }
}

function refuse(message: string): never {
  throw new DiagnosticError([{ file: "session", line: 0, column: 0, message }]);
}
