/**
 * Objects assembled ahead: what a build packs is, unpacked, what the assembler makes, to the last line number; and
 * the image linked from it is the image that the kernel boots.
 */
import { expect, test } from "vitest";
import { unixObjects, usualObjects } from "../../host/build/pack-objects.ts";
import { KERNEL_LAYOUT, kernelImage, kernelObjects } from "../../host/mach/text.ts";
import { packObjects, unpackObjects } from "../../host/asm/pack-objects.ts";
import { readyObjects } from "../../host/mach/ready-objects.ts";
import { link } from "../../host/asm/link.ts";
import { describeInterface } from "../../host/kmig/description.ts";
import { analyseInterface } from "../../host/kmig/read.ts";
import { definitions } from "../../host/mach/definitions.ts";
import { packInterfaces, unpackInterfaces } from "../../host/mach/server/interfaces.ts";

test("packed and unpacked, objects are the same", async () => {
  const usual = await usualObjects();
  const unpacked = unpackObjects(packObjects(usual));
  expect(Object.keys(unpacked)).toContain("rpc server");
  expect(unpacked).toEqual(usual);
});

test("packed and unpacked, the Unix server's objects are the same", async () => {
  const objects = await unixObjects();
  expect(unpackObjects(packObjects(objects))).toEqual(objects);
});

test("packed and unpacked, the kernel's interfaces are what KMIG reads", async () => {
  const include = await definitions();
  const interfaces = unpackInterfaces(packInterfaces(include));
  const names = Object.keys(interfaces);
  expect(names).toContain("mach/mach.defs KERNEL_SERVER");
  for (const name of names) {
    const [file, side] = name.split(" ") as [string, string];
    const read = analyseInterface(include(file)!, { include, defines: { [side]: "1" } });
    expect(interfaces[name]).toEqual(describeInterface(read.interface));
  }
});

test("what two lists share is packed once", async () => {
  const { name, objects } = await kernelObjects({});
  const one = packObjects({ [name]: objects });
  const two = packObjects({ [name]: objects, again: objects });
  expect(two.length - one.length).toBeLessThan(200);
  const lists = unpackObjects(two);
  expect(lists["again"]![0]).toBe(lists[name]![0]);
});

test("the kernel linked from them is the kernel", async () => {
  const { name, objects } = await kernelObjects({ inks: false });
  const again = link(unpackObjects(packObjects({ [name]: objects }))[name]!, KERNEL_LAYOUT);
  const { segments, symbols, probes } = await kernelImage({ inks: false });
  expect(again.segments).toEqual(segments);
  expect([...again.symbols]).toEqual([...symbols]);
  expect(again.probes).toEqual(probes);
});

test("from source nothing is ready: texts may change", () => {
  expect(readyObjects("rpc server")).toBeUndefined();
});
