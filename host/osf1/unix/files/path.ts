/**
 * From a path to a vnode (4.3BSD's namei): components, `.` and `..`, symbolic links, what is mounted,
 * the process's root. Paths are strings of bytes, a character each. Every vnode that comes out is
 * held for the caller.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import type { Credentials } from "../../ufs/permission.ts";
import type { Call } from "../call.ts";
import { AT_FDCWD, PATH_MAX, SYMLOOP_MAX } from "../constants.ts";
import { getFile } from "./descriptors.ts";
import type { Vnode } from "./vnode.ts";

export interface PathOptions {
  /** The directory that a relative path begins at: a descriptor, or AT_FDCWD. */
  readonly at?: number;
  /** Whether a link at the end is followed; true unless it says otherwise. */
  readonly follow?: boolean;
  /** An empty path means what `at` leads to (AT_EMPTY_PATH). */
  readonly empty?: boolean;
  /** Whose rights count; the caller's effective ones unless it says otherwise. */
  readonly who?: Credentials;
}

/** Where a path's last name is, or would be. */
export interface Place {
  readonly directory: Vnode;
  readonly name: string;
  /** The path ended with a slash: only a directory will do. */
  readonly slash: boolean;
}

/** The most that a call takes of a path, its NUL included. @throws UnixError EFAULT, ENAMETOOLONG */
export function* copyinPath(call: Call, address: number): Blocking<string> {
  const bytes = yield* call.copyinstr(address, PATH_MAX);
  return String.fromCharCode(...bytes);
}

export const pathBytes = (path: string): Uint8Array =>
  Uint8Array.from(path, (character) => character.charCodeAt(0));

/** The vnode that a path leads to. @throws UnixError ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG, EBADF */
export function* resolve(call: Call, path: string, options: PathOptions = {}): Blocking<Vnode> {
  if (path === "" && options.empty === true) return yield* start(call, options.at);
  const walk = new Walk(call, options);
  return yield* walk.run(path, () => walk.toEnd());
}

/** The directory of a path's last name, and that name, which may lead to nothing. @throws as resolve */
export function* resolvePlace(
  call: Call,
  path: string,
  options: PathOptions = {},
): Blocking<Place> {
  const walk = new Walk(call, options);
  return yield* walk.run(path, () => walk.toPlace());
}

/** A place, and what is there if something is; a link there is followed if `follow` says so. @throws as resolve */
export function* resolveBoth(
  call: Call,
  path: string,
  options: PathOptions = {},
): Blocking<Place & { readonly vnode: Vnode | undefined }> {
  const walk = new Walk(call, options);
  return yield* walk.run(path, () => walk.toBoth());
}

/** Where a relative path begins. @throws UnixError EBADF */
function* start(call: Call, at = AT_FDCWD): Blocking<Vnode> {
  if (at === AT_FDCWD) return call.process.cwd.hold();
  const file = yield* getFile(call, at);
  if (file.vnode === undefined) throw new UnixError("ENOTDIR");
  return file.vnode.hold();
}

const split = (path: string): string[] => path.split("/").filter((name) => name !== "");

/** One walk along a path. */
class Walk {
  readonly #call: Call;
  readonly #at: number | undefined;
  readonly #follow: boolean;
  readonly #who: Credentials;
  /** Where the walk is; held. */
  #here!: Vnode;
  #names: string[] = [];
  #slash = false;
  #links = 0;

  constructor(call: Call, { at, follow = true, who = call.process.credentials }: PathOptions) {
    this.#call = call;
    this.#at = at;
    this.#follow = follow;
    this.#who = who;
  }

  *run<T>(path: string, action: () => Blocking<T>): Blocking<T> {
    yield* this.#call.charge("path");
    if (path === "") throw new UnixError("ENOENT");
    if (path.length >= PATH_MAX) throw new UnixError("ENAMETOOLONG");
    const absolute = path.startsWith("/");
    this.#here = absolute ? this.#call.process.root.hold() : yield* start(this.#call, this.#at);
    this.#names = split(path);
    this.#slash = path.endsWith("/");
    try {
      return yield* action();
    } catch (error) {
      yield* this.#here.put();
      throw error;
    }
  }

  *toEnd(): Blocking<Vnode> {
    while (this.#names.length > 0) {
      const name = this.#names.shift()!;
      const next = yield* this.#step(name);
      if (yield* this.#followed(next)) continue;
      yield* this.#goTo(next);
    }
    if (this.#slash && !this.#here.isDirectory) throw new UnixError("ENOTDIR");
    return this.#here;
  }

  *toPlace(): Blocking<Place> {
    while (this.#names.length > 1) {
      const next = yield* this.#step(this.#names.shift()!);
      if (yield* this.#followed(next)) continue;
      yield* this.#goTo(next);
    }
    if (!this.#here.isDirectory) throw new UnixError("ENOTDIR");
    return { directory: this.#here, name: this.#names[0] ?? ".", slash: this.#slash };
  }

  *toBoth(): Blocking<Place & { readonly vnode: Vnode | undefined }> {
    for (;;) {
      // A jump has led to a file that no directory of ours names.
      if (this.#names.length === 0 && !this.#here.isDirectory) {
        const vnode = this.#here.hold();
        return { directory: this.#here, name: ".", slash: this.#slash, vnode };
      }
      const place = yield* this.toPlace();
      let vnode: Vnode;
      try {
        vnode = yield* this.#step(place.name);
      } catch (error) {
        if (!(error instanceof UnixError && error.errno === "ENOENT")) throw error;
        return { ...place, vnode: undefined };
      }
      this.#names = [];
      if (yield* this.#followed(vnode)) continue;
      return { ...place, vnode };
    }
  }

  *#goTo(next: Vnode): Blocking<void> {
    const before = this.#here;
    this.#here = next;
    yield* before.put();
  }

  /** What a name leads to from here; held. */
  *#step(name: string): Blocking<Vnode> {
    yield* this.#call.charge("path-component");
    if (name === "..") {
      if (this.#here === this.#call.process.root) return this.#here.hold();
      if (this.#here.covers !== undefined) yield* this.#goTo(this.#here.covers.hold());
    }
    const found = yield* this.#here.lookup(name, this.#who);
    const { mounted } = found;
    if (mounted === undefined) return found;
    mounted.hold();
    yield* found.put();
    return mounted;
  }

  /**
   * When a vnode is a link that is to be followed, its target comes before the names yet to go, or
   * the walk jumps to where it leads.
   */
  *#followed(link: Vnode): Blocking<boolean> {
    const isLast = this.#names.length === 0;
    if (link.type !== MODE.IFLNK || (isLast && !this.#follow && !this.#slash)) return false;
    let target: string;
    try {
      if (++this.#links > SYMLOOP_MAX) throw new UnixError("ELOOP");
      const jump = yield* link.jump(this.#call.process);
      if (jump !== undefined) {
        yield* this.#goTo(jump);
        return true;
      }
      target = yield* link.readlink(this.#call.process);
    } finally {
      yield* link.put();
    }
    if (target === "") throw new UnixError("ENOENT");
    if (target.startsWith("/")) yield* this.#goTo(this.#call.process.root.hold());
    if (isLast && target.endsWith("/")) this.#slash = true;
    this.#names.unshift(...split(target));
    return true;
  }
}
