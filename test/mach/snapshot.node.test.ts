/** A kernel's state is not in its machine alone: its machine is not saved, nor does it go back. */
import { expect, test } from "vitest";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { Kernel } from "../../host/mach/kernel.ts";
import { Inspector } from "../../host/machine/inspector.ts";
import { Machine } from "../../host/machine/machine.ts";

test("the machine of a kernel refuses snapshots, and says what is missing", async () => {
  const { machine } = await Kernel.boot();
  const bare = await Machine.create();
  const calls = [
    () => machine.save(),
    () => machine.checkpoint(),
    () => machine.restore(bare.save()),
    () => machine.return(bare.checkpoint()),
    () => new Inspector(machine).step(),
  ];
  for (const call of calls) {
    expect(call).toThrow(DiagnosticError);
    expect(call).toThrow(/cannot save or go back: not in the machine: the kernel's address maps/);
  }
  expect(bare.save().length).toBeGreaterThan(0);
});
