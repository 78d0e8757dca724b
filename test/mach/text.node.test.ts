/**
 * One text for two tool chains: the kernel, libmach and the programs of the micro RPC test, assembled
 * and linked by GNU's tools, must be the bytes that ours make.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { abiSymbols } from "../../host/abi/index.ts";
import { MEMORY_MAP } from "../../host/abi/memory-map.ts";
import type { Image } from "../../host/asm/image.ts";
import { rpcInterface, rpcPrograms } from "../../host/bench/rpc/programs.ts";
import { kernelImage, kernelText } from "../../host/mach/text.ts";
import { at, gnuText, haveBinutils, type Source } from "../asm/gnu-text.ts";

const mach = fileURLToPath(new URL("../../host/mach/", import.meta.url));
const rpc = fileURLToPath(new URL("../../host/bench/rpc/", import.meta.url));

/** The first place where two texts differ, as a line to read; undefined when they are equal. */
function difference(image: Image, gnu: Buffer): string | undefined {
  const { address, bytes } = image.segments.find(({ executable }) => executable)!;
  const ours = Buffer.from(bytes);
  if (ours.length !== gnu.length) return `${ours.length} bytes, GNU ld ${gnu.length}`;
  for (let at = 0; at < ours.length; at += 4)
    if (ours.readUInt32BE(at) !== gnu.readUInt32BE(at)) {
      const place = image.locate(address + at);
      return `${place?.symbol}+${place?.offset}: ${ours.readUInt32BE(at).toString(16)}, GNU ${gnu.readUInt32BE(at).toString(16)}`;
    }
  return undefined;
}

const libmach = (): Source[] =>
  ["mach_msg.s", "mig_reply_port.s", "mach_msg_server.s", "bcopy.s", "dyncall.s"].map((name) => ({
    file: name,
    text: readFileSync(join(mach, "lib", name), "utf8"),
  }));

test.skipIf(!haveBinutils).each([
  [true, false, false],
  [false, false, false],
  [true, true, false],
  [true, false, true],
])("kernel text, INKS %s, stamps %s, own stack %s", async (inks, stamps, ownStack) => {
  const options = { inks, queueCheck: true, hotPath: true, stamps, ownStack };
  const { prelude, sources, symbols } = await kernelText(options);
  const files = readdirSync(join(mach, "asm"))
    .filter((name) => inks || name !== "inks.s")
    .filter((name) => ownStack || name !== "own_stack.s");
  const compared = [prelude, ...sources].map(({ file }) => file.split("/").at(-1));
  expect(compared.toSorted()).toEqual(
    [...files, "dyncall.s", "mach-server.s", "trap-table.s"].toSorted(),
  );
  const layout = [at("text", MEMORY_MAP.KERNEL_TEXT), at("data", MEMORY_MAP.KERNEL_DATA)];
  const whole = sources.map(({ file, text }) => ({ file, text: prelude.text + text }));
  const gnu = gnuText(whole, symbols, layout);
  expect(difference(await kernelImage(options), gnu)).toBeUndefined();
});

test.skipIf(!haveBinutils)("the micro RPC client and server", async () => {
  const { client, server } = await rpcPrograms();
  const stubs = await rpcInterface();
  const own = (name: string) => ({ file: name, text: readFileSync(join(rpc, name), "utf8") });
  const clientText = gnuText(
    [own("client.s"), { file: "user.s", text: stubs.user }, ...libmach()],
    abiSymbols(),
    [at("text", MEMORY_MAP.USER_TEXT), at("data", MEMORY_MAP.USER_DATA)],
  );
  expect(difference(client, clientText)).toBeUndefined();
  const dataOf = server.segments.find(({ writable }) => writable)!.address;
  const serverText = gnuText(
    [
      own("server.s"),
      { file: "server-stubs.s", text: stubs.server },
      { file: "trap-server.s", text: stubs.trapServer },
      ...libmach(),
    ],
    abiSymbols(),
    [at("text", MEMORY_MAP.SERVER_BASE), at("data", dataOf)],
  );
  expect(difference(server, serverText)).toBeUndefined();
});
