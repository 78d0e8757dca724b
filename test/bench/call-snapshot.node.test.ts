/**
 * Snapshots in the middle of a call: the same machine again from the file alone, its cycles those of the
 * call's report; and files that are none, damaged, or of a machine that is not come to, refused.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONFIGURATIONS } from "../../host/bench/configurations.ts";
import { reportCall } from "../../host/bench/rpc/call-report.ts";
import { resumeCall, snapshotCall, snapshotText } from "../../host/bench/rpc/call-snapshot.ts";
import { RPC_ROWS } from "../../host/bench/rpc/measure.ts";
import { DiagnosticError } from "../../host/diagnostic.ts";
import { inkwell } from "../support/inkwell.ts";
import { seeded } from "../support/seed.ts";

const anyCall = fc.record({
  row: fc.constantFrom(...RPC_ROWS),
  configuration: fc.constantFrom(...CONFIGURATIONS.map(({ name }) => name)),
  set: fc.constantFrom([], ["storeBusy=5"], ["dataCacheBytes=4096", "instructionCacheBytes=4096"]),
});

test("at any cycle of any call: resumed from its file, the same machine, which goes on the same way", async () => {
  const runs = Number(process.env["INKWELL_RUNS"] ?? 4);
  await fc.assert(
    fc.asyncProperty(anyCall, fc.double({ min: 0, max: 1, noNaN: true }), async (call, part) => {
      const report = await reportCall(call);
      const { snapshot, bed } = await snapshotCall(call, Math.floor(part * report.cycles));
      expect(snapshot.cycles).toBe(report.cycles);
      expect(sum(snapshot.state.causes)).toBe(snapshot.at);
      const text = snapshotText(snapshot);
      const resumed = await resumeCall("s.json", text);
      expect(snapshotText(resumed.snapshot)).toBe(text);
      const counters = [bed, resumed.bed].map(({ kernel }) => {
        kernel.run({ cycles: report.cycles - snapshot.at });
        return kernel.machine.counters();
      });
      expect(counters[0]).toEqual(counters[1]);
      const end = await snapshotCall(call);
      expect(end.snapshot.state.causes).toEqual(report.causes);
      expect(end.snapshot.state.lines.data).toBe(report.caches.data.length);
      expect(end.bed.kernel.machine.tlb()).toEqual(report.tlb);
    }),
    { numRuns: runs, ...seeded() },
  );
});

const sum = (causes: readonly { readonly cycles: number }[]) =>
  causes.reduce((total, { cycles }) => total + cycles, 0);

test("what is no snapshot, or of another machine, is refused by name", async () => {
  const { snapshot } = await snapshotCall({ row: "null", configuration: "INKS_TRAP" }, 100);
  const changed = (change: object) => JSON.stringify({ ...snapshot, ...change });
  const { state } = snapshot;
  for (const [text, says] of [
    ["", "s.json: not a snapshot of a call: no JSON"],
    ["[]", "s.json: not a snapshot of a call: expected the format"],
    [changed({ at: "x" }), "s.json: a damaged snapshot: at"],
    [changed({ set: [1] }), "s.json: a damaged snapshot: set"],
    [changed({ row: "gone" }), "--row: expected null, in64"],
    [changed({ at: 1e6 }), "--at: expected 0 to"],
    [changed({ state: {} }), "s.json: the machine is another here: place was undefined"],
    [changed({ state: { ...state, psw: 1 } }), "the machine is another here: psw was 1, is "],
    [changed({ set: ["storeBusy=7"] }), "s.json: the machine is another here: "],
  ] as const) {
    const refused = resumeCall("s.json", text);
    await expect(refused).rejects.toThrow(DiagnosticError);
    await expect(refused).rejects.toThrow(says);
  }
});

test("the command writes, resumes and goes on, and says what was wrong", async () => {
  const folder = mkdtempSync(join(tmpdir(), "inkwell-snapshot-"));
  const call = { row: "null", configuration: "UNOPTIMIZED" };
  const { snapshot } = await snapshotCall(call, 300);
  writeFileSync(join(folder, "s.json"), snapshotText(snapshot));
  const same = await inkwell(["snapshot", "s.json", "--json"], folder);
  expect(same).toEqual({ status: 0, stderr: "", stdout: snapshotText(snapshot) });
  const { stdout } = await inkwell(["snapshot", "s.json", "--at", "0"], folder);
  expect(stdout).toMatch(/^Null RPC, Unoptimized: cycle 0 of \d+, \d+ since boot\nclient: rpc_null_message /); // prettier-ignore
  const mixed = await inkwell(["snapshot", "s.json", "--row", "null"], folder);
  expect([mixed.status, mixed.stderr]).toEqual([2, "inkwell: s.json says which call it is, so without --row\n"]); // prettier-ignore
  rmSync(folder, { recursive: true });
});
