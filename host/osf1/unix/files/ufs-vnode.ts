/** Vnodes over the inodes of the file system on the disk. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { readEntries } from "../../ufs/directory.ts";
import { readFile, syncFile, writeFile } from "../../ufs/file.ts";
import { type Inode, locking } from "../../ufs/inode.ts";
import { MODE, UFS } from "../../ufs/layout.ts";
import * as operations from "../../ufs/operations.ts";
import { checkAccess, type Credentials } from "../../ufs/permission.ts";
import { putInode } from "../../ufs/put-inode.ts";
import { rename } from "../../ufs/rename.ts";
import { releaseNameless, synchroniseFile, tellFailure } from "../memory/coherence.ts";
import { type Attributes, type Entry, Vnode, type WriteOptions, type Written } from "./vnode.ts";
import type { Uio } from "./uio.ts";

/** The number of the disk's file system, as `st_dev` tells it. */
const DEVICE = 0x0800;

const isDevice = (mode: number): boolean =>
  (mode & MODE.IFMT) === MODE.IFCHR || (mode & MODE.IFMT) === MODE.IFBLK;

export class UfsVnode extends Vnode {
  readonly inode: Inode;
  readonly #known: Map<Inode, UfsVnode>;

  private constructor(inode: Inode, known: Map<Inode, UfsVnode>) {
    super();
    this.inode = inode;
    this.#known = known;
  }

  /** The vnode of an inode; the caller's reference to the inode becomes one to the vnode. */
  static *of(inode: Inode, known: Map<Inode, UfsVnode>): Blocking<UfsVnode> {
    const there = known.get(inode);
    if (there === undefined) {
      const made = new UfsVnode(inode, known);
      known.set(inode, made);
      return made;
    }
    there.references++;
    yield* putInode(inode);
    return there;
  }

  get mode(): number {
    return this.inode.mode;
  }

  protected *inactive(): Blocking<void> {
    this.#known.delete(this.inode);
    yield* putInode(this.inode);
  }

  // oxlint-disable-next-line require-yield
  *attributes(): Blocking<Attributes> {
    const { number, mode, nlink, uid, gid, size, sectors, atime, mtime, ctime } = this.inode;
    return {
      device: DEVICE,
      inode: number,
      mode,
      nlink,
      uid,
      gid,
      rdev: this.deviceNumber,
      size,
      blockSize: UFS.BLOCK_SIZE,
      blocks: sectors,
      atime,
      mtime,
      ctime,
    };
  }

  get deviceNumber(): number {
    return isDevice(this.mode) ? this.inode.direct[0]! : 0;
  }

  checkAccess(wanted: number, who: Credentials): void {
    checkAccess(this.inode, wanted, who);
  }

  *lookup(name: string, who: Credentials): Blocking<Vnode> {
    return yield* UfsVnode.of(yield* operations.lookup(this.inode, name, who), this.#known);
  }

  *readEntries(offset: number, most: number): Blocking<Entry[]> {
    const { inode } = this;
    if (!inode.isDirectory) throw new UnixError("ENOTDIR");
    const entries = yield* locking(inode, () => readEntries(inode, offset, most));
    return entries.map((entry) => ({
      inode: entry.inode,
      name: entry.name,
      next: entry.next,
      type: inode.fs.inodes.get(entry.inode)?.type,
    }));
  }

  *readlink(): Blocking<string> {
    return yield* operations.readlink(this.inode);
  }

  *read(uio: Uio, offset: number): Blocking<void> {
    const { inode } = this;
    yield* locking(inode, () => readFile(inode, offset, uio.remaining, (bytes) => uio.move(bytes)));
  }

  override *write(uio: Uio, offset: number | "end", options: WriteOptions): Blocking<Written> {
    const { inode } = this;
    return yield* locking(inode, () => {
      const at = offset === "end" ? inode.size : offset;
      return this.#changing(at, uio.remaining, function* () {
        const move = (bytes: Uint8Array): Blocking<void> => uio.move(bytes);
        const done = yield* writeFile(inode, at, uio.remaining, move, options);
        if (!options.superuser) inode.mode &= ~(MODE.ISUID | MODE.ISGID);
        return { count: done, end: at + done };
      });
    });
  }

  override *change(change: operations.Attributes, who: Credentials): Blocking<void> {
    const { inode } = this;
    yield* operations.setAttributes(inode, change, who, (size, set) => {
      const start = Math.min(size, inode.size);
      return this.#changing(start, Math.max(size, inode.size) - start, set);
    });
  }

  /** Does what changes a range of the file, or where it ends, with the inode held. */
  #changing<T>(offset: number, length: number, change: () => Blocking<T>): Blocking<T> {
    return this.object && length > 0 ? this.object.changing(offset, length, change) : change();
  }

  override *sync(): Blocking<void> {
    const { inode } = this;
    yield* synchroniseFile(this);
    yield* locking(inode, () => syncFile(inode));
    tellFailure(this);
  }

  override *create(name: string, creation: operations.Creation, who: Credentials): Blocking<Vnode> {
    return yield* UfsVnode.of(
      yield* operations.create(this.inode, name, creation, who),
      this.#known,
    );
  }

  override *mkdir(name: string, permissions: number, who: Credentials): Blocking<void> {
    yield* operations.mkdir(this.inode, name, permissions, who);
  }

  override *symlink(name: string, target: string, who: Credentials): Blocking<void> {
    yield* operations.symlink(this.inode, name, target, who);
  }

  override *unlink(name: string, who: Credentials): Blocking<void> {
    yield* operations.unlink(this.inode, name, who);
    yield* releaseNameless(this.#known.values());
  }

  override *rmdir(name: string, who: Credentials): Blocking<void> {
    yield* operations.rmdir(this.inode, name, who);
  }

  override *link(file: Vnode, name: string, who: Credentials): Blocking<void> {
    if (!(file instanceof UfsVnode)) throw new UnixError("EXDEV");
    yield* operations.link(file.inode, this.inode, name, who);
  }

  override *rename(name: string, to: Vnode, toName: string, who: Credentials): Blocking<void> {
    if (!(to instanceof UfsVnode)) throw new UnixError("EXDEV");
    yield* rename({ directory: this.inode, name }, { directory: to.inode, name: toName }, who);
    yield* releaseNameless(this.#known.values());
  }
}
