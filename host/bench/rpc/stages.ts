/**
 * One remote procedure call taken apart: runs the micro RPC test until its caches are warm, then
 * executes one more call instruction by instruction and books each under the stage it belongs to.
 * A stage begins where a `.probe` stands or where control enters a procedure; watching costs the
 * guest nothing, so the stages add up to exactly what the same call takes unwatched.
 */
import { panic } from "../../diagnostic.ts";
import { decode, type Kind } from "../../isa/instructions.ts";
import type { Configuration } from "../configurations.ts";
import { type RpcBed, rpcBed, type RpcBedOptions } from "./bed.ts";

/** Where a stage begins: at a probe of any image, or on entering (or returning into) a procedure. */
export type Boundary =
  | { readonly probe: string }
  | { readonly enter: string; readonly of: "client" | "server" };

export interface StageCounts {
  readonly cycles: number;
  readonly instructions: number;
  readonly loads: number;
  readonly stores: number;
  /** Control and space register moves, PSW changes, gates and external branches. */
  readonly control: number;
  readonly instructionMisses: number;
  readonly dataMisses: number;
}

const CONTROL: ReadonlySet<Kind> = new Set(["control", "gate", "branch-external"]);
/** Calls before the one that is taken apart. */
const WARM_UP = 16;
const LIMIT = 1_000_000;

/**
 * Takes one call apart.
 * @param call the client's loop: its procedure in client.s, which the first stage begins in
 * @param boundaries the beginnings of the second and later stages, in the order they are met
 */
export async function profileCall(
  configuration: Configuration,
  kind: number,
  call: string,
  boundaries: readonly Boundary[],
  options: RpcBedOptions,
): Promise<StageCounts[]> {
  const bed = await rpcBed(configuration, options);
  const { kernel } = bed;
  kernel.start(bed.client, [bed.names.send, kind, WARM_UP + 1]);
  const walk = new Walk(bed);
  const clock = clockReadings(bed, call);
  for (let n = 0; n <= WARM_UP;) {
    walk.step();
    if (walk.isAt("client", clock.first)) n++;
    if (kernel.machine.cycles > LIMIT) panic(`profileCall: ${call} does not come`);
  }
  const stages: StageCounts[] = [];
  let from = walk.counts();
  const close = (): void => {
    const now = walk.counts();
    stages.push(subtract(now, from));
    from = now;
  };
  while (!walk.isAt("client", clock.second)) {
    walk.step();
    // A stage may be empty: its beginning is then also the next one's.
    for (let next; (next = boundaries[stages.length]) && walk.meets(next);) close();
    if (kernel.machine.cycles > 2 * LIMIT) panic(`profileCall: ${call} does not return`);
  }
  close();
  if (stages.length !== boundaries.length + 1)
    panic(`profileCall: boundary not met: ${JSON.stringify(boundaries[stages.length - 1])}`);
  return stages;
}

/** Addresses of the two instructions in a client loop that read the clock. */
function clockReadings({ programs: { client } }: RpcBed, call: string) {
  const start = client.symbols.get(call) ?? panic(`clockReadings: no ${call}`);
  const readings: number[] = [];
  for (let at = start; readings.length < 2; at += 4) {
    const word = wordAt(client.segments, at) ?? panic(`clockReadings: ${call} reads no clock`);
    if (decode(word)?.name === "MFCTL") readings.push(at);
  }
  return { first: readings[0]!, second: readings[1]! };
}

function wordAt(segments: RpcBed["programs"]["client"]["segments"], at: number) {
  for (const { address, bytes } of segments) {
    if (at < address || at + 4 > address + bytes.length) continue;
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at - address);
  }
  return undefined;
}

/** Steps the machine one instruction at a time and knows what it just ran and where it stands. */
class Walk {
  readonly #bed: RpcBed;
  readonly #spaces: { readonly client: number; readonly server: number };
  readonly #probes = new Map<string, Set<number>>();
  #loads = 0;
  #stores = 0;
  #control = 0;
  #procedure: string | undefined;
  #entered: string | undefined;

  constructor(bed: RpcBed) {
    this.#bed = bed;
    const { kernel, programs } = bed;
    this.#spaces = {
      client: kernel.spaceOf(bed.client.task),
      server: kernel.spaceOf(bed.server.task),
    };
    for (const image of [kernel.image, programs.client, programs.server])
      for (const { name, address } of image.probes)
        this.#probes.set(name, (this.#probes.get(name) ?? new Set()).add(address));
  }

  step(): void {
    const { kernel } = this.#bed;
    const { frontSpace, frontOffset } = kernel.machine.pcoq;
    const word = this.#wordAt(frontSpace, (frontOffset & ~3) >>> 0);
    const row = word === undefined ? undefined : decode(word);
    if (row?.kind === "load") this.#loads++;
    if (row?.kind === "store") this.#stores++;
    if (row && CONTROL.has(row.kind)) this.#control++;
    kernel.run({ cycles: 1 });
    const procedure = this.#procedureAt();
    this.#entered = procedure === this.#procedure ? undefined : procedure;
    this.#procedure = procedure;
  }

  isAt(program: "client" | "server", address: number): boolean {
    const { frontSpace, frontOffset } = this.#bed.kernel.machine.pcoq;
    return frontSpace === this.#spaces[program] && (frontOffset & ~3) >>> 0 === address;
  }

  meets(boundary: Boundary): boolean {
    if ("enter" in boundary) return this.#entered === `${boundary.of} ${boundary.enter}`;
    const { frontOffset } = this.#bed.kernel.machine.pcoq;
    return this.#probes.get(boundary.probe)?.has((frontOffset & ~3) >>> 0) ?? false;
  }

  counts(): StageCounts {
    const { cycles, instructions, i_misses, d_misses } = this.#bed.kernel.machine.counters();
    return {
      cycles,
      instructions,
      loads: this.#loads,
      stores: this.#stores,
      control: this.#control,
      instructionMisses: i_misses,
      dataMisses: d_misses,
    };
  }

  /** The procedure of client or server that is about to run; undefined in the kernel. */
  #procedureAt(): string | undefined {
    const { frontSpace, frontOffset } = this.#bed.kernel.machine.pcoq;
    for (const program of ["client", "server"] as const) {
      if (frontSpace !== this.#spaces[program]) continue;
      const image = this.#bed.programs[program];
      const offset = (frontOffset & ~3) >>> 0;
      if (wordAt(image.segments, offset) === undefined) continue;
      return `${program} ${image.locate(offset)?.symbol}`;
    }
    return undefined;
  }

  #wordAt(space: number, offset: number): number | undefined {
    const { kernel } = this.#bed;
    const physical = kernel.physical(space, offset);
    return physical === undefined ? undefined : kernel.memory.read32(physical);
  }
}

function subtract(now: StageCounts, from: StageCounts): StageCounts {
  const keys = Object.keys(now) as (keyof StageCounts)[];
  return Object.fromEntries(
    keys.map((key) => [key, now[key] - from[key]]),
  ) as unknown as StageCounts;
}
