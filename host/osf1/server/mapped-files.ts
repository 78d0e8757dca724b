/**
 * Files in memory that is shared: each mapping remembers the bytes that its pages and the file had in
 * common, and `synchronise` carries what has changed since to the other side. Unix asks for it
 * whenever the two could be told apart: around read and write of a file that is mapped shared, in msync,
 * and before the memory goes. What relatives share they share; they have one memory of it.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { VM_PROT } from "../../abi/mach.ts";
import type { Work } from "../../mach/interface.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Mappable } from "../unix/call.ts";
import type { Process } from "../unix/process.ts";
import * as mach from "./mach.ts";
import { machProcess } from "./mach-process.ts";
import { perform } from "./perform.ts";
import { write } from "./process-memory.ts";

const { PAGE_SIZE } = MEMORY_MAP;

interface SharedMapping {
  readonly address: number;
  /** Bytes; whole pages. */
  readonly length: number;
  readonly object: Mappable;
  /** Of the first byte in the file. */
  readonly offset: number;
  /** What pages and file had in common; a view of what all relatives have. */
  readonly common: Uint8Array;
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);

export class MappedFiles {
  readonly #self: number;
  readonly #mappings = new Map<Process, SharedMapping[]>();

  /** @param self the server's task port. */
  constructor(self: number) {
    this.#self = self;
  }

  add(process: Process, mapping: SharedMapping): void {
    this.#mappings.set(process, [...(this.#mappings.get(process) ?? []), mapping]);
  }

  /** A child has what its parent has. */
  fork(parent: Process, child: Process): void {
    const mappings = this.#mappings.get(parent);
    if (mappings !== undefined) this.#mappings.set(child, mappings);
  }

  /** A process's memory has gone. */
  forget(process: Process): void {
    this.#mappings.delete(process);
  }

  /** A range has gone; mappings that lie partly in it are cut. */
  remove(process: Process, address: number, length: number): void {
    const end = address + length;
    const mappings = this.#mappings.get(process)?.flatMap((mapping) => {
      const last = mapping.address + mapping.length;
      if (last <= address || end <= mapping.address) return [mapping];
      return [part(mapping, mapping.address, address), part(mapping, end, last)].flat();
    });
    if (mappings !== undefined) this.#mappings.set(process, mappings);
  }

  /** Makes pages and files the same again. @throws UnixError EIO, ENOSPC */
  *synchronise(process: Process, address: number, length: number): Blocking<void> {
    if (machProcess(process).ended) return;
    const end = address + length;
    for (const mapping of this.#mappings.get(process) ?? []) {
      const last = mapping.address + mapping.length;
      const [from, to] = [Math.max(address, mapping.address), Math.min(end, last)];
      for (const { address: at, common, object, offset } of part(mapping, from, to))
        for (let done = 0; done < common.length; done += PAGE_SIZE)
          yield* this.#page(
            process,
            at + done,
            object,
            offset + done,
            common.subarray(done, done + PAGE_SIZE),
          );
    }
  }

  *#page(
    process: Process,
    address: number,
    object: Mappable,
    offset: number,
    common: Uint8Array,
  ): Blocking<void> {
    const { task } = machProcess(process);
    const self = this.#self;
    const page = yield* perform(function* (thread): Work<Uint8Array | undefined> {
      const read = yield* mach.vm_read(thread, task, address, PAGE_SIZE);
      if (!("value" in read)) return undefined;
      const bytes = thread.server.memory.read(read.value.data, PAGE_SIZE).slice();
      yield* mach.vm_deallocate(thread, self, read.value.data, read.value.size);
      return bytes;
    });
    // What may not be read cannot have been changed, and shows nothing.
    if (page === undefined) return;
    if (!isEqual(page, common)) {
      common.set(page);
      yield* object.write(offset, page);
      return;
    }
    const file = new Uint8Array(PAGE_SIZE);
    yield* object.read(offset, file);
    if (isEqual(file, common)) return;
    common.set(file);
    const protection = process.memory.at(address)?.protection ?? VM_PROT.VM_PROT_DEFAULT;
    yield* perform(function* (thread): Work<void> {
      yield* mach.vm_protect(thread, task, address, PAGE_SIZE, VM_PROT.VM_PROT_DEFAULT);
      yield* write(thread, self, task, address, file);
      yield* mach.vm_protect(thread, task, address, PAGE_SIZE, protection);
    });
  }
}

/** A part of a mapping, if there is one. */
function part(mapping: SharedMapping, from: number, to: number): SharedMapping[] {
  if (from >= to) return [];
  const skipped = from - mapping.address;
  return [
    {
      address: from,
      length: to - from,
      object: mapping.object,
      offset: mapping.offset + skipped,
      common: mapping.common.subarray(skipped, skipped + to - from),
    },
  ];
}
