/** The programs of the micro RPC as ELF files: what a configuration's machine has in its memory at boot. */
import { writeExecutable } from "../../asm/elf/write-executable.ts";
import { panic } from "../../diagnostic.ts";
import { boot } from "../boot.ts";

export type RpcImage = "kernel" | "server" | "client";

/**
 * One of them, with its symbols: for `inkwell disasm`, or any tool that reads PA-RISC ELF.
 * @throws DiagnosticError on an unknown configuration
 */
export async function rpcImage(which: RpcImage, configuration: string): Promise<Uint8Array> {
  const { kernel, programs } = await boot({ configuration });
  const image = which === "kernel" ? kernel.image : programs[which];
  const first = image.segments[0] ?? panic(`rpcImage: ${which} is empty`);
  return writeExecutable(image, first.address);
}
