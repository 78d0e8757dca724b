/**
 * A simulator in a worker, as a page or a program sees it. The same class in browsers and in Node.
 *
 * A plain object that hides the Comlink proxy: a proxy answers "yes" to every property, so a
 * notebook would take it for a generator. Comlink never settles what a dead worker owes; here every
 * call races against the worker's death, and the next call starts a fresh worker.
 */
import { spawnWorker } from "#platform";
import * as Comlink from "comlink";
import type { Progress } from "../bench/experiment.ts";
import type { TableProgress, TableRequest, TableResult } from "../bench/request.ts";
import type { Validation, ValidationRequest } from "../bench/validation/validate.ts";
import type { CallRequest } from "../bench/rpc/call-machine.ts";
import type { CallReport } from "../bench/rpc/call-report.ts";
import type { RpcImage } from "../bench/rpc/images.ts";
import type { InterfaceSource } from "../bench/rpc/interface-calls.ts";
import type { ProgramRequest, TracedProgram } from "../bench/unix-calls/traced-program.ts";
import type { WorkerApi } from "./api.ts";
import type { AssemblyAnswer, AssemblyRequest, MachineState } from "./assembly.ts";
import type { InterfaceAnswer, InterfaceCalls } from "./interface.ts";
import type { SessionNews, SessionStart } from "./session.ts";

export type { CallRequest } from "../bench/rpc/call-machine.ts";
export type { CallReport, CallSpan, OwnedLine } from "../bench/rpc/call-report.ts";
export type { InterfaceSource } from "../bench/rpc/interface-calls.ts";
export type {
  ProgramRequest,
  TracedCall,
  TracedProgram,
  TracedSpan,
} from "../bench/unix-calls/traced-program.ts";
export type { Diagnostic } from "../diagnostic.ts";
export type { LayoutReport, MessageReport, RoutineReport } from "../kmig/layout.ts";
export { HP9000_730, type MachineConfig } from "../machine/config.ts";
export { type Parameter, PARAMETERS } from "../machine/parameters.ts";
export { DEFAULT_PRESET, PRESETS } from "../machine/presets.ts";
export type {
  AssemblyAnswer,
  AssemblyRequest,
  AssemblyRun,
  ListedInstruction,
  MachineState,
} from "./assembly.ts";
export type { InterfaceAnswer, InterfaceCalls, InterfaceView } from "./interface.ts";
export type { CheckedClaim, Progress, TidyRow } from "../bench/experiment.ts";
export {
  messageParts,
  type PathParts,
  type StageKind,
  stageKind,
  trapParts,
} from "../bench/stage-categories.ts";
export type { TableHead } from "../bench/request.ts";
export type { CheckedRow, ValidatedClaim, ValidatedFigure } from "../bench/validation/validate.ts";
export type { SessionNews, SessionStart, TableRequest, TableResult, Validation, ValidationRequest };

/** Who hears of a run's progress, and how it is stopped. */
export interface RunWatch {
  /** A table's has its `partial` result, where cells are known before the end. */
  readonly progress?: (progress: Progress & Pick<TableProgress, "partial">) => void;
  readonly signal?: AbortSignal;
}

