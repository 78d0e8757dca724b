/**
 * What /proc/self/fd/N leads to when the open file has no name: opening it gives the same open file
 * once more, as Berkeley's /dev/fd does.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { OpenFile } from "./open-file.ts";
import { type Attributes, type Entry, Vnode } from "./vnode.ts";

export class DescriptorVnode extends Vnode {
  readonly file: OpenFile;
  readonly #attributes: Attributes;

  constructor(file: OpenFile, attributes: Attributes) {
    super();
    this.file = file;
    this.#attributes = attributes;
  }
  get mode(): number {
    return this.#attributes.mode;
  }
  attributes(): Blocking<Attributes> {
    return this.file.attributes();
  }
  protected *inactive(): Blocking<void> {}
  /** Who has the descriptor may use it. */
  checkAccess(): void {}
  // oxlint-disable-next-line require-yield
  *lookup(): Blocking<Vnode> {
    throw new UnixError("ENOTDIR");
  }
  // oxlint-disable-next-line require-yield
  *readEntries(): Blocking<Entry[]> {
    throw new UnixError("ENOTDIR");
  }
  // oxlint-disable-next-line require-yield
  *readlink(): Blocking<string> {
    throw new UnixError("EINVAL");
  }
  // oxlint-disable-next-line require-yield
  *read(): Blocking<void> {
    throw new UnixError("EINVAL");
  }
}

/** How /proc shows an open file without a name. */
export const nameless = ({ mode, inode }: Attributes): string =>
  `${(mode & MODE.IFMT) === MODE.IFIFO ? "pipe" : "socket"}:[${inode}]`;
