/**
 * What a simulator in a worker can be asked: the Comlink surface. Runs inside the worker; pages and
 * programs use the `Simulator` of client.ts. Arguments and results are plain data.
 */
import * as Comlink from "comlink";
import type { Progress, RunOptions } from "../bench/experiment.ts";
import { prepareRpc } from "../bench/rpc/prepare.ts";
import { runTable, type TableRequest, type TableResult } from "../bench/request.ts";
import type { Validation, ValidationRequest } from "../bench/validation/validate.ts";
import type { CallRequest } from "../bench/rpc/call-machine.ts";
import type { CallReport } from "../bench/rpc/call-report.ts";
import type { RpcImage } from "../bench/rpc/images.ts";
import type { InterfaceSource } from "../bench/rpc/interface-calls.ts";
import type { ProgramRequest, TracedProgram } from "../bench/unix-calls/traced-program.ts";
import { VERSION } from "../version.ts";
import type { AssemblyAnswer, AssemblyRequest, MachineState } from "./assembly.ts";
import type { InterfaceAnswer, InterfaceCalls } from "./interface.ts";
import type { HostedSession, SessionNews, SessionStart } from "./session.ts";

/** What not every page asks for is loaded when it is asked for. */
const assembly = () => import("./assembly.ts");
const interfaces = () => import("./interface.ts");

/** A run's number, by which it can be cancelled, and who hears of its progress. */
type RunParts = [number: number, progress: (progress: Progress) => void];

export class WorkerApi {
  readonly #running = new Map<number, { aborted: boolean }>();
  readonly #sessions = new Map<number, Promise<HostedSession>>();

  version(): string {
    return VERSION;
  }

  /** Gets ready what every measured call needs, ahead of the first. */
  prepare(): Promise<void> {
    return prepareRpc();
  }

  /** Runs a table; errors keep their name (`DiagnosticError`, `Cancelled`) and message. */
  runTable(request: TableRequest, ...run: RunParts): Promise<TableResult> {
    return this.#run(run, (options) => runTable(request, options));
  }

  /** Holds every figure and claim of the paper against a run. */
  validate(request: ValidationRequest, ...run: RunParts): Promise<Validation> {
    return this.#run(run, async (options) => {
      const { validate } = await import("../bench/validation/validate.ts");
      return validate(request, options);
    });
  }

  /** Takes one call of a row of Table 3 apart. */
  async reportCall(request: CallRequest): Promise<CallReport> {
    return (await import("../bench/rpc/call-report.ts")).reportCall(request);
  }

  /** The machine in the middle of that call, or behind it, as a file that `inkwell snapshot` takes. */
  async snapshotCall(request: CallRequest, at?: number): Promise<string> {
    const { snapshotCall, snapshotText } = await import("../bench/rpc/call-snapshot.ts");
    return snapshotText((await snapshotCall(request, at)).snapshot);
  }

  /** A program of the micro RPC, as a configuration has it. */
  async rpcImage(which: RpcImage, configuration: string): Promise<Uint8Array> {
    return (await import("../bench/rpc/images.ts")).rpcImage(which, configuration);
  }

  /** Runs a program on the Unix, and lists its calls. */
  traceProgram(request: ProgramRequest, ...run: RunParts): Promise<TracedProgram> {
    return this.#run(run, async (options) => {
      const { traceProgram } = await import("../bench/unix-calls/traced-program.ts");
      return traceProgram(request, options);
    });
  }

  /** Runs a session on the Unix's console until it ends or is closed. */
  async runSession(
    start: SessionStart,
    number: number,
    tell: (news: SessionNews) => void,
  ): Promise<void> {
    // What is typed before it has been loaded waits for it.
    const session = import("./session.ts").then(({ HostedSession }) => new HostedSession());
    this.#sessions.set(number, session);
    try {
      await (await session).run(start, tell);
    } finally {
      (tell as Partial<Comlink.ProxyMethods>)[Comlink.releaseProxy]?.();
    }
  }
  async typeInSession(number: number, text: string): Promise<void> {
    (await this.#sessions.get(number))?.type(text);
  }
  /** Also of a session that has ended, until it is closed. */
  async recordSession(number: number): Promise<string | undefined> {
    return (await this.#sessions.get(number))?.record();
  }
  async closeSession(number: number): Promise<void> {
    const session = this.#sessions.get(number);
    this.#sessions.delete(number);
    (await session)?.close();
  }

  /** Messages and stubs of an interface definition; what is wrong with it comes as a value. */
  async viewInterface(source: InterfaceSource): Promise<InterfaceAnswer> {
    return (await interfaces()).viewInterface(source);
  }
  /** Measures the calls of an interface definition. */
  callInterface(source: InterfaceSource, ...run: RunParts): Promise<InterfaceCalls> {
    return this.#run(run, async (options) => (await interfaces()).callInterface(source, options));
  }

  /** Assembles and runs a program; what is wrong with the text comes as a value. */
  async runAssembly(request: AssemblyRequest): Promise<AssemblyAnswer> {
    return (await assembly()).runAssembly(request);
  }
  async assemblyState(request: AssemblyRequest, cycle: number): Promise<MachineState> {
    return (await assembly()).assemblyState(request, cycle);
  }
  async assemblySnapshot(request: AssemblyRequest, cycle: number): Promise<Uint8Array> {
    const bytes = await (await assembly()).assemblySnapshot(request, cycle);
    return Comlink.transfer(bytes, [bytes.buffer]);
  }
  async assemblyProgram(request: AssemblyRequest): Promise<Uint8Array> {
    return (await assembly()).assemblyProgram(request);
  }

  /** Asks a run to stop, or all that run here; each then fails with `Cancelled`. */
  cancel(number?: number): void {
    for (const [each, signal] of this.#running)
      if (number === undefined || number === each) signal.aborted = true;
  }

  async #run<T>(
    [number, progress]: RunParts,
    task: (options: Pick<RunOptions, "progress" | "signal">) => Promise<T>,
  ): Promise<T> {
    const signal = { aborted: false };
    this.#running.set(number, signal);
    try {
      return await task({ progress, signal });
    } finally {
      this.#running.delete(number);
      (progress as Partial<Comlink.ProxyMethods>)[Comlink.releaseProxy]?.();
    }
  }
}
