/**
 * A call under way, as the server has it: whose it is, which way its bytes go, and where the emulator
 * has the program's registers, if it told.
 */
import type { CostRow } from "../../mach/interface.ts";
import { COSTS, type CostId } from "../costs.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import type { Process } from "../unix/process.ts";
import { perform } from "./perform.ts";
import type { ServerMemory } from "./memory.ts";
import { copyin, copyinstr, copyout, type Way } from "./transfer.ts";

const ROWS: ReadonlyMap<CostId, CostRow> = new Map(COSTS.map((row) => [row.id, row]));

export class ServerCall implements Call {
  readonly process: Process;
  readonly memory: ServerMemory;
  readonly way: Way;
  /** Where the caller's registers are (`emulator_state`); 0 when the call tells nothing of them. */
  readonly state: number;

  constructor(given: Pick<ServerCall, "process" | "memory" | "way" | "state">) {
    this.process = given.process;
    this.memory = given.memory;
    this.way = given.way;
    this.state = given.state;
  }

  copyin(address: number, into: Uint8Array): Blocking<void> {
    return perform((thread) => copyin(thread, this.memory, this.way, address, into));
  }
  copyout(bytes: Uint8Array, address: number): Blocking<void> {
    return perform((thread) => copyout(thread, this.memory, this.way, bytes, address));
  }
  copyinstr(address: number, most: number): Blocking<Uint8Array> {
    return perform((thread) => copyinstr(thread, this.memory, this.way, address, most));
  }
  charge(cost: CostId, times = 1): Blocking<void> {
    return charge(cost, times);
  }
}

/** Declares work of the server's. */
export function* charge(cost: CostId, times = 1): Blocking<void> {
  yield* perform(function* () {
    yield { kind: "charge", row: ROWS.get(cost)!, times };
  });
}
