/**
 * The server comes up: its ports, its disk and file system, its threads, a process with the first
 * program. Then its first thread serves like the others.
 */
import { MACH_MSG_TYPE, MACH_PORT, VM_INHERIT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import {
  D_READ,
  D_WRITE,
  type StartWork,
  type Work,
  type WorkEntry,
  type WorkServer,
} from "../../mach/interface.ts";
import { panic } from "../../diagnostic.ts";
import type { DefectId } from "../defects.ts";
import type { Blocking } from "../ufs/device.ts";
import { FileSystem } from "../ufs/file-system.ts";
import { Unix, type UnixOptions } from "../unix/unix.ts";
import { SeededBytes } from "../../platform/seeded-bytes.ts";
import { ServerCall } from "./call.ts";
import { DeviceRequests } from "./device-requests.ts";
import { device_get_size, device_open, DeviceDisk, DeviceTerminal } from "./devices.ts";
import { BUFFER_COUNT } from "./image.ts";
import { InformationPages } from "./information.ts";
import * as mach from "./mach.ts";
import { ServerMemory } from "./memory.ts";
import { noCalls, type Osf1 } from "./osf1.ts";
import { drive } from "./perform.ts";
import { goOn, halt } from "./notify.ts";
import { ROUTINES, unserved } from "./routines.ts";
import { Sleepers } from "./sleep.ts";
import { ServerSystem } from "./system.ts";
import { MachTasks } from "./tasks.ts";
import { ServerThreads } from "./threads.ts";
import { LOCAL } from "./transfer.ts";
import { stackOf, Uthread } from "./uthread.ts";
import { VnodePager } from "./vnode-pager.ts";

const { MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE } = MACH_PORT;

export interface ServerOptions {
  /** Names of work functions by number (`ServerImage.routines`). */
  readonly routines: readonly string[];
  /** How processes call: which emulator they get. */
  readonly calls: "trap" | "message";
  /** Its symbols. */
  readonly emulator: ReadonlyMap<string, number>;
  /** Names of the devices. */
  readonly disk: string;
  readonly console: string;
  readonly unix: Partial<UnixOptions>;
  readonly defects?: readonly DefectId[];
  /** Gives the first process its descriptors and its program. */
  readonly init: (osf1: Osf1, call: ServerCall) => Blocking<void>;
  /** Told when the server is up. */
  readonly started?: (osf1: Osf1) => void;
}

/** Routines of which nobody waits for an answer. */
const ONE_WAY = /^(?:memory_object_|do_mach_notify_|device_\w+_reply)/;

/** What `WorkServerFile.start` is for this server. */
export function osf1Work(options: ServerOptions): (server: WorkServer) => StartWork {
  return (server) => {
    let running: Osf1 | undefined;
    const stacks = new Map<number, Uthread>();
    const threadOn = (address: number): Uthread => {
      const stack = stackOf(address);
      const thread = stacks.get(stack) ?? new Uthread(server, stack);
      stacks.set(stack, thread);
      return thread;
    };
    return (entry: WorkEntry): Work<number> => {
      const thread = threadOn(entry.stack);
      const name = options.routines[entry.routine] ?? panic(`osf1: no routine ${entry.routine}`);
      if (name === "start")
        return start(server, options, thread, entry, (osf1) => {
          running = osf1;
          options.started?.(osf1);
        });
      const osf1 = running ?? panic(`osf1: ${name} before the server is up`);
      if (name === "worker") return work(osf1, thread, entry.argument(0));
      if (ONE_WAY.test(name)) osf1.counts.oneWay += 1;
      return (ROUTINES.get(name) ?? unserved)(osf1, thread, entry);
    };
  };
}

function* start(
  server: WorkServer,
  options: ServerOptions,
  thread: Uthread,
  entry: WorkEntry,
  started: (osf1: Osf1) => void,
): Work<number> {
  const host = entry.argument(0);
  const master = entry.argument(1);
  const self = yield* mach.mach_task_self(thread);
  // Null pointers fault: page zero goes (paper §3.2, footnote 3).
  yield* mach.succeed("vm_deallocate", mach.vm_deallocate(thread, self, 0, MEMORY_MAP.PAGE_SIZE));
  const set = yield* allocate(thread, self, MACH_PORT_RIGHT_PORT_SET);
  const objects = yield* allocate(thread, self, MACH_PORT_RIGHT_PORT_SET);
  const replies = yield* allocate(thread, self, MACH_PORT_RIGHT_PORT_SET);
  const exceptions = yield* allocate(thread, self, MACH_PORT_RIGHT_RECEIVE);
  // A task's special port is given by a send right.
  const { MACH_MSG_TYPE_MAKE_SEND } = MACH_MSG_TYPE;
  const insert = mach.mach_port_insert_right;
  yield* mach.succeed(
    "insert_right",
    insert(thread, self, exceptions, exceptions, MACH_MSG_TYPE_MAKE_SEND),
  );
  yield* mach.succeed("move_member", mach.mach_port_move_member(thread, self, exceptions, set));

  const memory = new ServerMemory(server);
  // Processes are forked off this task; wired memory would be copied page by page.
  const { address, length } = memory.range;
  const { VM_INHERIT_NONE } = VM_INHERIT;
  yield* mach.succeed(
    "vm_inherit",
    mach.vm_inherit(thread, self, address, length, VM_INHERIT_NONE),
  );
  const mode = D_READ | D_WRITE;
  const diskPort = yield* mach.must("device_open", device_open(thread, master, mode, options.disk));
  const size = yield* mach.must("device_get_status", device_get_size(thread, diskPort));
  const disk = new DeviceDisk(diskPort, size, memory);
  const line = yield* mach.must("device_open", device_open(thread, master, mode, options.console));

  const sleepers = new Sleepers();
  const requests = new DeviceRequests(self, replies, sleepers);
  const random = new SeededBytes(options.unix.seed ?? 0);
  const defects = new Set(options.defects);
  const tasks = new MachTasks({
    ports: { host, self, set, exceptions },
    memory,
    pager: new VnodePager(self, objects, memory, sleepers),
    information: new InformationPages(self, objects),
    emulatorSymbols: options.emulator,
    calls: options.calls,
    randomBytes: (count) => random.bytes(count),
    ...(defects.has("stop-at-once") && { halt, resume: goOn }),
  });
  const system = new ServerSystem(server, memory, {
    device: disk,
    console: new DeviceTerminal(line, memory, requests),
    tasks,
    sleepers,
  });
  const run = <T>(blocking: Blocking<T>): Work<T> => drive(thread, blocking, system.sleepers);
  const storage = (index: number): Uint8Array => memory.block(index);
  const fs = yield* run(FileSystem.mount(system, { buffers: BUFFER_COUNT, storage }));
  const unix = yield* run(Unix.boot(system, fs, options.unix));
  const threads = new ServerThreads(server, self, set);
  const workers = [...unix.threads().map((worker) => worker.work), tasks.pager.run()];
  const counts = noCalls();
  const osf1 = {
    ...{ server, memory, system, tasks, threads, requests },
    ...{ unix, defects, master, workers, counts },
  };
  started(osf1);
  yield* threads.service(thread, replies);
  disk.answeredBy(requests);
  yield* threads.service(thread, objects);
  yield* tasks.information.open(thread);
  const worker = options.routines.indexOf("worker");
  for (const index of workers.keys()) yield* threads.worker(thread, worker, index);

  yield* tasks.first(thread, unix.first);
  const call = new ServerCall({ process: unix.first, memory, state: 0, way: LOCAL });
  yield* run(options.init(osf1, call));
  yield* run(tasks.begin(unix.first));
  return set;
}

const allocate = (thread: Uthread, self: number, right: number): Work<number> =>
  mach.must("mach_port_allocate", mach.mach_port_allocate(thread, self, right));

/** A thread of the server's own; it ends with its business, as the console's does with its input. */
function* work({ workers, system }: Osf1, thread: Uthread, index: number): Work<number> {
  const own = workers[index] ?? panic(`osf1: no worker ${index}`);
  yield* drive(thread, own, system.sleepers);
  yield* mach.thread_terminate(thread, yield* thread.call("mach_thread_self"));
  return panic(`osf1: worker ${index} outlived its end`);
}
