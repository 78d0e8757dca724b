/**
 * What every figure of a page shares: the simulator, in a worker that starts with the first question,
 * and the state of the controls.
 */
import { Simulator } from "../../host/worker/client.ts";
import { addressState, type State } from "./state.ts";

export interface Lab {
  readonly simulator: Simulator;
  readonly state: State;
}

/** The laboratory of a whole page; its worker ends with the cell that made it. */
export function pageLab(invalidation: Promise<void>): Lab {
  const simulator = new Simulator();
  void invalidation.then(() => simulator.close());
  return { simulator, state: addressState() };
}

/** Why nothing can be measured in this browser; `undefined` when it can. */
export function unsupported(): string | undefined {
  if (typeof WebAssembly !== "object")
    return "This browser runs no WebAssembly, and the simulated processor is made of it. Another browser will do.";
  if (typeof Worker !== "function")
    return "This browser starts no workers, and the simulator runs in one. Another browser will do.";
  return undefined;
}
