/**
 * The paper's machine, and how a configuration is made from it and checked. What the fields are, and
 * what they may be, stands in parameters.ts; presets.ts has the other machines.
 */
import { DiagnosticError, type Diagnostic } from "../diagnostic.ts";
import { CONTROL_OPERATIONS, CONTROL_READS } from "./calibration.ts";
import { type MachineConfig, type Parameter, PARAMETERS, problemOf } from "./parameters.ts";

export type { MachineConfig };

/** The paper's machine. */
export const HP9000_730: MachineConfig = Object.freeze({
  name: "HP 9000/730",
  clockMHz: 67,
  memoryBytes: 32 * 2 ** 20,
  instructionCacheBytes: 128 * 2 ** 10,
  dataCacheBytes: 256 * 2 ** 10,
  instructionSpaceHash: true,
  dataSpaceHash: true,
  spaceHashShift: 12,
  instructionTlbEntries: 96,
  dataTlbEntries: 96,
  unifiedTlb: false,
  blockTlbEntries: 4,
  splitProtection: false,
  instructionMiss: 14,
  dataMiss: 14,
  writeBack: 0,
  loadUse: 1,
  storeBusy: 2,
  mispredict: 0,
  branchRegister: 0,
  mfctl: CONTROL_READS.value,
  mtctl: CONTROL_OPERATIONS.value,
  mfsp: CONTROL_READS.value,
  mtsp: CONTROL_OPERATIONS.value,
  ldsid: 0,
  rsm: CONTROL_OPERATIONS.value,
  ssm: CONTROL_OPERATIONS.value,
  mtsm: CONTROL_OPERATIONS.value,
  mtcpu: CONTROL_OPERATIONS.value,
  mfcpu: CONTROL_READS.value,
  gate: CONTROL_OPERATIONS.value,
  be: CONTROL_OPERATIONS.value,
  ble: CONTROL_OPERATIONS.value,
  rfi: CONTROL_OPERATIONS.value,
  interruption: 2,
  probe: 0,
  tlbInsert: 0,
  tlbPurge: 0,
  sync: 0,
  semaphore: 1,
  flush: 0,
  flushHit: 6,
  floatLoad: 2,
  floatLoadStore: 4,
  floatResult: 3,
  floatBypass: 1,
  floatDistance: 2,
  floatTest: 4,
  divideSingle: 10,
  divideDouble: 12,
  rootSingle: 14,
  rootDouble: 18,
  haltWithoutQ: true,
  recordPages: 1024,
});

/**
 * A whole configuration: `changes` laid over HP9000_730, checked.
 * @throws DiagnosticError naming each field that is out of range.
 */
export function toMachineConfig(changes: Partial<MachineConfig> = {}): MachineConfig {
  const config: MachineConfig = { ...HP9000_730, ...changes };
  const problems: Diagnostic[] = [];
  for (const [key, value] of Object.entries(config)) {
    const parameter = PARAMETERS[key as keyof MachineConfig] as Parameter | undefined;
    const message = parameter ? problemOf(parameter, value) : "no parameter of a machine";
    if (message !== undefined)
      problems.push({ file: key, line: 0, column: 0, message: `${message}: ${String(value)}` });
  }
  if (problems.length > 0) throw new DiagnosticError(problems);
  return Object.freeze(config);
}

/** A configuration in which nothing costs more than its one cycle: cycles count instructions. */
export function withoutTiming(config: MachineConfig): MachineConfig {
  const cycles = Object.entries(PARAMETERS).flatMap(([key, { kind, range }]) =>
    kind === "cycles" ? [[key, range![0]]] : [],
  );
  return Object.freeze({ ...config, ...Object.fromEntries(cycles) });
}
