/**
 * Files that lead out of the machine, as the standard streams of `inkwell exec` do: bytes as they are,
 * an end, no line discipline.
 */
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { Terminal } from "../call.ts";
import { OPEN } from "../constants.ts";
import type { Unix } from "../unix.ts";
import { anonymousAttributes } from "./anonymous.ts";
import { OpenFile } from "./open-file.ts";
import { Pipe, PipeEnd } from "./pipe.ts";
import { moved, type Uio } from "./uio.ts";
import type { Attributes } from "./vnode.ts";

/** Bytes that cross at once. */
const PIECE = 4096;

/** What programs write goes straight out. */
export class OutputStream extends OpenFile {
  readonly #line: Terminal;
  readonly #number: number;
  readonly #opened;

  constructor(unix: Unix, line: Terminal) {
    super(unix, OPEN.O_WRONLY);
    this.#line = line;
    this.#number = unix.nextAnonymous++;
    this.#opened = unix.now();
  }

  // oxlint-disable-next-line require-yield
  *attributes(): Blocking<Attributes> {
    return anonymousAttributes(MODE.IFIFO | 0o600, this.#number, this.#opened);
  }
  protected *closed(): Blocking<void> {}

  override *write(uio: Uio): Blocking<number> {
    yield* uio.call.charge("pipe-transfer");
    const line = this.#line;
    const bytes = new Uint8Array(Math.min(PIECE, uio.remaining));
    return yield* moved(uio, function* () {
      while (uio.remaining > 0) {
        const piece = bytes.subarray(0, Math.min(PIECE, uio.remaining));
        yield* uio.move(piece);
        yield* line.write(piece);
      }
    });
  }
}

/** A file that reads what comes in, and the work of the thread that listens, which ends with the stream. */
export function inputStream(
  unix: Unix,
  line: Terminal,
): { readonly file: OpenFile; readonly work: Blocking<void> } {
  const pipe = new Pipe(unix);
  const file = new PipeEnd(unix, OPEN.O_RDONLY, pipe);
  pipe.writers++;
  return { file, work: listen(line, pipe) };
}

function* listen(line: Terminal, pipe: Pipe): Blocking<void> {
  const bytes = new Uint8Array(PIECE);
  for (;;) {
    const count = yield* line.read(bytes);
    if (count === 0 || !(yield* pipe.feed(bytes.subarray(0, count)))) break;
  }
  pipe.writers--;
  pipe.changed();
  pipe.discardUnused();
}
