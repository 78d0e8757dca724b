// Trees in and out, big files with holes, and a disk that is full.
import { describe, expect, test } from "vitest";
import { UnixError } from "../../../host/osf1/errno.ts";
import { MemoryDisk, runToEnd } from "../../../host/osf1/ufs/device.ts";
import { readBytes, setLength, writeFile } from "../../../host/osf1/ufs/file.ts";
import { FileSystem } from "../../../host/osf1/ufs/file-system.ts";
import { fsck } from "../../../host/osf1/ufs/fsck/fsck.ts";
import { locking } from "../../../host/osf1/ufs/inode.ts";
import { UFS } from "../../../host/osf1/ufs/layout.ts";
import { newfs, shapeFor } from "../../../host/osf1/ufs/newfs.ts";
import { bring, setAttributes, unlink } from "../../../host/osf1/ufs/operations.ts";
import { atPath, exportTree, importTree, type TreeEntry } from "../../../host/osf1/ufs/tree.ts";
import { bytesOf, ROOT } from "./workload.ts";
import { environmentOf, freshFileSystem } from "./disk.ts";

const USER = { uid: 100, gid: 100, groups: [] };

function errnoOf(action: () => unknown): string {
  try {
    action();
    return "ok";
  } catch (error) {
    if (error instanceof UnixError) return error.errno;
    throw error;
  }
}

const when = { seconds: 700_000_000, nanoseconds: 5 };
const owner = { uid: 3, gid: 4, modified: when };
const TREE: readonly TreeEntry[] = [
  { path: "bin", content: { kind: "directory" }, permissions: 0o755, ...owner },
  {
    path: "bin/sh",
    content: { kind: "file", bytes: bytesOf(1, 123_456) },
    permissions: 0o4755,
    ...owner,
  },
  { path: "dev", content: { kind: "directory" }, permissions: 0o755, ...owner },
  {
    path: "dev/null",
    content: { kind: "device", character: true, number: 0x0302 },
    permissions: 0o666,
    ...owner,
  },
  { path: "dev/pipe", content: { kind: "pipe" }, permissions: 0o600, ...owner },
  {
    path: "empty",
    content: { kind: "file", bytes: new Uint8Array() },
    permissions: 0o400,
    ...owner,
  },
  { path: "usr", content: { kind: "directory" }, permissions: 0o1777, ...owner },
  { path: "usr/sh", content: { kind: "link", target: "../bin/sh" }, permissions: 0o777, ...owner },
];

describe("whole trees", () => {
  test("what goes in comes out, second names too", () => {
    const { fs, disk } = freshFileSystem();
    const again: TreeEntry = {
      path: "usr/shell",
      content: { kind: "name", of: "bin/sh" },
      permissions: 0o4755,
    };
    runToEnd(importTree(fs, [...TREE, again]));
    const out = runToEnd(exportTree(fs));
    expect(out.filter(({ path }) => path !== "usr/shell").map((entry) => ({ ...entry }))).toEqual(
      TREE.map((entry) =>
        entry.content.kind === "directory" ? { ...entry, modified: expect.anything() } : entry,
      ),
    );
    expect(out.find(({ path }) => path === "usr/shell")?.content).toEqual(again.content);
    runToEnd(fs.unmount());
    expect(runToEnd(fsck(environmentOf(disk)))?.mended).toEqual([]);
  });
});

