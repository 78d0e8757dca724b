/**
 * How fast KMIG is, in real time: lines of interface definitions a second, included files as often as
 * they are read, all back ends run. The clock is the caller's. Says nothing about the paper.
 */
import { kmig } from "../kmig/kmig.ts";
import { definitions, INTERFACES } from "../mach/definitions.ts";
import type { Clock } from "./speed.ts";

export interface KmigSpeed {
  readonly lines: number;
  /** Real time, in seconds. */
  readonly seconds: number;
}

/** Rounds over the kernel's interfaces; the first warms up the host's compiler and is not timed. */
const ROUNDS = 6;

export async function measureKmigSpeed(clock: Clock): Promise<KmigSpeed> {
  const known = await definitions();
  let lines = 0;
  const include: typeof known = (name) => {
    const source = known(name);
    if (source) lines += source.text.split("\n").length;
    return source;
  };
  const once = (): void => {
    for (const name of INTERFACES) kmig(include(name)!, { include });
  };
  once();
  lines = 0;
  const began = clock();
  for (let round = 0; round < ROUNDS; round++) once();
  return { lines, seconds: clock() - began };
}
