/**
 * The machine: a PA-RISC 1.1 processor with its memory, seen from the host.
 *
 * Registers, memory and counters can be read and written between two calls of `run`. The machine
 * stops for the host at escapes only (`break 31,n` at registered addresses), at cycle limits, and
 * when it cannot go on; interruptions go to the guest's vectors. Runs are cut into slices inside
 * (a WebAssembly call that does not return is never optimised), which the guest cannot see.
 */
import { EXIT, REGION, timing } from "../abi/machine.ts";
import { PSW } from "../abi/pa.ts";
import {
  addBreakpoint,
  addEscape,
  addProbe,
  breakpoints,
  type MachineEvent,
  removeBreakpoints,
  removeProbes,
  setWatchpoints,
  takeEvents,
  type Tracer,
  type WatchHit,
  type Watchpoint,
} from "./attach.ts";
import { type CacheLine, cacheLines } from "./caches.ts";
import { type Checkpoint, putCheckpoint, takeCheckpoint } from "./checkpoint.ts";
import { type MachineConfig, toMachineConfig } from "./config.ts";
import { Core, type DataAccess, type Engine } from "./core.ts";
import type { CostRow } from "./costs.ts";
import { type Account, type Counters, readAccounts, readCounters, userCycles } from "./counters.ts";
import { readFloat, writeFloat } from "./float-registers.ts";
import { interlude, type Interlude } from "./interlude.ts";
import { GuestMemory } from "./memory.ts";
import { checkSameMachine, checkWhole, readSnapshot, writeSnapshot } from "./snapshot.ts";
import { type Stop, stopOf } from "./stop.ts";
import { Translator } from "./translator/translator.ts";
import {
  type BlockMapping,
  insertBlock,
  purgeBlocks,
  type TlbEntry,
  tlbEntries,
  type TlbSide,
  translate,
  type Translation,
} from "./translation.ts";

/** The two elements of the program counter queue; offsets carry the privilege level. */
export interface Pcoq {
  readonly frontSpace: number;
  readonly frontOffset: number;
  readonly backSpace: number;
  readonly backOffset: number;
}

/** Cycles of one call into the core, at least: a few milliseconds. */
const SLICE = 1_000_000;

export class Machine {
  readonly config: MachineConfig;
  readonly memory: GuestMemory;
  readonly #core: Core;
  readonly #translator: Translator;
  /** What of this machine's state its owner keeps elsewhere: nothing can be saved or put back then. */
  stateElsewhere?: string;
  #events: MachineEvent[] = [];
  #tracer: Tracer | undefined;
  #watchpoints: readonly Watchpoint[] = [];

  private constructor(config: MachineConfig, core: Core) {
    this.config = config;
    this.#core = core;
    this.#translator = new Translator(core);
    this.memory = new GuestMemory(core, config.memoryBytes);
  }

  /**
   * A machine with zeroed memory and registers, in real mode at address 0.
   * @throws DiagnosticError when a field of the configuration is out of range.
   */
  static async create(
    changes: Partial<MachineConfig> = {},
    engine: Engine = "fast",
  ): Promise<Machine> {
    const config = toMachineConfig(changes);
    return new Machine(config, await Core.create(config, engine));
  }

  // Registers.

  gr(number: number): number {
    return this.#core.state("gr", number);
  }
  setGr(number: number, value: number): void {
    if (number !== 0) this.#core.setState("gr", value, number);
  }
  sr(number: number): number {
    return this.#core.state("sr", number);
  }
  setSr(number: number, value: number): void {
    this.#core.setState("sr", value, number);
  }
  /** Control registers; CR16 is the cycle count, CR17 and CR18 the queues' front elements. */
  cr(number: number): number {
    return number === 16 ? this.#core.state("cycles") : this.#core.state("cr", number);
  }
  setCr(number: number, value: number): void {
    this.#core.setState("cr", value, number);
    this.#core.exports.dropContext();
    this.#core.exports.refreshTrap();
    this.#core.setState("attention", 1);
  }

