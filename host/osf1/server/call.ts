/**
 * A call under way, as the server has it: whose it is, which way its bytes go, and where the emulator
 * has the program's registers, if it told.
 */
import { VM_PROT } from "../../abi/mach.ts";
import { EMULATOR } from "../../abi/osf1.ts";
import type { CostRow } from "../../mach/interface.ts";
import { COSTS, type CostId } from "../costs.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { pageUp } from "../unix/constants.ts";
import type { Region } from "../unix/memory/regions.ts";
import type { Process } from "../unix/process.ts";
import { perform } from "./perform.ts";
import type { ServerMemory } from "./memory.ts";
import { copyin, copyinstr, copyout, LOCAL, taskMemory, type Way } from "./transfer.ts";

const ROWS: ReadonlyMap<CostId, CostRow> = new Map(COSTS.map((row) => [row.id, row]));

export class ServerCall implements Call {
  readonly process: Process;
  readonly memory: ServerMemory;
  readonly way: Way;
  /** Where the caller's registers are (`emulator_state`); 0 when the call tells nothing of them. */
  readonly state: number;
  /** Which way those go. */
  readonly stateWay: Way;
  readonly hasRead: Call["hasRead"];

  constructor(
    given: Pick<ServerCall, "process" | "memory" | "way" | "state"> & { readonly stateWay?: Way },
    hasRead?: Call["hasRead"],
  ) {
    this.hasRead = hasRead;
    this.process = given.process;
    this.memory = given.memory;
    this.way = given.way;
    this.state = given.state;
    this.stateWay = given.stateWay ?? given.way;
  }

  /** The same call, with a way to the caller's memory: what a message brought is not all of it. */
  withTask(): ServerCall {
    if (this.way !== LOCAL) return this;
    const { process, memory, state, stateWay } = this;
    const way = taskMemory(process);
    return new ServerCall({ process, memory, state, stateWay, way }, this.hasRead);
  }

  /** Gives the caller registers to go on with. @throws UnixError EFAULT */
  copyoutState(bytes: Uint8Array): Blocking<void> {
    return perform((thread) => copyout(thread, this.memory, this.stateWay, bytes, this.state));
  }

  copyin(address: number, into: Uint8Array): Blocking<void> {
    this.#check(address, into.length, READABLE);
    return perform((thread) => copyin(thread, this.memory, this.way, address, into));
  }
  copyout(bytes: Uint8Array, address: number): Blocking<void> {
    this.#check(address, bytes.length, VM_PROT.VM_PROT_WRITE);
    return perform((thread) => copyout(thread, this.memory, this.way, bytes, address));
  }
  *copyinstr(address: number, most: number): Blocking<Uint8Array> {
    this.#check(address, 1, READABLE);
    const string = yield* perform((thread) =>
      copyinstr(thread, this.memory, this.way, address, most),
    );
    this.hasRead?.(address, string);
    return string;
  }
  charge(cost: CostId, times = 1): Blocking<void> {
    return charge(cost, times);
  }

  /**
   * A wild pointer is found before anything is done with it: what goes into a reply is put into the
   * caller's memory only when the call is over. The emulator's own addresses the server has from itself.
   * @throws UnixError EFAULT
   */
  #check(address: number, length: number, wanted: number): void {
    // What a message brought is the server's own, and KMIG's stub has looked at it.
    if (this.way === LOCAL) return;
    if (length === 0 || (address >= EMULATOR.EMULATOR_BASE && address < EMULATOR.EMULATOR_END))
      return;
    const { memory } = this.process;
    const end = address + length;
    const usable =
      memory.covers(address, end) &&
      memory.overlapping(address, end).every((region) => {
        const isBehindFile = end > endOfFile(region) && address < region.end;
        return (region.protection & wanted) !== 0 && !isBehindFile;
      });
    if (!usable) throw new UnixError("EFAULT");
  }
}

/** Where the pages of a mapped file end: behind them is nothing to copy. */
function endOfFile({ start, file, kind }: Region): number {
  const size = kind !== "mapped" ? undefined : file?.vnode.object?.size;
  if (file === undefined || size === undefined) return Infinity;
  return start + pageUp(size - file.offset);
}

/** What can be read is whatever can be used at all. */
const READABLE = VM_PROT.VM_PROT_ALL;

/** Declares work of the server's. */
export function* charge(cost: CostId, times = 1): Blocking<void> {
  yield* perform(function* () {
    yield { kind: "charge", row: ROWS.get(cost)!, times };
  });
}