/** Somebody's session on the console of the simulated Unix. */
export interface LiveSession {
  /**
   * Settles when the shell or the machine has ended, or it was closed.
   * Rejects with an Error named `DiagnosticError` on a request that cannot be, or when the worker died.
   */
  readonly ended: Promise<void>;
  /** Control characters are what they are to a terminal: `\x03` interrupts. */
  type(text: string): Promise<void>;
  /** The text of a file that resumes it: `undefined` before it has booted. */
  record(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** How long a worker may take to stop a run, milliseconds. */
const PATIENCE = 5000;
/** Why a run was stopped when nobody waits for that: a newer one took its place. */
export const OVERTAKEN = "overtaken";

export class Simulator {
  #connection: Connection | undefined;
  #runs = 0;

  /** The version that its results carry. */
  version(): Promise<string> {
    return this.#call((api) => api.version());
  }

  /**
   * Runs a table of the paper.
   * @throws Error named `DiagnosticError` on a bad request, `Cancelled` when it was stopped.
   */
  runTable(request: TableRequest, watch: RunWatch = {}): Promise<TableResult> {
    return this.#run(watch, (api, ...run) => api.runTable(request, ...run));
  }

  /**
   * Holds every figure and claim of the paper against a run.
   * @throws Error named `DiagnosticError` on a bad request, `Cancelled` when it was stopped.
   */
  validate(request: ValidationRequest = {}, watch: RunWatch = {}): Promise<Validation> {
    return this.#run(watch, (api, ...run) => api.validate(request, ...run));
  }

  /**
   * Takes one call of a row of Table 3 apart: who ran when, where its cycles went, what the caches hold.
   * @throws Error named `DiagnosticError` on a bad request
   */
  reportCall(request: CallRequest, { signal }: RunWatch = {}): Promise<CallReport> {
    return this.#obeying(
      signal,
      this.#call((api) => api.reportCall(request)),
    );
  }

  /**
   * The machine at a cycle of that call, behind it by default: the text of a file for `inkwell snapshot`.
   * @throws Error named `DiagnosticError` on a bad request
   */
  snapshotCall(request: CallRequest, at?: number): Promise<string> {
    return this.#call((api) => api.snapshotCall(request, at));
  }

  /** The kernel, the server or the client of a configuration as an ELF file, for `inkwell disasm`. */
  rpcImage(which: RpcImage, configuration: string): Promise<Uint8Array> {
    return this.#call((api) => api.rpcImage(which, configuration));
  }

  /**
   * Runs a program on the Unix, and lists its system calls: its own file, or one of ours by name.
   * @throws Error named `DiagnosticError` on a file that is no program for it, `Cancelled` when it was
   *   stopped.
   */
  traceProgram(request: ProgramRequest, watch: RunWatch = {}): Promise<TracedProgram> {
    return this.#run(watch, (api, ...run) => api.traceProgram(request, ...run));
  }

  /** Boots the Unix with a shell on its console, and tells what is written as it is written. */
  startSession(start: SessionStart, tell: (news: SessionNews) => void): LiveSession {
    const number = ++this.#runs;
    const ended = this.#call((api) => api.runSession(start, number, Comlink.proxy(tell)));
    return {
      ended,
      type: (text) => this.#call((api) => api.typeInSession(number, text)),
      record: () => this.#call((api) => api.recordSession(number)),
      close: () => this.#call((api) => api.closeSession(number)),
    };
  }

  /** Messages and stubs of an interface definition, or what is wrong with it. */
  viewInterface(source: InterfaceSource, { signal }: RunWatch = {}): Promise<InterfaceAnswer> {
    return this.#obeying(
      signal,
      this.#call((api) => api.viewInterface(source)),
    );
  }
  /** Measures every routine of an interface that can trap. */
  callInterface(source: InterfaceSource, watch: RunWatch = {}): Promise<InterfaceCalls> {
    return this.#run(watch, (api, ...run) => api.callInterface(source, ...run));
  }

