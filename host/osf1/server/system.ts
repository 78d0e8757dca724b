/**
 * What Unix needs besides its callers (`System`), over the server: sleeping threads, the disk, the
 * console, the clock, and pages of the server's own.
 */
import type { WorkServer } from "../../mach/interface.ts";
import type { CostId } from "../costs.ts";
import type { Blocking, BlockDevice, TimeOfDay } from "../ufs/device.ts";
import type { Awakening, Sleep, System, Terminal } from "../unix/call.ts";
import type { Process } from "../unix/process.ts";
import { charge } from "./call.ts";
import type { ServerMemory } from "./memory.ts";
import { perform } from "./perform.ts";
import type { Sleepers } from "./sleep.ts";
import type { MachTasks } from "./tasks.ts";

const NANOSECONDS = 1e9;
/** When machines boot: the first day of the paper's conference, 1993-04-20, 0:00 UTC, seconds. */
const BOOT_TIME = 735264000;

export class ServerSystem implements System {
  readonly device: BlockDevice;
  readonly console: Terminal;
  readonly tasks: MachTasks;
  readonly sleepers: Sleepers;
  readonly #server: WorkServer;
  readonly #memory: ServerMemory;
  /** Time since 1970 when the machine booted. */
  #boot: TimeOfDay = { seconds: BOOT_TIME, nanoseconds: 0 };

  constructor(
    server: WorkServer,
    memory: ServerMemory,
    given: Pick<ServerSystem, "device" | "console" | "tasks" | "sleepers">,
  ) {
    this.#server = server;
    this.#memory = memory;
    this.device = given.device;
    this.console = given.console;
    this.tasks = given.tasks;
    this.sleepers = given.sleepers;
  }

  uptime(): number {
    return Math.floor((this.#server.cycles() * 1000) / this.#server.clockMHz);
  }

  now(): TimeOfDay {
    const up = this.uptime();
    const nanoseconds = this.#boot.nanoseconds + (up % NANOSECONDS);
    return {
      seconds:
        this.#boot.seconds + Math.floor(up / NANOSECONDS) + Number(nanoseconds >= NANOSECONDS),
      nanoseconds: nanoseconds % NANOSECONDS,
    };
  }
  setTime({ seconds, nanoseconds }: TimeOfDay): void {
    const up = this.uptime();
    const part = nanoseconds - (up % NANOSECONDS);
    this.#boot = {
      seconds: seconds - Math.floor(up / NANOSECONDS) - Number(part < 0),
      nanoseconds: (part + NANOSECONDS) % NANOSECONDS,
    };
  }

  *sleep(channel: object, { interruptible, until }: Sleep = {}): Blocking<Awakening> {
    const milliseconds =
      until === undefined ? undefined : Math.max(1, Math.ceil((until - this.uptime()) / 1e6));
    return yield* perform((thread) =>
      this.sleepers.sleep(thread, channel, interruptible, milliseconds),
    );
  }
  wakeup(channel: object): void {
    this.sleepers.wakeup(channel);
  }
  interrupt(process: Process): void {
    this.sleepers.interrupt(process);
  }
  charge(cost: CostId, times?: number): Blocking<void> {
    return charge(cost, times);
  }
  allocate(bytes: number): Uint8Array {
    return this.#memory.allocate(bytes);
  }
  free(bytes: Uint8Array): void {
    this.#memory.free(bytes);
  }
}
