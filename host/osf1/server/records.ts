/**
 * What a generic call's message reply carries besides its results: records {address descriptor, user
 * address, long data descriptor, data}, which the emulator copies to where they belong. As far as there
 * is room; what does not fit is written to the caller's pages.
 */
import { GENERIC, genericRecord, genericReply } from "../../abi/osf1.ts";
import type { Work } from "../../mach/interface.ts";
import type { Way } from "./transfer.ts";
import type { Uthread } from "./uthread.ts";

/** Words before a record's data. */
const RECORD_HEADER = 20;

/** The way of a generic message. */
export class ReplyRecords implements Way {
  /** Address of the reply. */
  readonly #reply: number;
  readonly #otherwise: Way;
  /** The record that the request brought: 0 when it brought none. */
  readonly #brought: number;
  #used = 0;

  /** @param rval address of the reply's `rval`. */
  constructor(rval: number, brought: number, otherwise: Way) {
    this.#reply = rval - genericReply.offset.rval;
    this.#brought = brought;
    this.#otherwise = otherwise;
  }

  *in(thread: Uthread, from: number, to: number, length: number): Work<number> {
    const { memory } = thread.server;
    if (this.#brought !== 0) {
      const { offset, size: header } = genericRecord;
      const at = from - memory.read32(this.#brought + offset.address);
      const size = memory.read32(this.#brought + offset.size);
      if (at >= 0 && at + length <= size) {
        yield* thread.call("bcopy", this.#brought + header + at, to, length);
        return 0;
      }
    }
    return yield* this.#otherwise.in(thread, from, to, length);
  }

  *out(thread: Uthread, from: number, to: number, length: number): Work<number> {
    const size = RECORD_HEADER + Math.ceil(length / 4) * 4;
    if (this.#used + size > GENERIC.GENERIC_REPLY_DATA)
      return yield* this.#otherwise.out(thread, from, to, length);
    yield* thread.call("generic_record", this.#reply, to, from, length);
    this.#used += size;
    return 0;
  }
}
