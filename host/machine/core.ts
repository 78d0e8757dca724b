/**
 * The compiled core: its exports, its linear memory, and typed reading and writing of the structures
 * that host/abi/machine.ts lays out there. Not the guest's memory (memory.ts), not the machine.
 */
import { loadModule } from "#platform";
import { coreState, counters, REGION, timing } from "../abi/machine.ts";
import type { Struct } from "../abi/struct.ts";
import type { MachineConfig } from "./config.ts";

export interface CoreExports {
  reset(): void;
  run(budget: number, exact: number): number;
  psw(): number;
  setPsw(word: number): void;
  dropContext(): void;
  setStatus(status: number): void;
  refreshTrap(): void;
  resetContexts(): void;
  resetFetch(): void;
  keepAccounts(on: number): void;
  settleAccounts(): void;
  settleLevel(): void;
  staleRecords(physical: number, bytes: number): void;
  translatedOp(): number;
  setTranslation(record: number, records: number, index: number): void;
  forgetTranslations(): void;
  findEntry(instruction: number, space: number, address: number): number;
  dataAccess(word: number): number;
  allowed(entry: number, privilege: number, checkIds: number): number;
  tlbPhysical(entry: number, address: number): number;
  tlbPurge(side: number, space: number, address: number): void;
}

/** What an instruction does to memory. */
export interface DataAccess {
  /** Bytes to which its address must be aligned. */
  readonly alignment: number;
  readonly writes: boolean;
}

/** WRITE, in the core's `dataAccess`. */
const DATA_ACCESS_WRITES = 0x200;

/**
 * How instructions are run: `interpreted`, from predecoded records in loops of their own forms; `fast`, so
 * too, until they are hot and translated; `eager`, the same with the first that runs at the ends of very
 * short slices taken for hot; or `classic`, which decodes each one each time. All are there to be compared
 * with each other, but for `fast`: same cycles, same everything. Or fast by another build of the core,
 * given compiled.
 */
export type Engine = EngineName | WebAssembly.Module;
type EngineName = "fast" | "interpreted" | "eager" | "classic";

/** Cycles between two looks at what runs, and looks at one place that make it hot. */
const HOT: Readonly<Record<EngineName, { readonly sample: number; readonly after: number }>> = {
  fast: { sample: 0x10000, after: 0x2000 },
  eager: { sample: 24, after: 2 },
  interpreted: { sample: 0, after: 0 },
  classic: { sample: 0, after: 0 },
};

const WASM_PAGE = 65536;

let compiled: Promise<WebAssembly.Module> | undefined;

/** The module is compiled once for all machines of this thread. */
function compileCore(): Promise<WebAssembly.Module> {
  return (compiled ??= loadModule(new URL("../../build/core.wasm", import.meta.url)));
}

type CoreField = keyof typeof coreState.offset;
type CounterField = keyof typeof counters.offset;

export class Core {
  readonly exports: CoreExports;
  readonly memory: WebAssembly.Memory;
  readonly buffer: ArrayBuffer;
  readonly words: Uint32Array;
  /** Functions that the core may call: translated code. */
  readonly table: WebAssembly.Table;
  readonly module: WebAssembly.Module;

  private constructor(
    module: WebAssembly.Module,
    instance: WebAssembly.Instance,
    { memory, table }: { readonly memory: WebAssembly.Memory; readonly table: WebAssembly.Table },
  ) {
    this.exports = instance.exports as unknown as CoreExports;
    this.memory = memory;
    this.buffer = memory.buffer;
    this.words = new Uint32Array(this.buffer);
    this.table = table;
    this.module = module;
  }

