/**
 * The authors' instrumentation: without it the kernel's text is what it would be if nobody had ever
 * thought of it, and with it the stored times tell a consistent story about the same call.
 */
import { expect, test } from "vitest";
import { assemble } from "../../../host/asm/assemble.ts";
import type { Image } from "../../../host/asm/image.ts";
import { link } from "../../../host/asm/link.ts";
import { stamps, stampsTrap } from "../../../host/bench/experiments/stamps.ts";
import { runExperiment } from "../../../host/bench/experiment.ts";
import { decode } from "../../../host/isa/instructions.ts";
import { KERNEL_LAYOUT, kernelImage, kernelText } from "../../../host/mach/text.ts";

const OPTIONS = { inks: true, queueCheck: false, hotPath: true };

/** Kernel text with marks in place of stamps, as it was before there were any. */
const unstamped = (text: string) =>
  text
    .replace(/^\tstamp(?:_hold)?\s+([\w.]+),.*$/gm, "\t.probe\t$1")
    .replace(/^\tstamp_store\b.*\n/gm, "");

function readings({ segments: [text] }: Image): number {
  const words = new DataView(text!.bytes.buffer, text!.bytes.byteOffset, text!.bytes.length);
  return Array.from({ length: text!.bytes.length >> 2 }, (_, i) => words.getUint32(4 * i)).filter(
    (word) => decode(word)?.name === "MFCTL",
  ).length;
}

test("a kernel without stamps is byte for byte a kernel that has no stamps in its text", async () => {
  const { prelude, sources, symbols } = await kernelText(OPTIONS);
  const whole = sources.map(({ text }) => text).join("");
  expect(whole.match(/^\tstamp/gm)).toHaveLength(13);
  expect(unstamped(whole)).not.toMatch(/^\tstamp/m);
  const objects = sources.map(({ file, text }) =>
    assemble({ file, text: unstamped(text) }, { symbols, prelude }),
  );
  const never = link(objects, KERNEL_LAYOUT);
  const off = await kernelImage(OPTIONS);
  expect(off.segments).toEqual(never.segments);
  expect(off.probes).toEqual(never.probes);
  const on = await kernelImage({ ...OPTIONS, stamps: true });
  expect(on.probes.map(({ name }) => name)).toEqual(off.probes.map(({ name }) => name));
  expect(readings(on) - readings(off)).toBe(11);
});

test.each([
  [stamps, 20],
  [stampsTrap, 11],
])("$id: the times add up, and each costs a reading and a store", async (experiment, count) => {
  const rows = await runExperiment(experiment);
  for (const { id } of experiment.columns) {
    const cell = (row: string) => rows.find((r) => r.row === row && r.column === id)!;
    const stages = experiment.rows.slice(0, count + 1).map(({ id: row }) => cell(row));
    const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
    expect(sum(stages.map(({ value }) => value))).toBe(cell("total").value);
    expect(sum(stages.map(({ detail }) => detail["probed"]!))).toBe(cell("plain").value);
    // A stage without the stamp at its end would be shorter by at most a reading and two stalls; the first stage in the
    // kernel stores two that were held before, too.
    for (const { value, detail } of stages) {
      expect(value).toBeGreaterThanOrEqual(detail["probed"]!);
      expect(value).toBeLessThanOrEqual(detail["probed"]! + 14);
    }
    const each = cell("overhead").value / count;
    expect(each).toBeGreaterThanOrEqual(4);
    expect(each).toBeLessThanOrEqual(6);
  }
});
