/**
 * One call of the micro RPC test, instruction by instruction: for profiles and traces of a table's cell.
 * The calls that warm up are not looked at; the one behind them is, from the client's stub to its return.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { CR } from "../../abi/pa.ts";
import type { WalkOptions } from "../../machine/call-walk.ts";
import type { MachineConfig } from "../../machine/config.ts";
import type { Machine, Tracer } from "../../machine/machine.ts";
import { Symbols } from "../../machine/symbols.ts";
import type { Configuration } from "../configurations.ts";
import type { RpcBed } from "./bed.ts";
import { RPC_ROWS, runCalls, WARM_UP } from "./measure.ts";

/** What looks at a call. */
export interface CallObserver {
  readonly tracer: Tracer;
  finish(cycle: number): void;
}

/** A cell of a table that is one remote procedure call. */
export interface ObservedCell {
  readonly configuration: Configuration;
  /** A row of Table 3. */
  readonly routine: (typeof RPC_ROWS)[number];
  readonly machine?: Partial<MachineConfig>;
}

/** Names of kernel, client and server, wherever they are. */
export function symbolsOf({ kernel, programs }: RpcBed): Symbols {
  const titles = new Map([
    [programs.client, "client"],
    [programs.server, "server"],
  ]);
  const { GATEWAY, KERNEL_SPACE, PAGE_SIZE } = MEMORY_MAP;
  return new Symbols([
    ...kernel.loaded.map(({ space, image }) => ({
      title: titles.get(image) ?? "kernel",
      space,
      image,
    })),
    {
      title: "kernel",
      space: KERNEL_SPACE,
      image: kernel.image,
      seenAt: { virtual: GATEWAY, linked: kernel.symbol("gateway_page"), size: PAGE_SIZE },
    },
  ]);
}

/**
 * Runs one cell's call under an observer.
 * @throws GuestStopped when a guest program failed.
 */
export async function observeCall(
  { configuration, routine, machine }: ObservedCell,
  start: (symbols: Symbols, options: WalkOptions) => CallObserver,
): Promise<void> {
  let observed: { observer: CallObserver; machine: Machine; end: () => number } | undefined;
  await runCalls(configuration, routine, WARM_UP + 1, {
    ...(machine && { machine }),
    observe: (bed) => (observed = beginAtLastCall(bed, configuration, routine, start)),
  });
  observed!.machine.trace();
  observed!.observer.finish(observed!.end());
}

/** Starts the observer when the client's stub is entered for the call that counts. */
function beginAtLastCall(
  bed: RpcBed,
  { calls }: Configuration,
  routine: string,
  start: (symbols: Symbols, options: WalkOptions) => CallObserver,
) {
  const { machine } = bed.kernel;
  const observer = start(symbolsOf(bed), { flat: true, vectors: machine.cr(CR.CR_IVA) });
  const stub = `rpc_${routine}${calls === "trap" ? "" : "_message"}`;
  const { space, image } = bed.kernel.loaded.find(
    ({ image: each }) => each === bed.programs.client,
  )!;
  const entry = image.symbols.get(stub)!;
  let entered = 0;
  let [branch, slot, back, end] = [-1, -1, -1, -1];
  machine.trace((address, where, cycle, word) => {
    const at = (address & ~3) >>> 0;
    // Before the stub came its branch and that one's slot: the link is behind them.
    if (where === space && at === entry && ++entered === WARM_UP + 1) back = branch + 8;
    [branch, slot] = [slot, at];
    if (entered <= WARM_UP || end >= 0) return;
    if (where === space && at === back) end = cycle;
    else observer.tracer(address, where, cycle, word);
  });
  return { observer, machine, end: () => (end < 0 ? machine.cycles : end) };
}
