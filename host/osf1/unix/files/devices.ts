/**
 * Character devices: what opening one gives. Numbers are major × 256 + minor, as Linux has them; a
 * device is a file of the disk that says its number, so an image needs `DEVICE_TREE`.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { TreeEntry } from "../../ufs/tree.ts";
import { OPEN } from "../constants.ts";
import type { Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { OpenFile, type Readiness } from "./open-file.ts";
import { setControllingTerminal } from "./terminal-control.ts";
import type { Tty } from "./tty.ts";
import { moved, type Uio } from "./uio.ts";
import type { Attributes, Vnode } from "./vnode.ts";

export const DEVICE = {
  null: 0x0103,
  zero: 0x0105,
  full: 0x0107,
  random: 0x0108,
  urandom: 0x0109,
  tty: 0x0500,
  console: 0x0501,
} as const;
type DeviceName = keyof typeof DEVICE;

/** What an image needs besides its own files: the directories that Unix relies on, and devices. */
export const DEVICE_TREE: readonly TreeEntry[] = [
  { path: "dev", content: { kind: "directory" }, permissions: 0o755 },
  { path: "proc", content: { kind: "directory" }, permissions: 0o555 },
  { path: "tmp", content: { kind: "directory" }, permissions: 0o1777 },
  ...Object.entries(DEVICE).map(([name, number]): TreeEntry => ({
    path: `dev/${name}`,
    content: { kind: "device", character: true, number },
    permissions: name === "console" ? 0o622 : 0o666,
  })),
  ...["stdin", "stdout", "stderr"].map((name, number): TreeEntry => ({
    path: `dev/${name}`,
    content: { kind: "link", target: `/proc/self/fd/${number}` },
    permissions: 0o777,
  })),
  // Of shm_open and sem_open: names of memory that is shared.
  { path: "dev/shm", content: { kind: "directory" }, permissions: 0o1777 },
  { path: "dev/fd", content: { kind: "link", target: "/proc/self/fd" }, permissions: 0o777 },
];

/** An open device that has a name on the disk. */
abstract class DeviceFile extends OpenFile {
  declare readonly vnode: Vnode;
  // oxlint-disable-next-line no-useless-constructor
  constructor(unix: Unix, flags: number, vnode: Vnode) {
    super(unix, flags, vnode);
  }
  attributes(): Blocking<Attributes> {
    return this.vnode.attributes();
  }
  protected closed(): Blocking<void> {
    return this.vnode.put();
  }
}

/** Bytes that a device makes at once. */
const PIECE = 4096;

/** Memory devices: an end of file or endless bytes to read, a sink or a full disk to write. */
class MemoryDevice extends DeviceFile {
  readonly #name: Exclude<DeviceName, "tty" | "console">;

  constructor(
    unix: Unix,
    flags: number,
    vnode: Vnode,
    name: Exclude<DeviceName, "tty" | "console">,
  ) {
    super(unix, flags, vnode);
    this.#name = name;
  }

  override get seekable(): boolean {
    return true;
  }

  override *read(uio: Uio): Blocking<number> {
    yield* uio.call.charge("file-transfer");
    if (this.#name === "null") return 0;
    const isRandom = this.#name === "random" || this.#name === "urandom";
    const zeros = new Uint8Array(Math.min(PIECE, uio.remaining));
    const { random } = this.unix;
    return yield* moved(uio, function* () {
      while (uio.remaining > 0) {
        const count = Math.min(PIECE, uio.remaining);
        yield* uio.move(isRandom ? random.bytes(count) : zeros.subarray(0, count));
      }
    });
  }

  override *write(uio: Uio): Blocking<number> {
    yield* uio.call.charge("file-transfer");
    if (this.#name === "full" && uio.remaining > 0) throw new UnixError("ENOSPC");
    const count = uio.remaining;
    uio.done += count;
    uio.remaining = 0;
    return count;
  }
}

export class TtyFile extends DeviceFile {
  override readonly tty: Tty;

  constructor(unix: Unix, flags: number, vnode: Vnode, tty: Tty) {
    super(unix, flags, vnode);
    this.tty = tty;
  }

  override read(uio: Uio): Blocking<number> {
    return this.tty.read(uio, this.nonblocking);
  }
  override write(uio: Uio): Blocking<number> {
    return this.tty.write(uio);
  }
  override ready(): Readiness {
    return this.tty.ready();
  }
  // oxlint-disable-next-line require-yield
  override *available(): Blocking<number> {
    return this.tty.available;
  }
}

/** Opens a character device; takes over the reference to the vnode. @throws UnixError ENXIO */
export function openDevice(
  unix: Unix,
  process: Process,
  vnode: Vnode,
  flags: number,
  number: number,
): OpenFile {
  const name = (Object.keys(DEVICE) as DeviceName[]).find((each) => DEVICE[each] === number);
  if (name === undefined) throw new UnixError("ENXIO");
  if (name !== "tty" && name !== "console") return new MemoryDevice(unix, flags, vnode, name);
  const tty = name === "console" ? unix.console : process.session.tty;
  if (tty === undefined) throw new UnixError("ENXIO");
  const file = new TtyFile(unix, flags, vnode, tty);
  const free = tty.session === undefined && process.session.tty === undefined;
  const leads = process.session.leader === process;
  if (free && leads && (flags & OPEN.O_NOCTTY) === 0) setControllingTerminal(process, tty);
  return file;
}
