/**
 * Unix without Mach: a `System` over arrays, whose threads are generators that a chooser takes turns
 * with. Time goes on a little at each turn, and to the next deadline when all sleep.
 */
import { newfs } from "../../../host/osf1/ufs/newfs.ts";
import { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import {
  type Blocking,
  MemoryDisk,
  runToEnd,
  type TimeOfDay,
} from "../../../host/osf1/ufs/device.ts";
import { importTree, type TreeEntry } from "../../../host/osf1/ufs/tree.ts";
import type {
  Awakening,
  Call,
  FileCache,
  Image,
  Mappable,
  Mapping,
  Program,
  Sleep,
  System,
  Tasks,
  Terminal,
} from "../../../host/osf1/unix/call.ts";
import { DEVICE_TREE } from "../../../host/osf1/unix/files/devices.ts";
import type { Process } from "../../../host/osf1/unix/process.ts";
import { signalWaits } from "../../../host/osf1/unix/signals/pending.ts";
import { Unix, type UnixOptions } from "../../../host/osf1/unix/unix.ts";
import { TestMemory } from "./memory.ts";
import { Running, type Body } from "./running.ts";

interface Thread {
  readonly name: string;
  readonly work: Blocking<void>;
  /** Its end is not waited for. */
  readonly isDaemon: boolean;
  channel: object | undefined;
  sleep: Sleep;
  how: Awakening;
}

const DISK_BYTES = 2 ** 21;
const GROUPS = { fragmentsPerGroup: 512, inodesPerGroup: 128 } as const;
/** The time of day when a bed begins, seconds. */
const BOOTED = 725_846_400;
/** Nanoseconds that pass at each turn. */
const TURN = 1000;

/** A generator of choices from a seed: small, and the same everywhere. */
export function chooser(seed: number): (count: number) => number {
  let state = seed | 1;
  return (count) => {
    state = Math.imul(state, 1664525) + 1013904223;
    return (state >>> 8) % count;
  };
}

/** A console: what has been typed and not read, and what was written. */
export class TestConsole implements Terminal {
  readonly #bed: Bed;
  #typed: number[] = [];
  #ended = false;
  text = "";

  constructor(bed: Bed) {
    this.#bed = bed;
  }
  type(text: string): void {
    this.#typed.push(...Array.from(text, (character) => character.charCodeAt(0)));
    this.#bed.wakeup(this);
  }
  end(): void {
    this.#ended = true;
    this.#bed.wakeup(this);
  }
  *read(into: Uint8Array): Blocking<number> {
    while (this.#typed.length === 0 && !this.#ended) yield* this.#bed.sleep(this);
    const bytes = this.#typed.splice(0, into.length);
    into.set(bytes);
    return bytes.length;
  }
  *write(bytes: Uint8Array): Blocking<void> {
    this.text += String.fromCharCode(...bytes);
    yield "console";
  }
}

export interface BedOptions extends Partial<UnixOptions> {
  readonly tree?: readonly TreeEntry[];
  /** Chooses who goes on; without, one after the other. */
  readonly seed?: number;
  /** Everybody waits a turn at each access of the disk. */
  readonly slowDisk?: boolean;
}

class SlowDisk extends MemoryDisk {
  override *read(sector: number, bytes: Uint8Array): Blocking<void> {
    yield "disk";
    yield* super.read(sector, bytes);
  }
  override *write(sector: number, bytes: Uint8Array): Blocking<void> {
    const copy = bytes.slice();
    yield "disk";
    yield* super.write(sector, copy);
  }
}

export class Bed implements System {
  readonly device: MemoryDisk;
  readonly console = new TestConsole(this);
  readonly tasks: Tasks = tasksOf(this);
  readonly memories = new Map<Process, TestMemory>();
  /** Processor time, nanoseconds. */
  readonly used = new Map<Process, { user: number; system: number }>();
  /** Pipes' pages out of the server's memory. */
  pages = 0;
  unix!: Unix;
  #time = 0;
  /** Nanoseconds that the time of day was set forward. */
  #booted = 0;
  #threads: Thread[] = [];
  #current: Thread | undefined;
  readonly #choose: ((count: number) => number) | undefined;
  #turn = 0;

  private constructor({ seed, slowDisk = false }: BedOptions) {
    this.device = new (slowDisk ? SlowDisk : MemoryDisk)(new Uint8Array(DISK_BYTES));
    this.#choose = seed === undefined ? undefined : chooser(seed);
  }

  /** A booted Unix, whose process 1 sleeps for ever when it has no body. */
  static boot(options: BedOptions = {}): Bed {
    const bed = new Bed(options);
    const plain = bed.plainEnvironment();
    runToEnd(newfs(plain, GROUPS));
    const made = runToEnd(FileSystem.mount(plain));
    runToEnd(importTree(made, [...DEVICE_TREE, ...(options.tree ?? [])]));
    runToEnd(made.unmount());
    bed.#start("boot", bed.#boot(options), false);
    bed.run();
    return bed;
  }

  /** The disk without waiting, for tools. */
  plainEnvironment() {
    return {
      device: new MemoryDisk(this.device.bytes),
      now: () => this.now(),
      *sleep() {
        yield "waiting";
      },
      wakeup() {},
    };
  }

  *#boot({ tree: _tree, seed: _seed, slowDisk: _slow, ...options }: BedOptions): Blocking<void> {
    const fs = yield* FileSystem.mount(this, { buffers: 32 });
    this.unix = yield* Unix.boot(this, fs, options);
    this.memories.set(this.unix.init, new TestMemory());
    for (const { name, work } of this.unix.threads()) this.#start(name, work, true);
  }

  #start(name: string, work: Blocking<void>, isDaemon: boolean): void {
    const thread = {
      name,
      work,
      isDaemon,
      channel: undefined,
      sleep: {},
      how: "awakened",
    } as const;
    this.#threads.push({ ...thread });
  }

  /** Another thread of the server's. */
  startThread(name: string, work: Blocking<void>): void {
    this.#start(name, work, true);
  }

  /** Gives process 1 something to do; it ends with its body. */
  startInit(body: Body): void {
    this.startProcess(this.unix.init, body);
  }

  startProcess(process: Process, body: Body): void {
    this.#start(`process ${process.pid}`, new Running(this, process).run(body), false);
  }

  /** Boots, runs process 1 to its end, and gives back the bed. */
  static run(body: Body, options: BedOptions = {}): Bed {
    const bed = Bed.boot(options);
    bed.startInit(body);
    bed.run();
    return bed;
  }

  now() {
    const nanoseconds = this.#time + this.#booted;
    return {
      seconds: BOOTED + Math.floor(nanoseconds / 1e9),
      nanoseconds: ((nanoseconds % 1e9) + 1e9) % 1e9,
    };
  }
  uptime(): number {
    return this.#time;
  }
  setTime({ seconds, nanoseconds }: TimeOfDay): void {
    this.#booted = (seconds - BOOTED) * 1e9 + nanoseconds - this.#time;
  }

  *sleep(channel: object, sleep: Sleep = {}): Blocking<Awakening> {
    const thread = this.#current!;
    if (sleep.interruptible !== undefined && signalWaits(sleep.interruptible)) return "interrupted";
    thread.channel = channel;
    thread.sleep = sleep;
    yield "asleep";
    return thread.how;
  }
  #wake(thread: Thread, how: Awakening): void {
    thread.channel = undefined;
    thread.how = how;
  }
  wakeup(channel: object): void {
    for (const thread of this.#threads)
      if (thread.channel === channel) this.#wake(thread, "awakened");
  }
  interrupt(process: Process): void {
    for (const thread of this.#threads)
      if (thread.channel !== undefined && thread.sleep.interruptible === process)
        this.#wake(thread, "interrupted");
  }

  allocate(bytes: number): Uint8Array {
    this.pages++;
    return new Uint8Array(bytes);
  }
  free(): void {
    this.pages--;
  }

  /** Lets processor time pass for a process. */
  spend(process: Process, nanoseconds: number): void {
    this.#time += nanoseconds;
    this.used.get(process)!.user += nanoseconds;
    this.#wakeSleepers();
  }

  #wakeSleepers(): void {
    for (const thread of this.#threads) {
      const { until } = thread.sleep;
      if (thread.channel !== undefined && until !== undefined && until <= this.#time)
        this.#wake(thread, "timed-out");
    }
  }

  /** Runs until all processes have ended, or nothing can happen any more: then tells who sleeps. */
  run(): string[] {
    for (;;) {
      const busy = this.#threads.filter(({ isDaemon }) => !isDaemon);
      if (busy.length === 0) return [];
      const ready = this.#threads.filter(({ channel }) => channel === undefined);
      if (ready.length === 0) {
        // What only daemons wait for happens for ever, and helps nobody.
        const times = this.#threads.flatMap(({ sleep, isDaemon, name }) =>
          sleep.until === undefined || (isDaemon && name === "timers" && this.#onlySync())
            ? []
            : [sleep.until],
        );
        if (times.length === 0) return busy.map(({ name }) => name);
        this.#time = Math.max(this.#time, Math.min(...times));
        this.#wakeSleepers();
        continue;
      }
      this.#step(ready[this.#choose?.(ready.length) ?? this.#turn++ % ready.length]!);
    }
  }

  /** Runs until all threads sleep, daemons too. */
  settle(): void {
    for (;;) {
      const ready = this.#threads.filter(({ channel }) => channel === undefined);
      if (ready.length === 0) return;
      this.#step(ready[0]!);
    }
  }

  /** Whether the timers have nothing but the daily round of the file system. */
  #onlySync(): boolean {
    return this.unix.timers.count <= 1;
  }

  #step(thread: Thread): void {
    this.#time += TURN;
    this.#wakeSleepers();
    if (thread.channel !== undefined) return;
    this.#current = thread;
    thread.sleep = {};
    if (thread.work.next().done === true) this.#threads.splice(this.#threads.indexOf(thread), 1);
    this.#current = undefined;
  }

  memoryOf(process: Process): TestMemory {
    return this.memories.get(process)!;
  }

  call(process: Process): Call {
    const memory = this.memoryOf(process);
    return {
      process,
      *copyin(address, into) {
        yield "copy";
        memory.read(address, into);
      },
      *copyout(bytes, address) {
        yield "copy";
        memory.write(bytes, address);
      },
      // oxlint-disable-next-line require-yield
      *copyinstr(address, most) {
        return memory.readString(address, most);
      },
      *charge() {},
    };
  }
}