describe("sizes", () => {
  test("a file with holes as big as files get holds what was written and nothing else", () => {
    const { fs } = freshFileSystem();
    const before = fs.total;
    const file: TreeEntry = {
      path: "big",
      content: { kind: "file", bytes: new Uint8Array() },
      permissions: 0o644,
    };
    runToEnd(importTree(fs, [file]));
    // Direct, indirect, and doubly indirect blocks.
    const places = [5, 12 * 8192 + 7, (12 + 2048) * 8192 + 8190, UFS.SIZE_MAX - 100] as const;
    const put = (offset: number, length: number): number =>
      runToEnd(
        atPath(fs, "big", (inode) =>
          locking(inode, () =>
            writeFile(inode, offset, length, bring(bytesOf(offset, length)), { superuser: true }),
          ),
        ),
      );
    const take = (offset: number, length: number): Uint8Array =>
      runToEnd(
        atPath(fs, "big", (inode) => locking(inode, () => readBytes(inode, offset, length))),
      );
    for (const place of places) expect(put(place, 50)).toBe(50);
    for (const place of places) {
      expect(take(place, 50)).toEqual(bytesOf(place, 50));
      const behind = Math.min(20, UFS.SIZE_MAX - 50 - (place + 50));
      expect(take(place + 50, 20)).toEqual(new Uint8Array(Math.max(0, behind)));
    }
    // The last byte that a file can have is written; what does not fit is not.
    expect(put(UFS.SIZE_MAX - 10, 50)).toBe(10);
    expect(errnoOf(() => put(UFS.SIZE_MAX, 1))).toBe("EFBIG");
    expect(
      errnoOf(() =>
        runToEnd(
          atPath(fs, "big", (inode) =>
            locking(inode, () => setLength(inode, UFS.SIZE_MAX + 1, true)),
          ),
        ),
      ),
    ).toBe("EFBIG");
    runToEnd(atPath(fs, "big", (inode) => setAttributes(inode, { size: 0 }, ROOT)));
    runToEnd(atPath(fs, "", (root) => unlink(root, "big", ROOT)));
    expect(fs.total).toEqual(before);
  });

  test("a full disk says so, keeps what was written, and works again after", () => {
    const { fs, disk } = freshFileSystem();
    const file: TreeEntry = {
      path: "f",
      content: { kind: "file", bytes: new Uint8Array() },
      permissions: 0o666,
    };
    runToEnd(importTree(fs, [file]));
    const fill = (superuser: boolean): { bytes: number; ending: string } => {
      let bytes = 0;
      const ending = errnoOf(() => {
        for (;;) {
          const done = runToEnd(
            atPath(fs, "f", (inode) =>
              locking(inode, () =>
                writeFile(inode, inode.size, 5000, bring(bytesOf(1, 5000)), { superuser }),
              ),
            ),
          );
          bytes += done;
        }
      });
      return { bytes, ending };
    };
    const user = fill(USER.uid === 0);
    expect(user.ending).toBe("ENOSPC");
    const reserve = fill(true);
    expect(reserve.ending).toBe("ENOSPC");
    // A tenth was the superuser's.
    expect(reserve.bytes / (user.bytes + reserve.bytes)).toBeGreaterThan(0.05);
    expect(reserve.bytes / (user.bytes + reserve.bytes)).toBeLessThan(0.15);
    expect(
      errnoOf(() =>
        runToEnd(
          importTree(fs, [
            { ...file, path: "g", content: { kind: "file", bytes: bytesOf(2, 9000) } },
          ]),
        ),
      ),
    ).toBe("ENOSPC");
    runToEnd(fs.sync());
    expect(runToEnd(fsck(environmentOf(disk)))?.mended).toEqual([]);
    runToEnd(atPath(fs, "", (root) => unlink(root, "f", ROOT)));
    expect(fill(true)).toEqual({ bytes: 0, ending: "ENOENT" });
    runToEnd(
      importTree(fs, [
        { ...file, path: "h", content: { kind: "file", bytes: bytesOf(2, 400_000) } },
      ]),
    );
  });

  test("all inodes used is ENOSPC, too", () => {
    const { fs } = freshFileSystem();
    const free = fs.total.inodes;
    const make = (name: number): void =>
      runToEnd(
        importTree(fs, [{ path: `n${name}`, content: { kind: "pipe" }, permissions: 0o600 }]),
      );
    for (let i = 0; i < free; i++) make(i);
    expect(fs.total.inodes).toBe(0);
    expect(errnoOf(() => make(free))).toBe("ENOSPC");
  });

  test("a disk that is too small, and one that has no file system", () => {
    expect(() => shapeFor(100)).toThrow(/sectors are too few/);
    const environment = environmentOf(new MemoryDisk(new Uint8Array(2 ** 20)));
    expect(errnoOf(() => runToEnd(FileSystem.mount(environment)))).toBe("EINVAL");
    expect(runToEnd(fsck(environment))).toBeUndefined();
  });

  test("the disk of the paper's machine: 425 MB", () => {
    const environment = environmentOf(new MemoryDisk(new Uint8Array(425_000_448)));
    runToEnd(newfs(environment));
    const fs = runToEnd(FileSystem.mount(environment));
    runToEnd(importTree(fs, TREE));
    expect(fs.geometry.groups).toBeGreaterThan(20);
    // A directory begins in a group of its own.
    const groups = ["bin", "dev", "usr"].map((path) =>
      runToEnd(
        // oxlint-disable-next-line require-yield
        atPath(fs, path, function* (inode) {
          return Math.floor(inode.number / fs.geometry.inodesPerGroup);
        }),
      ),
    );
    expect(new Set(groups).size).toBe(3);
    runToEnd(fs.unmount());
    expect(runToEnd(fsck(environment))?.mended).toEqual([]);
  });
});