  /**
   * Floating-point register as its 64 bits, left half first. Register 0 is the status and exception
   * register 1, registers 1 to 3 are exception registers 2 to 7.
   */
  fr(number: number): bigint {
    return readFloat(this.#core, number);
  }
  setFr(number: number, bits: bigint): void {
    writeFloat(this.#core, number, bits);
  }

  /** The PSW; N and B are not in it: no boundary between instructions shows N, and B is in `pcoq`. */
  get psw(): number {
    return this.#core.exports.psw() >>> 0;
  }
  set psw(value: number) {
    this.#core.exports.setPsw(value & ~(PSW.PSW_N | PSW.PSW_B));
    this.#core.setState("attention", 1);
  }

  get pcoq(): Pcoq {
    return {
      frontSpace: this.#core.state("front_space"),
      frontOffset: this.#core.state("front_offset"),
      backSpace: this.#core.state("back_space"),
      backOffset: this.#core.state("back_offset"),
    };
  }
  set pcoq({ frontSpace, frontOffset, backSpace, backOffset }: Pcoq) {
    const core = this.#core;
    core.setState("front_space", frontSpace);
    core.setState("front_offset", frontOffset);
    core.setState("back_space", backSpace);
    core.setState("back_offset", backOffset);
    core.goOnAt(frontOffset & 3);
    core.exports.dropContext();
  }

  /** Continues at an address, whose low two bits are the privilege level. */
  jump(space: number, offset: number): void {
    const back = { backSpace: space, backOffset: offset + 4 };
    this.pcoq = { frontSpace: space, frontOffset: offset, ...back };
  }

  /** Where RFI will go. */
  setInterruptionQueue({ frontSpace, frontOffset, backSpace, backOffset }: Pcoq): void {
    const core = this.#core;
    core.setState("cr", frontSpace, 17);
    core.setState("cr", frontOffset, 18);
    core.setState("iia_space_back", backSpace);
    core.setState("iia_offset_back", backOffset);
  }

  get interruptionQueue(): Pcoq {
    return {
      frontSpace: this.cr(17),
      frontOffset: this.cr(18),
      backSpace: this.#core.state("iia_space_back"),
      backOffset: this.#core.state("iia_offset_back"),
    };
  }

  /** Shadow register 0 to 6: of r1, r8, r9, r16, r17, r24, r25. */
  shadow(index: number): number {
    return this.#core.state("shadow", index);
  }

  // Time.

  /** Cycles since the machine was made. */
  get cycles(): number {
    return this.#core.state64("cycles");
  }

  /** Of these, what was spent at levels 1 to 3. */
  readonly userCycles = (): number => userCycles(this.#core);

  /** Instructions executed, nullified ones included. */
  get instructions(): number {
    return this.counters().instructions;
  }

  /** Where cycles went since the machine was made. */
  counters(): Counters {
    return readCounters(this.#core, this.config);
  }

  /** Starts (anew) or stops keeping counters for each space at each privilege level. */
  keepAccounts(on = true): void {
    this.#core.exports.keepAccounts(Number(on));
  }
  /** What each space took at each level since `keepAccounts`; together, what the counters gained. */
  accounts(): Account[] {
    return readAccounts(this.#core, this.config);
  }

  /** Adds declared cycles: rows of costs.ts, `times` over. */
  charge({ cycles }: CostRow, times = 1): void {
    this.#core.addCycles(cycles * times);
    this.#core.addCounter("declared", cycles * times);
  }

  /** Lets cycles pass in which nothing runs. */
  idle(cycles: number): void {
    this.#core.addCycles(cycles);
    this.#core.addCounter("idle", cycles);
  }

  /**
   * Runs to the next escape, or until `cycles` more have passed (exactly: the first boundary between
   * instructions at or after that), or until the machine cannot go on.
   */
  run({ cycles = Number.POSITIVE_INFINITY }: { readonly cycles?: number } = {}): Stop {
    const core = this.#core;
    const end = this.cycles + cycles;
    // Only the last slice must end where it is told; the others leave out the slow, exact end.
    const slice = Math.max(SLICE, 4 * core.get(timing, "margin"));
    for (;;) {
      const left = end - this.cycles;
      if (left <= 0) return { reason: "limit" };
      const exit = core.exports.run(Math.min(left, slice), Number(left <= slice)) >>> 0;
      if (exit === EXIT.EXIT_HOT) this.#translator.translate();
      if (core.state("event_count") !== core.state("event_read"))
        this.#events.push(...takeEvents(core, this.#tracer));
      const stop = stopOf(core, exit, this.#watchpoints);
      if (stop !== undefined) return stop;
    }
  }

  /** Runs text between two instructions, as `run` does, and has the processor be what it was. */
  interlude(begin: Interlude, cycles: number): Stop {
    return interlude(this.#core, begin, () => this.run({ cycles }));
  }

  /**
   * Runs one instruction, with those it nullifies, or takes one interruption. A breakpoint at its place
   * is passed.
   */
  step(): Stop {
    this.#core.setState64("pass", this.cycles);
    return this.run({ cycles: 1 });
  }

  /** Raises external interrupt request `bit` (0 is the leftmost, and the interval timer's). */
  interrupt(bit: number): void {
    this.#core.setState("cr", this.#core.state("cr", 23) | (0x80000000 >>> bit), 23);
    this.#core.setState("attention", 1);
  }

  /** Asks for a machine check (1 high, 5 low priority) or power failure (2), when the PSW allows it. */
  request(number: 1 | 2 | 5): void {
    this.#core.setState("requests", this.#core.state("requests") | (1 << number));
    this.#core.setState("attention", 1);
  }

  // Translation.

  /** What the I-TLB or D-TLB holds for an address; undefined when an access would miss. */
  translate(
    space: number,
    virtual: number,
    options: { readonly side?: TlbSide; readonly privilege?: number } = {},
  ): Translation | undefined {
    return translate(this.#core, space, virtual, { side: "data", privilege: 0, ...options });
  }

  /** What the TLBs hold. */
  readonly tlb = (): TlbEntry[] => tlbEntries(this.#core, this.config);
  /** What a cache holds. */
  readonly cache = (side: TlbSide): CacheLine[] => cacheLines(this.#core, this.config, side);

  /** How an instruction word accesses memory; undefined when it does not. */
  readonly dataAccess = (word: number): DataAccess | undefined => this.#core.dataAccess(word);

  /** Drops a page from both TLBs, as PDTLB and PITLB do. */
  purgePage(space: number, virtual: number): void {
    this.#core.exports.tlbPurge(REGION.I_TLB, space, virtual);
    this.#core.exports.tlbPurge(REGION.D_TLB, space, virtual);
  }

  /** The firmware's PDC_BLOCK_TLB: maps a block in a free block entry of each TLB (or of one). */
  insertBlockTlb(block: BlockMapping): void {
    insertBlock(this.#core, this.config, block);
  }

  /** Frees all block entries. */
  readonly purgeBlockTlb = (): void => purgeBlocks(this.#core, this.config);

  /** Functions that were made of hot code. Simulated time does not know. */
  get translations(): number {
    return this.#translator.count;
  }

  // What the host hangs on addresses.

  /** Lets `break 31,n` at this *physical* address stop `run`; elsewhere it is an illegal instruction. */
  registerEscape(address: number): void {
    addEscape(this.#core, address);
  }

  /**
   * Marks a virtual address: each time its instruction is about to run, an event with `id` (not 0) is
   * kept for `takeEvents`. Costs no cycles. Without `space` the address counts in every space.
   */
  setProbe(address: number, id: number, space?: number): void {
    addProbe(this.#core, address, id, space);
  }
  readonly removeProbes = (): void => removeProbes(this.#core);

  /** The events since the last call, oldest first. */
  takeEvents(): MachineEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  // Inspecting. Nothing here takes simulated time.

  /** Stops `run` before the instruction at a virtual address; the next run goes on with it. */
  addBreakpoint(address: number, space?: number): void {
    addBreakpoint(this.#core, address, space);
  }
  /** Removes a breakpoint as it was added, or all. */
  removeBreakpoints(address?: number, space?: number): void {
    removeBreakpoints(this.#core, address, space);
  }
  readonly breakpoints = () => breakpoints(this.#core);

  /** Ranges whose accesses stop `run`, behind the instruction. At most 32. */
  get watchpoints(): readonly Watchpoint[] {
    return this.#watchpoints;
  }
  set watchpoints(points: readonly Watchpoint[]) {
    setWatchpoints(this.#core, points);
    this.#watchpoints = [...points];
  }

  /** Has every instruction told to `tracer` from now on; without one, none. Runs are slower, not longer. */
  trace(tracer?: Tracer): void {
    this.#tracer = tracer;
    this.#core.setState("traced", Number(tracer !== undefined));
  }

  /** The machine's state, to be put back into this machine. Pages shared with `before` cost nothing. */
  checkpoint(before?: Checkpoint): Checkpoint {
    checkWhole(this.stateElsewhere);
    return takeCheckpoint(this.#core, this.config, before);
  }
  /** Goes back to a checkpoint of this machine. Probes, breakpoints and watchpoints stay as they are. */
  return(to: Checkpoint): void {
    checkWhole(this.stateElsewhere);
    putCheckpoint(this.#core, this.config, to);
    this.#events = [];
  }

  /** The machine's state as bytes, for a file. */
  save(): Uint8Array {
    return writeSnapshot({ config: this.config, pages: this.checkpoint() });
  }
  /**
   * Takes over what a machine of the same configuration saved.
   * @throws DiagnosticError when the bytes are no snapshot, or not one for this machine.
   */
  restore(bytes: Uint8Array): void {
    const { config, pages } = readSnapshot(bytes);
    checkSameMachine(config, this.config);
    this.return(pages);
  }
  /**
   * The machine that was saved.
   * @throws DiagnosticError when the bytes are no snapshot.
   */
  static async restored(bytes: Uint8Array): Promise<Machine> {
    const { config } = readSnapshot(bytes);
    const machine = await Machine.create(config);
    machine.restore(bytes);
    return machine;
  }
}

export type {
  Account, BlockMapping, CacheLine, Checkpoint, Counters, DataAccess, MachineEvent,
  Stop, TlbEntry, Tracer, Translation, WatchHit, Watchpoint,
}; // prettier-ignore
