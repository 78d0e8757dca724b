/**
 * The interface definitions that come with the kernel, for `#include <mach/…>` in any `.defs` file.
 */
import { loadText } from "#platform";

const FILES = {
  "mach/std_types.defs": new URL("./defs/std_types.defs", import.meta.url),
  "mach/mach_types.defs": new URL("./defs/mach_types.defs", import.meta.url),
};

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
