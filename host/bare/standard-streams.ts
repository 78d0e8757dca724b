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

/** Does what may not return for long: while it does, nothing else in this process can run. */
export type Waiting = <T>(action: () => T) => T;

/** @param waiting is put around every wait for somebody outside */
export function standardStreams(waiting: Waiting): Pick<Surroundings, "readInput" | "write"> {
  /** Does something with a stream, again while it is not ready. */
  const patiently = (action: () => number): number => {
    for (;;) {
      try {
        return action();
      } catch (error) {
        if (codeOf(error) !== "EAGAIN") throw error;
        waiting(() => Atomics.wait(never, 0, 0, PATIENCE));
      }
    }
  };
  return {
    readInput(length) {
      const bytes = new Uint8Array(length);
      const count = asking(() =>
        patiently(() => waiting(() => readSync(0, bytes, 0, length, null))),
      );
      return bytes.subarray(0, count);
    },
    write(stream, bytes) {
      for (let done = 0; done < bytes.length;)
        done += asking(() => patiently(() => writeSync(stream, bytes, done, bytes.length - done)));
    },
  };
}