  /** Assembles, links and runs a bare program, noting every instruction; or what is wrong with it. */
  runAssembly(request: AssemblyRequest, { signal }: RunWatch = {}): Promise<AssemblyAnswer> {
    return this.#obeying(
      signal,
      this.#call((api) => api.runAssembly(request)),
    );
  }
  /** The machine of that program at the first boundary at or after a cycle. */
  assemblyState(request: AssemblyRequest, cycle: number): Promise<MachineState> {
    return this.#call((api) => api.assemblyState(request, cycle));
  }
  /** Its whole state there, for `Machine.restored`. */
  assemblySnapshot(request: AssemblyRequest, cycle: number): Promise<Uint8Array> {
    return this.#call((api) => api.assemblySnapshot(request, cycle));
  }
  /** The program as an ELF file, for `inkwell exec --bare`. */
  assemblyProgram(request: AssemblyRequest): Promise<Uint8Array> {
    return this.#call((api) => api.assemblyProgram(request));
  }

  /** Stops all that runs; those runs then fail with `Cancelled`, and the simulator lives on. */
  async cancel(): Promise<void> {
    if (this.#connection?.ended() === false) await this.#call((api) => api.cancel());
  }

  /** Ends the worker; calls that are still out fail. A later call starts a new one. */
  close(): void {
    this.#connection?.close();
  }

  async #run<T>(
    { progress = () => {}, signal }: RunWatch,
    ask: (
      api: Comlink.Remote<WorkerApi>,
      number: number,
      progress: (at: Progress & Pick<TableProgress, "partial">) => void,
    ) => Promise<T>,
  ): Promise<T> {
    const number = ++this.#runs;
    const stop = () => void this.#call((api) => api.cancel(number)).catch(() => {});
    signal?.addEventListener("abort", stop);
    try {
      const run = this.#call((api) => ask(api, number, Comlink.proxy(progress)));
      if (signal?.aborted) stop();
      return await this.#obeying(signal, run);
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  /** A run that ends when it is told to, even if its worker does not hear: that one is ended then. */
  async #obeying<T>(signal: AbortSignal | undefined, run: Promise<T>): Promise<T> {
    if (!signal) return run;
    const connection = this.#connection;
    let due: ReturnType<typeof setTimeout> | undefined;
    let refuse: (reason: Error) => void;
    const deaf = new Promise<never>((_, reject) => (refuse = reject));
    const wait = (): void => {
      if (signal.reason === OVERTAKEN) return;
      due ??= setTimeout(() => {
        refuse(Object.assign(new Error("cancelled"), { name: "Cancelled" }));
        connection?.close("the simulator did not answer any more, and was ended");
      }, PATIENCE);
    };
    signal.addEventListener("abort", wait);
    if (signal.aborted) wait();
    try {
      return await Promise.race([run, deaf]);
    } finally {
      signal.removeEventListener("abort", wait);
      clearTimeout(due);
    }
  }

  #call<T>(ask: (api: Comlink.Remote<WorkerApi>) => Promise<T>): Promise<T> {
    if (this.#connection === undefined || this.#connection.ended()) {
      this.#connection = ahead ?? connect();
      ahead = undefined;
    }
    return Promise.race([ask(this.#connection.api), this.#connection.gone]);
  }
}

let ahead: Connection | undefined;
let isAnyStarted = false;

/**
 * Starts a worker before the first simulator is made, and has it prepare what most runs need; the first
 * simulator takes it over. For pages, whose simulator is made late. Where one has started already, that
 * was not late, and nothing is to be done.
 */
export function startAhead(): void {
  if (isAnyStarted) return;
  ahead = connect();
  // Whoever takes it over hears of a failure.
  ahead.api.prepare().catch(() => {});
}

interface Connection {
  readonly api: Comlink.Remote<WorkerApi>;
  /** Rejects once the worker is dead or closed. */
  readonly gone: Promise<never>;
  ended(): boolean;
  close(why?: string): void;
}

/** Starts a worker. */
function connect(): Connection {
  isAnyStarted = true;
  const worker = spawnWorker();
  let close = (_why?: string) => {};
  let ended = false;
  const gone = new Promise<never>((_, reject) => {
    const end = (reason: unknown) => {
      // A closed worker also reports its exit.
      if (ended) return;
      ended = true;
      reject(reason);
      worker.terminate();
    };
    worker.died.catch(end);
    close = (why = "the simulator was closed") => end(new Error(why));
  });
  // Whoever calls hears of it; it is not an unhandled rejection besides.
  gone.catch(() => {});
  const api = Comlink.wrap<WorkerApi>(worker.endpoint);
  return { api, gone, ended: () => ended, close };
}
