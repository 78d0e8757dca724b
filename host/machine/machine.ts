/**
 * The machine: a PA-RISC 1.1 processor with its memory, seen from the host.
 *
 * Registers, memory and counters can be read and written between two calls of `run`. The machine
 * stops for the host at escapes only (`break 31,n` at registered addresses), at cycle limits, and
 * when it cannot go on; interruptions go to the guest's vectors. Runs are cut into slices inside
 * (a WebAssembly call that does not return is never optimised), which the guest cannot see.
 */
import { counters, EXIT, REGION, timing, tlbEntry } from "../abi/machine.ts";
import { PSW } from "../abi/pa.ts";
import { panic } from "../diagnostic.ts";
import { addEscape, addProbe, type MachineEvent, removeProbes, takeEvents } from "./attach.ts";
import { type MachineConfig, toMachineConfig } from "./config.ts";
import { Core } from "./core.ts";
import type { CostRow } from "./costs.ts";
import { readFloat, writeFloat } from "./float-registers.ts";
import { GuestMemory } from "./memory.ts";

/** Why `run` returned. */
export type Stop =
  | { readonly reason: "limit" }
  | { readonly reason: "escape"; readonly number: number; readonly address: number }
  | { readonly reason: "halt"; readonly interruption: number };

/** The two elements of the program counter queue; offsets carry the privilege level. */
export interface Pcoq {
  readonly frontSpace: number;
  readonly frontOffset: number;
  readonly backSpace: number;
  readonly backOffset: number;
}

/** A translation as the TLB holds it. */
export interface Translation {
  readonly physical: number;
  readonly protection: number;
  /** What the access rights and, when PSW P is set, the protection ids allow at `privilege`. */
  readonly read: boolean;
  readonly write: boolean;
  readonly execute: boolean;
}

/** Where cycles went, and how often what happened; named as the core's counters are. */
export interface Counters {
  readonly cycles: number;
  /** Instructions executed, nullified ones included: the cycles that are in no other count. */
  readonly instructions: number;
  /** Stall cycles by cause. */
  readonly load_use: number;
  readonly store_busy: number;
  readonly d_stall: number;
  readonly i_stall: number;
  readonly write_back: number;
  readonly control: number;
  readonly branch: number;
  readonly interruption: number;
  readonly flush: number;
  /** Waiting for floating-point operands and units. */
  readonly fpu: number;
  /** Cycles of rows of costs.ts, and cycles in which nothing ran. */
  readonly declared: number;
  readonly idle: number;
  /** Events. */
  readonly d_misses: number;
  readonly i_misses: number;
  readonly write_backs: number;
  readonly mispredicts: number;
  /** By interruption number. */
  readonly interruptions: readonly number[];
}

/** Cycles of one call into the core, at least: a few milliseconds. */
const SLICE = 1_000_000;

export class Machine {
  readonly config: MachineConfig;
  readonly memory: GuestMemory;
  readonly #core: Core;
  #events: MachineEvent[] = [];

  private constructor(config: MachineConfig, core: Core) {
    this.config = config;
    this.#core = core;
    this.memory = new GuestMemory(core, config.memoryBytes);
  }

  /**
   * A machine with zeroed memory and registers, in real mode at address 0.
   * @throws DiagnosticError when a field of the configuration is out of range.
   */
  static async create(changes: Partial<MachineConfig> = {}): Promise<Machine> {
    const config = toMachineConfig(changes);
    return new Machine(config, await Core.create(config));
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
    core.setState("privilege", frontOffset & 3);
    core.setState("pending", 0);
    core.exports.dropContext();
  }

  /** Continues at an address, whose low two bits are the privilege level. */
  jump(space: number, offset: number): void {
    this.pcoq = {
      frontSpace: space,
      frontOffset: offset,
      backSpace: space,
      backOffset: offset + 4,
    };
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

  /** Instructions executed, nullified ones included. */
  get instructions(): number {
    return this.counters().instructions;
  }

  counters(): Counters {
    const { config } = this;
    const core = this.#core;
    const interruptions = Array.from({ length: 32 }, (_, number) =>
      core.get(counters, "interruptions", number),
    );
    const events = {
      d_misses: core.counter("d_misses"),
      i_misses: core.counter("i_misses"),
      write_backs: core.counter("write_backs"),
      mispredicts: core.counter("mispredicts"),
    };
    const stalls = {
      load_use: core.counter("load_uses") * config.loadUse,
      store_busy: core.counter("store_busy"),
      d_stall: events.d_misses * config.dataMiss,
      i_stall: events.i_misses * config.instructionMiss,
      write_back: events.write_backs * config.writeBack,
      control: core.counter("control"),
      branch:
        events.mispredicts * config.mispredict +
        core.counter("register_branches") * config.branchRegister,
      interruption: interruptions.reduce((sum, times) => sum + times) * config.interruption,
      flush: core.counter("flush"),
      fpu: core.counter("fpu"),
      declared: core.counter("declared"),
      idle: core.counter("idle"),
    };
    const { cycles } = this;
    const instructions = Object.values(stalls).reduce((left, stall) => left - stall, cycles);
    return { cycles, instructions, ...stalls, ...events, interruptions };
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
      if (core.state("event_count") !== core.state("event_read"))
        this.#events.push(...takeEvents(core));
      switch (exit) {
        case EXIT.EXIT_LIMIT:
        case EXIT.EXIT_EVENTS:
          break;
        case EXIT.EXIT_ESCAPE:
          return {
            reason: "escape",
            number: core.state("escape_number"),
            address: core.state("escape_address"),
          };
        case EXIT.EXIT_HALT:
          return { reason: "halt", interruption: core.state("halt_interruption") };
        default:
          panic(`run: unknown exit ${exit}`);
      }
    }
  }