  /** A core with zeroed guest memory, set to a configuration. */
  static async create(config: MachineConfig, engine: Engine): Promise<Core> {
    const poolBase = REGION.RAM + config.memoryBytes;
    const bytes = poolBase + config.recordPages * REGION.RECORD_PAGE_BYTES;
    const pages = Math.ceil(bytes / WASM_PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const table = new WebAssembly.Table({
      initial: REGION.TRANSLATION_SLOTS,
      element: "anyfunc",
    });
    const module = typeof engine === "string" ? await compileCore() : engine;
    const env = { memory, table };
    const core = new Core(module, await WebAssembly.instantiate(module, { env }), env);
    core.#configure(config, poolBase);
    core.exports.reset();
    core.setState("classic", Number(engine === "classic"));
    const { sample, after } = HOT[(typeof engine === "string" ? engine : "fast") as EngineName];
    core.setState("sample", sample);
    core.setState("hot_after", after);
    return core;
  }

  #configure(config: MachineConfig, poolBase: number): void {
    const hash = (on: boolean): number => (on ? config.spaceHashShift : 32);
    const values: Record<keyof typeof timing.offset, number> = {
      load_use: config.loadUse,
      store_busy: config.storeBusy + 1,
      d_miss: config.dataMiss,
      i_miss: config.instructionMiss,
      write_back: config.writeBack,
      interruption: config.interruption,
      mispredict: config.mispredict,
      branch_register: config.branchRegister,
      mfctl: config.mfctl,
      mtctl: config.mtctl,
      mfsp: config.mfsp,
      mtsp: config.mtsp,
      ldsid: config.ldsid,
      rsm: config.rsm,
      ssm: config.ssm,
      mtsm: config.mtsm,
      mtcpu: config.mtcpu,
      mfcpu: config.mfcpu,
      gate: config.gate,
      be: config.be,
      ble: config.ble,
      rfi: config.rfi,
      probe: config.probe,
      tlb_insert: config.tlbInsert,
      tlb_purge: config.tlbPurge,
      flush: config.flush,
      flush_hit: config.flushHit,
      sync: config.sync,
      semaphore: config.semaphore,
      float_load: config.floatLoad,
      float_load_store: config.floatLoadStore,
      float_result: config.floatResult,
      float_bypass: config.floatBypass,
      float_distance: config.floatDistance,
      float_test: config.floatTest,
      divide_single: config.divideSingle,
      divide_double: config.divideDouble,
      root_single: config.rootSingle,
      root_double: config.rootDouble,
      i_mask: (config.instructionCacheBytes - 1) & ~31,
      d_mask: (config.dataCacheBytes - 1) & ~31,
      hash_shift: config.spaceHashShift,
      i_hash: hash(config.instructionSpaceHash),
      d_hash: hash(config.dataSpaceHash),
      itlb_entries: config.instructionTlbEntries,
      dtlb_entries: config.dataTlbEntries,
      block_entries: config.blockTlbEntries,
      unified_tlb: Number(config.unifiedTlb),
      split_protection: Number(config.splitProtection),
      memory_size: config.memoryBytes,
      pool_base: poolBase,
      pool_pages: config.recordPages,
      halt_without_q: Number(config.haltWithoutQ),
      margin: longestRun(config),
    };
    for (const [field, value] of Object.entries(values)) this.set(timing, field, value);
    const hashBits =
      (config.instructionSpaceHash ? 0x2000 : 0) | (config.dataSpaceHash ? 0x0800 : 0);
    this.set(coreState, "dr", hashBits);
  }

  /** Word `index` of a field. */
  get(layout: Struct, field: string, index = 0): number {
    return this.words[(layout.offset[field]! >>> 2) + index]!;
  }
  set(layout: Struct, field: string, value: number, index = 0): void {
    this.words[(layout.offset[field]! >>> 2) + index] = value;
  }
  state(field: CoreField, index = 0): number {
    return this.words[(coreState.offset[field] >>> 2) + index]!;
  }
  setState(field: CoreField, value: number, index = 0): void {
    this.words[(coreState.offset[field] >>> 2) + index] = value;
  }

  /** What follows for the rest of the state when the host has set where it goes on, at a privilege level. */
  goOnAt(privilege: number): void {
    this.setState("shape", 0);
    this.setState("privilege", privilege);
    this.setState("pending", 0);
    this.exports.settleLevel();
  }

  /** How an instruction word accesses memory: a load, a store or both; else undefined. */
  dataAccess(word: number): DataAccess | undefined {
    const answer = this.exports.dataAccess(word);
    return answer === 0
      ? undefined
      : { alignment: answer & 0xff, writes: (answer & DATA_ACCESS_WRITES) !== 0 };
  }

  /** A 64-bit field; exact up to 2^53. */
  state64(field: CoreField): number {
    return pair(this.words, coreState.offset[field] >>> 2);
  }
  setState64(field: CoreField, value: number): void {
    this.setState(field, value % 2 ** 32, 0);
    this.setState(field, Math.floor(value / 2 ** 32), 1);
  }
  counter(field: CounterField): number {
    return pair(this.words, counters.offset[field] >>> 2);
  }
  addCounter(field: CounterField, by: number): void {
    addPair(this.words, counters.offset[field] >>> 2, by);
  }
  addCycles(by: number): void {
    addPair(this.words, coreState.offset.cycles >>> 2, by);
  }
}

function pair(words: Uint32Array, index: number): number {
  return words[index]! + words[index + 1]! * 2 ** 32;
}

function addPair(words: Uint32Array, index: number, by: number): void {
  const sum = pair(words, index) + by;
  words[index] = sum % 2 ** 32;
  words[index + 1] = Math.floor(sum / 2 ** 32);
}

/**
 * Cycles that the fast loop may take between two looks at its limits, at most: a page of
 * instructions, each as slow as the fast loop's can be. What is waited for in the floating-point unit
 * was issued before, so each operation or load adds its latency once, and not each instruction that waits.
 */
function longestRun(config: MachineConfig): number {
  const { mfctl, mtctl, mfsp, mtsp, ldsid, rsm, ssm, mtsm } = config;
  const control = Math.max(mfctl, mtctl, mfsp, mtsp, ldsid, rsm, ssm, mtsm, config.mispredict);
  const { floatResult, floatDistance, floatTest, floatLoad, floatLoadStore } = config;
  const { divideSingle, divideDouble, rootSingle, rootDouble } = config;
  const long = Math.max(divideSingle, divideDouble, rootSingle, rootDouble);
  const float = Math.max(floatResult, floatDistance, floatTest, long);
  const load = Math.max(config.loadUse, floatLoad, floatLoadStore);
  const memory = config.storeBusy + config.dataMiss + config.writeBack + load;
  const fetches = 130 * config.instructionMiss + config.be + config.ble + config.branchRegister;
  return 1026 * (1 + Math.max(control, float, memory)) + fetches;
}
