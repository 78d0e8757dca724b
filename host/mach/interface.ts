/**
 * All that a server outside the kernel's source may use of it: what it links (libmach, client stubs of
 * the kernel's interfaces), how its text reaches its TypeScript, the codes of devices, and how a
 * machine is booted with it. Nothing of the kernel's state: a server asks for that by Mach calls. What is
 * below faults/ serves who breaks a machine from outside and looks at the pieces, no server.
 */
export type { CostRow } from "../machine/costs.ts";
export type { Counters } from "../machine/counters.ts";
export type { MachineConfig } from "../machine/config.ts";
export { clientStubs } from "./boot/programs.ts";
export {
  bootSystem,
  type ServerFiles,
  type System,
  type SystemOptions,
  type WorkServerFile,
} from "./boot/system.ts";
export { Communication, type CommunicationCounts } from "./communication.ts";
export { definitions } from "./definitions.ts";
export { D, D_READ, D_WRITE, DEV_GET_SIZE } from "./device/device.ts";
export { type Disk, DiskImage, type DiskOptions } from "./device/disk.ts";
export { type DiskParameters, diskSectors, HP_C2235 } from "./device/disk-timing.ts";
export { damage } from "./faults/contain.ts";
export { GuestStopped } from "./fault.ts";
export { bytesAt, contents, type Place, placeOf } from "./faults/place.ts";
export {
  elementPart,
  elementProblem,
  kernelSymbol,
  variablePart,
  variableProblem,
} from "./faults/target.ts";
export { makeTerminator, type Terminator } from "./faults/terminator.ts";
export type { KernelOptions } from "./kernel.ts";
export { deathText, type TaskDeath } from "./task-deaths.ts";
export type { TaskMemory } from "./task-memory.ts";
export { libmach } from "./text.ts";
export type { StartWork, Work, WorkEntry, WorkServer, WorkStep } from "./work.ts";
