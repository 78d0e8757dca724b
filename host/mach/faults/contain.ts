/**
 * A kernel whose memory a server has damaged: whatever a slow path then stumbles over is the guest's
 * panic, not a bug of the host. Routines of the kernel's own check what they find and panic in their
 * words; a pointer that leads out of memory, and a list without an end, are found here. Undamaged, the
 * same errors stay what they are.
 */
import { type GuestState, GuestStopped, readGuestState } from "../fault.ts";
import type { Kernel } from "../kernel.ts";
import { KernelPanic } from "../panic.ts";

/** Words that one slow path may read before it is said to go round in circles. */
const MOST_READS = 2 ** 24;

export interface Containment {
  /** Somebody has stored where he should not. */
  damaged: boolean;
}

/** From now on the kernel cannot rely on its memory, or has lost the task of a server in it. */
export function damage(k: Kernel): void {
  k.containment.damaged = true;
  k.memory.limitReads(MOST_READS);
}

/** What an error of a slow path is. */
export function contained(k: Kernel, error: unknown): unknown {
  if (!k.containment.damaged || error instanceof KernelPanic || !(error instanceof Error))
    return error;
  if (error instanceof GuestStopped) return new KernelPanic(error.state);
  return new KernelPanic(stateOf(k), reasonOf(error));
}

/** Where the machine stands, with callers as far as they can still be told. */
function stateOf(k: Kernel): GuestState {
  k.memory.limitReads(MOST_READS);
  try {
    return k.guestState();
  } catch {
    return readGuestState(k.machine, (space, address) => k.locate(space, address));
  }
}

function reasonOf(error: Error): string {
  const own = /^panic: (.*)$/s.exec(error.message)?.[1];
  if (own !== undefined) return own;
  const where = routineOf(error);
  const prefix = where === undefined ? "" : `${where}: `;
  return error instanceof RangeError
    ? `${prefix}an address or a size out of all bounds`
    : `${prefix}an object that is none (${error.message})`;
}

/** The routine that was at it, from the stack: the first that is none of memory's own. */
function routineOf({ stack = "" }: Error): string | undefined {
  for (const [, name] of stack.matchAll(/^\s*at (?:new )?([\w.#<>]+) /gm))
    if (!/DataView|GuestMemory|StructView|Array|^Object\.|^get\b|^set\b/.test(name!))
      return name!.replace(/^.*[.#]/, "");
  return undefined;
}
