/**
 * An open line: a Mach device of characters that is no terminal. By three of them a program that runs
 * alone reads and writes its runner's streams.
 */
import type { Blocking } from "../ufs/device.ts";
import { MODE } from "../ufs/layout.ts";
import type { Terminal } from "../unix/call.ts";
import { anonymousAttributes } from "../unix/files/anonymous.ts";
import { OpenFile } from "../unix/files/open-file.ts";
import { moved, type Uio } from "../unix/files/uio.ts";
import type { Attributes } from "../unix/files/vnode.ts";
import type { Unix } from "../unix/unix.ts";

/** Bytes that go through the server's memory at a time. */
const PIECE = 4096;

export class LineFile extends OpenFile {
  readonly #line: Terminal;
  readonly #inode: number;

  constructor(unix: Unix, flags: number, line: Terminal) {
    super(unix, flags);
    this.#line = line;
    this.#inode = unix.nextAnonymous++;
  }

  // oxlint-disable-next-line require-yield
  *attributes(): Blocking<Attributes> {
    return anonymousAttributes(MODE.IFIFO | 0o600, this.#inode, this.unix.now());
  }
  // oxlint-disable-next-line require-yield -- the line stays
  protected *closed(): Blocking<void> {}

  override *read(uio: Uio): Blocking<number> {
    const line = this.#line;
    return yield* this.#piecewise(uio, function* (bytes) {
      const count = yield* line.read(bytes);
      yield* uio.move(bytes.subarray(0, count));
      return false;
    });
  }

  override *write(uio: Uio): Blocking<number> {
    const line = this.#line;
    return yield* this.#piecewise(uio, function* (bytes) {
      yield* uio.move(bytes);
      yield* line.write(bytes);
      return true;
    });
  }

  /** Moves pieces through a page of the server's, as long as `step` says that there may be more. */
  *#piecewise(uio: Uio, step: (bytes: Uint8Array) => Blocking<boolean>): Blocking<number> {
    const { system } = this.unix;
    yield* uio.call.charge("file-transfer");
    const page = system.allocate?.(PIECE) ?? new Uint8Array(PIECE);
    try {
      return yield* moved(uio, function* () {
        while (uio.remaining > 0)
          if (!(yield* step(page.subarray(0, Math.min(PIECE, uio.remaining))))) break;
      });
    } finally {
      system.free?.(page);
    }
  }
}
