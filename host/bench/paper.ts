/**
 * What the paper says: every figure of its tables, and those of its text that are a table. J. Lepreau,
 * M. Hibler, B. Ford, J. Law, "In-Kernel Servers on Mach 3.0: Implementation and Performance",
 * USENIX Mach III, 1993.
 *
 * Only experiment.ts, report.ts and tests may import this, so that nothing which produces a number
 * can know the number it should produce. Row and column ids are those of the experiments. Ratios
 * are as printed, not recomputed. `null`: the paper prints no figure there.
 */

export interface PaperTable {
  readonly unit: string;
  readonly columns: readonly string[];
  /** By row id, in the order of `columns`. */
  readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  /** The figures that the paper prints in parentheses, in the same places. */
  readonly printed?: Readonly<Record<string, readonly (number | null)[]>>;
  /** Decimals of the printed figures. */
  readonly digits?: number;
}

const CALLS = ["UNOPTIMIZED", "INKS_MESSAGE", "INKS_TRAP"];

/** Stages 1, 2, 3 … of a table in one column. */
function stages(...columns: readonly (readonly number[])[]): Record<string, number[]> {
  return Object.fromEntries(
    columns[0]!.map((_, i) => [String(i + 1), columns.map((column) => column[i]!)]),
  );
}

export const PAPER: Readonly<Record<string, PaperTable>> = {
  1: {
    unit: "cycles",
    columns: ["UNOPTIMIZED", "INKS_MESSAGE"],
    values: {
      ...stages(
        [
          24, 199, 350, 18, 205, 159, 178, 122, 443, 19, 17, 172, 378, 18, 211, 144, 178, 90, 364,
          172, 17,
        ],
        [
          24, 199, 369, 18, 205, 159, 178, 121, 404, 19, 17, 172, 304, 18, 212, 144, 179, 90, 364,
          173, 17,
        ],
      ),
      total: [3478, 3386],
    },
  },
  2: {
    unit: "cycles",
    columns: ["INKS_TRAP"],
    values: { ...stages([24, 213, 116, 22, 92, 29, 232, 20, 229, 17, 163, 17]), total: [1174] },
  },
  3: {
    unit: "cycles",
    columns: CALLS,
    values: {
      null: [2312, 2220, 656],
      in64: [2555, 2462, 830],
      in1024: [5843, 5890, 1791],
      out1024: [8366, 7512, 2741],
      inout128: [3385, 3291, 1122],
    },
    digits: 1,
    printed: {
      null: [3.5, 3.4, null],
      in64: [3.1, 3.0, null],
      in1024: [3.3, 3.3, null],
      out1024: [3.0, 2.7, null],
      inout128: [3.0, 2.9, null],
    },
  },
  4: {
    unit: "µs",
    columns: CALLS,
    values: {
      "nop-emulator": [11.3, 11.3, 11.9],
      "nop-server": [92.7, 86.7, 44.6],
      getpid: [11.9, 11.9, 11.9],
      getgid: [92.6, 85.9, 42.5],
      setrlimit: [114.2, 105.6, 58.7],
      read4096: [813.8, 802.1, 682.4],
      read64: [310.0, 301.2, 183.5],
      write4096: [489.7, 483.2, 396.5],
      write64: [179.4, 172.7, 90.5],
      stat: [280.5, 273.2, 180.9],
      create: [535.6, 518.8, 317.2],
      signal: [394.1, 372.5, 269.1],
    },
    digits: 2,
    printed: {
      "nop-emulator": [0.95, 0.95, null],
      "nop-server": [2.08, 1.94, null],
      getpid: [1.0, 1.0, null],
      getgid: [2.18, 2.02, null],
      setrlimit: [1.94, 1.8, null],
      read4096: [1.19, 1.18, null],
      read64: [1.7, 1.64, null],
      write4096: [1.23, 1.22, null],
      write64: [1.98, 1.91, null],
      stat: [1.55, 1.51, null],
      create: [1.69, 1.64, null],
      signal: [1.46, 1.38, null],
    },
  },
  5: {
    unit: "µs",
    columns: ["UNOPTIMIZED", "INKS"],
    values: { message: [18.81, 16.71], trap: [6.86, 4.75] },
    digits: 2,
    printed: { message: [1.13, null], trap: [1.44, null] },
  },
  6: {
    unit: "s",
    columns: CALLS,
    values: { build: [1682, null, 1463], andrew: [48.8, 49.5, 47.0] },
    digits: 2,
    printed: { build: [1.15, null, null], andrew: [1.04, 1.05, null] },
  },
  7: {
    unit: "calls",
    columns: ["USER", "SERVER"],
    values: {
      emulation: [82474, null],
      inks: [48142, null],
      "mach-trap": [2748, 41480],
      "mach-message": [16024, 45654],
      total: [149388, 87134],
    },
    digits: 1,
    printed: {
      emulation: [34.9, null],
      inks: [20.4, null],
      "mach-trap": [1.2, 17.5],
      "mach-message": [6.8, 19.3],
      total: [63.2, 36.8],
    },
  },
  8: {
    unit: "messages",
    columns: ["USER", "SERVER"],
    values: {
      "sync-simple": [7810, 22176],
      "sync-complex": [8214, 4666],
      "async-send": [null, 6552],
      "async-receive": [null, 12260],
      total: [16024, 45654],
    },
    digits: 1,
    printed: {
      "sync-simple": [12.7, 35.9],
      "sync-complex": [13.3, 7.6],
      "async-send": [null, 10.6],
      "async-receive": [null, 19.9],
      total: [26.0, 74.0],
    },
  },
  /** §4.4, in words: what instrumenting the paths of Tables 1 and 2 cost. */
  stamps: {
    unit: "cycles",
    columns: ["UNOPTIMIZED", "INKS_MESSAGE"],
    values: { overhead: [93, 95] },
  },
  "stamps-trap": { unit: "cycles", columns: ["INKS_TRAP"], values: { overhead: [52] } },
  /** §4.3, in words. */
  copies: {
    unit: "copies",
    columns: CALLS,
    values: { value: [4, 4, 1], in: [3, 3, 1], out: [3, 3, 1], inout: [7, 7, 2] },
  },
};

/** The paper's figure for one cell; `null` where it prints none. */
export function paperValue(table: string, row: string, column: string): number | null {
  const paper = PAPER[table];
  return paper?.values[row]?.[paper.columns.indexOf(column)] ?? null;
}
