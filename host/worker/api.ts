/**
 * What a simulator in a worker can be asked: the Comlink surface. Runs inside the worker; pages and
 * programs use the `Simulator` of client.ts. Arguments and results are plain data.
 */
import * as Comlink from "comlink";
import type { Progress } from "../bench/experiment.ts";
import { runTable, type TableRequest, type TableResult } from "../bench/request.ts";
import { VERSION } from "../version.ts";

export class WorkerApi {
  readonly #running = new Set<{ aborted: boolean }>();

  version(): string {
    return VERSION;
  }

  /** Runs a table; errors keep their name (`DiagnosticError`, `Cancelled`) and message. */
  async runTable(
    request: TableRequest,
    onProgress: (progress: Progress) => void,
  ): Promise<TableResult> {
    const signal = { aborted: false };
    this.#running.add(signal);
    try {
      return await runTable(request, { progress: onProgress, signal });
    } finally {
      this.#running.delete(signal);
      (onProgress as Partial<Comlink.ProxyMethods>)[Comlink.releaseProxy]?.();
    }
  }

  /** Asks everything that runs here to stop; each run then fails with `Cancelled`. */
  cancel(): void {
    for (const signal of this.#running) signal.aborted = true;
  }
}
