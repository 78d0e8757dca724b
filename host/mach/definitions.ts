/**
 * The interface definitions that come with the kernel, for `#include <mach/…>` in any `.defs` file.
 */
import { loadText } from "#platform";

const FILES = {
  "mach/bootstrap.defs": new URL("./defs/bootstrap.defs", import.meta.url),
  "mach/default_pager.defs": new URL("./defs/default_pager.defs", import.meta.url),
  "mach/device.defs": new URL("./defs/device.defs", import.meta.url),
  "mach/device_reply.defs": new URL("./defs/device_reply.defs", import.meta.url),
  "mach/device_request.defs": new URL("./defs/device_request.defs", import.meta.url),
  "device/device_types.defs": new URL("./defs/device_types.defs", import.meta.url),
  "mach/device_types.defs": new URL("./defs/device_types.defs", import.meta.url),
  "mach/exc.defs": new URL("./defs/exc.defs", import.meta.url),
  "mach/mach.defs": new URL("./defs/mach.defs", import.meta.url),
  "mach/mach_host.defs": new URL("./defs/mach_host.defs", import.meta.url),
  "mach/mach_port.defs": new URL("./defs/mach_port.defs", import.meta.url),
  "mach/mach_types.defs": new URL("./defs/mach_types.defs", import.meta.url),
  "mach/memory_object.defs": new URL("./defs/memory_object.defs", import.meta.url),
  "mach/memory_object_default.defs": new URL("./defs/memory_object_default.defs", import.meta.url),
  "mach/notify.defs": new URL("./defs/notify.defs", import.meta.url),
  "mach/std_types.defs": new URL("./defs/std_types.defs", import.meta.url),
};

/** Those that declare routines; the others are types, for including. */
export const INTERFACES: readonly string[] = Object.keys(FILES).filter(
  (name) => !/types\.defs$/.test(name),
);

export type Include = (
  name: string,
) => { readonly file: string; readonly text: string } | undefined;

/** All of them, read; a function from an include's name to its text. */
export async function definitions(): Promise<Include> {
  const texts = new Map(
    await Promise.all(
      Object.entries(FILES).map(async ([name, url]) => [name, await loadText(url)] as const),
    ),
  );
  return (name) => {
    const text = texts.get(name);
    return text === undefined ? undefined : { file: name, text };
  };
}
