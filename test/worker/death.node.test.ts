/** A worker that dies on its own: calls that are out fail with the reason instead of hanging. */
import { Worker } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { Simulator } from "../../host/worker/client.ts";

test("calls to a worker that was killed from outside are refused", async () => {
  const workers: Worker[] = [];
  const post = vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (
    this: Worker,
  ) {
    // The message is lost, as when the worker hangs.
    workers.push(this);
  });
  const simulator = new Simulator();
  const owed = simulator.version();
  post.mockRestore();
  await workers[0]!.terminate();
  await expect(owed).rejects.toThrow(/the worker exited with/);
  expect(await simulator.version()).toMatch(/^\d+\.\d+\.\d+$/);
  simulator.close();
});
