/**
 * A SCSI disk: an image in memory behind a driver that sorts its requests by cylinder (one sweep up,
 * then from the bottom again, as disksort does) and a drive that takes its time (disk-timing.ts).
 * Data move at the completion interrupt. Blocks nobody has written read as zeros and take no memory.
 */
import { type Interrupts, INTERRUPT_BIT } from "../kern/interrupts.ts";
import { type Procedure, thread_wakeup } from "../kern/procedure.ts";
import type { KernelState } from "../kern/state.ts";
import { D, type Device, DEV_GET_SIZE } from "./device.ts";
import {
  AT_REST,
  cylinderOf,
  type DiskParameters,
  diskSectors,
  type DiskState,
  HP_C2235,
  serve,
} from "./disk-timing.ts";

const CHUNK = 65536;

/** Sectors by number, in chunks. */
export class DiskImage {
  readonly #chunks = new Map<number, Uint8Array>();

  read(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#each(at, length, (index, offset, from, count) => {
      const chunk = this.#chunks.get(index);
      if (chunk) bytes.set(chunk.subarray(offset, offset + count), from);
    });
    return bytes;
  }
  write(at: number, bytes: Uint8Array): void {
    this.#each(at, bytes.length, (index, offset, from, count) => {
      const chunk = this.#chunks.get(index) ?? new Uint8Array(CHUNK);
      this.#chunks.set(index, chunk);
      chunk.set(bytes.subarray(from, from + count), offset);
    });
  }
  #each(
    at: number,
    length: number,
    visit: (index: number, offset: number, from: number, count: number) => void,
  ): void {
    for (let from = 0; from < length;) {
      const offset = (at + from) % CHUNK;
      const count = Math.min(length - from, CHUNK - offset);
      visit(Math.floor((at + from) / CHUNK), offset, from, count);
      from += count;
    }
  }
}

interface Request {
  readonly sector: number;
  readonly count: number;
  readonly write: boolean;
  /** Undefined: not the image's. */
  readonly data: Uint8Array | undefined;
  done: boolean;
}

/** What the drive has done since boot. */
export interface DiskStatistics {
  readonly reads: number;
  readonly writes: number;
  readonly bytes: number;
  /** Cycles in which it was at work. */
  readonly busy: number;
}

export interface DiskOptions {
  readonly name?: string;
  readonly parameters?: DiskParameters;
  readonly image?: DiskImage;
  readonly readOnly?: boolean;
}

export class Disk implements Device {
  readonly name: string;
  readonly parameters: DiskParameters;
  readonly image: DiskImage;
  readonly #readOnly: boolean;
  readonly #k: KernelState;
  readonly #interrupts: Interrupts;
  readonly #now: () => number;
  readonly #cyclesPerMs: number;
  readonly #queue: Request[] = [];
  #busy = false;
  #state: DiskState = AT_REST;
  #statistics: DiskStatistics = { reads: 0, writes: 0, bytes: 0, busy: 0 };
  /** A fault switch: which transfers of files' data fail, as on bad sectors, after the time that they take. */
  fails: (sector: number, count: number, write: boolean) => boolean = () => false;

  constructor(
    k: KernelState,
    interrupts: Interrupts,
    clock: { readonly now: () => number; readonly cyclesPerMs: number },
    { name = "sd0", parameters = HP_C2235, image = new DiskImage(), readOnly = false }: DiskOptions,
  ) {
    this.#k = k;
    this.#interrupts = interrupts;
    this.#now = clock.now;
    this.#cyclesPerMs = clock.cyclesPerMs;
    this.name = name;
    this.parameters = parameters;
    this.image = image;
    this.#readOnly = readOnly;
  }

  get statistics(): DiskStatistics {
    return this.#statistics;
  }

  *read(_mode: number, recnum: number, bytes: number): Procedure<Uint8Array | number> {
    const code = this.#check(recnum, bytes);
    if (code !== D.D_SUCCESS) return code;
    const data = new Uint8Array(bytes);
    const failed = yield* this.#transfer(recnum, data, false);
    return failed ? D.D_IO_ERROR : data;
  }

  *write(
    _mode: number,
    recnum: number,
    data: Uint8Array,
  ): Procedure<number | { readonly code: number }> {
    const code = this.#readOnly ? D.D_READ_ONLY : this.#check(recnum, data.length);
    if (code !== D.D_SUCCESS) return { code };
    const failed = yield* this.#transfer(recnum, data.slice(), true);
    return failed ? { code: D.D_IO_ERROR } : data.length;
  }

  /** Keeps the drive busy with sectors whose data are somebody else's affair (the default pager's). */
  *occupy(sector: number, count: number, write: boolean): Procedure<void> {
    yield* this.#queued({ sector, count, write, data: undefined, done: false });
  }

  getStatus(flavor: number): readonly number[] | number {
    const { sectorBytes } = this.parameters;
    if (flavor !== DEV_GET_SIZE) return D.D_INVALID_OPERATION;
    return [diskSectors(this.parameters) * sectorBytes, sectorBytes];
  }
  setStatus(): number {
    return D.D_INVALID_OPERATION;
  }

  #check(recnum: number, bytes: number): number {
    const { sectorBytes } = this.parameters;
    if (bytes === 0 || bytes % sectorBytes !== 0) return D.D_INVALID_SIZE;
    const end = recnum + bytes / sectorBytes;
    return end > diskSectors(this.parameters) ? D.D_INVALID_RECNUM : D.D_SUCCESS;
  }

  /** Returns whether it failed: then nothing has moved. */
  *#transfer(sector: number, data: Uint8Array, write: boolean): Procedure<boolean> {
    const count = data.length / this.parameters.sectorBytes;
    const failed = this.fails(sector, count, write);
    yield* this.#queued({ sector, count, write, data: failed ? undefined : data, done: false });
    return failed;
  }

  *#queued(request: Request): Procedure<void> {
    this.#queue.push(request);
    if (!this.#busy) this.#start();
    // The drive finishes what it was given, whoever still waits for it.
    while (!request.done) yield { event: request, interruptible: false };
  }

  /** Gives the drive the next request in the sweep. */
  #start(): void {
    const sweep = (request: Request): number => {
      const cylinder = cylinderOf(this.parameters, request.sector);
      return cylinder < this.#state.cylinder ? cylinder + this.parameters.cylinders : cylinder;
    };
    const next = this.#queue.toSorted((a, b) => sweep(a) - sweep(b) || a.sector - b.sector)[0];
    if (!next) return;
    this.#queue.splice(this.#queue.indexOf(next), 1);
    this.#busy = true;
    const began = this.#now();
    const { done, state } = serve(this.parameters, this.#state, began / this.#cyclesPerMs, next);
    this.#state = state;
    const cycle = Math.ceil(done * this.#cyclesPerMs);
    this.#interrupts.schedule(cycle, INTERRUPT_BIT.disk, () => this.#finish(next, cycle - began));
  }

  #finish(request: Request, cycles: number): void {
    const { sectorBytes } = this.parameters;
    const at = request.sector * sectorBytes;
    const { data } = request;
    if (data && request.write) this.image.write(at, data);
    else if (data) data.set(this.image.read(at, data.length));
    const { reads, writes, bytes, busy } = this.#statistics;
    this.#statistics = {
      reads: reads + Number(!request.write),
      writes: writes + Number(request.write),
      bytes: bytes + request.count * sectorBytes,
      busy: busy + cycles,
    };
    request.done = true;
    this.#busy = false;
    thread_wakeup(this.#k, request);
    this.#start();
  }
}
