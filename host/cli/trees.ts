/** Directories of the host to and from the entries that a simulated disk is made of. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { TreeEntry } from "../osf1/ufs/tree.ts";
import { UsageError } from "./failure.ts";

/** Names as strings of bytes, a character each. */
const bytesOf = (name: Buffer): string => name.toString("latin1");
const hostPath = (root: string, path: string): Buffer =>
  Buffer.concat([Buffer.from(root), Buffer.from(path === "" ? "" : `/${path}`, "latin1")]);

/**
 * What is below a directory, directories first; without one, nothing. Files that are neither regular nor
 * directories nor links stay out.
 * @throws UsageError when something cannot be read
 */
export function treeEntries(root: string | undefined): TreeEntry[] {
  const entries: TreeEntry[] = [];
  if (root === undefined) return entries;
  const known = new Map<bigint, string>();
  const visit = (directory: string): void => {
    const names = readdirSync(hostPath(root, directory), { encoding: "buffer" });
    for (const name of names.toSorted(Buffer.compare)) {
      const path = directory === "" ? bytesOf(name) : `${directory}/${bytesOf(name)}`;
      const entry = entryOf(root, path, known);
      if (entry === undefined) continue;
      entries.push(entry);
      if (entry.content.kind === "directory") visit(path);
    }
  };
  try {
    visit("");
  } catch (error) {
    throw new UsageError(`--root: ${(error as Error).message}`, { cause: error });
  }
  return entries;
}

function entryOf(root: string, path: string, known: Map<bigint, string>): TreeEntry | undefined {
  const host = hostPath(root, path);
  const stats = lstatSync(host, { bigint: true });
  const head = {
    path,
    permissions: Number(stats.mode & 0o7777n),
    modified: {
      seconds: Number(stats.mtimeNs / 1_000_000_000n),
      nanoseconds: Number(stats.mtimeNs % 1_000_000_000n),
    },
  };
  if (stats.isDirectory()) return { ...head, content: { kind: "directory" } };
  if (stats.isSymbolicLink()) {
    const target = bytesOf(readlinkSync(host, { encoding: "buffer" }));
    return { ...head, content: { kind: "link", target } };
  }
  if (!stats.isFile()) return undefined;
  const other = stats.nlink > 1n ? known.get(stats.ino) : undefined;
  if (other !== undefined) return { ...head, content: { kind: "name", of: other } };
  known.set(stats.ino, path);
  return { ...head, content: { kind: "file", bytes: new Uint8Array(readFileSync(host)) } };
}

/**
 * Writes what was on a disk below a directory, which must be empty or not there. Devices and pipes stay
 * out.
 * @throws UsageError
 */
export function writeTree(directory: string, entries: readonly TreeEntry[]): void {
  try {
    mkdirSync(directory, { recursive: true });
    if (readdirSync(directory).length > 0)
      throw new UsageError(`--export: the directory is not empty: ${directory}`);
    for (const { path, content, permissions } of entries) {
      const host = hostPath(directory, path);
      const mode = permissions | 0o200;
      if (content.kind === "directory") mkdirSync(host, { mode: mode | 0o700 });
      else if (content.kind === "file") writeFileSync(host, content.bytes, { mode });
      else if (content.kind === "link") symlinkSync(Buffer.from(content.target, "latin1"), host);
      else if (content.kind === "name")
        writeFileSync(host, readFileSync(join(directory, content.of)), { mode });
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--export: ${(error as Error).message}`, { cause: error });
  }
}
