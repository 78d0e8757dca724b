/**
 * Assembles what is usually needed, and prints it packed: for `mach` the kernel of each configuration and the
 * client and server of the measured calls, and on a second line the kernel's interfaces; for `osf1` the Unix
 * server and its emulators. Runs as a script, for packed-objects.ts.
 */
import { fileURLToPath } from "node:url";
import { type ObjectLists, packObjects } from "../asm/pack-objects.ts";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import { rpcObjects } from "../bench/rpc/programs.ts";
import { definitions } from "../mach/definitions.ts";
import { packInterfaces } from "../mach/server/interfaces.ts";
import { kernelObjects } from "../mach/text.ts";
import { emulatorObjects } from "../osf1/emulator/image.ts";
import { serverObjects } from "../osf1/server/image.ts";

export async function usualObjects(): Promise<ObjectLists> {
  const kernels = await Promise.all(CONFIGURATIONS.map(({ kernel }) => kernelObjects(kernel)));
  return {
    ...Object.fromEntries(kernels.map(({ name, objects }) => [name, objects])),
    ...(await rpcObjects()),
  };
}

export async function unixObjects(): Promise<ObjectLists> {
  const [server, emulators] = await Promise.all([serverObjects(), emulatorObjects()]);
  return { ...server, ...emulators };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isUnix = process.argv[2] === "osf1";
  process.stdout.write(packObjects(await (isUnix ? unixObjects() : usualObjects())));
  if (!isUnix) process.stdout.write(`\n${packInterfaces(await definitions())}`);
}
