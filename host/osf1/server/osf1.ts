/**
 * The running server: what all its calls share. Work functions by their names in the server's text are
 * in `routines.ts`.
 */
import type { Work, WorkServer } from "../../mach/interface.ts";
import type { Blocking } from "../ufs/device.ts";
import type { DefectId } from "../defects.ts";
import type { Unix } from "../unix/unix.ts";
import type { DeviceRequests } from "./device-requests.ts";
import type { CallObserver } from "./observer.ts";
import type { ServerMemory } from "./memory.ts";
import type { ServerSystem } from "./system.ts";
import type { MachTasks } from "./tasks.ts";
import type { ServerThreads } from "./threads.ts";
import type { Uthread } from "./uthread.ts";

export interface Osf1 {
  readonly server: WorkServer;
  readonly memory: ServerMemory;
  readonly system: ServerSystem;
  readonly tasks: MachTasks;
  readonly threads: ServerThreads;
  readonly requests: DeviceRequests;
  readonly unix: Unix;
  /** What is wrong with it. */
  readonly defects: ReadonlySet<DefectId>;
  /** The master device port. */
  readonly master: number;
  /** The business of threads of the server's own, by number. */
  readonly workers: readonly Blocking<void>[];
  /** How often calls came, by number and way. */
  readonly counts: CallCounts;
  /** Runs on the thread of a call before it is served: where something is to go wrong. */
  beforeCall?: (thread: Uthread) => Work<void>;
  /** Hears of every call, where somebody wants to. */
  observer?: CallObserver;
}

/** Calls by what brought them (rows U13 to U15 of the paper's claims; Table 7). */
export interface CallCounts {
  /** Generic calls by trap and by message. */
  genericTraps: number;
  genericMessages: number;
  /** Calls with a routine of their own. */
  routineTraps: number;
  routineMessages: number;
  exceptions: number;
  /** Messages that want no answer: devices' answers, a pager's requests, notifications. */
  oneWay: number;
}

/** Nothing has been asked yet. */
export const noCalls = (): CallCounts => ({
  ...{ genericTraps: 0, genericMessages: 0, routineTraps: 0, routineMessages: 0 },
  ...{ exceptions: 0, oneWay: 0 },
});
