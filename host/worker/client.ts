/**
 * A simulator in a worker, as a page or a program sees it. The same class in browsers and in Node.
 *
 * A plain object that hides the Comlink proxy: a proxy answers "yes" to every property, so a
 * notebook would take it for a generator. Comlink never settles what a dead worker owes; here every
 * call races against the worker's death.
 */
import { type Spawned, spawnWorker } from "#platform";
import * as Comlink from "comlink";
import type { Progress } from "../bench/experiment.ts";
import type { TableRequest, TableResult } from "../bench/request.ts";
import type { WorkerApi } from "./api.ts";

export class Simulator {
  readonly #worker: Spawned;
  readonly #api: Comlink.Remote<WorkerApi>;
  /** Rejects once the worker is dead or closed. */
  readonly #gone: Promise<never>;
  #closed: (reason: Error) => void = () => {};

  constructor() {
    this.#worker = spawnWorker();
    this.#api = Comlink.wrap<WorkerApi>(this.#worker.endpoint);
    this.#gone = new Promise((_, reject) => {
      this.#closed = reject;
      this.#worker.died.catch(reject);
    });
    // Whoever calls hears of it; it is not an unhandled rejection besides.
    this.#gone.catch(() => {});
  }

  /** The version that its results carry. */
  version(): Promise<string> {
    return this.#call(this.#api.version());
  }

  /**
   * Runs a table of the paper.
   * @throws Error named `DiagnosticError` on a bad request, `Cancelled` after `cancel()`.
   */
  runTable(
    request: TableRequest,
    onProgress: (progress: Progress) => void = () => {},
  ): Promise<TableResult> {
    return this.#call(this.#api.runTable(request, Comlink.proxy(onProgress)));
  }

  /** Stops whatever runs; those runs then fail with `Cancelled`, and the simulator lives on. */
  cancel(): Promise<void> {
    return this.#call(this.#api.cancel());
  }

  /** Ends the worker; calls that are still out fail. */
  close(): void {
    this.#closed(new Error("the simulator was closed"));
    this.#worker.terminate();
  }

  #call<T>(answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.#gone]);
  }
}
