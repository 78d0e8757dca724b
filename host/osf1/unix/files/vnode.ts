/**
 * A vnode: a file as paths lead to it, of whatever kind of file system. There is one for each file in
 * use, so that what all its users share (locks, a named pipe, mappings) has a place. References are
 * counted: `hold` and `put`. What a kind of file system cannot do is refused here.
 */
import { panic } from "../../../diagnostic.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking, TimeOfDay } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { Creation, Attributes as Change } from "../../ufs/operations.ts";
import type { Credentials } from "../../ufs/permission.ts";
import type { FileLocks } from "./lock-list.ts";
import type { Pipe } from "./pipe.ts";
import type { Uio } from "./uio.ts";
import type { FileObject } from "../memory/file-object.ts";
import type { Process } from "../process.ts";

/** What `stat` tells. */
export interface Attributes {
  /** Number of the file system. */
  readonly device: number;
  readonly inode: number;
  /** Type and permissions, MODE of ufs/layout.ts. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  /** Of a device: major × 256 + minor. */
  readonly rdev: number;
  readonly size: number;
  /** Bytes that are good to transfer at once. */
  readonly blockSize: number;
  /** Units of 512 bytes. */
  readonly blocks: number;
  readonly atime: TimeOfDay;
  readonly mtime: TimeOfDay;
  readonly ctime: TimeOfDay;
}

export interface Entry {
  readonly inode: number;
  readonly name: string;
  /** Where the next entry stands: a position for lseek. */
  readonly next: number;
  /** Type of what it names, MODE.IF*, where that is known without a look. */
  readonly type: number | undefined;
}

export abstract class Vnode {
  references = 1;
  /** Open for writing, and being executed: not both (ETXTBSY). */
  writers = 0;
  executions = 0;
  locks: FileLocks | undefined;
  /** Of a named pipe that is open. */
  pipe: Pipe | undefined;
  /** While it is mapped. */
  object: FileObject | undefined;
  /** The root of what is mounted here, and of such a root what it covers. */
  mounted: Vnode | undefined;
  covers: Vnode | undefined;

  abstract readonly mode: number;
  abstract attributes(): Blocking<Attributes>;
  /** The last reference has gone. */
  protected abstract inactive(): Blocking<void>;
  /** @throws UnixError EACCES */
  abstract checkAccess(wanted: number, who: Credentials): void;

  get type(): number {
    return this.mode & MODE.IFMT;
  }
  get isDirectory(): boolean {
    return this.type === MODE.IFDIR;
  }

  hold(): this {
    this.references++;
    return this;
  }

  *put(): Blocking<void> {
    if (this.references <= 0) panic("put: the vnode has no references");
    this.references--;
    if (this.references === 0) yield* this.inactive();
  }

  /** What a name leads to, held for the caller. @throws UnixError ENOTDIR, ENOENT, EACCES */
  abstract lookup(name: string, who: Credentials): Blocking<Vnode>;
  /** @throws UnixError ENOTDIR */
  abstract readEntries(offset: number, most: number): Blocking<Entry[]>;
  /** @throws UnixError EINVAL when it is no link */
  abstract readlink(caller: Process): Blocking<string>;

  /** Where a link leads that has no path (/proc/self/fd/…), held; most have one. */
  // oxlint-disable-next-line require-yield
  *jump(_caller: Process): Blocking<Vnode | undefined> {
    return undefined;
  }

  /** Bytes from an offset on; fewer at the end of the file. */
  abstract read(uio: Uio, offset: number): Blocking<void>;
  /** @throws UnixError EROFS, EFBIG, ENOSPC, EIO, EFAULT, when nothing could be written */
  *write(_uio: Uio, _offset: number | "end", _options: WriteOptions): Blocking<Written> {
    return yield* refuse();
  }
  *change(_change: Change, _who: Credentials): Blocking<void> {
    yield* refuse();
  }
  *sync(): Blocking<void> {}

  *create(_name: string, _creation: Creation, _who: Credentials): Blocking<Vnode> {
    return yield* refuse();
  }
  *mkdir(_name: string, _permissions: number, _who: Credentials): Blocking<void> {
    yield* refuse();
  }
  *symlink(_name: string, _target: string, _who: Credentials): Blocking<void> {
    yield* refuse();
  }
  *unlink(_name: string, _who: Credentials): Blocking<void> {
    yield* refuse();
  }
  *rmdir(_name: string, _who: Credentials): Blocking<void> {
    yield* refuse();
  }
  /** Another name for `file`, here. */
  *link(_file: Vnode, _name: string, _who: Credentials): Blocking<void> {
    yield* refuse();
  }
  *rename(_name: string, _to: Vnode, _toName: string, _who: Credentials): Blocking<void> {
    yield* refuse();
  }
}

/** Bytes written, and where they end. */
export interface Written {
  readonly count: number;
  readonly end: number;
}

export interface WriteOptions {
  readonly superuser: boolean;
  readonly synchronous: boolean;
}

// oxlint-disable-next-line require-yield
function* refuse(): Blocking<never> {
  throw new UnixError("EROFS");
}
