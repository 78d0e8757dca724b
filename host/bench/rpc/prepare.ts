/**
 * What a measured call needs whatever its row: the core compiled, and the kernel of each configuration and
 * both programs assembled. All of it is kept where it is made; this only has it made sooner.
 */
import { nextTurn } from "#platform";
import { Machine } from "../../machine/machine.ts";
import { kernelInterfaces } from "../../mach/server/interfaces.ts";
import { kernelImage } from "../../mach/text.ts";
import { CONFIGURATIONS } from "../configurations.ts";
import { rpcPrograms } from "./programs.ts";

/** Lets the event loop turn in between, so that a request gets in. */
export async function prepareRpc(): Promise<void> {
  const core = Machine.create();
  await rpcPrograms();
  for (const { kernel } of CONFIGURATIONS) {
    await nextTurn();
    await kernelImage(kernel);
  }
  await Promise.all([core, kernelInterfaces()]);
}