/** A file in the memories of the bed's processes. */
function cacheOf(bed: Bed, object: Mappable): FileCache {
  const flush = function* (): Blocking<void> {
    for (const memory of [...bed.memories.values()]) yield* memory.flush(object);
  };
  return {
    stores: true,
    clean: () => object.locked(flush),
    *during(_offset, _length, change) {
      yield* flush();
      const result = yield* change();
      for (const memory of [...bed.memories.values()]) yield* memory.reload(object);
      return result;
    },
    *release() {},
  };
}

/** Processes as threads and memories of the bed. */
function tasksOf(bed: Bed): Tasks {
  const map = (process: Process, mapping: Mapping) => {
    const object = mapping.shared ? mapping.file?.object : undefined;
    if (object) object.cache ??= cacheOf(bed, object);
    return bed.memoryOf(process).map(mapping);
  };
  return {
    // oxlint-disable-next-line require-yield
    *fork(call, child) {
      bed.memories.set(child, bed.memoryOf(call.process).fork());
      bed.used.set(child, { user: 0, system: 0 });
      bed.startProcess(child, Running.bodyOf(child));
    },
    *exec(call: Call, program: Program): Blocking<Image> {
      return yield* Running.load(bed, call.process, program);
    },
    *terminate(process) {
      yield* bed.memoryOf(process).clear();
      bed.memories.delete(process);
    },
    *notify() {},
    map,
    unmap: (process, address, length) => bed.memoryOf(process).unmap(address, length),
    // oxlint-disable-next-line require-yield
    *protect(process, address, length, protection) {
      bed.memoryOf(process).protect(address, length, protection);
    },
    *wire() {},
    // oxlint-disable-next-line require-yield
    *copy(process, from, length, to) {
      bed.memoryOf(process).copy(from, length, to);
    },
    // oxlint-disable-next-line require-yield
    *times(process) {
      return { ...(bed.used.get(process) ?? { user: 0, system: 0 }) };
    },
  };
}