  /** Raises external interrupt request `bit` (0 is the leftmost, and the interval timer's). */
  interrupt(bit: number): void {
    this.#core.setState("cr", this.#core.state("cr", 23) | (0x80000000 >>> bit), 23);
    this.#core.setState("attention", 1);
  }

  // Translation.

  /** What the I-TLB or D-TLB holds for an address; undefined when an access would miss. */
  translate(
    space: number,
    virtual: number,
    {
      side = "data",
      privilege = 0,
    }: { readonly side?: "data" | "instruction"; readonly privilege?: number } = {},
  ): Translation | undefined {
    const { exports } = this.#core;
    const entry = exports.findEntry(Number(side === "instruction"), space, virtual);
    if (entry === 0) return undefined;
    const bits = exports.allowed(entry, privilege, Number((this.psw & PSW.PSW_P) !== 0));
    return {
      physical: exports.tlbPhysical(entry, virtual) >>> 0,
      protection: this.#core.words[(entry + tlbEntry.offset.protection) >>> 2]!,
      read: (bits & 1) !== 0,
      write: (bits & 2) !== 0,
      execute: (bits & 4) !== 0,
    };
  }

  /** Drops a page from both TLBs, as PDTLB and PITLB do. */
  purgePage(space: number, virtual: number): void {
    this.#core.exports.tlbPurge(REGION.I_TLB, space, virtual);
    this.#core.exports.tlbPurge(REGION.D_TLB, space, virtual);
  }

  /**
   * The firmware's PDC_BLOCK_TLB: maps a block in one of the four entries of each TLB (or of one).
   * `accessRights` are the seven bits type, PL1, PL2; `accessId` is the number that protection
   * registers hold shifted left by one. Sizes are powers of two of at least a page.
   */
  insertBlockTlb(block: {
    readonly space: number;
    readonly virtual: number;
    readonly physical: number;
    readonly size: number;
    readonly accessRights: number;
    readonly accessId: number;
    readonly sides?: "both" | "instruction" | "data";
  }): void {
    const { space, virtual, physical, size, accessRights, accessId, sides = "both" } = block;
    if (size < 4096 || Math.log2(size) % 1 !== 0 || (virtual | physical) & (size - 1))
      panic(`insertBlockTlb: bad block: 0x${virtual.toString(16)}, ${size} bytes`);
    const protection = 0x10000000 | (accessRights << 20) | (accessId << 1);
    const entry = [space, virtual, -size, physical, protection, 2, 0].map((word) => word >>> 0);
    for (const [side, name] of [
      [REGION.I_TLB, "instruction"],
      [REGION.D_TLB, "data"],
    ] as const) {
      // prettier-ignore
      if (sides !== "both" && sides !== name) continue;
      const free = Array.from({ length: REGION.BLOCK_ENTRIES }, (_, i) =>
        this.#blockEntry(side, i),
      ).find((index) => this.#core.words[index + (tlbEntry.offset.state >>> 2)] === 0);
      if (free === undefined)
        panic(`insertBlockTlb: all ${REGION.BLOCK_ENTRIES} ${name} entries are used`);
      this.#core.words.set(entry, free);
    }
    this.#core.exports.resetContexts();
  }

  /** Frees all block entries. */
  purgeBlockTlb(): void {
    for (const side of [REGION.I_TLB, REGION.D_TLB])
      for (let i = 0; i < REGION.BLOCK_ENTRIES; i++)
        this.#core.words.fill(
          0,
          this.#blockEntry(side, i),
          this.#blockEntry(side, i) + tlbEntry.size / 4,
        );
    this.#core.exports.resetContexts();
  }

  #blockEntry(side: number, index: number): number {
    return (side + (REGION.TLB_CAPACITY + index) * tlbEntry.size) >>> 2;
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
  removeProbes(): void {
    removeProbes(this.#core);
  }

  /** The events since the last call, oldest first. */
  takeEvents(): MachineEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

export type { MachineEvent };
