/**
 * A file system that is a tree of objects, against which the real one is compared: the same calls with
 * the same results, written as plainly as Unix says it, with no blocks, locks or order of writes.
 */
import type { ErrnoName } from "../../../host/osf1/errno.ts";

export interface ModelFile {
  kind: "file";
  bytes: Uint8Array;
  names: number;
}
export interface ModelDirectory {
  kind: "directory";
  entries: Map<string, ModelNode>;
  parent: ModelDirectory | undefined;
}
export interface ModelLink {
  kind: "link";
  target: string;
  names: number;
}
export type ModelNode = ModelFile | ModelDirectory | ModelLink;

export class ModelError extends Error {
  readonly errno: ErrnoName;
  constructor(errno: ErrnoName) {
    super(errno);
    this.errno = errno;
  }
}

const fail = (errno: ErrnoName): never => {
  throw new ModelError(errno);
};

export class Model {
  readonly root: ModelDirectory = { kind: "directory", entries: new Map(), parent: undefined };

  /** A directory by its names from the root. */
  directory(path: readonly string[]): ModelDirectory {
    let at: ModelNode = this.root;
    for (const name of path) {
      if (at.kind !== "directory") return fail("ENOTDIR");
      at = at.entries.get(name) ?? fail("ENOENT");
    }
    return at.kind === "directory" ? at : fail("ENOTDIR");
  }

  node(path: readonly string[], name: string): ModelNode {
    return this.directory(path).entries.get(name) ?? fail("ENOENT");
  }

  create(path: readonly string[], name: string): void {
    const { entries } = this.directory(path);
    if (entries.has(name)) fail("EEXIST");
    entries.set(name, { kind: "file", bytes: new Uint8Array(), names: 1 });
  }

  mkdir(path: readonly string[], name: string): void {
    const parent = this.directory(path);
    if (parent.entries.has(name)) fail("EEXIST");
    parent.entries.set(name, { kind: "directory", entries: new Map(), parent });
  }

  symlink(path: readonly string[], name: string, target: string): void {
    const { entries } = this.directory(path);
    if (entries.has(name)) fail("EEXIST");
    entries.set(name, { kind: "link", target, names: 1 });
  }

  link(from: readonly string[], name: string, to: readonly string[], other: string): void {
    const node = this.node(from, name);
    const { entries } = this.directory(to);
    if (node.kind === "directory") return fail("EPERM");
    if (entries.has(other)) fail("EEXIST");
    entries.set(other, node);
    node.names++;
  }

  unlink(path: readonly string[], name: string): void {
    const { entries } = this.directory(path);
    const node = entries.get(name) ?? fail("ENOENT");
    if (node.kind === "directory") return fail("EPERM");
    node.names--;
    entries.delete(name);
  }

  rmdir(path: readonly string[], name: string): void {
    const { entries } = this.directory(path);
    const node = entries.get(name) ?? fail("ENOENT");
    if (node.kind !== "directory") return fail("ENOTDIR");
    if (node.entries.size > 0) fail("ENOTEMPTY");
    entries.delete(name);
  }

  rename(from: readonly string[], name: string, to: readonly string[], other: string): void {
    const source = this.directory(from);
    const target = this.directory(to);
    const node = source.entries.get(name) ?? fail("ENOENT");
    for (let up: ModelDirectory | undefined = target; up; up = up.parent)
      if (up === node) fail("EINVAL");
    const existing = target.entries.get(other);
    if (existing === node) return;
    if (existing) {
      if (node.kind === "directory" && existing.kind !== "directory") fail("ENOTDIR");
      if (node.kind !== "directory" && existing.kind === "directory") fail("EISDIR");
      if (existing.kind === "directory" && existing.entries.size > 0) fail("ENOTEMPTY");
      if (existing.kind !== "directory") existing.names--;
    }
    source.entries.delete(name);
    target.entries.set(other, node);
    if (node.kind === "directory") node.parent = target;
  }

  write(path: readonly string[], name: string, offset: number, bytes: Uint8Array): void {
    const node = this.node(path, name);
    if (node.kind === "directory") return fail("EISDIR");
    if (node.kind === "link") return fail("EINVAL");
    if (bytes.length === 0) return;
    const grown = new Uint8Array(Math.max(node.bytes.length, offset + bytes.length));
    grown.set(node.bytes);
    grown.set(bytes, offset);
    node.bytes = grown;
  }

  truncate(path: readonly string[], name: string, size: number): void {
    const node = this.node(path, name);
    if (node.kind === "directory") return fail("EISDIR");
    if (node.kind === "link") return fail("EINVAL");
    const changed = new Uint8Array(size);
    changed.set(node.bytes.subarray(0, size));
    node.bytes = changed;
  }
}
