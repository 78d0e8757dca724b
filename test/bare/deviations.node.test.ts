/**
 * Lines of known-deviations.txt that are of system calls: the oracle still answers so, and ours as Linux's
 * manual pages say.
 */
import { expect, test } from "vitest";
import { DEVIATIONS, isOfInstructions } from "../core/deviations.ts";
import { qemuVersion } from "../core/qemu.ts";
import { haveCross, Programs, runOurs, runQemu } from "./cross.ts";

/** By id: ENOMEM, ENOMEM, EFAULT, FPE_FLTDIV, the first variable that was given. */
const LINUX: Readonly<Record<string, string>> = {
  mprotect: "12",
  madvise: "12",
  mremap: "14",
  "float-code": "3",
  execve: "FIRST=1",
};

function linesOf({ stdout }: { readonly stdout: string }): Record<string, string> {
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" ")),
  );
}

test.runIf(haveCross() && qemuVersion() === "7.2")("system calls", async () => {
  const ofCalls = DEVIATIONS.filter(
    (line) => !isOfInstructions(line) && !["status", "operands"].includes(line.names[0]!),
  );
  expect(ofCalls.map(({ id }) => id).toSorted()).toEqual(Object.keys(LINUX).toSorted());
  const programs = new Programs();
  try {
    await programs.compile(["deviations"]);
    const file = programs.path("deviations");
    const environment = { FIRST: "1", SECOND: "2" };
    expect(linesOf(await runOurs(file, { environment }))).toEqual(LINUX);
    const theirs = linesOf(runQemu(file, { environment }));
    expect(Object.keys(LINUX).filter((id) => theirs[id] === LINUX[id])).toEqual([]);
  } finally {
    programs.remove();
  }
});
