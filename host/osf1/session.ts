/**
 * A session on the console: the server with a disk of its own small programs, and a shell on the
 * terminal, of ours or the user's own static one.
 */
import { ownPrograms } from "./programs/programs.ts";
import { unixServer } from "./boot.ts";
import type { Fault } from "./fault/fault.ts";
import type { ServerCall } from "./server/call.ts";
import type { Osf1 } from "./server/osf1.ts";
import type { Blocking } from "./ufs/device.ts";
import type { TreeEntry } from "./ufs/tree.ts";
import { OPEN } from "./unix/constants.ts";
import { DEVICE_TREE } from "./unix/files/devices.ts";
import { dup } from "./unix/files/descriptors.ts";
import { open } from "./unix/files/open.ts";
import { execve } from "./unix/process/execve.ts";

export interface SessionOptions {
  /** What is on the disk besides devices and small programs. */
  readonly files: readonly TreeEntry[];
  /** Path of the first program. */
  readonly shell: string;
  readonly calls: "trap" | "message";
  readonly seed: number;
  /** Something that goes wrong with the server. */
  readonly fault?: Fault;
}

const text = (string: string): Uint8Array => Uint8Array.from(string, (c) => c.charCodeAt(0));

/** The server with a session, ready to be booted. */
export async function sessionServer({ files, shell, calls, seed, fault }: SessionOptions) {
  const programs = await ownPrograms();
  const kinds = new Map(files.map(({ path, content }) => [path, content.kind]));
  // Directories that are there twice are one; of other files the user's counts.
  const own = [...DEVICE_TREE, ...programs].filter(({ path, content }) => {
    const kind = kinds.get(path);
    return kind === undefined || (kind === "directory" && content.kind === "directory");
  });
  return unixServer({
    calls,
    files: [...own, ...files],
    unix: { seed },
    ...(fault && { fault }),
    *init({ unix }: Osf1, call: ServerCall): Blocking<void> {
      const console = yield* open(unix, call, "/dev/console", OPEN.O_RDWR, 0);
      yield* dup(unix, call, console);
      yield* dup(unix, call, console);
      const environment = ["PATH=/bin", "HOME=/", "TERM=dumb"].map(text);
      yield* execve(unix, call, shell, [text(shell)], environment);
    },
  });
}
