/** What a fault did and what came of it, in lines for people. */
import { deathText } from "../mach/task-deaths.ts";
import type { FaultReport } from "../osf1/fault/plan.ts";
import type { Aftermath } from "./faults.ts";

const hex = (value: number): string => `0x${value.toString(16)}`;

/** The fault itself: when, where, and what was there. */
export function faultText({
  fault,
  cycle,
  missed,
  calls,
  store,
  serverDeath,
}: FaultReport): string[] {
  if (cycle === undefined) return [`fault ${fault}: did not happen: ${missed}`];
  const lines = [`fault ${fault}: at cycle ${cycle}, when ${calls} Unix calls had come`];
  if (store) {
    const { address, place, before, after } = store;
    const field = place.field === undefined ? "" : `, ${place.field}`;
    lines.push(`  store to ${hex(address)}: ${place.kind}, ${place.what}${field}`);
    if (after !== undefined) lines.push(`  before ${before}, after ${after}`);
    else lines.push(`  not carried out: the store trapped${before === undefined ? "" : `; there is ${before}`}`); // prettier-ignore
  }
  if (serverDeath) lines.push(`  the Unix server's task ended: ${deathText(serverDeath)}`);
  return lines;
}

/** What came of it. */
export function aftermathText(aftermath: Aftermath): string[] {
  switch (aftermath.kind) {
    case "no-fault":
      return [];
    case "nothing-seen":
      return ["  afterwards: nothing seen; output, status and files are as without the fault"];
    case "wrong-answers":
      return ["  afterwards: wrong answers", ...aftermath.differences.map((each) => `    ${each}`)];
    case "panic":
      return ["  afterwards: the system is down", ...aftermath.report.split("\n").map((line) => `    ${line}`)]; // prettier-ignore
    case "server-died":
      return [
        "  afterwards: Unix is gone, Mach goes on: calls of the server failed, " +
          `${aftermath.tasks} tasks outside the kernel are left`,
      ];
    case "hang":
      return [`  afterwards: it hangs: not ended ${aftermath.cycles} cycles after the fault`];
    case "deadlock":
      return ["  afterwards: everybody waits for what will never come"];
  }
}
