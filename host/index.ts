/** The public surface of the package: tables as data, a simulator in a worker, and the tools. */
export { assemble, type AssembleOptions } from "./asm/assemble.ts";
export { disassemble } from "./asm/disassemble.ts";
export type { Image } from "./asm/image.ts";
export { type Layout, link } from "./asm/link.ts";
export type { ObjectFile } from "./asm/object.ts";
export {
  CONFIGURATIONS,
  type Configuration,
  INKS_MESSAGE,
  INKS_TRAP,
  UNOPTIMIZED,
} from "./bench/configurations.ts";
export { Cancelled, type CheckedClaim, type Progress, type TidyRow } from "./bench/experiment.ts";
export { runTable, type TableRequest, type TableResult } from "./bench/request.ts";
export { type Diagnostic, DiagnosticError, formatDiagnostic } from "./diagnostic.ts";
export { kmig, type KmigOptions, type KmigOutput } from "./kmig/kmig.ts";
export { HP9000_730, type MachineConfig, toMachineConfig } from "./machine/config.ts";
export { Machine } from "./machine/machine.ts";
export { VERSION } from "./version.ts";
export { Simulator } from "./worker/client.ts";
