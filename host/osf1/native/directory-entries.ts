/** OSF/1's getdirentries: a directory's entries as 4.3BSD-Reno has them in memory (sys/dirent.h). */
import { ArrayBytes, struct } from "../../abi/struct.ts";
import { putWords } from "../caller-words.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { getFile } from "../unix/files/descriptors.ts";
import { packEntries } from "../unix/files/directory.ts";
import { pathBytes } from "../unix/files/path.ts";
import type { Entry } from "../unix/files/vnode.ts";
import type { Unix } from "../unix/unix.ts";

/** `struct dirent` without its name, which ends with NUL and is filled up to whole words. */
const dirent = struct("osf1_dirent", "ODIRENT", {
  d_ino: "u32",
  d_reclen: "u16",
  d_namlen: "u16",
});

function entryBytes({ inode, name }: Entry): Uint8Array {
  const bytes = new Uint8Array(dirent.size + 4 * Math.ceil((name.length + 1) / 4));
  const view = dirent.at(new ArrayBytes(bytes), 0);
  view.d_ino = inode;
  view.d_reclen = bytes.length;
  view.d_namlen = name.length;
  bytes.set(pathBytes(name), dirent.size);
  return bytes;
}

/**
 * Whole entries to the caller, as many as there is room for; where they began goes to the word at `base`.
 * @returns bytes; 0 at the directory's end
 * @throws UnixError EINVAL when not one fits, EBADF, ENOTDIR, EFAULT
 */
export function* getdirentries(
  unix: Unix,
  call: Call,
  number: number,
  address: number,
  room: number,
  base: number,
): Blocking<number> {
  const { offset } = yield* getFile(call, number);
  const bytes = yield* packEntries(unix, call, number, room, entryBytes);
  yield* call.copyout(bytes, address);
  yield* putWords(call, base, offset);
  return bytes.length;
}
