/** The public surface of the package: tables as data, and a simulator in a worker. */
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
export { VERSION } from "./version.ts";
export { Simulator } from "./worker/client.ts";
