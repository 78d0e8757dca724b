/**
 * The public surface of the package: a machine, a booted kernel with the paper's test on it, tables as
 * data, a simulator in a worker, and the tools.
 */
export { assemble, type AssembleOptions } from "./asm/assemble.ts";
export { disassemble } from "./asm/disassemble.ts";
export { elfImage } from "./asm/elf/image.ts";
export { elfObject } from "./asm/elf/object.ts";
export { type ElfFile, readElf } from "./asm/elf/read.ts";
export { writeExecutable } from "./asm/elf/write-executable.ts";
export { writeObject } from "./asm/elf/write-object.ts";
export type { Image } from "./asm/image.ts";
export { type Layout, link } from "./asm/link.ts";
export type { ObjectFile } from "./asm/object.ts";
export { type BareOptions, type BareResult, type Observed, runBare } from "./bare/run.ts";
export { NO_FILES, type Surroundings } from "./bare/surroundings.ts";
export {
  CONFIGURATIONS,
  type Configuration,
  INKS_MESSAGE,
  INKS_TRAP,
  UNOPTIMIZED,
} from "./bench/configurations.ts";
export { boot, type BootRequest, table } from "./bench/boot.ts";
export { aftermathText, faultText } from "./bench/fault-text.ts";
export { type Aftermath, type FaultyRun, runWithFault } from "./bench/faults.ts";
export { Cancelled, type CheckedClaim, type Progress, type TidyRow } from "./bench/experiment.ts";
export type { RpcBed } from "./bench/rpc/bed.ts";
export type { CallRequest } from "./bench/rpc/call-machine.ts";
export {
  type CallSnapshot,
  resumeCall,
  type ResumedCall,
  snapshotCall,
  snapshotText,
} from "./bench/rpc/call-snapshot.ts";
export { runTable, type TableRequest, type TableResult } from "./bench/request.ts";
export { readRecord, recordText, type SessionRecord } from "./bench/session/record.ts";
export { type SessionRequest, type SessionState, UnixSession } from "./bench/session/session.ts";
export { type Diagnostic, DiagnosticError, formatDiagnostic } from "./diagnostic.ts";
export {
  bindInterface,
  type Binding,
  type Client,
  type Memory,
  type Polymorphic,
  type Server,
} from "./kmig/binding.ts";
export { kmig, type KmigOptions, type KmigOutput } from "./kmig/kmig.ts";
export {
  HP9000_730,
  type MachineConfig,
  toMachineConfig,
  withoutTiming,
} from "./machine/config.ts";
export { EventTrace, type TraceEvent } from "./machine/event-trace.ts";
export {
  type InspectedStop,
  Inspector,
  type InspectorOptions,
  type RecentInstruction,
  type Until,
} from "./machine/inspector.ts";
export {
  type Account,
  type CacheLine,
  type Checkpoint,
  type Counters,
  Machine,
  type Stop,
  type TlbEntry,
  type Tracer,
  type Translation,
  type WatchHit,
  type Watchpoint,
} from "./machine/machine.ts";
export { type Parameter, PARAMETERS } from "./machine/parameters.ts";
export { DEFAULT_PRESET, type Preset, PRESETS } from "./machine/presets.ts";
export { Profile, type ProfileNode, type ProfileRow } from "./machine/profile.ts";
export { type LoadedImage, Symbols } from "./machine/symbols.ts";
export {
  chromeTrace,
  profileText,
  speedscopeProfile,
  speedscopeTrace,
  traceText,
} from "./machine/trace-formats.ts";
export { VERSION } from "./version.ts";
export { type RunWatch, Simulator } from "./worker/client.ts";
