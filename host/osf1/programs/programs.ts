/** Small programs of our own, for a disk that has no others: a shell, cat, echo, hello. OSF/1's native calls. */
import { loadText } from "#platform";
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { assemble } from "../../asm/assemble.ts";
import { writeExecutable } from "../../asm/elf/write-executable.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import type { TreeEntry } from "../ufs/tree.ts";

const STUBS = new URL("./stubs.s", import.meta.url);
const PROGRAMS = {
  cat: new URL("./cat.s", import.meta.url),
  echo: new URL("./echo.s", import.meta.url),
  hello: new URL("./hello.s", import.meta.url),
  sh: new URL("./sh.s", import.meta.url),
};

let made: Promise<TreeEntry[]> | undefined;

/** /bin with the programs; assembled at the first call. */
export function ownPrograms(): Promise<readonly TreeEntry[]> {
  made ??= make();
  return made;
}

async function make(): Promise<TreeEntry[]> {
  const symbols = abiSymbols();
  const stubs = assemble({ file: "programs/stubs.s", text: await loadText(STUBS) }, { symbols });
  const files = await Promise.all(
    Object.entries(PROGRAMS).map(async ([name, url]): Promise<TreeEntry> => {
      const object = assemble(
        { file: `programs/${name}.s`, text: await loadText(url) },
        { symbols },
      );
      const image = link([object, stubs], {
        text: MEMORY_MAP.USER_TEXT,
        data: MEMORY_MAP.USER_DATA,
        entry: "_start",
      });
      const bytes = writeExecutable(image, image.entry ?? panic(`ownPrograms: ${name}`));
      return { path: `bin/${name}`, content: { kind: "file", bytes }, permissions: 0o755 };
    }),
  );
  return [{ path: "bin", content: { kind: "directory" }, permissions: 0o755 }, ...files];
}
