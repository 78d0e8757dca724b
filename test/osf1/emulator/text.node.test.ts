// The emulator's text and the page at 0, assembled and linked by GNU's tools, are the bytes that ours make.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Image } from "../../../host/asm/image.ts";
import {
  emulatorImages,
  emulatorSources,
  emulatorSymbols,
  linuxPageSource,
} from "../../../host/osf1/emulator/image.ts";
import { at, gnuText, haveBinutils } from "../../asm/gnu-text.ts";

const LIBMACH = ["mach_msg.s", "mig_reply_port.s", "mach_msg_server.s", "bcopy.s", "dyncall.s"];
const library = LIBMACH.map((file) => {
  const url = new URL(`../../../host/mach/lib/${file}`, import.meta.url);
  return { file, text: readFileSync(fileURLToPath(url), "utf8") };
});

/** A section's address, and its bytes as hexadecimal words. */
const address = (image: Image, name: string): number =>
  image.sections.find((section) => section.name === name)!.address;
const words = (bytes: Uint8Array): string[] =>
  Buffer.from(bytes).toString("hex").match(/.{8}/g) ?? [];
function textOf(image: Image): string[] {
  const { size } = image.sections.find(({ name }) => name === ".text")!;
  return words(image.segments[0]!.bytes.subarray(0, size));
}

test.skipIf(!haveBinutils).each(["trap", "message"] as const)(
  "an emulator by %s",
  async (calls) => {
    const { emulator } = await emulatorImages(calls);
    const layout = [
      at("text", emulator.segments[0]!.address),
      `--section-start=.rodata=0x${address(emulator, ".rodata").toString(16)}`,
      at("data", address(emulator, ".data")),
      at("bss", address(emulator, ".bss")),
    ];
    const gnu = gnuText([...(await emulatorSources(calls)), ...library], emulatorSymbols(), layout);
    expect(textOf(emulator)).toEqual(words(gnu));
  },
);

test.skipIf(!haveBinutils)("the page at 0", async () => {
  const { linuxPage } = await emulatorImages("trap");
  const gnu = gnuText([await linuxPageSource()], emulatorSymbols(), [at("text", 0)]);
  expect(textOf(linuxPage)).toEqual(words(gnu));
});
