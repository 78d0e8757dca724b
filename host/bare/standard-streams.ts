/**
 * The command's own standard streams, for a program: bytes as they are, written whole and at once, read
 * as they come. Streams that do not block are waited for.
 */
import { readSync, writeSync } from "node:fs";
import { asking, codeOf } from "./host-errors.ts";
import type { Surroundings } from "./surroundings.ts";

/** How long to wait for a stream that is not ready, in milliseconds. */
const PATIENCE = 2;
const never = new Int32Array(new SharedArrayBuffer(4));

/** Does something with a stream, again while it is not ready. */
function patiently(action: () => number): number {
  for (;;) {
    try {
      return action();
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      Atomics.wait(never, 0, 0, PATIENCE);
    }
  }
}

export const STANDARD_STREAMS: Pick<Surroundings, "readInput" | "write"> = {
  readInput(length) {
    const bytes = new Uint8Array(length);
    const count = asking(() => patiently(() => readSync(0, bytes, 0, length, null)));
    return bytes.subarray(0, count);
  },
  write(stream, bytes) {
    for (let done = 0; done < bytes.length;)
      done += asking(() => patiently(() => writeSync(stream, bytes, done, bytes.length - done)));
  },
};
