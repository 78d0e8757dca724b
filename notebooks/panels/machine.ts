/** The machine as controls, and what the null call costs on it: turned, it is measured again. */
import { DEFAULT_PRESET, HP9000_730, PRESETS, type TableResult } from "../../host/worker/client.ts";
import { CONFIGURATIONS } from "../draw/legend.ts";
import { type Control, menu, type Option, slider, toggle } from "../lab/controls.ts";
import type { LiveFigure } from "../lab/figure.ts";
import type { Lab } from "../lab/lab.ts";
import type { State } from "../lab/state.ts";
import { callSnapshot } from "./call-snapshot.ts";
import { ROWS } from "./race.ts";
import { tablePanel } from "./table.ts";

/** Operations that drain the pipeline: one slider for all, as calibration.ts has one figure for all. */
const CONTROL_OPERATIONS = ["mfctl", "mtctl", "mfsp", "mtsp", "rsm", "ssm", "mtsm", "mtcpu", "mfcpu", "gate", "be", "ble", "rfi"] as const; // prettier-ignore
const ITERATIONS = 8;
const FROM_PRESET = "preset";
const ALL = "all";

export function bytesText(value: number): string {
  return value >= 2 ** 20 ? `${value / 2 ** 20} MB` : `${value / 1024} KB`;
}

const cycles = (value: number) => `${value} cycle${value === 1 ? "" : "s"}`;

function sizes(kilobytes: readonly number[]): Option[] {
  const options = kilobytes.map((size) => ({ value: String(size * 1024), title: bytesText(size * 1024) })); // prettier-ignore
  return [{ value: FROM_PRESET, title: "as the model’s" }, ...options];
}

/** A control, and the settings that it stands for where it is not at its default. */
interface Knob {
  readonly control: Control<string> | Control<number> | Control<boolean>;
  settings(): string[];
}

export interface MachineChoice {
  readonly controls: readonly HTMLElement[];
  /** For a request: the preset and what differs from it. */
  request(): { readonly preset?: string; readonly set?: readonly string[] };
}

/** Every control of the machine that these pages have. */
export function machineControls(state: State): MachineChoice {
  const preset = menu(
    { state, key: "preset", label: "Model" },
    Object.entries(PRESETS).map(([value, { config, processor }]) => ({
      value,
      title: `${config.name}, ${processor}, ${config.clockMHz} MHz`,
    })),
    DEFAULT_PRESET,
  );
  const number = (key: keyof typeof HP9000_730, label: string, high: number): Knob => {
    const initial = HP9000_730[key] as number;
    const control = slider({ state, key, label }, { low: 0, high, initial, show: cycles });
    return {
      control,
      settings: () => (control.value === initial ? [] : [`${key}=${control.value}`]),
    };
  };
  const size = (key: string, label: string, options: readonly Option[]): Knob => {
    const control = menu({ state, key, label }, options, FROM_PRESET);
    return {
      control,
      settings: () => (control.value === FROM_PRESET ? [] : [`${key}=${control.value}`]),
    };
  };
  const operations = slider(
    { state, key: "control", label: "Control and space registers, PSW, gates" },
    { low: 0, high: 20, initial: HP9000_730.mfctl, show: (value) => `+${cycles(value)}` },
  );
  const entries = slider(
    { state, key: "tlb", label: "Entries of each TLB" },
    { low: 2, high: 96, initial: 96 },
  );
  const hash = toggle({ state, key: "hash", label: "space in cache indexes" }, true);
  const knobs: Knob[] = [
    number("dataMiss", "A data cache miss", 100),
    number("instructionMiss", "An instruction cache miss", 100),
    number("storeBusy", "Memory busy after a store", 8),
    number("loadUse", "Using what was just loaded", 8),
    {
      control: operations,
      settings: () =>
        operations.value === HP9000_730.mfctl
          ? []
          : CONTROL_OPERATIONS.map((name) => `${name}=${operations.value}`),
    },
    {
      control: entries,
      settings: () =>
        entries.value === 96
          ? []
          : [`instructionTlbEntries=${entries.value}`, `dataTlbEntries=${entries.value}`],
    },
    size("instructionCacheBytes", "Instruction cache", sizes([4, 8, 16, 32, 64, 128, 256, 1024])),
    size("dataCacheBytes", "Data cache", sizes([4, 8, 16, 32, 64, 256, 1024])),
    {
      control: hash,
      settings: () => (hash.value ? [] : ["instructionSpaceHash=false", "dataSpaceHash=false"]),
    },
  ];
  return {
    controls: [preset, ...knobs.map(({ control }) => control)],
    request() {
      const set = knobs.flatMap((knob) => knob.settings());
      return {
        ...(preset.value !== DEFAULT_PRESET && { preset: preset.value }),
        ...(set.length > 0 && { set }),
      };
    },
  };
}

/** One row of Table 3 on the machine that the controls make. */
export function machinePanel(lab: Lab): LiveFigure<TableResult> {
  const machine = machineControls(lab.state);
  const rows = [...ROWS, { value: ALL, title: "all of Table 3" }];
  const row = menu({ state: lab.state, key: "row", label: "The call" }, rows);
  return tablePanel(lab, {
    name: "machine",
    label: "Cycles of a call on this machine",
    height: 150,
    controls: [row, ...machine.controls],
    request: () => ({
      table: "3",
      ...(row.value !== ALL && { rows: [row.value] }),
      iterations: ITERATIONS,
      ...machine.request(),
    }),
    more: ({ rows: [asked = "null"] = [], preset, set }) =>
      CONFIGURATIONS.map(({ id, title }) =>
        callSnapshot(
          lab,
          { row: asked, configuration: id, ...(preset && { preset }), ...(set && { set }) },
          title,
        ),
      ),
    caption: ({ rows, config }) => {
      const of = (name: string) => rows.find(({ column }) => column === name)?.value ?? Number.NaN;
      const ratio = (of("UNOPTIMIZED") / of("INKS_TRAP")).toFixed(2);
      const { clockMHz, name } = config.machine;
      const microseconds = (of("INKS_TRAP") / clockMHz).toFixed(1);
      return `On this machine a trap takes ${microseconds} µs (${name}, ${clockMHz} MHz), and a message ${ratio} times as many cycles. The paper’s figures are for the HP 9000/730 only.`;
    },
  });
}
