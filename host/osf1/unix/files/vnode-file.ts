/** What "file-read-data" and "file-write-data" are for: 64 bytes, or the rest of less. */
const pieces = (bytes: number): number => Math.ceil(bytes / 64);

/** An open file or directory of a file system: reading and writing at a position. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE, UFS } from "../../ufs/layout.ts";
import { isSuperuser } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { OPEN, PAGE_SIZE, SIGNAL } from "../constants.ts";
import { synchroniseFile } from "../memory/coherence.ts";
import { postSignal } from "../signals/post.ts";
import type { Unix } from "../unix.ts";
import { releaseFlock } from "./lock-list.ts";
import { OpenFile } from "./open-file.ts";
import { moved, serverUio, type Uio } from "./uio.ts";
import type { Attributes, Vnode, WriteOptions, Written } from "./vnode.ts";

export class VnodeFile extends OpenFile {
  declare readonly vnode: Vnode;

  /** Takes over the caller's reference to the vnode. */
  constructor(unix: Unix, flags: number, vnode: Vnode) {
    super(unix, flags, vnode);
    if (this.writable) vnode.writers++;
  }

  override get seekable(): boolean {
    return true;
  }

  attributes(): Blocking<Attributes> {
    return this.vnode.attributes();
  }

  protected *closed(): Blocking<void> {
    if (this.writable) this.vnode.writers--;
    releaseFlock(this.unix, this);
    yield* this.vnode.put();
  }

  override *read(uio: Uio, at?: number): Blocking<number> {
    if (this.vnode.isDirectory) throw new UnixError("EISDIR");
    yield* uio.call.charge("file-read");
    if (at !== undefined) return yield* this.#readAt(uio, at);
    return yield* this.withOffset(
      function* (this: VnodeFile) {
        const count = yield* this.#readAt(uio, this.offset);
        this.offset += count;
        return count;
      }.bind(this),
    );
  }

  *#readAt(uio: Uio, at: number): Blocking<number> {
    const before = uio.done;
    const count = yield* this.#readPieces(uio, at);
    yield* uio.call.charge("file-read-data", pieces(uio.done - before));
    return count;
  }

  *#readPieces(uio: Uio, at: number): Blocking<number> {
    const { vnode } = this;
    yield* synchroniseFile(vnode, at, uio.remaining);
    if (!(yield* needsOwnBytes(uio, vnode))) return yield* moved(uio, () => vnode.read(uio, at));
    return yield* inPieces(uio, function* (bytes) {
      const inner = serverUio(uio.call, "out", bytes);
      return yield* moved(inner, () => vnode.read(inner, at + uio.done));
    });
  }

  override *write(uio: Uio, at?: number): Blocking<number> {
    if (this.vnode.type !== MODE.IFREG) throw new UnixError("EINVAL");
    yield* uio.call.charge("file-write");
    yield* uio.call.charge("file-write-data", pieces(uio.remaining));
    const append = (this.flags & OPEN.O_APPEND) !== 0;
    // As Linux has it, and against POSIX: pwrite to a file open for appending appends.
    if (append) return yield* this.#append(uio, at === undefined);
    if (at !== undefined) return yield* this.#writeAt(uio, at);
    return yield* this.withOffset(
      function* (this: VnodeFile) {
        const count = yield* this.#writeAt(uio, this.offset);
        this.offset += count;
        return count;
      }.bind(this),
    );
  }

  *#append(uio: Uio, moves: boolean): Blocking<number> {
    yield* this.#limit(uio, (yield* this.vnode.attributes()).size);
    const { count, end } = yield* this.#put(uio, "end");
    if (moves && count > 0) this.offset = end;
    return count;
  }

  *#writeAt(uio: Uio, at: number): Blocking<number> {
    yield* this.#limit(uio, at);
    return (yield* this.#put(uio, at)).count;
  }

  *#put(uio: Uio, at: number | "end"): Blocking<Written> {
    const options = {
      superuser: isSuperuser(uio.call.process.credentials),
      synchronous: (this.flags & OPEN.O_SYNC) !== 0,
    };
    if (uio.remaining === 0) return { count: 0, end: 0 };
    return yield* this.#move(uio, at, options);
  }

  *#move(uio: Uio, at: number | "end", options: WriteOptions): Blocking<Written> {
    const { vnode } = this;
    const isPlain = vnode.object?.cache?.stores !== true;
    if (isPlain && !(yield* needsOwnBytes(uio, vnode))) return yield* vnode.write(uio, at, options);
    let end = at;
    const count = yield* inPieces(uio, function* (bytes) {
      const written = yield* vnode.write(serverUio(uio.call, "in", bytes), end, options);
      end = written.end;
      return written.count;
    });
    return { count, end: end === "end" ? 0 : end };
  }

  /** Cuts a transfer off at the process's limit of a file's size. @throws UnixError EFBIG, with SIGXFSZ */
  *#limit(uio: Uio, at: number): Blocking<void> {
    const { process } = uio.call;
    const { soft } = process.limits.RLIMIT_FSIZE;
    if (uio.remaining === 0 || at + uio.remaining <= soft) return;
    if (at >= soft) {
      yield* postSignal(this.unix, process, { signal: SIGNAL.SIGXFSZ, code: "SI_KERNEL" });
      throw new UnixError("EFBIG");
    }
    uio.remaining = soft - at;
  }

  override *available(): Blocking<number> {
    const { size } = yield* this.vnode.attributes();
    return Math.max(0, size - this.offset);
  }
}

/**
 * Whether a transfer must go by way of the server's own bytes: the caller's are pages of the same file,
 * and its inode, which the pager needs for them, is locked meanwhile. Pages of other files are
 * brought in before, so that two processes do not wait for each other's inodes; a file that nobody
 * has mapped leads to none of this.
 */
function* needsOwnBytes({ call, segments }: Uio, vnode: Vnode): Blocking<boolean> {
  if (vnode.object === undefined) return false;
  const { memory } = call.process;
  for (const { address, length } of segments) {
    const files = memory.filesAt(address, length);
    if (files.includes(vnode)) return true;
    if (files.length > 0) yield* bringIn(call, address, length);
  }
  return false;
}

/** Touches each page, as far as there are some. */
function* bringIn(call: Call, address: number, length: number): Blocking<void> {
  const byte = new Uint8Array(1);
  try {
    for (let at = address; at < address + length; at += PAGE_SIZE) yield* call.copyin(at, byte);
  } catch (error) {
    // The transfer itself will say so.
    if (!(error instanceof UnixError)) throw error;
  }
}

/** Moves by way of the server's own bytes, a block at a time; a failure after the first is the end. */
function* inPieces(uio: Uio, transfer: (bytes: Uint8Array) => Blocking<number>): Blocking<number> {
  let done = 0;
  try {
    while (uio.remaining > 0) {
      const bytes = new Uint8Array(Math.min(uio.remaining, UFS.BLOCK_SIZE));
      if (uio.direction === "in") yield* uio.move(bytes);
      const count = yield* transfer(bytes);
      if (uio.direction === "out") yield* uio.move(bytes.subarray(0, count));
      done += count;
      if (count < bytes.length) break;
    }
  } catch (error) {
    if (done === 0 || !(error instanceof UnixError)) throw error;
  }
  return done;
}
