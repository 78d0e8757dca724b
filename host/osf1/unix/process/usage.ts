/** What processes have used: getrusage, times. */
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import type { Usage } from "../process.ts";
import type { Unix } from "../unix.ts";

/** RUSAGE_SELF, RUSAGE_CHILDREN. */
export function* getrusage(unix: Unix, call: Call, whose: "self" | "children"): Blocking<Usage> {
  yield* call.charge("limits");
  const { process } = call;
  if (whose === "children") return { ...process.childrenUsage };
  return { ...process.usage, ...(yield* unix.system.tasks.times(process)) };
}

/** All in nanoseconds. */
export interface Times {
  readonly user: number;
  readonly system: number;
  readonly childrenUser: number;
  readonly childrenSystem: number;
  /** Since boot: what times returns. */
  readonly elapsed: number;
}

export function* times(unix: Unix, call: Call): Blocking<Times> {
  yield* call.charge("clock");
  const { user, system } = yield* unix.system.tasks.times(call.process);
  const { childrenUsage } = call.process;
  return {
    user,
    system,
    childrenUser: childrenUsage.user,
    childrenSystem: childrenUsage.system,
    elapsed: unix.system.uptime(),
  };
}
