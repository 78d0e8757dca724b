/**
 * A terminal as a console's other end: each key is typed as it is pressed, ^C and ^Z too, for the
 * system's own line discipline; ^] leaves. While nothing happens time passes as it does outside.
 */
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import type { System } from "../mach/boot/system.ts";

/** ^], as telnet has it. */
const LEAVE = 0x1d;
/** Cycles between two looks at the keyboard: some hundredths of a second. */
const SLICE = 2_000_000;

/** What has been pressed since somebody looked. */
class Keys {
  readonly #stream: NodeJS.ReadStream;
  #pressed: Buffer[] = [];
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: NodeJS.ReadStream) {
    this.#stream = stream;
    stream.setRawMode(true);
    stream.on("data", (bytes: Buffer) => {
      this.#pressed.push(bytes);
      this.#wake();
    });
    stream.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Whether nobody is there any more. */
  get ended(): boolean {
    return this.#ended;
  }

  take(): Buffer {
    const bytes = Buffer.concat(this.#pressed);
    this.#pressed = [];
    return bytes;
  }

  /** Waits for a key, at most so long. Whether there is one. */
  async wait(milliseconds: number): Promise<boolean> {
    if (this.#pressed.length === 0 && milliseconds > 0) {
      const controller = new AbortController();
      this.#wake = () => controller.abort();
      const { signal } = controller;
      // A timer of the host's counts in 31 bits.
      await pause(Math.min(milliseconds, 0x7fffffff), undefined, { signal }).catch(() => {});
      this.#wake = () => {};
    } else await nextTurn();
    return this.#pressed.length > 0;
  }

  close(): void {
    this.#stream.setRawMode(false);
    this.#stream.destroy();
  }
}

/** How far the simulated clock may be behind the host's and catch up, milliseconds. */
const CREDIT = 200;

/** Keeps the simulated clock from running ahead of the host's, while nothing is to be done. */
class Pace {
  /** The host's time when the simulated clock was at 0; it moves when the simulation is slower. */
  #base = 0;

  /** Milliseconds that the host has until a simulated time, in milliseconds; below 0 it is late. */
  until(time: number): number {
    const now = performance.now();
    this.#base = Math.max(this.#base, now - CREDIT - time);
    return this.#base + time - now;
  }
}

export type KeyboardEnding = "halted" | "idle" | "limit" | "server-died" | "left";

/** Runs a system whose console is a terminal. */
export async function withKeys(
  { kernel, console, serverDeath }: System,
  stream: NodeJS.ReadStream,
  limit: () => number,
  isDown: () => boolean,
): Promise<KeyboardEnding> {
  const keys = new Keys(stream);
  const perMillisecond = kernel.machine.config.clockMHz * 1000;
  const pace = new Pace();
  let isClosed = false;
  try {
    for (;;) {
      const left = limit() - kernel.machine.cycles;
      if (left <= 0) return "limit";
      const pressed = keys.take();
      const leaves = pressed.indexOf(LEAVE);
      if (leaves !== -1) return "left";
      if (pressed.length > 0) console.type(pressed);
      if (keys.ended && !isClosed) {
        isClosed = true;
        console.end();
      }
      const went = kernel.run({ cycles: Math.min(SLICE, left) });
      if (kernel.halted || isDown()) return "halted";
      if (went === "limit") {
        await keys.wait(0);
        continue;
      }
      const next = kernel.interrupts.next - kernel.machine.cycles;
      if (next === Infinity && serverDeath()) return "server-died";
      if (next === Infinity && isClosed) return "idle";
      const waits = pace.until(kernel.interrupts.next / perMillisecond);
      if (await keys.wait(waits)) continue;
      kernel.run({ cycles: Math.min(next + 1, left) });
    }
  } finally {
    keys.close();
  }
}
