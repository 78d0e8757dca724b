/**
 * How work functions ask for what takes a thread: they yield a `Perform`, which is carried out on the
 * uthread of the call. So Unix code, which knows no threads, can call, sleep and read disks.
 */
import type { Work } from "../../mach/interface.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Sleepers } from "./sleep.ts";
import type { Uthread } from "./uthread.ts";

/** Something to do on the calling thread. */
export type Perform = (thread: Uthread) => Work<unknown>;

/** Does something on the thread of the call: `yield* perform((thread) => …)`. */
export function* perform<T>(action: (thread: Uthread) => Work<T>): Blocking<T> {
  return (yield action satisfies Perform) as T;
}

/**
 * Runs a work function on a thread. Whom it has woken is told before each wait, and at the end.
 */
export function* drive<T>(thread: Uthread, work: Blocking<T>, sleepers: Sleepers): Work<T> {
  let step = work.next();
  for (;;) {
    if (sleepers.isDue) yield* sleepers.settle(thread);
    if (step.done) return step.value;
    let value: unknown;
    try {
      value = yield* (step.value as Perform)(thread);
    } catch (error) {
      step = work.throw(error);
      continue;
    }
    step = work.next(value);
  }
}
