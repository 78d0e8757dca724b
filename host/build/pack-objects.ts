/**
 * Assembles what every measured call needs, and prints it packed: the kernel of each configuration, and the
 * usual client and server. Runs as a script, for packed-objects.ts.
 */
import { fileURLToPath } from "node:url";
import { CONFIGURATIONS } from "../bench/configurations.ts";
import { rpcObjects } from "../bench/rpc/programs.ts";
import { type ObjectLists, packObjects } from "../mach/ready-objects.ts";
import { kernelObjects } from "../mach/text.ts";

export async function usualObjects(): Promise<ObjectLists> {
  const kernels = await Promise.all(CONFIGURATIONS.map(({ kernel }) => kernelObjects(kernel)));
  return {
    ...Object.fromEntries(kernels.map(({ name, objects }) => [name, objects])),
    ...(await rpcObjects()),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(packObjects(await usualObjects()));
