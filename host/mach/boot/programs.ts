/** The default server, assembled with KMIG's client stubs of the interfaces that it calls. */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { assemble } from "../../asm/assemble.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import type { ObjectFile } from "../../asm/object.ts";
import { panic } from "../../diagnostic.ts";
import { kmig } from "../../kmig/kmig.ts";
import { definitions } from "../definitions.ts";
import { libmach } from "../text.ts";

const HELLO = new URL("./hello.s", import.meta.url);
const STRNCPY = new URL("../lib/mig_strncpy.s", import.meta.url);

/**
 * Client stubs of one of the kernel's interfaces, for programs to link. Those of mach.defs and
 * mach_port.defs have the prefix r_, as the names without it are libmach's traps.
 */
export async function clientStubs(name: string): Promise<ObjectFile> {
  const include = await definitions();
  const source = include(name) ?? panic(`clientStubs: no ${name}`);
  const prefixed = source.text
    .replace(/^#if KERNEL_USER\n(userprefix r_;\n)#endif$/m, "$1")
    .replace(/^\tmach_port \d+;\n/m, "$&userprefix r_;\n");
  const { userMessage } = kmig({ ...source, text: prefixed }, { include });
  return assemble({ file: `${name}.s`, text: userMessage }, { symbols: abiSymbols() });
}

/** Text, libmach and client stubs, linked where servers are: they run in and out of the kernel. */
export async function linkServer(
  file: string,
  text: string,
  interfaces: readonly string[],
): Promise<Image> {
  const stubs = await Promise.all(interfaces.map(clientStubs));
  const symbols = abiSymbols();
  const object = assemble({ file, text }, { symbols });
  const strncpy = assemble(
    { file: "lib/mig_strncpy.s", text: await loadText(STRNCPY) },
    { symbols },
  );
  return link([object, ...stubs, strncpy, ...(await libmach())], { text: MEMORY_MAP.SERVER_BASE });
}

let hello: Promise<Image> | undefined;

/** The default server. */
export function defaultServer(): Promise<Image> {
  hello ??= loadText(HELLO).then((text) =>
    linkServer("hello.s", text, ["mach/device.defs", "mach/mach_host.defs"]),
  );
  return hello;
}
