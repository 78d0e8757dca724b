/** Runs a program as process 1 of a fresh bed to its end: nobody sleeps for ever, nothing is left. */
import { expect } from "vitest";
import { Bed, type BedOptions } from "./bed.ts";
import { leaks } from "./leaks.ts";
import type { Body } from "./running.ts";

export function runAsInit(body: Body, options: BedOptions = {}): Bed {
  const bed = Bed.boot(options);
  bed.startInit(body);
  expect(bed.run(), "all sleep").toEqual([]);
  expect(leaks(bed), "left over").toEqual({});
  return bed;
}

/** As runAsInit, in a child of process 1, which waits: process 1 does not die of signals. */
export function runAsChild(body: Body, options: BedOptions = {}): Bed {
  return runAsInit(function* (p) {
    const pid = yield* p.fork(body);
    for (;;) {
      const waited = yield* p.wait();
      if (waited!.pid !== pid) continue;
      expect(waited!.status).toEqual({ kind: "exited", code: 0 });
      return;
    }
  }, options);
}
