/**
 * Relatives of the paper's machine: the HP 9000 Series 700 with PA-7000, 7100, 7150 and 7100LC
 * processors, as far as they are known, each as what differs from HP9000_730.
 *
 * Sizes, clocks and TLBs: openbsd, its manual pages cpu(4) and intro(4) of hppa. Latencies of the later
 * processors: gcc's schedules and GMP's notes. What no source states is marked assumed. This is a machine
 * that issues one instruction a cycle and stalls on every miss: the second instruction that a 7100 may
 * issue beside a floating-point one, and its hits under misses, are not modelled, so later machines come
 * out slower, in cycles, than they were.
 */
import { HP9000_730, type MachineConfig, toMachineConfig } from "./config.ts";

export interface Preset {
  readonly config: MachineConfig;
  readonly processor: "PA-7000" | "PA-7100" | "PA-7150" | "PA-7100LC";
  /** Where the fields that differ from HP9000_730 are from. */
  readonly sources: Readonly<Partial<Record<keyof MachineConfig, string>>>;
}

type Changes = Partial<MachineConfig>;
type Sources = Preset["sources"];

const K = 1024;
const LISTED = "openbsd cpu(4), intro(4)";

function preset(processor: Preset["processor"], changes: Changes, sources: Sources): Preset {
  return { processor, config: toMachineConfig(changes), sources };
}

/** Clock and caches, as every model's row of the manual has them. */
function model(name: string, clockMHz: number, instructionKB: number, dataKB: number) {
  const changes = {
    name: `HP 9000/${name}`,
    clockMHz,
    instructionCacheBytes: instructionKB * K,
    dataCacheBytes: dataKB * K,
  };
  const sources = { clockMHz: LISTED, instructionCacheBytes: LISTED, dataCacheBytes: LISTED };
  return { changes, sources };
}

/** What a PA-7000 of another clock waits for memory. */
function pa7000(parts: ReturnType<typeof model>, miss: number, source: string): Preset {
  return preset(
    "PA-7000",
    { ...parts.changes, instructionMiss: miss, dataMiss: miss },
    { ...parts.sources, instructionMiss: source, dataMiss: source },
  );
}

/** The PA-7100 and its faster successor. */
const PA7100: Changes = {
  instructionTlbEntries: 120,
  dataTlbEntries: 120,
  unifiedTlb: true,
  blockTlbEntries: 16,
  splitProtection: true,
  storeBusy: 1,
  floatLoad: 2,
  floatResult: 2,
  floatBypass: 0,
  floatDistance: 1,
  divideSingle: 8,
  divideDouble: 15,
  rootSingle: 8,
  rootDouble: 15,
};
const PA7100_SOURCES: Sources = {
  instructionTlbEntries: LISTED,
  dataTlbEntries: LISTED,
  unifiedTlb: LISTED,
  blockTlbEntries: LISTED,
  splitProtection: "openbsd",
  storeBusy: "gmp, gcc",
  floatLoad: "gcc",
  floatResult: "gcc",
  floatBypass: "assumed",
  floatDistance: "assumed",
  divideSingle: "gcc",
  divideDouble: "gcc",
  rootSingle: "gcc",
  rootDouble: "gcc",
};

function pa7100(
  parts: ReturnType<typeof model>,
  miss: number,
  source: string,
  processor: "PA-7100" | "PA-7150" = "PA-7100",
): Preset {
  return preset(
    processor,
    { ...PA7100, ...parts.changes, instructionMiss: miss, dataMiss: miss },
    { ...PA7100_SOURCES, ...parts.sources, instructionMiss: source, dataMiss: source },
  );
}

/** The PA-7100LC: a smaller TLB; its one cache off the chip is listed, and modelled, as two halves. */
const PA7100LC: Changes = {
  ...PA7100,
  instructionTlbEntries: 64,
  dataTlbEntries: 64,
  blockTlbEntries: 8,
  divideSingle: 7,
  divideDouble: 14,
  rootSingle: 7,
  rootDouble: 14,
};

function pa7100lc(parts: ReturnType<typeof model>): Preset {
  return preset(
    "PA-7100LC",
    { ...PA7100LC, ...parts.changes, instructionMiss: 27, dataMiss: 27 },
    {
      ...PA7100_SOURCES,
      ...parts.sources,
      instructionMiss: "assumed: 25 to 30, with the memory controller on the chip",
      dataMiss: "assumed: 25 to 30, with the memory controller on the chip",
    },
  );
}

const AT_50_MHZ = "Bershad, IPC performance: 16 cycles a line on a 720 at 50 MHz";
const SLOWER_BOARD = "assumed: as measured on a 720";
const AT_99_MHZ = "assumed: 20 to 30 at 99 MHz";
const SCALED = "assumed: that of a 735, by the clock";

/** Every machine by the name that `--preset` takes. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  HP9000_705: pa7000(model("705", 35, 32, 64), 16, SLOWER_BOARD),
  HP9000_710: pa7000(model("710", 50, 32, 64), 16, SLOWER_BOARD),
  HP9000_720: pa7000(model("720", 50, 128, 256), 16, AT_50_MHZ),
  HP9000_730: { processor: "PA-7000", config: HP9000_730, sources: {} },
  HP9000_750: pa7000(model("750", 66, 256, 256), 14, "assumed: as a 730"),
  HP9000_715_33: pa7100(model("715/33", 33, 64, 64), 8, SCALED),
  HP9000_715_50: pa7100(model("715/50", 50, 64, 64), 13, SCALED),
  HP9000_735: pa7100(model("735", 99, 256, 256), 25, AT_99_MHZ),
  HP9000_755: pa7100(model("755", 99, 256, 256), 25, AT_99_MHZ),
  HP9000_735_125: pa7100(model("735/125", 125, 256, 256), 32, SCALED, "PA-7150"),
  HP9000_712_60: pa7100lc(model("712/60", 60, 32, 32)),
  HP9000_712_80: pa7100lc(model("712/80", 80, 128, 128)),
  HP9000_712_100: pa7100lc(model("712/100", 100, 128, 128)),
};

export const DEFAULT_PRESET = "HP9000_730";
